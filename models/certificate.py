"""Registration certificates issued here, and their way by post."""

from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, WorkerOwned
from models.codes import CERTIFICATE_STATES, DELIVERIES, DELIVERY_STATES, LEVELS
from models.columns import Address, Code, Day, Identifier, Line, Moment, PersonName, Phone, Ref

_IN_FORCE = "state = 'valid'"


class Certificate(WorkerOwned, Record):
    """One 登记证书; an application has at most one, and a worker at most one that is in force,
    whatever races or retries happen. `predecessor_id` is the one whose place it takes (X-12)."""

    __table_args__ = (
        Index(
            "uq_certificate_in_force",
            "worker_id",
            unique=True,
            sqlite_where=text(_IN_FORCE),
            postgresql_where=text(_IN_FORCE),
        ),
    )
    __label__ = "number"

    number: Mapped[str] = Identifier(_l("Certificate number"), 15, written=False)
    name: Mapped[str] = PersonName()
    level: Mapped[str] = Code(_l("Level"), LEVELS, written=False)
    state: Mapped[str] = Code(_l("State"), CERTIFICATE_STATES, written=False)
    issued_on: Mapped[date] = Day(_l("Date of issue"), written=False, sort=True)
    valid_from: Mapped[date] = Day(_l("Valid from"), written=False)
    valid_until: Mapped[date] = Day(_l("Valid until"), written=False, sort=True)
    management_number: Mapped[str] = Line(_l("Management number"), 64, written=False)
    id_number_masked: Mapped[str] = Line(_l("Identity number"), 32, written=False)
    authority: Mapped[str] = Line(_l("Authority"), 100, written=False)
    handling_body: Mapped[str | None] = Line(_l("Handling body"), 100, written=False)
    template: Mapped[str] = mapped_column(String(64))
    photo_digest: Mapped[str] = mapped_column(String(64))
    application_id: Mapped[int] = mapped_column(Integer, ForeignKey("application.id"), unique=True)
    registration_id: Mapped[int] = mapped_column(Integer, ForeignKey("registration.id"), index=True)
    predecessor_id: Mapped[int | None] = Ref(
        "certificate", _l("Takes the place of"), written=False, find=False, unique=True
    )


class Delivery(WorkerOwned, Record):
    """One certificate to be posted or collected; the handling body prints labels and adds the
    tracking number."""

    __label__ = "certificate_number"

    certificate_id: Mapped[int] = mapped_column(Integer, ForeignKey("certificate.id"), unique=True)
    certificate_number: Mapped[str] = Line(
        _l("Certificate number"), 15, written=False, find="equal"
    )
    method: Mapped[str] = Code(_l("Delivery"), DELIVERIES, written=False)
    state: Mapped[str] = Code(_l("State"), DELIVERY_STATES, written=False)
    recipient: Mapped[str] = PersonName(_l("Recipient"))
    phone: Mapped[str | None] = Phone()
    address: Mapped[str | None] = Address()
    carrier: Mapped[str | None] = Line(_l("Carrier"), 64, written=False)
    tracking_number: Mapped[str | None] = Line(
        _l("Tracking number"), 64, find="equal", written=False
    )
    sent_at: Mapped[datetime | None] = Moment(_l("Sent"))
