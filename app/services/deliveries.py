"""Certificates on their way: posted with a tracking number, or handed out at the counter."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.documents.labels import AddressLabel, address_labels_pdf
from app.extensions import LOCKED
from app.queries.listing import Filter, Order, stream
from app.rules.fields import FieldSpec
from app.services import events, forms, messages
from app.services.refusals import NO_RECORD, Conflict, Missing
from app.services.verbs import STALE, need, transaction
from models.application import Application
from models.certificate import Certificate, Delivery

BY_POST = (
    FieldSpec("carrier", "text", _l("Carrier"), max=64),
    FieldSpec(
        "tracking_number", "text", _l("Tracking number"), max=64, pattern=r"^[A-Za-z0-9-]{6,64}$"
    ),
)
"""What is typed when a certificate goes to the post."""

MOST_LABELS = 2400
"""A hundred sheets: more at once is a wrong filter."""


def send(
    key: int,
    carrier: str | None = None,
    tracking_number: str | None = None,
    version: int | None = None,
) -> Delivery:
    """Record that a certificate was posted, or handed out when it is collected; tell its holder.

    Done again it corrects carrier and number. Raises Forbidden, Missing, Invalid, or Conflict when
    `version` is no longer the row's or the certificate was handed out.
    """
    need("deliveries.write")
    with transaction() as session:
        delivery = session.get(Delivery, key, populate_existing=True, with_for_update=LOCKED)
        if delivery is None:
            raise Missing("missing", NO_RECORD)
        if version is not None and delivery.version != version:
            raise Conflict("stale", STALE)
        by_post = delivery.method == "post"
        if not by_post and delivery.state != "pending":
            raise Conflict("handed_out", _l("This certificate was handed out already."))
        if by_post:
            typed = {"carrier": carrier, "tracking_number": tracking_number}
            for name, value in forms.load(BY_POST, typed).items():
                setattr(delivery, name, value)
        _hand_over(session, delivery, "sent" if by_post else "collected")
    return delivery


def labels(filters: Iterable[Filter] = ()) -> bytes:
    """Sheets of address labels for what is still to be posted, the longest waiting first (BA-25).

    `filters` narrow the list as they do on screen. Raises Forbidden, BadQuery for a filter that
    the model does not declare, Conflict when it is nothing or more than MOST_LABELS.
    """
    actor = need("deliveries.reveal")
    waiting = (*filters, Filter("method", "eq", "post"), Filter("state", "eq", "pending"))
    with transaction() as session:
        found: list[AddressLabel] = []
        for row in stream(Delivery, waiting, Order(descending=False)):
            found.append(_label(row))
            if len(found) > MOST_LABELS:
                raise Conflict("too_many", _l("These are more than 2,400 labels: filter the list."))
        if not found:
            raise Conflict("nothing_to_post", _l("Nothing waits to be posted here."))
        what = f"{len(found)} address labels"
        subject = f"labels:{actor.region_code}"
        events.record(session, subject, "print", actor.region_code, reason=what)
    return address_labels_pdf(found)


def _hand_over(session: Session, delivery: Delivery, template: str) -> None:
    before = delivery.state
    delivery.state, delivery.sent_at = "sent", delivery.sent_at or clock.now()
    session.flush()
    events.record(
        session,
        f"delivery:{delivery.id}",
        "send",
        delivery.region_code,
        from_state=before,
        to_state=delivery.state,
        reason=delivery.tracking_number,
        public=True,
    )
    _tell(session, delivery, template)


def _tell(session: Session, delivery: Delivery, template: str) -> None:
    certificate = session.get_one(Certificate, delivery.certificate_id)
    facts: dict[str, Any] = {
        "number": delivery.certificate_number,
        "carrier": delivery.carrier,
        "tracking_number": delivery.tracking_number,
    }
    application = session.get_one(Application, certificate.application_id)
    messages.tell(session, delivery.worker_id, template, application, **facts)


def _label(row: Delivery) -> AddressLabel:
    return AddressLabel(
        recipient=row.recipient,
        phone=row.phone or "",
        address=row.address or "",
        reference=row.certificate_number,
    )
