"""Credits: hours of continuing education, online ones recorded here and offline ones
with a proof."""

from datetime import date
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped

from models.base import Record, WorkerOwned
from models.codes import CREDIT_SOURCES, CREDIT_STATES
from models.columns import Code, Day, Hours, Line, Title


class Credit(WorkerOwned, Record):
    """Hours of one course on one day; offline hours count when an office has accepted them."""

    __label__ = "title"

    title: Mapped[str] = Title(_l("Course"))
    provider: Mapped[str | None] = Line(_l("Provider"))
    taken_on: Mapped[date] = Day(_l("Taken on"), sort=True)
    hours: Mapped[Decimal] = Hours()
    source: Mapped[str] = Code(_l("Source"), CREDIT_SOURCES)
    state: Mapped[str] = Code(_l("State"), CREDIT_STATES, default="pending")
