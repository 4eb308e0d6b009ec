"""The names behind codes and keys on a page: one statement for the regions, one for each table
pointed at."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import or_, select

from app.extensions import db
from app.rules import regions
from app.scope import scoped_models
from models.account import Account
from models.base import Base
from models.region import Region

FEW = 20
"""How many of those that begin with what was typed are offered."""


def region_names(codes: Iterable[str]) -> dict[str, str]:
    """Full names by code, such as “province, city, county” in one; the nation's name stands alone.

    What is no code, because somebody typed it, has no name.
    """
    wanted, needed = regions_meant(codes)
    if not needed:
        return {}
    rows = db.session.execute(select(Region.code, Region.name).where(Region.code.in_(needed)))
    short: dict[str, str] = {row.code: row.name for row in rows}
    return {code: full_name(code, short) for code in wanted}


def regions_meant(codes: Iterable[str]) -> tuple[set[str], set[str]]:
    """Those of these texts that can be codes of regions, and all whose names their full names are
    made of."""
    wanted = {code for code in codes if len(code) == 6 and code.isascii() and code.isdigit()}
    return wanted, {part for code in wanted for part in regions.ancestors(code)}


def full_name(code: str, short: Mapping[str, str]) -> str:
    """The full name of a region, of the short ones of those above it and its own."""
    path = [part for part in regions.ancestors(code) if part != regions.NATION or code == part]
    return "".join(short[part] for part in reversed(path) if part in short) or code


def model_of(table: str) -> type[Base] | None:
    """The scoped model of a table, if there is one."""
    found = (m for m in scoped_models() if m.__table__.name == table)  # type: ignore[attr-defined]
    return next(found, None)


def labels(model: Any, keys: Iterable[int | None]) -> dict[Any, str]:
    """What rows are called, by key; rows outside the scope have no name here."""
    wanted = set(keys) - {None}
    if not wanted:
        return {}
    named = getattr(model, model.__label__)
    rows = db.session.execute(select(model.id, named).where(model.id.in_(wanted)))
    return {key: str(name) for key, name in rows}


def people(keys: Iterable[int | None]) -> dict[int, tuple[str, str]]:
    """The name of an account's person and of the office, by key; accounts outside the scope have
    none here."""
    wanted = set(keys) - {None}
    if not wanted:
        return {}
    found = list(db.session.scalars(select(Account).where(Account.id.in_(wanted))))
    offices = region_names({one.region_code for one in found})
    return {
        one.id: (one.display_name, offices.get(one.region_code, one.region_code)) for one in found
    }


def look_up(model: Any, text: str) -> list[tuple[Any, str]]:
    """Rows whose name begins with the text, for choosing one in a form."""
    named = getattr(model, model.__label__)
    query = select(model.id, named).where(named.startswith(text, autoescape=True))
    return [
        (key, str(name)) for key, name in db.session.execute(query.order_by(model.id).limit(FEW))
    ]


def look_up_regions(text: str, within: str) -> list[tuple[str, str]]:
    """Regions of a subtree by the beginning of their name or code, with their full names."""
    query = select(Region.code).where(
        or_(
            Region.name.startswith(text, autoescape=True),
            Region.code.startswith(text, autoescape=True),
        )
    )
    level = regions.level_of(within)
    if level != "nation":
        prefix = within[: {"province": 2, "city": 4}.get(level, 6)]
        query = query.where(Region.code.startswith(prefix))
    codes = list(db.session.scalars(query.order_by(Region.code).limit(FEW)))
    names = region_names(codes)
    return [(code, names[code]) for code in codes]
