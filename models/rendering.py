"""The signed files of certificates: the one that is handed out, and all that ever were."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.columns import CreatedAt, Moment

_CURRENT = "superseded_at IS NULL"


class Rendering(Base):
    """One signed PDF of a certificate, by its digest; reached through the certificate alone.

    At most one of a certificate is current, whatever races happen. The others stay, so that a file
    that was downloaded earlier is still known. `design` is the digest of the template and the
    address that it was drawn with, `standing` what the certificate was that day, `key_id` whose
    signature it carries.
    """

    __table_args__ = (
        Index(
            "uq_rendering_current",
            "certificate_id",
            unique=True,
            sqlite_where=text(_CURRENT),
            postgresql_where=text(_CURRENT),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    certificate_id: Mapped[int] = mapped_column(Integer, ForeignKey("certificate.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    design: Mapped[str] = mapped_column(String(64))
    standing: Mapped[str] = mapped_column(String(16))
    key_id: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = CreatedAt()
    superseded_at: Mapped[datetime | None] = Moment(_l("Superseded"))
