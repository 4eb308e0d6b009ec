"""What offices publish for the people below them: windows, notices, documents and contacts."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Published, Record
from models.codes import KINDS, PUBLICATION_STATES
from models.columns import Code, Count, Data, Day, Line, LongText, Moment, Ref, Title

_KIND = "|".join(KINDS)


def _state() -> Any:
    return Code(_l("State"), PUBLICATION_STATES, written=False, default="draft")


class Window(Published, Record):
    """A 登记批次: the days on which a policy's kinds are open, and the single keys
    that it overrides."""

    __tablename__ = "registration_window"
    __table_args__ = (CheckConstraint("closes_on >= opens_on", name="ck_window_order"),)
    __label__ = "title"

    title: Mapped[str] = Title()
    policy_code: Mapped[str] = Line(
        _l("Policy"), 64, find="equal", help=_l("The code of the policy that it opens.")
    )
    kinds: Mapped[str] = Line(
        _l("Kinds"),
        200,
        pattern=f"^({_KIND})(, ?({_KIND}))*$",
        help=_l("One or more of these, separated by commas: %(kinds)s", kinds=", ".join(KINDS)),
    )
    opens_on: Mapped[date] = Day(_l("Opens on"), sort=True)
    closes_on: Mapped[date] = Day(_l("Closes on"), sort=True)
    concentrated_from: Mapped[date | None] = Day(_l("Concentrated period from"))
    concentrated_to: Mapped[date | None] = Day(_l("Concentrated period to"))
    legal_basis: Mapped[str | None] = LongText(_l("Legal basis"))
    overrides: Mapped[dict[str, Any]] = Data(_l("Overrides"))
    state: Mapped[str] = _state()
    proposed_by: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))


class Notice(Published, Record):
    """A 通知公告: dated, signed by its issuer, with the link to the original."""

    __label__ = "title"

    title: Mapped[str] = Title()
    issuer: Mapped[str] = Line(_l("Issuer"), 100)
    issued_on: Mapped[date] = Day(_l("Issued on"), sort=True)
    body: Mapped[str] = LongText(_l("Text"))
    link: Mapped[str | None] = Line(_l("Link to the original"), 400)
    window_id: Mapped[int | None] = Ref("registration_window", _l("Window"))
    state: Mapped[str] = _state()
    published_at: Mapped[datetime | None] = Moment(_l("Published at"))
    proposed_by: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))


class Document(Published, Record):
    """A guide, a manual or a legal text, kept with its edition."""

    __label__ = "title"

    title: Mapped[str] = Title()
    edition: Mapped[str | None] = Line(_l("Edition"), 32)
    issued_on: Mapped[date] = Day(_l("Issued on"), sort=True)
    body: Mapped[str] = LongText(_l("Text"))
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
