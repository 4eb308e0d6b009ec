"""What signing in needs besides a password: one-time codes, links to identities elsewhere, and
which sessions are over."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from models.base import Base, Personal, Record
from models.columns import Line, UtcInstant


class OneTimeCode(Base):
    """A code that was asked for: where it goes is sealed, the code itself a keyed digest.

    All instants are real time. The code is made when it is sent, so no row ever holds it.
    """

    __table_args__ = (Index("ix_one_time_code_target", "target_digest", "purpose", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    purpose: Mapped[str] = mapped_column(String(16))
    target_digest: Mapped[str] = mapped_column(String(64))
    target_cipher: Mapped[bytes] = mapped_column(LargeBinary)
    code_digest: Mapped[str | None] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    asked_at: Mapped[datetime] = mapped_column(UtcInstant, default=clock.real_now, index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcInstant)
    used_at: Mapped[datetime | None] = mapped_column(UtcInstant)


class EndedSession(Base):
    """A session that somebody has signed out of: whoever has a copy of its cookie is nobody."""

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(UtcInstant, default=clock.real_now, index=True)


class IdentityLink(Personal, Record):
    """That an account is somebody at an identity provider; written once, never moved (BJ-03)."""

    __table_args__ = (
        UniqueConstraint("provider", "subject", name="uq_identity_subject"),
        UniqueConstraint("provider", "user_id", name="uq_identity_account"),
    )
    __label__ = "provider"

    provider: Mapped[str] = Line(_l("Identity provider"), 32, written=False)
    subject: Mapped[str] = mapped_column(String(255))
