"""What every page of an applicant costs: ten statements, and 150 kB compressed, at the most."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app import clock
from app.scope import Actor, as_system
from app.security import find_account
from app.services import applications
from models.account import Account
from models.application import Application, Decision, Submission
from models.attachment import DocumentFile, NoticeFile
from models.certificate import Certificate
from models.codes import DOCUMENT_MODULES
from models.credit import Credit
from models.message import Consent, Message
from models.own_data import Correction, DataExport
from models.policy import Policy
from models.profile import Honor, WorkExperience
from models.publication import Contact, Document, Notice, Window
from models.registration import Registration
from tests.support import estates, factories
from tests.support.cases import case
from tests.support.factories import IN_WINDOW, acting, every
from tests.support.people import Person
from tests.support.registered import begun, registered_in, windows
from tests.support.walking import asked, walked

pytestmark = pytest.mark.slow  # a case in every state

MOST = 10
HEAVIEST = 150_000  # bytes of a page with its styles and scripts, without pictures
FEW, MANY = 2, 20
HERE = "410105"
DAY = date(2020, 7, 1)

# what no link leads to, because a form does, or a button
BESIDE = (
    "/centre/",
    "/start",
    "/profile/experience/new",
    "/profile/honor/new",
    "/account/password",
    "/account/phone",
    "/account/identity",
    "/verify/list/",
    "/verify/offline",
)
TO_COME_IN = ("/login/", "/sign-in/code/", "/recover/", "/register/", "/register/request")
STATES: dict[str, tuple[str, dict[str, Any]]] = {
    "a draft": ("410105", {"submitted": False}),
    "a long draft": ("510107", {"submitted": False}),
    "under review": ("110105", {"submitted": True}),
    "returned": ("410105", {"returned": True}),
    "rejected": ("110105", {"rejected": True}),
    "withdrawn": ("510107", {"withdrawn": True}),
    "issued": ("410105", {"approved": True}),
}
OTHERS = ("nothing yet", "taken up again", "a renewal")


def somebody(state: str) -> Actor:
    """An applicant whose only case is in this state."""
    if state == "nothing yet":
        return factories.applicant(region_code=HERE)
    if state == "a renewal":  # of two registrations, without its pictures and proofs
        windows()
        who = registered_in(2014, 2017)
        with acting(who):
            begun("renewal")
        return who
    region_code, facts = STATES.get(state, ("110105", {"rejected": True}))
    who = factories.applicant(region_code=region_code)
    made = case(who, region_code=region_code, **facts)
    if state == "taken up again":
        with acting(who):
            applications.reopen(made.id)
    return who


def browser_of(who: Actor, app: Flask) -> Person:
    """The applicant in front of a browser, signed in."""
    account = find_account(id=who.account_id)
    assert account is not None
    found = Person(app, account)
    with found.browser.session_transaction() as session:
        session["office"] = "河南省郑州市金水区"  # as a sign-in puts it down
    return found


def begin() -> list[str]:
    """Where a walk begins: at the front, at what no link leads to, and at the case."""
    keys = [row.id for row in every(Application)]
    steps = ("", "/form", "/form?check=1", "/check")
    return ["/", *BESIDE, *(f"/applications/{key}{step}" for key in keys for step in steps)]


@pytest.mark.database("sqlite")  # the same functions ask either database
@pytest.mark.parametrize("state", [*STATES, *OTHERS])
def test_no_page_of_an_applicant_asks_more_than_ten_or_weighs_more_than_150_kb(
    state: str, app: Flask, db: SQLAlchemy
) -> None:
    with clock.frozen(IN_WINDOW):
        pages = walked(browser_of(somebody(state), app), db, begin())
    assert {path: one.asked for path, one in pages.items() if len(one.asked) > MOST} == {}
    assert {path: one.weight for path, one in pages.items() if one.weight > HEAVIEST} == {}
    assert len(pages) > len(BESIDE) + 20


def test_no_page_of_a_visitor_asks_more_than_ten_or_weighs_more_than_150_kb(
    app: Flask, db: SQLAlchemy
) -> None:
    made = case(region_code=HERE, approved=True)
    (number,) = [row.number for row in every(Certificate, application_id=made.id)]
    grow(made.worker_id, 1)
    start = ["/", *TO_COME_IN, *BESIDE, f"/verify/{number}"]
    with clock.frozen(IN_WINDOW):
        pages = walked(app.test_client(), db, start)
    assert {path: one.asked for path, one in pages.items() if len(one.asked) > MOST} == {}
    assert {path: one.weight for path, one in pages.items() if one.weight > HEAVIEST} == {}


def test_a_page_of_an_applicant_asks_the_same_with_few_rows_and_with_many(
    app: Flask, db: SQLAlchemy
) -> None:
    who = factories.applicant(region_code=HERE)
    made = case(who, region_code=HERE, approved=True)
    (number,) = [row.number for row in every(Certificate, application_id=made.id)]
    with clock.frozen(IN_WINDOW):
        person = browser_of(who, app)
        grow(made.worker_id, FEW)
        own = f"/applications/{made.id}", f"/verify/{number}", f"/certificates/view/{number}"
        paths = [path for path in walked(person, db, ["/", *BESIDE, *own]) if "?" not in path]
        few = {path: asked(person, db, path) for path in paths}
        grow(made.worker_id, MANY)
        for path in paths:
            person.get(path)  # an edition that nobody has seen yet is read once for the process
        many = {path: asked(person, db, path) for path in paths}
    assert many == few
    assert {path: found for path, found in many.items() if len(found) > MOST} == {}


def grow(worker_id: int, size: int) -> None:
    """So many more of everything that belongs to a person or is published for them; every
    application follows an edition of its own."""
    (account,) = every(Account, worker_id=worker_id)
    with as_system("a test makes what it needs") as session, session.begin():
        present = session.query(Policy).filter_by(code="national").order_by(Policy.edition.desc())
        latest = present.first()
        assert latest is not None
        for turn in range(latest.edition + 1, latest.edition + 1 + size):
            session.add(edition(latest, turn))
            public = [*published(turn)]
            session.add_all(public)
            session.add_all(personal(worker_id, account.id, turn))
            session.flush()
            session.add_all(files(public))
            session.add_all(papers(session, worker_id, turn))


def edition(of: Policy, number: int) -> Policy:
    """One more edition of a policy, word for word, in force no longer."""
    same = {"code": of.code, "jurisdiction": of.jurisdiction, "source": of.source}
    gone = {"effective_from": date(2010, 1, 1), "effective_until": date(2010, 12, 31)}
    return Policy(edition=number, digest=of.digest, published_at=clock.now(), **same, **gone)


def published(turn: int) -> Iterator[Any]:
    """What an office publishes."""
    dated = {"title": f"文 {turn}", "issued_on": DAY, "body": "文", "state": "published"}
    days = {"opens_on": DAY, "closes_on": date(2020, 7, 31)}
    yield Notice(issuer="厅", region_code=HERE, **dated)
    for module in DOCUMENT_MODULES:
        yield Document(region_code=HERE, module=module, **dated)
    yield Contact(title=f"处 {turn}", position=turn, state="published", region_code=HERE)
    yield Window(
        title=f"批 {turn}",
        state="published",
        region_code=HERE,
        policy_code="national",
        kinds=["first"],
        overrides={},
        **days,
    )


def files(public: Iterable[Any]) -> Iterator[Any]:
    """A file of each notice and document."""
    what = {"name": "表.pdf", "media_type": "application/pdf", "size": 1, "digest": "0" * 64}
    for row in public:
        if isinstance(row, Notice):
            yield NoticeFile(notice_id=row.id, region_code=HERE, **what)
        elif isinstance(row, Document):
            yield DocumentFile(document_id=row.id, region_code=HERE, **what)


def personal(worker_id: int, account_id: int, turn: int) -> Iterator[Any]:
    """What somebody said and was told."""
    lies: dict[str, Any] = {"worker_id": worker_id, "region_code": HERE}
    yield WorkExperience(started="2015-03", unit_name=f"社 {turn}", post="员", plan="no", **lies)
    yield Honor(title=f"奖 {turn}", level="county", awarded_on="2019-05", **lies)
    yield Credit(title=f"课 {turn}", taken_on=DAY, hours=1, source="online", **lies)
    yield Correction(about="other", wanted=f"改 {turn}", **lies)
    yield Message(user_id=account_id, title=f"信 {turn}", body="文")
    yield DataExport(user_id=account_id, state="over")


def papers(session: Any, worker_id: int, turn: int) -> Iterator[Any]:
    """A case that was rejected in another county, and one with its certificate."""
    lies: dict[str, Any] = {"worker_id": worker_id, "region_code": HERE}
    follows = {"policy_code": "national", "policy_version": turn}
    refused = estates.application(
        f"refused {turn}", **{**lies, **follows, "region_code": "410102"}, state="rejected"
    )
    issued = estates.application(f"issued {turn}", **lies, **follows, state="issued")
    past = Registration(
        kind="renewal", cycle_year=1980 + turn, state="verified", level="senior", **lies
    )
    session.add_all([refused, issued, past])
    session.flush()
    form = {"form": {}, "materials": {}, "attempt": 1, "turn": 1, "submitted_at": clock.now()}
    handed = Submission(application_id=refused.id, **lies, **follows, **form)
    session.add(handed)
    session.flush()
    yield Consent(
        application_id=refused.id,
        turn=1,
        code="truth",
        text="真",
        digest="0" * 64,
        agreed_at=clock.now(),
        **lies,
    )
    yield Decision(
        application_id=refused.id,
        submission_id=handed.id,
        stage=1,
        verdict="reject",
        reason="缺",
        decided_by=1,
        decided_at=clock.now(),
        office_code=HERE,
        **lies,
    )
    yield estates.event(HERE, f"looks:application:{refused.id}")
    yield Certificate(
        number=f"4120200{turn:08}",
        level="senior",
        state="replaced",
        photo_digest="x",
        application_id=issued.id,
        registration_id=past.id,
        **dict.fromkeys(
            ("name", "management_number", "id_number_masked", "authority", "template"), "x"
        ),
        **dict.fromkeys(("issued_on", "valid_from", "valid_until"), DAY),
        **lies,
    )
