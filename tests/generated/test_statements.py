"""What every page asks the database, statement by statement, whatever the number of rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Engine

from app import clock
from app.scope import as_system
from models.application import Application
from models.certificate import Certificate, Delivery
from models.credit import Credit
from models.figure import Due
from models.message import Message
from models.publication import Contact, Document, Notice, Window
from models.qualification import Qualification
from models.registration import Registration
from tests.generated.conftest import HERE
from tests.support import estates, factories
from tests.support.estates import DAY
from tests.support.people import Person, person
from tests.support.watching import Statements, outer, statements
from views import menu, navigation
from views.contents import RESOURCES

pytestmark = pytest.mark.slow  # hundreds of rows for every list

MOST = 8
FEW, MANY = 5, 200

# account: who is asking. rows, count: the list itself. names: what the keys on the page are
# called, one statement for each table that is pointed at. unread: the badge of the messages. The
# queue asks for its rows, the calendar and its figures, which name their regions in one statement.
LISTS = {
    "workers": "account rows count names:region unread",
    "qualifications": "account rows count names:worker names:region unread",
    "registrations": "account rows count names:worker unread",
    "certificates": "account rows count unread",
    "measures": "account rows count unread",
    "amendments": "account rows count unread",
    "applications": "account rows count names:worker names:region unread",
    "credits": "account rows count names:worker unread",
    "due": "account rows count names:worker names:region unread",
    "organizations": "account rows count names:region unread",
    "windows": "account rows count names:region unread",
    "notices": "account rows count names:region unread",
    "documents": "account rows count names:region unread",
    "contacts": "account rows count names:region unread",
    "deliveries": "account rows count unread",
    "accounts": "account rows count names:region unread",
    "roster_requests": "account rows count names:region unread",
    "regions": "account rows count unread",
}
OTHERS = {
    "/review/": ("county_reviewer", "account rows names:holiday names:region unread"),
    "/messages/": ("body_reviewer", "account rows count unread"),
    "/events/list/": ("auditor", "account rows count names:region"),
    "/notices/": ("body_reviewer", "account rows names:notice_file unread"),
    "/documents/": ("body_reviewer", "account rows names:document_file unread"),
    "/console/dictionary/": ("platform_admin", "account count rows unread"),
    "/console/messagetemplate/": ("platform_admin", "account count rows unread"),
    "/console/region/": ("platform_admin", "account count rows unread"),
    "/console/holiday/": ("platform_admin", "account count rows unread"),
    "/console/policy/": ("platform_admin", "account count rows unread"),
}
TABLES = {
    "/review/": "application",
    "/messages/": "message",
    "/events/list/": "event",
    "/notices/": "notice",
    "/documents/": "document",
    "/console/dictionary/": "dictionary",
    "/console/messagetemplate/": "message_template",
    "/console/region/": "region",
    "/console/holiday/": "holiday",
    "/console/policy/": "policy",
}


def named(seen: Statements, table: str) -> str:
    """The purpose of every statement of a page whose rows are those of a table."""
    selects = [sql for sql in seen.sent if sql.lstrip().startswith("SELECT")]
    known = zip(selects, seen.read, strict=True)
    return " ".join(_purpose(sql, read, table, turn) for turn, (sql, read) in enumerate(known))


def _purpose(sql: str, read: str, table: str, turn: int) -> str:
    columns = outer(sql).partition("FROM")[0]
    if turn == 0 and read == "ab_user":
        return "account"
    if read == "message" and "count(" in sql.partition("FROM")[0]:
        return "unread"
    if read == table:
        return "rows" if "," in columns else "count"
    return "policies" if read in ("policy", "registration_window") else f"names:{read}"


@contextmanager
def menu_of(size: int) -> Iterator[None]:
    """A navigation with so many more entries, each asking for its own permission."""
    present = menu.OFFICE_MENU
    longest = max(present, key=lambda entry: len(entry.children))
    menu.OFFICE_MENU = (*present, menu.Menu("x", children=longest.children * size))
    navigation._menu.cache_clear()
    try:
        yield
    finally:
        menu.OFFICE_MENU = present
        navigation._menu.cache_clear()


def crowd(size: int) -> None:
    """So many workers with one paper of each kind, and as many publications."""
    workers = [factories.sound_worker(HERE, name=f"人{turn:03}") for turn in range(size)]
    with as_system("a test makes what it needs") as session, session.begin():
        session.add_all(factories.sound_organization(HERE) for _ in range(size))
        session.add_all(workers)
        session.add_all(row for turn in range(size) for row in _published(turn))
        session.flush()
        cases = [_case(worker.id, turn) for turn, worker in enumerate(workers)]
        session.add_all(row for pair in cases for row in pair)
        session.flush()
        certificates = [_certificate(case, past) for case, past in cases]
        session.add_all(certificates)
        session.flush()
        session.add_all(_delivery(certificate) for certificate in certificates)
        session.add_all(row for worker in workers for row in _papers(worker.id))


def _case(worker_id: int, turn: int) -> tuple[Application, Registration]:
    lies = {"worker_id": worker_id, "region_code": HERE}
    past = {"kind": "first", "cycle_year": 2018, "state": "verified", "level": "senior"}
    waits = {"office_code": HERE, "office_role": "county_reviewer"}
    return estates.application(f"case {turn}", **lies, **waits), Registration(**past, **lies)


def _papers(worker_id: int) -> Iterator[Any]:
    lies: dict[str, Any] = {"worker_id": worker_id, "region_code": HERE}
    number = f"no {worker_id}"
    yield Qualification(level="senior", exam_year=2018, management_number=number, **lies)
    yield Credit(title="课", taken_on=DAY, hours=1, source="online", **lies)
    yield Due(kind="first", level="senior", found_on=DAY, **lies)


def _certificate(case: Application, past: Registration) -> Certificate:
    texts = ("name", "management_number", "id_number_masked", "authority", "template")
    days = ("issued_on", "valid_from", "valid_until")
    return Certificate(
        number=f"{case.id:015}",
        level="senior",
        state="valid",
        photo_digest="x",
        application_id=case.id,
        registration_id=past.id,
        region_code=HERE,
        worker_id=case.worker_id,
        **dict.fromkeys(texts, "x"),
        **dict.fromkeys(days, DAY),
    )


def _delivery(certificate: Certificate) -> Delivery:
    return Delivery(
        certificate_id=certificate.id,
        certificate_number=certificate.number,
        method="post",
        state="pending",
        recipient="人",
        region_code=HERE,
        worker_id=certificate.worker_id,
    )


def _published(turn: int) -> Iterator[Any]:
    dated = {"title": f"文 {turn}", "issued_on": DAY, "body": "文", "state": "published"}
    window = {"policy_code": "x", "kinds": ["first"], "opens_on": DAY, "closes_on": DAY}
    yield Notice(issuer="厅", region_code=HERE, **dated)
    yield Document(region_code=HERE, **dated)
    yield Contact(title=f"处 {turn}", position=0, state="draft", region_code=HERE)
    yield Window(title=f"批 {turn}", state="draft", region_code=HERE, **window)
    yield estates.request(f"求 {turn}", region_code=HERE)
    yield estates.event(HERE, f"place:{turn}")


def asked(who: Person, url: str, db: SQLAlchemy, table: str) -> str:
    """The purposes of what a page asked; the page itself has to be one."""
    who.get(url)  # whatever is read once for a process is read by now
    with statements(db) as seen:
        answer = who.get(url)
    assert answer.status_code == 200
    return named(seen, table)


def test_every_list_has_its_statements_named_here() -> None:
    assert set(LISTS) == {resource.name for resource in RESOURCES if resource.screens}
    budgets = [*LISTS.values(), *(names for _, names in OTHERS.values())]
    assert max(len(names.split()) for names in budgets) <= MOST


@pytest.mark.parametrize("size", [FEW, MANY])
def test_a_generated_list_asks_the_same_at_any_number_of_rows_and_any_menu(
    size: int, app: Flask, db: SQLAlchemy
) -> None:
    crowd(size)
    platform = person(app, "platform_admin", "000000")
    models = {resource.name: resource.model for resource in RESOURCES}
    for name, expected in LISTS.items():
        table = models[name].__table__.name
        assert asked(platform, f"/{name}/list/", db, table) == expected, name
    with menu_of(40):
        assert "<summary>x</summary>" in platform.get("/workers/list/").text
        assert asked(platform, "/workers/list/", db, "worker") == LISTS["workers"]


@pytest.mark.parametrize("size", [FEW, MANY])
def test_another_list_asks_the_same_at_any_number_of_rows(
    size: int, app: Flask, db: SQLAlchemy
) -> None:
    crowd(size)
    for url, (role, expected) in OTHERS.items():
        who = person(app, role, "000000" if role == "platform_admin" else HERE)
        with as_system("a test makes what it needs") as session, session.begin():
            texts = {"title": "题", "body": "文", "created_at": clock.now()}
            session.add_all(Message(user_id=who.account.id, **texts) for _ in range(size))
        assert asked(who, url, db, TABLES[url]) == expected, url


def test_an_office_with_every_permission_asks_no_more(app: Flask, db: SQLAlchemy) -> None:
    """Buttons, bulk actions and links are decided by the roles in memory."""
    crowd(FEW)
    for role in ("province_admin", "county_reviewer"):
        who = person(app, role, HERE)
        assert asked(who, "/workers/list/", db, "worker") == LISTS["workers"]


PAGES: dict[str, Callable[[estates.Estate], str]] = {
    "worker": lambda own: f"/workers/show/{own.id('workers')}",
    "organization": lambda own: f"/organizations/show/{own.id('organizations')}",
    "application": lambda own: f"/applications/show/{own.id('applications')}",
    "certificate": lambda own: f"/certificates/show/{own.id('certificates')}",
}


@pytest.mark.parametrize("table", PAGES)
def test_the_page_of_a_row_asks_the_same_with_one_child_and_with_many(
    table: str, own: estates.Estate, app: Flask, db: SQLAlchemy
) -> None:
    """A statement for the rows and one for the count of each kind of child, and their names."""
    platform = person(app, "platform_admin", "000000")
    url = PAGES[table](own)
    few = asked(platform, url, db, table)
    with as_system("a test makes what it needs") as session, session.begin():
        for _ in range(MANY):
            credit = Credit(title="课", taken_on=DAY, hours=1, source="online", region_code=HERE)
            credit.worker_id = own.id("workers")
            session.add(credit)
    assert asked(platform, url, db, table) == few
    assert len(few.split()) <= 20


def test_a_filter_and_an_order_cost_no_statement(app: Flask, db: SQLAlchemy) -> None:
    crowd(MANY)
    platform = person(app, "platform_admin", "000000")
    pages = ("?order=exam_year", "?level=senior", f"?region_code={HERE}&after=100")
    for query in pages:
        found = asked(platform, f"/qualifications/list/{query}", db, "qualification").split()
        extra = ["names:region"] if "region_code" in query else []
        assert sorted(found) == sorted([*LISTS["qualifications"].split(), *extra])


def test_all_filters_at_once_stay_within_the_limit(app: Flask, db: SQLAlchemy) -> None:
    crowd(FEW)
    with as_system("a test looks") as session:
        case = session.query(Application).order_by(Application.id.desc()).first()
    assert case is not None
    query = f"region_code={case.region_code}&worker_id={case.worker_id}&window_id=1&kind=first"
    platform = person(app, "platform_admin", "000000")
    found = asked(platform, f"/applications/list/?{query}", db, "application").split()
    assert len(found) <= MOST, found


def test_the_api_asks_two_statements_a_page(app: Flask, db: SQLAlchemy) -> None:
    crowd(MANY)
    platform = person(app, "platform_admin", "000000")
    assert platform.ask("workers/").status_code == 200
    with statements(db) as seen:
        body = platform.ask("credits/", page_size=100).get_json()
    assert len(body["result"]) == 100
    assert named(seen, "credit") == "account rows count"


def test_starting_up_asks_ten_statements_at_the_most(make_app: Callable[..., Flask]) -> None:
    """FAB writes its permissions at every start: 750 statements with thirty views."""
    sent: list[str] = []

    def hear(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        sent.append(sql)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        app = make_app()
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
    assert len([sql for sql in sent if not sql.startswith(("BEGIN", "PRAGMA"))]) <= 10, sent
    assert app.url_map
