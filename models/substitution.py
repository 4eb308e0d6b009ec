"""Substitutions: who does an absent reviewer's cases, from one day to another."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from models.base import Record, RegionScoped
from models.columns import Day, Ref


class Substitution(RegionScoped, Record):
    """One reviewer stands in for a colleague of the same office on these days, both included.

    It lends no right: whoever stands in decides by their own role, and the days end it.
    """

    __table_args__ = (
        CheckConstraint("from_on <= until_on", name="ck_substitution_order"),
        Index("ix_substitution_in_force", "substitute_id", "until_on"),
    )

    absent_id: Mapped[int] = Ref("ab_user", _l("Absent"), written=False, find=False)
    substitute_id: Mapped[int] = Ref("ab_user", _l("Stands in"), written=False, find=False)
    from_on: Mapped[date] = Day(_l("Begins on"), written=False)
    until_on: Mapped[date] = Day(_l("Ends on"), written=False)
