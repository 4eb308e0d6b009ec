"""Whoever is drawn, whatever rows lie wherever: the session shows and keeps what the table says.

The expectation is written down here once more, on purpose in another way than `app.scope` has it:
by the leading digits of a code and by plain comparisons on one row.
"""

from dataclasses import dataclass
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app import scope
from app.queries import listing
from app.scope import Actor, acting_as, as_system
from app.services.refusals import Forbidden
from app.services.verbs import transaction
from models.account import Account
from models.base import Base
from models.credit import Credit
from models.event import Event
from models.message import Message
from models.organization import Organization
from models.publication import Notice
from models.worker import Worker
from tests.support import estates, factories

# a municipality's districts, a county under its city and one under its province, a city without
# counties, and the offices above them
COUNTIES = ("110105", "110108", "410102", "410105", "419001", "441900", "500103", "510107")
OFFICES = ("000000", "110000", "410000", "410100", "440000", "500000", "510100")
PLACES = COUNTIES + OFFICES
STAFF = {"platform_admin", "body_reviewer"} | {
    f"{level}_{work}" for level in ("province", "city", "county") for work in ("admin", "reviewer")
}
AUDITORS = {"platform_admin", "auditor"}
MODELS: tuple[Any, ...] = (Worker, Credit, Organization, Notice, Event, Account, Message)


@dataclass(frozen=True)
class World:
    """All rows there are, loose from any session, by the name of their model."""

    rows: dict[str, list[Any]]

    def keys(self, model: Any) -> list[int | None]:
        """What an account could be tied to; None is no tie."""
        return [None, *(row.id for row in self.rows[model.__name__])]


@pytest.fixture
def world(db: SQLAlchemy) -> World:
    for place in PLACES:
        organization = factories.organization(place)
        worker = factories.worker(place, organization_id=organization.id)
        account = factories.account("applicant", place, worker_id=worker.id)
        _papers(place, worker.id, account.id)
    return World({model.__name__: _all(model) for model in MODELS})


def _papers(place: str, worker_id: int, account_id: int) -> None:
    credit = Credit(title="课", taken_on=estates.DAY, hours=1, source="online")
    credit.worker_id, credit.region_code = worker_id, place
    factories.keep(credit)
    for state in ("draft", "proposed", "published"):
        notice = Notice(title="公告", issuer="厅", issued_on=estates.DAY, body="文", state=state)
        notice.region_code = place
        factories.keep(notice)
    factories.keep(estates.event(place, f"place:{place}"))
    factories.keep(Message(user_id=account_id, title="题", body="文"))


def _all(model: Any) -> list[Any]:
    with as_system("a test looks") as session:
        rows = list(session.scalars(select(model)))
        session.expunge_all()
    return rows


# The expectation


def below(office: str, code: str) -> bool:
    """By digits: an office's code without its pairs of zeros begins the codes of its subtree."""
    digits = office
    while digits.endswith("00") and len(digits) % 2 == 0:
        digits = digits[:-2]
    return code.startswith(digits)


def sees(who: Actor, row: Any) -> bool:
    """What requirement and design say, read on one row."""
    if isinstance(row, Message):
        return bool(row.user_id == who.account_id)
    if isinstance(row, Event):
        return bool(who.roles & AUDITORS) and below(who.region_code, row.region_code)
    out = isinstance(row, Notice) and row.state == "published"
    return keeps(who, row) or (out and below(row.region_code, who.region_code))


def keeps(who: Actor, row: Any) -> bool:
    """Whether the row is the actor's to write, as far as the scope goes."""
    if isinstance(row, Event):
        return False
    if isinstance(row, Message):
        return bool(row.user_id == who.account_id)
    own_account = isinstance(row, Account) and row.id == who.account_id
    within = bool(who.roles & STAFF) and below(who.region_code, row.region_code)
    return within or own_account or _by_tie(who, row)


def _by_tie(who: Actor, row: Any) -> bool:
    worker = {Worker: "id", Credit: "worker_id"}.get(type(row))
    organization = {Worker: "organization_id", Organization: "id"}.get(type(row))
    ties = (
        ("applicant", worker, who.worker_id),
        ("organization", organization, who.organization_id),
    )
    return any(
        role in who.roles and column and key is not None and getattr(row, column) == key
        for role, column, key in ties
    )


# Who is drawn


