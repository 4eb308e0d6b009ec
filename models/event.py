"""The record of every act: appended in the act's own transaction, chained so that nothing can
vanish."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Audited, Base
from models.columns import Count, CreatedAt, Flag, Line, LongText, Ref


class Event(Audited, Base):
    """Who did what to which subject, in which role, from where; `digest` seals it to the one
    before."""

    __table_args__ = (
        UniqueConstraint("subject", "seq", name="uq_event_seq"),
        Index("ix_event_at", "created_at", "id"),
    )

    __label__ = "subject"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    created_at: Mapped[datetime] = CreatedAt()
    subject: Mapped[str] = Line(_l("Subject"), 64, written=False, find="equal")
    seq: Mapped[int] = Count(_l("Number"), 1, written=False)
    verb: Mapped[str] = Line(_l("Act"), 32, written=False, find="equal")
    actor_id: Mapped[int | None] = Ref("ab_user", _l("By"), written=False)
    actor_role: Mapped[str] = Line(_l("Role"), 64, written=False)
    from_state: Mapped[str | None] = Line(_l("From"), 32, written=False)
    to_state: Mapped[str | None] = Line(_l("To"), 32, written=False)
    reason_code: Mapped[str | None] = Line(_l("Reason code"), 32, written=False)
    reason: Mapped[str | None] = LongText(_l("Reason"), written=False)
    policy: Mapped[str | None] = Line(_l("Policy"), 80, written=False)
    address: Mapped[str | None] = Line(_l("Network address"), 64, written=False)
    public: Mapped[bool] = Flag(_l("Visible to the applicant"), written=False)
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class EventChain(Base):
    """The head of one subject's chain: locked to append, apart from the subject's own version."""

    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    length: Mapped[int] = mapped_column(Integer)
    head: Mapped[str] = mapped_column(String(64))
