"""Re-checks: final approvals that were drawn by lot for a second look by the office above."""

from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, WorkerOwned
from models.codes import RECHECK_REASONS, RECHECK_VERDICTS, REGION_LEVELS
from models.columns import Code, Count, Day, Line, LongText, Moment, Ref

_WAITING = "verdict IS NULL"


class Recheck(WorkerOwned, Record):
    """One approval that was drawn, and what the office above found.

    `level` is that of the office that checks: the one of the case's region, so that a case that
    moves is checked where it lies. The draw itself is an event of `recheck:application:N`.
    """

    __table_args__ = (
        Index(
            "ix_recheck_waiting",
            *("level", "id"),
            sqlite_where=text(_WAITING),
            postgresql_where=text(_WAITING),
        ),
        Index("ix_recheck_office", "office_code", "id"),
    )

    application_id: Mapped[int] = Ref("application", _l("Application"), written=False)
    decision_id: Mapped[int] = mapped_column(Integer, ForeignKey("decision.id"), unique=True)
    level: Mapped[str] = Code(_l("Checked by"), REGION_LEVELS, written=False)
    office_code: Mapped[str] = Line(_l("Office"), 6, written=False)
    decided_by: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id"), index=True)
    seed: Mapped[str] = mapped_column(String(64))
    percent: Mapped[int] = Count(_l("Percent"), 0, 100, written=False)
    drawn_on: Mapped[date] = Day(_l("Drawn on"), written=False)
    verdict: Mapped[str | None] = Code(_l("Verdict"), RECHECK_VERDICTS, written=False)
    reason_code: Mapped[str | None] = Code(_l("Reason"), RECHECK_REASONS, written=False)
    reason: Mapped[str | None] = LongText(_l("Note"), written=False)
    checked_by: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"), index=True)
    checked_at: Mapped[datetime | None] = Moment(_l("Checked at"))