def actors(world: World) -> st.SearchStrategy[Actor]:
    return st.builds(
        Actor,
        account_id=st.sampled_from([row.id for row in world.rows["Account"]] + [10**6]),
        name=st.just("抽签"),
        roles=st.frozensets(st.sampled_from(sorted(scope.REACH)), max_size=3),
        region_code=st.sampled_from(PLACES),
        worker_id=st.sampled_from(world.keys(Worker)),
        organization_id=st.sampled_from(world.keys(Organization)),
    )


def drawn(count: int) -> settings:
    return settings(max_examples=count, suppress_health_check=[HealthCheck.function_scoped_fixture])


@drawn(60)
@given(data=st.data())
def test_what_the_database_shows_is_what_the_rule_says(
    data: st.DataObject, world: World, db: SQLAlchemy
) -> None:
    who = data.draw(actors(world))
    for model in MODELS:
        expected = {row.id for row in world.rows[model.__name__] if sees(who, row)}
        with acting_as(who):
            db.session.rollback()
            assert set(db.session.scalars(select(model.id))) == expected
            assert db.session.scalar(select(func.count(model.id))) == len(expected)
            assert {row.id for row in listing.keyset_page(model, size=100).rows} == expected


@drawn(40)
@given(data=st.data())
def test_no_key_opens_a_row_outside_the_scope(
    data: st.DataObject, world: World, db: SQLAlchemy
) -> None:
    who = data.draw(actors(world))
    model = data.draw(st.sampled_from(MODELS))
    row = data.draw(st.sampled_from(world.rows[model.__name__]))
    with acting_as(who):
        db.session.rollback()
        db.session.expunge_all()
        assert (db.session.get(model, row.id) is not None) == sees(who, row)
        assert (listing.find(model, row.id) is not None) == sees(who, row)
        assert scope.may_write(row, who) == keeps(who, row)


class Undo(Exception):
    """Takes a write back that was allowed, so that every example begins with the same world."""


def attempted(model: type[Base], key: int, changes: dict[str, Any]) -> bool:
    """Whether a verb may store these values; nothing is kept of it."""
    try:
        with transaction() as session:
            session.expunge_all()
            row = session.get(model, key)
            if row is None:
                return False
            for name, value in changes.items():
                setattr(row, name, value)
            session.flush()
            raise Undo
    except Undo:
        return True
    except Forbidden:
        return False


@drawn(60)
@given(data=st.data())
def test_no_row_leaves_or_enters_the_scope(
    data: st.DataObject, world: World, db: SQLAlchemy
) -> None:
    """A move is kept only from where one may write to where one may write."""
    who = data.draw(actors(world))
    model = data.draw(st.sampled_from((Worker, Credit, Organization, Notice)))
    row = data.draw(st.sampled_from(world.rows[model.__name__]))
    target = data.draw(st.sampled_from(PLACES))
    within = bool(who.roles & STAFF) and below(who.region_code, target)
    changed = target != row.region_code
    with acting_as(who):
        allowed = attempted(model, row.id, {"region_code": target})
    assert allowed == (
        keeps(who, row) and (within or _by_tie(who, row)) if changed else sees(who, row)
    )
    assert [r.region_code for r in _all(model)] == [
        r.region_code for r in world.rows[model.__name__]
    ]


@drawn(40)
@given(data=st.data())
def test_no_row_points_outside_the_scope(data: st.DataObject, world: World, db: SQLAlchemy) -> None:
    who = data.draw(actors(world))
    row = data.draw(st.sampled_from(world.rows["Worker"]))
    target = data.draw(st.sampled_from(world.rows["Organization"]))
    with acting_as(who):
        allowed = attempted(Worker, row.id, {"organization_id": target.id})
    if target.id == row.organization_id:
        return
    still_own = "applicant" in who.roles and who.worker_id == row.id
    within = bool(who.roles & STAFF) and below(who.region_code, row.region_code)
    gained = "organization" in who.roles and who.organization_id == target.id
    assert allowed == (keeps(who, row) and (still_own or within or gained) and sees(who, target))


@drawn(40)
@given(data=st.data())
def test_no_row_is_made_outside_the_scope(
    data: st.DataObject, world: World, db: SQLAlchemy
) -> None:
    who = data.draw(actors(world))
    place = data.draw(st.sampled_from(PLACES))
    try:
        with acting_as(who), transaction() as session:
            session.add(factories.sound_organization(place))
            session.flush()
            raise Undo
    except Undo:
        allowed = True
    except Forbidden:
        allowed = False
    assert allowed == (bool(who.roles & STAFF) and below(who.region_code, place))
