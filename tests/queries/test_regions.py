"""Which regions are applied to, asked once for forms, drafts and requests alike."""

from flask_sqlalchemy import SQLAlchemy

from app.queries import regions
from tests.support.watching import statements


def test_a_region_without_regions_below_it_is_told_from_a_wider_one_and_from_none(
    db: SQLAlchemy,
) -> None:
    with statements(db) as seen:
        found = regions.lowest(db.session(), ["410105", "410100", "000000", "999999"])
    assert found == {"410105": True, "410100": False, "000000": False}
    assert len(seen.read) == 1
