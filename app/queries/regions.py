"""Which regions have an office that takes an application: those without regions below them."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.rules.words import Words
from models.region import Region

CHOOSE_COUNTY = Words(
    "请选择到县（市、区）。", "Choose the county or district, not only the city or province."
)


def lowest(session: Session, codes: Collection[str]) -> dict[str, bool]:
    """Of these codes those that regions have, and whether no region lies below it: its office
    comes first, and letters arrive there."""
    below = aliased(Region)
    lowest = ~select(below.code).where(below.parent_code == Region.code).exists()
    query = select(Region.code, lowest).where(Region.code.in_(codes))
    return dict(session.execute(query).all())
