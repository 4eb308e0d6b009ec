"""The record of every act: appended in the act's own transaction, chained so that nothing can
vanish."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from models.base import Audited, Base
from models.codes import (
    ACTS,
    APPLICATION_STATES,
    CERTIFICATE_STATES,
    DELIVERY_STATES,
    DRAFT_STATES,
    PUBLICATION_STATES,
    REGISTRATION_STATES,
    REQUEST_STATES,
    ROLES,
)
from models.columns import Code, Count, Flag, Key, Line, LongText, Moment, in_byte_order

SYSTEM = {"system": _l("The portal itself")}
STATES: dict[Any, Any] = {
    **REGISTRATION_STATES,
    **REQUEST_STATES,
    **DELIVERY_STATES,
    "pending": _l("Pending"),  # of a consignment and of a request alike
    **DRAFT_STATES,
    **PUBLICATION_STATES,
    **CERTIFICATE_STATES,
    **APPLICATION_STATES,
}


class Event(Audited, Base):
    """Who did what to which subject, in which role, from where; `digest` seals it to the one
    before."""

    __table_args__ = (
        UniqueConstraint("subject", "seq", name="uq_event_seq"),
        Index("ix_event_verb", "verb", "id"),
    )

    __label__ = "subject"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    created_at: Mapped[datetime] = Moment(_l("Created"), sort=True, default=clock.now)
    subject: Mapped[str] = Key(_l("Subject"), 64)
    seq: Mapped[int] = Count(_l("Number"), 1, written=False)
    verb: Mapped[str] = Code(_l("Act"), ACTS, written=False)
    actor_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"), index=True)
    actor_name: Mapped[str | None] = Line(_l("By"), 128, written=False, find="prefix")
    on_behalf_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))
    on_behalf_name: Mapped[str | None] = Line(_l("On behalf of"), 128, written=False)
    actor_role: Mapped[str] = Code(_l("Role"), ROLES | SYSTEM, written=False, length=64)
    from_state: Mapped[str | None] = Code(_l("From"), STATES, written=False)
    to_state: Mapped[str | None] = Code(_l("To"), STATES, written=False)
    reason_code: Mapped[str | None] = Line(_l("Reason code"), 32, written=False)
    reason: Mapped[str | None] = LongText(_l("Reason"), written=False)
    policy: Mapped[str | None] = Line(_l("Policy"), 80, written=False)
    address: Mapped[str | None] = Line(_l("Network address"), 64, written=False)
    public: Mapped[bool] = Flag(_l("Visible to the applicant"), written=False)
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class EventChain(Base):
    """The head of one subject's chain: locked to append, apart from the subject's own version."""

    subject: Mapped[str] = mapped_column(in_byte_order(64), primary_key=True)
    length: Mapped[int] = mapped_column(Integer)
    head: Mapped[str] = mapped_column(String(64))


class EventAnchor(Base):
    """What the whole log was on one day: `digest` seals the last event that each chain had got
    since the anchor before, up to the event `up_to`; the same line stands outside the database."""

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date, unique=True)
    up_to: Mapped[int] = mapped_column(Integer)
    chains: Mapped[int] = mapped_column(Integer)
    events: Mapped[int] = mapped_column(Integer)
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
