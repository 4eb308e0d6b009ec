"""People who were registered before, and a morning on which Beijing takes every kind of them."""

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from app.scope import Actor, as_system
from app.services import applications, materials
from models.application import Application
from models.credit import Credit
from models.publication import Window
from models.registration import Registration
from models.worker import Worker
from tests.support import factories
from tests.support.cases import answers, picture

_courses = count(1)


def windows(*kinds: str, policy: str = "beijing", region_code: str = "110000") -> None:
    """A published window in July 2020 for kinds that wait for their notice."""
    factories.keep(
        Window(
            region_code=region_code,
            policy_code=policy,
            title="2020年登记",
            kinds=list(kinds or ("renewal", "late_renewal", "replacement")),
            opens_on=date(2020, 7, 1),
            closes_on=date(2020, 7, 31),
            overrides={},
            state="published",
        )
    )


def somebody(exam_year: int = 2013, region_code: str = "110105", **facts: Any) -> Worker:
    """A worker who passed the examination years ago; `facts` are of the qualification."""
    worker = factories.worker(region_code)
    given: dict[str, Any] = {"level": "assistant", "exam_year": exam_year, **facts}
    factories.qualification(worker, **given)
    return worker


def registration(of: Worker, year: int, **facts: Any) -> Registration:
    """A verified registration of a year."""
    given: dict[str, Any] = {
        "kind": "first",
        "level": "assistant",
        "state": "verified",
        **facts,
    }
    return factories.keep(
        Registration(worker_id=of.id, region_code=of.region_code, cycle_year=year, **given)
    )


def hours(of: Worker, on: date, amount: int, source: str = "online", **facts: Any) -> Credit:
    """Hours of one course."""
    given = {"title": f"课程{next(_courses)}", "state": "accepted", **facts}
    return factories.keep(
        Credit(
            worker_id=of.id,
            region_code=of.region_code,
            taken_on=on,
            hours=Decimal(amount),
            source=source,
            **given,
        )
    )


def registered_in(*years: int, **facts: Any) -> Actor:
    """An applicant with verified registrations of these years."""
    worker = somebody(years[0] - 1 if years else 2013, **facts)
    for number, year in enumerate(years):
        registration(worker, year, kind="renewal" if number else "first")
    return factories.applicant(worker)


def begun(kind: str, case: str | None = None, **changed: Any) -> Application:
    """A draft of the acting applicant with every answer given, and without pictures."""
    draft = applications.start(kind, None, case)
    form = applications.form_of(draft)
    given = {"certificate_lost": "no", "delivery": form.kind.delivery[0], **changed}
    applications.save(draft.id, answers(form, **given))
    return draft


def attached(draft: Application, *left_out: str) -> None:
    """The first picture of every slot that is asked for, but for those that are left out."""
    form = applications.form_of(draft)
    for one in form.slots:
        slot = one.slot
        if one.missing(form.asked) and slot.name not in left_out:
            materials.attach(draft.id, slot.name, f"{slot.name}.jpg", picture())


def worker_of(who: Actor) -> Worker:
    """The person behind an account."""
    with as_system("a test looks") as session:
        worker = session.get_one(Worker, who.worker_id)
        session.expunge(worker)
    return worker
