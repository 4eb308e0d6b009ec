"""反馈: what people send to their office when the roster does not know them (MC-04)."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Record, RegionScoped
from models.codes import DOCUMENT_TYPES, LEVELS, REQUEST_STATES
from models.columns import (
    Code,
    Email,
    Line,
    LongText,
    MaskedIdNumber,
    Moment,
    PersonName,
    Phone,
    Ref,
    Year,
)


class RosterRequest(RegionScoped, Record):
    """One request to be put on the roster, with pictures for evidence; settled once."""

    __label__ = "name"

    name: Mapped[str] = PersonName()
    id_type: Mapped[str] = Code(_l("Document type"), DOCUMENT_TYPES, default="id_card")
    id_number_masked: Mapped[str] = MaskedIdNumber()
    id_number_cipher: Mapped[bytes] = mapped_column(LargeBinary)
    id_number_digest: Mapped[str] = mapped_column(String(64), index=True)
    phone: Mapped[str] = Phone()
    email: Mapped[str | None] = Email()
    level: Mapped[str] = Code(_l("Level"), LEVELS)
    exam_year: Mapped[int] = Year(_l("Examination year"))
    management_number: Mapped[str] = Line(_l("Management number"), 64, find="equal")
    note: Mapped[str | None] = LongText(_l("Remark"))
    agreed_text: Mapped[str] = mapped_column(Text)
    agreed_from: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str | None] = mapped_column(String(12))  # of the page: the answer's
    state: Mapped[str] = Code(_l("State"), REQUEST_STATES, written=False, default="pending")
    reason: Mapped[str | None] = LongText(_l("Reason"), written=False)
    settled_by: Mapped[int | None] = Ref("ab_user", _l("Settled by"), written=False, find=False)
    settled_at: Mapped[datetime | None] = Moment(_l("Settled"))
    worker_id: Mapped[int | None] = Ref("worker", _l("Social worker"), written=False, find=False)


class RosterPicture(Base):
    """One picture of a request's evidence; whoever may see the request may see it. It goes some
    time after the answer."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    request_id: Mapped[int] = mapped_column(
        Integer, ForeignKey("roster_request.id", ondelete="CASCADE"), index=True
    )
    digest: Mapped[str] = mapped_column(String(64), index=True)
