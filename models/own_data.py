"""What people ask of the portal about their own data: a copy of it, and that it be corrected."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Personal, Record, WorkerOwned
from models.codes import CORRECTION_STATES, CORRECTIONS, EXPORT_STATES
from models.columns import Code, Count, LongText, Moment


class DataExport(Personal, Record):
    """A copy of all that is held about somebody: made by a job, kept for a few days. `digest` is
    that of the archive as long as there is one."""

    __table_args__ = (Index("ix_data_export_expires", "expires_at"),)

    state: Mapped[str] = Code(_l("State"), EXPORT_STATES, written=False, default="waiting")
    digest: Mapped[str | None] = mapped_column(String(64), index=True)
    size: Mapped[int | None] = Count(_l("Bytes"), written=False)
    ready_at: Mapped[datetime | None] = Moment(_l("Ready"))
    expires_at: Mapped[datetime | None] = Moment(_l("Kept until"))


class Correction(WorkerOwned, Record):
    """A request to correct what an office holds about somebody, and what the office answered."""

    __table_args__ = (Index("ix_correction_state", "state", "region_code", "id"),)
    __label__ = "about"

    about: Mapped[str] = Code(_l("What is wrong"), CORRECTIONS)
    wanted: Mapped[str] = LongText(_l("What it should say, and why"))
    state: Mapped[str] = Code(_l("State"), CORRECTION_STATES, written=False, default="open")
    answer: Mapped[str | None] = LongText(_l("Answer"), written=False)
    settled_by: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))
    settled_at: Mapped[datetime | None] = Moment(_l("Settled"))
