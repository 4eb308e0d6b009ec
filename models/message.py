"""What leaves: messages in the portal, the outbox for everything beyond it, and what people agreed
to."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.rules.words import Words
from models.base import Base, Personal, Record, WorkerOwned
from models.codes import CHANNELS, OUTBOX_STATES
from models.columns import Code, Count, CreatedAt, Data, Line, LongText, Moment, Ref, Title

_FAILED = text("state = 'failed'")


class Message(Personal, Record):
    """One message in 我的消息, in the words of its day and in both languages; those of before the
    portal kept the English ones have Chinese alone."""

    __table_args__ = (Index("ix_message_unread", "user_id", "read_at"),)
    __label__ = "title"

    title: Mapped[str] = Title()
    body: Mapped[str] = LongText(_l("Text"), written=False)
    title_en: Mapped[str | None] = Line(_l("Title in English"), 400, written=False)
    body_en: Mapped[str | None] = LongText(_l("Text in English"), written=False)
    application_id: Mapped[int | None] = Ref("application", _l("Application"), written=False)
    read_at: Mapped[datetime | None] = Moment(_l("Read"))

    @property
    def heading(self) -> Words:
        """The title in the language of whoever reads it."""
        return Words(self.title, self.title_en or self.title)

    @property
    def text(self) -> Words:
        """The body in the language of whoever reads it."""
        return Words(self.body, self.body_en or self.body)


class Outbox(Base):
    """One job that was promised in a verb's transaction; the key makes it happen once."""

    __table_args__ = (
        Index("ix_outbox_due", "state", "due_at", "id"),
        Index("ix_outbox_failed", "worker_id", sqlite_where=_FAILED, postgresql_where=_FAILED),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    job: Mapped[str] = mapped_column(String(32))
    payload: Mapped[dict[str, Any]] = Data(_l("Content"))
    worker_id: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str] = Code(_l("State"), OUTBOX_STATES, written=False, default="waiting")
    attempts: Mapped[int] = Count(_l("Attempts"), written=False)
    due_at: Mapped[datetime] = CreatedAt()
    done_at: Mapped[datetime | None] = Moment(_l("Done"))
    fault: Mapped[str | None] = LongText(_l("Fault"), written=False)


class Reminder(Base):
    """That somebody was told of a window before it opened; there is one, so that nobody is told
    twice (BJ-55). It goes with either of them."""

    window_id: Mapped[int] = mapped_column(
        Integer, ForeignKey("registration_window.id", ondelete="CASCADE"), primary_key=True
    )
    worker_id: Mapped[int] = mapped_column(
        Integer, ForeignKey("worker.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    told_at: Mapped[datetime] = Moment(_l("Told"))


class Consent(WorkerOwned, Record):
    """A declaration that was ticked: the text itself, its digest, when and from where.

    One of an account's, such as 一键授权, belongs to no application and no turn (CD-14).
    """

    __table_args__ = (UniqueConstraint("application_id", "turn", "code", name="uq_consent"),)
    __label__ = "code"

    application_id: Mapped[int | None] = Ref("application", _l("Application"), written=False)
    turn: Mapped[int | None] = Count(_l("Turn"), 1, written=False)
    code: Mapped[str] = Line(_l("Declaration"), 32, written=False)
    text: Mapped[str] = LongText(_l("Text"), written=False)
    digest: Mapped[str] = mapped_column(String(64))
    # the file with the whole text that the statement rests on, as it was read
    text_digest: Mapped[str | None] = mapped_column(String(64), index=True)
    agreed_at: Mapped[datetime] = Moment(_l("Agreed"))
    address: Mapped[str | None] = Line(_l("Network address"), 64, written=False)


class MessageTemplate(Record):
    """The words of one kind of message in both languages, edited in the console."""

    __label__ = "code"

    code: Mapped[str] = mapped_column(String(64), unique=True)
    channel: Mapped[str] = Code(_l("Channel"), CHANNELS)
    title_zh: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200))
    body_zh: Mapped[str] = mapped_column(String(2000))
    body_en: Mapped[str] = mapped_column(String(2000))
