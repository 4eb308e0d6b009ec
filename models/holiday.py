"""Holidays and the weekends worked for them, as the State Council announces them every year."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from models.base import Record
from models.columns import Day, Flag, Line


class Holiday(Record):
    """A day that is not what its weekday says, or that has a name though it is a weekend."""

    __table_args__ = (UniqueConstraint("day", name="uq_holiday_day"),)
    __label__ = "day"

    day: Mapped[date] = Day(_l("Day"))
    name: Mapped[str] = Line(_l("Holiday"), 64)
    works: Mapped[bool] = Flag(_l("Working day"))
