"""Batches: many cases that one reviewer decides alike at once, each by itself."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Personal, Record
from models.codes import BATCH_STATES, VERDICTS
from models.columns import Code, Data, Line, LongText, Moment


class BatchItem(Personal, Record):
    """One case of one batch, as its reviewer saw it: the version that was looked at, what is to be
    decided and why, and what came of it. `batch` is the same for all that were confirmed
    together."""

    __table_args__ = (Index("uq_batch_item", "batch", "application_id", unique=True),)

    batch: Mapped[str] = mapped_column(String(32))
    application_id: Mapped[int] = mapped_column(Integer, ForeignKey("application.id"), index=True)
    case_version: Mapped[int] = mapped_column(Integer)
    verdict: Mapped[str] = Code(_l("Verdict"), VERDICTS, written=False, default="approve")
    reason_code: Mapped[str | None] = Line(_l("Reason code"), 32, written=False)
    reason: Mapped[str | None] = LongText(_l("Reason"), written=False)
    items: Mapped[list[str]] = Data(_l("Opened for correction"), list)
    state: Mapped[str] = Code(_l("State"), BATCH_STATES, written=False, default="waiting")
    sentence: Mapped[dict[str, str]] = Data(_l("Remarks"))
    decided_at: Mapped[datetime | None] = Moment(_l("Decided"))
    address: Mapped[str | None] = Line(_l("Network address"), 64, written=False)
