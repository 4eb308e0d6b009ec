"""Which regions have an office that takes an application: those without regions below them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from app.extensions import db
from app.queries.names import full_name, regions_meant
from app.rules.words import Words
from models.region import Region

CHOOSE_COUNTY = Words(
    "请选择到县（市、区）。", "Choose the county or district, not only the city or province."
)


@dataclass(frozen=True)
class Places:
    """What a form has to know of the regions that it names: their full names, and what `lowest`
    says of them; `asked` are the codes, be they regions or not."""

    asked: frozenset[str]
    names: Mapping[str, str]
    lowest: Mapping[str, bool]


def places(codes: Iterable[str]) -> Places:
    """The same of all of them in one statement."""
    asked = frozenset(codes)
    wanted, needed = regions_meant(asked)
    if not needed:
        return Places(asked, {}, {})
    query = select(Region.code, Region.name, _lowest()).where(Region.code.in_(needed))
    rows = db.session.execute(query).all()
    short = {code: name for code, name, _lowest in rows}
    return Places(
        asked,
        {code: full_name(code, short) for code in wanted},
        {code: lowest for code, _name, lowest in rows if code in asked},
    )


def lowest(session: Session, codes: Collection[str]) -> dict[str, bool]:
    """Of these codes those that regions have, and whether no region lies below it: its office
    comes first, and letters arrive there."""
    query = select(Region.code, _lowest()).where(Region.code.in_(codes))
    return dict(session.execute(query).all())


@cache
def _lowest() -> ColumnElement[bool]:
    below = aliased(Region)
    return ~select(below.code).where(below.parent_code == Region.code).exists()
