"""What offices have published, for everybody: notices, documents, whom to ask, and what is open.

Visitors have no scope, and an office's own drafts are no news to it here: every statement says
what is public itself, and an account reads what the offices above it published (BJ-60).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, select

from app import clock
from app.queries.policies import holds, policy_for, shelf
from app.rules.policy import Policy
from app.rules.regions import ancestors
from app.scope import as_system
from models.codes import PUBLIC_STATES
from models.policy import Policy as Edition
from models.publication import Contact, Document, Notice, Window

Row = TypeVar("Row", Notice, Document, Contact)
Text = TypeVar("Text", Notice, Document)

PAGE = 20
LAST_PAGE = 500


@dataclass(frozen=True)
class Sheet:
    """One page of published rows, the newest first, and whether there is another one behind it."""

    rows: Sequence[Any]
    number: int
    more: bool


def notices(region_code: str | None, page: int = 1) -> Sheet:
    """The notices for a region, or all of them for a visitor who has said nothing about one."""
    return _sheet(Notice, region_code, page)


def documents(module: str, region_code: str | None, page: int = 1) -> Sheet:
    """The documents of a module for a region, or all of them (BJ-01, BJ-60)."""
    return _sheet(Document, region_code, page, Document.module == module)


def notice(key: int, region_code: str | None) -> Notice | None:
    """One published notice, if it is meant for the region."""
    return _one(Notice, key, region_code)


def document(key: int, region_code: str | None) -> Document | None:
    """One published document, if it is meant for the region."""
    return _one(Document, key, region_code)


def contacts(region_code: str | None) -> Sequence[Contact]:
    """Whom to ask, the nearest office's contacts first (BA-27, BJ-58)."""
    query = _published(Contact, region_code)
    with as_system("published contacts are everybody's to read", only_reads=True) as session:
        return session.scalars(
            query.order_by(Contact.region_code.desc(), Contact.position, Contact.id).limit(50)
        ).all()


def policies(region_code: str | None) -> list[Policy]:
    """The policy in force for a region with its windows; for a visitor those of every region that
    has one, those with an open window first."""
    if region_code is not None:
        return [policy_for(region_code)]
    today = clock.today()
    query = select(Edition.jurisdiction).where(holds(today)).distinct()
    with as_system("policies are everybody's to read", only_reads=True) as session:
        places = session.scalars(query.order_by(Edition.jurisdiction.desc())).all()
    found = map(shelf(today), places)
    return sorted(found, key=lambda policy: not any(w.open_on(today) for w in policy.windows))


def windows_after(on: date) -> Sequence[Window]:
    """The published windows that open after a day."""
    query = select(Window).where(Window.state.in_(PUBLIC_STATES), Window.opens_on > on)
    with as_system("published windows are everybody's to read", only_reads=True) as session:
        return session.scalars(query.order_by(Window.opens_on, Window.id)).all()


def _sheet(
    model: type[Text], region_code: str | None, page: int, *which: ColumnElement[bool]
) -> Sheet:
    number = min(max(page, 1), LAST_PAGE)
    query = (
        _published(model, region_code)
        .where(*which)
        .order_by(model.issued_on.desc(), model.id.desc())
        .limit(PAGE + 1)
        .offset((number - 1) * PAGE)
    )
    with as_system("published texts are everybody's to read", only_reads=True) as session:
        rows = session.scalars(query).all()
    return Sheet(rows[:PAGE], number, len(rows) > PAGE)


def _one(model: type[Row], key: int, region_code: str | None) -> Row | None:
    with as_system("published texts are everybody's to read", only_reads=True) as session:
        return session.scalar(_published(model, region_code).where(model.id == key))


def _published(model: type[Row], region_code: str | None) -> Select[Row]:
    conditions: list[ColumnElement[bool]] = [model.state.in_(PUBLIC_STATES)]
    if region_code is not None:
        conditions.append(model.region_code.in_(ancestors(region_code)))
    return select(model).where(*conditions)
