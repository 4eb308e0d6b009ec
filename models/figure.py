"""Figures that are counted ahead: a page about five million cases reads a few thousand rows."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, Float, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Record, RegionScoped, WorkerOwned
from models.codes import KINDS, LEVELS
from models.columns import Code, Day


class Tally(RegionScoped, Base):
    """How many of one region, kind, state and month; `what` says of what (app.queries.counted).

    `days` is the sum of the days that the decided ones took. A job counts anew every hour and
    writes only what differs (docs/figures.md).
    """

    __table_args__ = (
        UniqueConstraint("region_code", "what", "kind", "state", "month", name="uq_tally"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    what: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(32))
    month: Mapped[date] = mapped_column(Date)
    number: Mapped[int] = mapped_column(Integer)
    days: Mapped[float] = mapped_column(Float)


class Due(WorkerOwned, Record):
    """Somebody who should register and has no application under way: 应登记而未登记 (HN-40), as a
    job found it on the day `found_on`."""

    __table_args__ = (UniqueConstraint("worker_id", name="uq_due_worker"),)

    kind: Mapped[str] = Code(_l("Kind"), KINDS, written=False)
    level: Mapped[str] = Code(_l("Level"), LEVELS, written=False)
    valid_until: Mapped[date | None] = Day(_l("Valid until"), written=False)
    found_on: Mapped[date] = Day(_l("Found on"), written=False)
