"""Access on record: who looked at somebody else's papers, and who took a list away."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from app import clock
from app.queries.listing import Filter
from app.rules.workflow import Verb
from app.scope import Actor, as_system
from app.services import access, materials, ofd_files, printing, renderings
from app.services.refusals import Missing, Refusal
from models.application import Application, Material
from models.certificate import Certificate
from models.codes import ACTS
from models.event import Event
from tests.support import factories
from tests.support.cases import case
from tests.support.factories import IN_WINDOW, acting, stored
from tests.support.watching import statements

pytestmark = pytest.mark.usefixtures("db")


def looks() -> list[Event]:
    """All looks there were, in their order."""
    with as_system("a test looks") as session:
        query = select(Event).where(Event.subject.startswith("looks:")).order_by(Event.id)
        return list(session.scalars(query))


def pictures(of: Application) -> list[int]:
    with as_system("a test looks") as session:
        query = select(Material.id).where(Material.application_id == of.id, Material.active)
        return list(session.scalars(query.order_by(Material.id)))


@pytest.fixture
def owner() -> Actor:
    return factories.applicant()


@pytest.fixture
def submitted(owner: Actor) -> Application:
    return case(owner, submitted=True)


@pytest.fixture
def reviewer() -> Actor:
    return factories.actor("body_reviewer", "110000")


def test_looking_at_a_picture_is_an_event_of_its_own_chain(
    submitted: Application, reviewer: Actor
) -> None:
    key = pictures(submitted)[0]
    before = stored(Application, submitted.id).version
    acts = len(factories.every(Event, subject=f"application:{submitted.id}"))
    with acting(reviewer):
        materials.material_bytes(key)
    (look,) = looks()
    assert (look.verb, look.subject, look.seq) == ("look", f"looks:application:{submitted.id}", 1)
    assert look.reason == f"{stored(Material, key).slot} material:{key}"
    assert (look.actor_id, look.actor_role) == (reviewer.account_id, "body_reviewer")
    assert (look.address, look.region_code, look.public) == ("192.0.2.1", "110105", False)
    assert stored(Application, submitted.id).version == before
    assert len(factories.every(Event, subject=f"application:{submitted.id}")) == acts


@pytest.mark.slow
def test_the_owner_looks_at_the_own_papers_unrecorded(owner: Actor) -> None:
    made = case(owner, approved=True)
    number = factories.every(Certificate)[0].number
    with acting(owner):
        for key in pictures(made):
            materials.material_bytes(key)
        renderings.picture(number)
        printing.application_form(made.id)
    assert looks() == []


@pytest.mark.slow
def test_a_look_is_one_event_for_a_quarter_of_an_hour(
    submitted: Application, reviewer: Actor
) -> None:
    first, second, *_rest = pictures(submitted)
    other = factories.actor("county_reviewer", "110105")
    begin = clock.parse(IN_WINDOW)
    for who, key, minutes in (
        (reviewer, first, 0),
        (reviewer, first, 14),
        (reviewer, second, 14),
        (other, first, 14),
        (reviewer, first, 16),
    ):
        with acting(who, (begin + timedelta(minutes=minutes)).isoformat()):
            materials.material_bytes(key)
    assert [(one.actor_id, (one.reason or "").endswith(f":{first}")) for one in looks()] == [
        (reviewer.account_id, True),
        (reviewer.account_id, False),
        (other.account_id, True),
        (reviewer.account_id, True),
    ]


def test_a_second_look_writes_nothing_and_reads_one_row_more(
    submitted: Application, reviewer: Actor, db: SQLAlchemy
) -> None:
    key = pictures(submitted)[0]
    with acting(reviewer):
        materials.material_bytes(key)
        with statements(db) as again:
            materials.material_bytes(key)
    assert again.written == set()
    assert again.read.count("event") == 1


def test_nothing_is_shown_that_cannot_be_recorded(
    submitted: Application, reviewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_facts: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("app.services.events.record", broken)
    with acting(reviewer), pytest.raises(OSError, match="full"):
        materials.material_bytes(pictures(submitted)[0])


def test_who_may_not_look_leaves_no_look(submitted: Application) -> None:
    with acting(factories.actor("county_reviewer", "110106")), pytest.raises(Missing):
        materials.material_bytes(pictures(submitted)[0])
    assert looks() == []


@pytest.mark.slow
def test_a_certificate_and_a_form_of_somebody_else_are_on_record(
    owner: Actor, reviewer: Actor
) -> None:
    made = case(owner, approved=True)
    number = factories.every(Certificate)[0].number
    with acting(reviewer):
        renderings.download(number)
        renderings.picture(number)
        printing.application_form(made.id)
    assert {one.subject for one in looks()} == {f"looks:application:{made.id}"}
    assert [(one.verb, one.reason) for one in looks()] == [
        ("download", f"{number} pdf"),
        ("download", f"{number} png"),
        ("print_form", made.reference),
    ]


def test_a_file_that_cannot_be_had_was_not_looked_at(
    owner: Actor, reviewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = case(owner, approved=True)
    number = factories.every(Certificate)[0].number

    def broken(*_facts: object) -> NoReturn:
        raise PermissionError

    for module, name in (
        (renderings, "certificate_pdf"),
        (ofd_files, "certificate_ofd"),
        (printing, "application_form_pdf"),
    ):
        monkeypatch.setattr(module, name, broken)
    with acting(reviewer):
        for get in (renderings.download, ofd_files.download):
            with pytest.raises(Refusal):
                get(number)
        with pytest.raises(PermissionError):
            printing.application_form(made.id)
    assert looks() == []


def test_every_export_is_on_record_without_the_identity_that_was_looked_for() -> None:
    who = factories.actor("province_admin", "410000")
    filters = [Filter("level", "eq", "senior"), Filter("identity", "eq", "0123456789abcdef")]
    with acting(who):
        access.exported("workers", filters)
        access.exported("workers", [])
    told = factories.every(Event, subject="export:workers:410000")
    assert [one.verb for one in told] == ["export", "export"]
    assert [one.reason for one in told] == ["level eq senior; identity eq …", None]


def _verbs() -> Iterator[str]:
    """The verbs that services record, as they are written."""
    for path in sorted((Path(__file__).parents[2] / "app/services").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "record":
                yield from (
                    str(given.value)
                    for given in node.args[2:3]
                    if isinstance(given, ast.Constant) and isinstance(given.value, str)
                )


@pytest.mark.slow
def test_every_act_has_a_name_for_the_auditor() -> None:
    recorded = set(_verbs())
    assert {"attach", "export", "read"} <= recorded
    assert recorded | set(Verb) <= set(ACTS)
