"""The people of the demonstration: names, valid identity numbers,
qualifications, credits, offices."""

import random
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, vault
from app.queries.policies import policy_for
from app.queries.yaml_loading import sound
from app.rules import identifiers
from app.rules.certificate import shifted
from app.rules.profile import Distinction, Engagement, carried
from app.services import accounts
from models.account import Account
from models.credit import Credit
from models.organization import Organization
from models.profile import Honor, Profile, WorkExperience
from models.qualification import Qualification
from models.registration import Registration
from models.worker import Worker

STORY = Path(__file__).parents[2] / "data" / "demo.yaml"


@cache
def story() -> dict[str, Any]:
    """What the demonstration shows, as data."""
    return sound(STORY.read_text(encoding="utf-8"))[0]  # type: ignore[no-any-return]


class People:
    """Makes people, the same ones each time; every number has a valid check digit."""

    def __init__(self, session: Session, seed: int = 1) -> None:
        self.session = session
        self.dice = random.Random(seed)  # noqa: S311 - a demonstration, not a secret
        self.made = 0
        self.units = [name for name, _kind, _region in story()["organizations"]]

    def account(self, username: str, role: str, region: str, name: str, **links: Any) -> Account:
        """An account with the demonstration's password, which nobody has to change."""
        return accounts.new_account(
            self.session,
            username=username,
            name=name,
            role=role,
            region_code=region,
            password=story()["password"],
            must_change=False,
            **links,
        )

    def offices(self) -> None:
        """The accounts of the offices, and the organizations with the account of one."""
        for username, role, region, name in story()["accounts"]:
            self.account(username, role, region, name)
        organizations = [
            self._organization(name, kind, region, number)
            for number, (name, kind, region) in enumerate(story()["organizations"])
        ]
        self.session.add_all(organizations)
        self.session.flush()
        own = story()["organization_account"]
        self.account(
            own["username"],
            "organization",
            own["region"],
            own["name"],
            organization_id=organizations[0].id,
        )

    @staticmethod
    def _organization(name: str, kind: str, region: str, number: int) -> Organization:
        first = f"52{region}MJ{number:07d}"
        return Organization(
            name=name,
            kind=kind,
            region_code=region,
            credit_code=first + identifiers.credit_code_check_char(first),
            phone=f"1390000{number:04d}",
            address="人民路 1 号",
        )

    def applicants(self, exam_year: int) -> None:
        """Those who have not begun to register, each with an account."""
        for one in story()["applicants"]:
            first = one["id_number_start"] + "1"
            worker = self.worker(one["region"], first, one["name"])
            self.qualification(worker, exam_year, one["level"])
            worker.phone = one["phone"]
            self._personal(worker)
            account = self.account(
                one["username"],
                "applicant",
                one["region"],
                one["name"],
                worker_id=worker.id,
                phone=one["phone"],
            )
            account.phone_proved_at = clock.real_now()

    def newcomers(self, exam_year: int) -> None:
        """Those who are on the roster and have no account yet."""
        for one in story()["newcomers"]:
            worker = self.worker(one["region"], one["id_number_start"] + "1", one["name"])
            worker.phone = one["phone"]
            self.qualification(worker, exam_year, one["level"])

    def roster(self, exam_year: int) -> None:
        """The people of the register, with qualifications of several years, credits
        and past turns."""
        for region, count in story()["roster"].items():
            for _ in range(count):
                worker = self.worker(region)
                year = exam_year - self.dice.choice((0, 0, 1, 2, 3, 4, 6))
                qualification = self.qualification(worker, year)
                self._credits(worker)
                if year < exam_year - 1 and self.dice.random() < 0.7:
                    since, until = date(year + 1, 7, 15), date(year + 4, 5, 31)
                    self._registration(worker, qualification, since, until)

    def candidate(self, region: str, exam_year: int, level: str, until: date | None = None) -> str:
        """Somebody of the roster with an account, for one of the cases; gives the user name.

        Who renews was registered three years before the end of that validity, and has some of the
        hours: a proof is to show the others.
        """
        worker = self.worker(region)
        qualification = self.qualification(worker, exam_year, level)
        if until:
            self._registration(worker, qualification, shifted(until, -3), until)
            course, taken = story()["courses"][0], until - timedelta(days=400)
            self._credit(worker, course, taken, 48, "online", "accepted")
        self._personal(worker)
        username = f"demo_{region}_{self.made}"
        self.account(username, "applicant", region, worker.name, worker_id=worker.id)
        return username

    def worker(self, region: str, first17: str | None = None, name: str | None = None) -> Worker:
        """One person of the roster, with a verified real name."""
        self.made += 1
        born = date(
            self.dice.randint(1965, 1998), self.dice.randint(1, 12), self.dice.randint(1, 28)
        )
        first = first17 or f"{region}{born:%Y%m%d}{self.made % 1000:03d}"
        number = first + identifiers.id_check_digit(first)
        worker = Worker(
            name=name or self._name(),
            id_type="id_card",
            id_number_cipher=vault.seal(number),
            id_number_digest=vault.digest(number),
            id_number_masked=identifiers.mask_id_number(number),
            sex=identifiers.sex_of(number),
            born_on=identifiers.born_on(number),
            phone=f"138{self.made:08d}",
            email=f"worker{self.made}@example.com",
            unit_name=self.dice.choice(self.units),
            region_code=region,
            real_name=True,
        )
        self.session.add(worker)
        self.session.flush()
        return worker

    def _name(self) -> str:
        family, given = story()["family_names"], story()["given_names"]
        return str(self.dice.choice(family) + self.dice.choice(given))

    def qualification(
        self, worker: Worker, exam_year: int, level: str | None = None
    ) -> Qualification:
        """The certificate of one examination; the next year's spring is when it is handed out."""
        row = Qualification(
            worker_id=worker.id,
            region_code=worker.region_code,
            level=level or self.dice.choice(("assistant", "assistant", "social_worker")),
            exam_year=exam_year,
            management_number=f"{exam_year}0{worker.region_code[:4]}{self.made:07d}",
            qualified_on=date(exam_year, 10, 20),
            verified=True,
        )
        self.session.add(row)
        return row

    def _credits(self, worker: Worker) -> None:
        for _ in range(self.dice.randint(0, 3)):
            taken = clock.today() - timedelta(days=self.dice.randint(20, 900))
            online = self.dice.random() < 0.6
            title, hours = self.dice.choice(story()["courses"]), self.dice.choice((4, 8, 12, 24))
            state = "accepted" if online else self.dice.choice(("pending", "accepted"))
            self._credit(worker, title, taken, hours, "online" if online else "offline", state)

    def _credit(
        self, worker: Worker, title: str, taken: date, hours: int, source: str, state: str
    ) -> None:
        self.session.add(
            Credit(
                worker_id=worker.id,
                region_code=worker.region_code,
                title=title,
                taken_on=taken,
                hours=hours,
                source=source,
                state=state,
            )
        )

    def _personal(self, worker: Worker) -> None:
        """Complete personal information, where forms are taken from it."""
        self.session.flush()
        kinds = policy_for(worker.region_code).kinds.values()
        if not any(kind.profile for kind in kinds):
            return
        said = story()["profile"]
        lies = {"worker_id": worker.id, "region_code": worker.region_code}
        basic = {**said["basic"], "phone": worker.phone, "email": worker.email}
        experience, honor = said["experience"], said["honor"]
        engagement = Engagement(ended=None, **experience)
        told = carried(basic, [engagement], [Distinction(**honor)])
        unit = {"unit_name": engagement.unit, "post": engagement.post, "plan": engagement.plan}
        self.session.add_all(
            (
                Profile(basic=basic, carried=told, kept={}, **lies),
                WorkExperience(started=engagement.started, **unit, **lies),
                Honor(**honor, **lies),
            )
        )

    def _registration(
        self, worker: Worker, qualification: Qualification, since: date, until: date
    ) -> None:
        self.session.add(
            Registration(
                worker_id=worker.id,
                region_code=worker.region_code,
                kind="first",
                cycle_year=since.year,
                level=qualification.level,
                state="verified",
                registered_on=since,
                valid_from=since,
                valid_until=until,
                legacy_number=f"{self.made:08d}",
            )
        )


def holds_data(session: Session) -> bool:
    """Whether the database already has an account or a worker."""
    return any(session.scalar(select(model.id).limit(1)) for model in (Account, Worker))
