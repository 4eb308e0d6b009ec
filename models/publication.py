"""What offices publish for the people below them: windows, notices, documents and contacts."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.rules.kinds import OVERRIDABLE
from models.base import Published, Record
from models.codes import (
    DELIVERIES,
    DOCUMENT_MODULES,
    KINDS,
    LEVELS,
    PUBLICATION_STATES,
    WAIVABLE,
)
from models.columns import Code, Codes, Count, Day, Line, LongText, Moment, PolicyCode, Ref, Title

_MORE = _l("Where a course is taken, or more is said.")
_UNLESS = _l("Leave this empty for what the policy says.")


def _state() -> Any:
    return Code(_l("State"), PUBLICATION_STATES, written=False, default="draft")


class Window(Published, Record):
    """A 登记批次: the days on which a policy's kinds are open, and the single keys
    that it overrides."""

    __tablename__ = "registration_window"
    __table_args__ = (CheckConstraint("closes_on >= opens_on", name="ck_window_order"),)
    __label__ = "title"

    title: Mapped[str] = Title()
    policy_code: Mapped[str] = PolicyCode()
    kinds: Mapped[list[str]] = Codes(_l("Kinds"), KINDS)
    opens_on: Mapped[date] = Day(_l("Opens on"), sort=True)
    closes_on: Mapped[date] = Day(_l("Closes on"), sort=True)
    concentrated_from: Mapped[date | None] = Day(_l("Main period from"))
    concentrated_to: Mapped[date | None] = Day(_l("Main period to"))
    legal_basis: Mapped[str | None] = LongText(_l("Legal basis"))
    delivery: Mapped[list[str] | None] = Codes(_l("Certificates only"), DELIVERIES, help=_UNLESS)
    levels: Mapped[list[str] | None] = Codes(_l("Levels only"), LEVELS, help=_UNLESS)
    exam_year: Mapped[int | None] = Count(
        _l("Examination of the year only"), 2008, 2100, help=_UNLESS
    )
    waive: Mapped[list[str] | None] = Codes(
        _l("Does not count in this window"), WAIVABLE, help=_UNLESS
    )
    state: Mapped[str] = _state()
    proposed_by: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))

    @property
    def overrides(self) -> dict[str, Any]:
        """The single keys of its kinds that differ while it is open."""
        found = {key: getattr(self, key) for key in OVERRIDABLE}
        return {key: value for key, value in found.items() if value}

    @overrides.setter
    def overrides(self, values: Mapping[str, Any]) -> None:
        for key in OVERRIDABLE:
            setattr(self, key, values.get(key))


class Notice(Published, Record):
    """A 通知公告: dated, signed by its issuer, with the link to the original."""

    __label__ = "title"

    title: Mapped[str] = Title()
    issuer: Mapped[str] = Line(_l("Issuer"), 100)
    issued_on: Mapped[date] = Day(_l("Issued on"), sort=True, default=clock.today)
    body: Mapped[str] = LongText(_l("Text"))
    link: Mapped[str | None] = Line(_l("Link to the original"), 400)
    window_id: Mapped[int | None] = Ref("registration_window", _l("Window"))
    state: Mapped[str] = _state()
    published_at: Mapped[datetime | None] = Moment(_l("Published at"))
    proposed_by: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))


class Document(Published, Record):
    """What an office has to read: a guide or a legal text with its edition, a course of continuing
    education, a social service project."""

    __label__ = "title"

    title: Mapped[str] = Title()
    module: Mapped[str] = Code(_l("Shown under"), DOCUMENT_MODULES, default="policy")
    edition: Mapped[str | None] = Line(_l("Edition"), 32)
    issued_on: Mapped[date] = Day(_l("Issued on"), sort=True, default=clock.today)
    body: Mapped[str] = LongText(_l("Text"))
    link: Mapped[str | None] = Line(_l("Link"), 400, help=_MORE)
    state: Mapped[str] = _state()
    published_at: Mapped[datetime | None] = Moment(_l("Published at"))
    proposed_by: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))


class Contact(Published, Record):
    """Whom to ask: shown at the foot of every page of its region."""

    __label__ = "title"

    title: Mapped[str] = Title(_l("Office or company"))
    person: Mapped[str | None] = Line(_l("Person"), 64)
    telephone: Mapped[str | None] = Line(_l("Telephone"), 64)
    mailbox: Mapped[str | None] = Line(_l("E-mail"), 254)
    hours: Mapped[str | None] = Line(_l("Office hours"), 100)
    subject: Mapped[str | None] = Line(_l("For questions about"), 100)
    position: Mapped[int] = Count(_l("Position"), 0, 999)
    state: Mapped[str] = _state()
    proposed_by: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))
