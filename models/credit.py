"""Credits: hours of continuing education, online ones recorded here and offline ones
with a proof."""

from datetime import date
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, WorkerOwned
from models.codes import CREDIT_SOURCES, CREDIT_STATES
from models.columns import Code, Day, Hours, Line, Title

_ACCEPTED_PROOF = "state = 'accepted' AND proof_digest IS NOT NULL"


class Credit(WorkerOwned, Record):
    """Hours of one course on one day; offline hours count when an office has accepted them.

    What a reviewer recorded beside a proof names the case and the picture; no picture counts twice
    for the same course and day, whichever case shows it (X-27).
    """

    __table_args__ = (
        Index(
            "uq_credit_proof",
            *("worker_id", "proof_digest", "taken_on", "title"),
            unique=True,
            sqlite_where=text(_ACCEPTED_PROOF),
            postgresql_where=text(_ACCEPTED_PROOF),
        ),
    )
    __label__ = "title"

    title: Mapped[str] = Title(_l("Course"))
    provider: Mapped[str | None] = Line(_l("Provider"))
    taken_on: Mapped[date] = Day(_l("Taken on"), sort=True)
    hours: Mapped[Decimal] = Hours()
    source: Mapped[str] = Code(_l("Source"), CREDIT_SOURCES)
    state: Mapped[str] = Code(_l("State"), CREDIT_STATES, default="pending")
    application_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("application.id"), index=True
    )
    material_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("material.id"))
    proof_digest: Mapped[str | None] = mapped_column(String(64))
