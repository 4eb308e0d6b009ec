"""Social workers: the roster that everything else hangs on."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, LargeBinary, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.rules.conditions import age_on
from models.base import Record, RegionScoped
from models.codes import DOCUMENT_TYPES, SEXES
from models.columns import (
    Address,
    Code,
    Day,
    Email,
    Flag,
    Line,
    MaskedIdNumber,
    PersonName,
    Phone,
    Ref,
)


class Worker(RegionScoped, Record):
    """One person of the roster; the identity number is kept as cipher, digest and mask, never in
    clear."""

    __table_args__ = (UniqueConstraint("id_type", "id_number_digest", name="uq_worker_identity"),)
    __label__ = "name"
    __worker__ = "id"
    __organization__ = "organization_id"

    name: Mapped[str] = PersonName()
    id_type: Mapped[str] = Code(_l("Document type"), DOCUMENT_TYPES, default="id_card")
    id_number_masked: Mapped[str] = MaskedIdNumber()
    id_number_cipher: Mapped[bytes] = mapped_column(LargeBinary)
    id_number_digest: Mapped[str] = mapped_column(String(64), index=True)
    sex: Mapped[str | None] = Code(_l("Sex"), SEXES)
    born_on: Mapped[date | None] = Day(_l("Date of birth"))
    phone: Mapped[str | None] = Phone()
    email: Mapped[str | None] = Email()
    address: Mapped[str | None] = Address()
    unit_name: Mapped[str | None] = Line(_l("Unit"))
    organization_id: Mapped[int | None] = Ref("organization", _l("Organization"))
    real_name: Mapped[bool] = Flag(_l("Real name verified"))

    @property
    def age(self) -> int | None:
        """Age today in completed years (X-21)."""
        return age_on(self.born_on, clock.today()) if self.born_on else None


# whoever signs in or recovers by a mailbox is found by it, however it is written
Index("ix_worker_mailbox", func.lower(Worker.__table__.c.email))
