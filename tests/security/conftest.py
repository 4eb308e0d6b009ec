"""Two counties of one city, one of everything in each, and people to come from one to the other."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, select

from app import scope
from app.scope import Actor, as_system
from app.security import actor_of, find_account
from models.account import Account
from models.base import Base
from tests.support import estates, factories
from tests.support.estates import Estate
from tests.support.people import Person, person

HERE, THERE = "410105", "410102"
# together these hold every permission on every resource that the portal has
OFFICES = ("province_admin", "body_reviewer", "auditor")


@dataclass
class Scene:
    """The two counties: `own` is the attacker's, `other` is out of reach."""

    app: Flask
    own: Estate
    other: Estate

    @cached_property
    def insider(self) -> Person:
        """Somebody who may do everything here, and nothing there."""
        account = factories.account(OFFICES[0], HERE)
        _give_roles(account, OFFICES)
        found = find_account(id=account.id)
        assert found is not None
        return Person(self.app, found)

    @cached_property
    def actor(self) -> Actor:
        """The insider as the session sees them."""
        return actor_of(self.insider.account)

    def person(self, role: str, region_code: str = HERE, **links: Any) -> Person:
        """Somebody else."""
        return person(self.app, role, region_code, **links)


def _give_roles(account: Account, codes: tuple[str, ...]) -> None:
    role = Account.roles.property.mapper.class_
    with as_system("a test makes what it needs") as session:
        row = session.get_one(Account, account.id)
        row.roles = list(session.scalars(select(role).where(role.name.in_(codes))))
        session.commit()


@pytest.fixture
def scene(db: SQLAlchemy, app: Flask) -> Scene:
    """Both counties on a clean database, within an application context."""
    return Scene(app, estates.estate(HERE), estates.estate(THERE))


@pytest.fixture
def admin(db: SQLAlchemy, app: Flask) -> Person:
    """An administrator of a county, who may write."""
    return person(app, "county_admin", HERE)


@pytest.fixture
def unscoped(db: SQLAlchemy) -> Callable[[], AbstractContextManager[None]]:
    """The control: within the block there is no row security at all."""

    @contextmanager
    def off() -> Iterator[None]:
        watched: list[tuple[str, Any]] = [
            ("do_orm_execute", scope._restrict),
            ("before_flush", scope._guard),
        ]
        for name, listener in watched:
            event.remove(db.session, name, listener)
        event.listen(db.session, "before_flush", _only_place)
        try:
            yield
        finally:
            event.remove(db.session, "before_flush", _only_place)
            for name, listener in watched:
                event.listen(db.session, name, listener)

    return off


def _only_place(session: Any, _context: Any, _instances: Any) -> None:
    """What is left of the guard in the control: a child still gets a region."""
    with session.no_autoflush:
        for row in session.new:
            scope._take_parents_place(session, row)


def kept(model: type[Base], key: int) -> Any | None:
    """A row as the database has it, whoever asks; None when it is gone."""
    with as_system("a test looks") as session:
        row = session.get(model, key)
        if row is not None:
            session.expunge(row)
    return row
