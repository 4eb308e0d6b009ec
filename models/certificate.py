"""Registration certificates issued here, what offices do to them, and their way by post."""

from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, RegionScoped, WorkerOwned
from models.codes import (
    CERTIFICATE_STATES,
    DELIVERIES,
    DELIVERY_STATES,
    LEVELS,
    MEASURE_REASONS,
    MEASURE_STATES,
    MEASURES,
)
from models.columns import (
    Address,
    Code,
    Day,
    Identifier,
    Line,
    LongText,
    Moment,
    PersonName,
    Phone,
    Ref,
)

_IN_FORCE = "state = 'valid'"
_PROPOSED = "state = 'proposed'"


class Certificate(WorkerOwned, Record):
    """One 登记证书; an application has at most one of each `edition`, and a worker at most one that
    is in force, whatever races or retries happen. `predecessor_id` is the one whose place it takes
    (X-12). An application leads to edition 1; one made anew, as after a change of name, is the
    next. `ended_on` is the day on which an act, not its date, took it out of force."""

    __table_args__ = (
        UniqueConstraint("application_id", "edition", name="uq_certificate_edition"),
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
    photo_digest: Mapped[str] = mapped_column(String(64), index=True)
    ended_on: Mapped[date | None] = Day(_l("Out of force since"), written=False)
    end_reason: Mapped[str | None] = Code(_l("Reason"), MEASURE_REASONS, written=False)
    edition: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    application_id: Mapped[int] = mapped_column(Integer, ForeignKey("application.id"))
    registration_id: Mapped[int] = mapped_column(Integer, ForeignKey("registration.id"), index=True)
    predecessor_id: Mapped[int | None] = Ref(
        "certificate", _l("Takes the place of"), written=False, find=False, unique=True
    )


class Measure(RegionScoped, Record):
    """What an office proposes to do to a certificate: revoke or cancel it, or make it anew. A
    second person confirms or declines it; one at a time waits for that."""

    __label__ = "certificate_number"
    __table_args__ = (
        Index(
            "uq_measure_proposed",
            "certificate_id",
            unique=True,
            sqlite_where=text(_PROPOSED),
            postgresql_where=text(_PROPOSED),
        ),
    )

    certificate_id: Mapped[int] = Ref("certificate", _l("Certificate"), parent=True, written=False)
    certificate_number: Mapped[str] = Line(
        _l("Certificate number"), 15, written=False, find="equal"
    )
    name: Mapped[str] = PersonName()
    act: Mapped[str] = Code(_l("Measure"), MEASURES, written=False)
    reason_code: Mapped[str] = Code(_l("Reason"), MEASURE_REASONS, written=False)
    note: Mapped[str | None] = LongText(_l("Note"), written=False)
    state: Mapped[str] = Code(_l("State"), MEASURE_STATES, written=False)
    proposed_by: Mapped[int] = Ref("ab_user", _l("Proposed by"), written=False, find=False)
    decided_by: Mapped[int | None] = Ref("ab_user", _l("Decided by"), written=False, find=False)
    decided_at: Mapped[datetime | None] = Moment(_l("Decided"))


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
