"""Rows for tests: each call makes one that is sound, and a test says only what matters to it.

Workers, qualifications, accounts and organizations, as an office keeps them; applications are led
to their state by the portal's own verbs in `tests.support.cases`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import inspect, select

from app import clock, vault
from app.extensions import db
from app.rules import identifiers
from app.scope import Actor, acting_as, as_system
from app.security import actor_of, find_account
from app.services import accounts
from models.account import Account
from models.base import Base
from models.organization import Organization
from models.qualification import Qualification
from models.worker import Worker
from tests.support import profiled

Row = TypeVar("Row", bound=Base)

PASSWORD = "Portal-test-1"
IN_WINDOW = "2020-07-10T09:00"
"""A morning on which the announcement of 2020 and the national policy both take applications."""

_numbers = count(1)


def keep(row: Row) -> Row:
    """Store a row, whoever acts, and give it back loose from any session."""
    with as_system("a test makes what it needs") as session:
        session.add(row)
        session.commit()
        session.refresh(row)
        session.expunge(row)
    return row


def id_number(region_code: str = "110105", born: date = date(1990, 5, 17)) -> str:
    """A citizen number that nobody else in the test has, with the right check digit."""
    first = f"{region_code}{born:%Y%m%d}{next(_numbers) % 1000:03d}"
    return first + identifiers.id_check_digit(first)


def credit_code() -> str:
    """A unified social credit code that no other organization of the test has."""
    first = f"5211010{next(_numbers):010d}"
    return first + identifiers.credit_code_check_char(first)


def sound_organization(region_code: str = "110105", **facts: Any) -> Organization:
    """A service organization that is not stored yet."""
    given = {"name": "晨光社会工作事务所", "kind": "service", "credit_code": credit_code(), **facts}
    return Organization(region_code=region_code, **given)


def organization(region_code: str = "110105", **facts: Any) -> Organization:
    """A service organization."""
    return keep(sound_organization(region_code, **facts))


def sound_worker(region_code: str = "110105", *, number: str | None = None, **facts: Any) -> Worker:
    """A worker of the roster with a proved identity, who is not stored yet."""
    number = number or id_number()
    given = {
        "name": "王小红",
        "id_type": "id_card",
        "sex": identifiers.sex_of(number),
        "born_on": identifiers.born_on(number),
        "phone": "13800000000",
        "email": "wang@example.com",
        "real_name": True,
        **facts,
    }
    return Worker(
        region_code=region_code,
        id_number_cipher=vault.seal(number),
        id_number_digest=vault.digest(number),
        id_number_masked=identifiers.mask_id_number(number),
        **given,
    )


def worker(region_code: str = "110105", *, number: str | None = None, **facts: Any) -> Worker:
    """A worker of the roster with a proved identity; `number` is the identity number."""
    return keep(sound_worker(region_code, number=number, **facts))


def qualification(of: Worker, **facts: Any) -> Qualification:
    """The worker's 职业水平证书: by default of the examination that the window of 2020 takes."""
    given = {
        "level": "social_worker",
        "exam_year": 2019,
        "management_number": f"2019{next(_numbers):017d}",
        "verified": True,
        **facts,
    }
    return keep(Qualification(worker_id=of.id, region_code=of.region_code, **given))


def account(role: str, region_code: str, **links: Any) -> Account:
    """An account with one role and PASSWORD; `worker_id` or `organization_id` tie it to a row.

    Whose forms are taken from personal information has completed it.
    """
    if links.get("worker_id") and profiled.asks(region_code):
        profiled.complete(links["worker_id"])
    with as_system("a test makes what it needs") as session:
        made = accounts.new_account(
            session,
            username=f"{role}_{region_code}_{next(_numbers)}",
            name="张三",
            role=role,
            region_code=region_code,
            password=PASSWORD,
            must_change=False,
            **links,
        )
        session.commit()
        key = made.id
    found = find_account(id=key)
    assert found is not None
    return found


def actor(role: str, region_code: str, **links: Any) -> Actor:
    """Somebody new who acts in a role."""
    return actor_of(account(role, region_code, **links), "192.0.2.1")


def applicant(of: Worker | None = None, **facts: Any) -> Actor:
    """A worker who can sign in; without one, a new worker with a qualification of 2019."""
    if of is None:
        of = worker(**facts)
        qualification(of)
    return actor("applicant", of.region_code, worker_id=of.id)


@contextmanager
def acting(who: Actor, at: str = IN_WINDOW) -> Iterator[Actor]:
    """Act as somebody at an instant of business time, in a new look at the rows, as a request."""
    db.session.rollback()
    with acting_as(who), clock.frozen(at):
        yield who


def stored(model: type[Row], key: int) -> Row:
    """A row as the database has it now, loose from any session."""
    with as_system("a test looks") as session:
        row = session.get_one(model, key)
        session.expunge(row)
    return row


def every(model: Any, **by: Any) -> list[Any]:
    """All rows of a model that have these values, whoever may see them, in the order of keys."""
    with as_system("a test looks") as session:
        return list(session.scalars(select(model).filter_by(**by).order_by(model.id)))


@contextmanager
def changing(row: Row) -> Iterator[Row]:
    """Change a stored row behind everybody's back; columns alone, no verb and no event."""
    with as_system("a test arranges") as session, session.begin():
        yield session.get_one(type(row), inspect(row).identity)
