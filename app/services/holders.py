"""What holders do with their own certificates: report one lost, make a copy for one purpose."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.documents.certificate import Copy, certificate_pdf
from app.extensions import LOCKED, db
from app.queries.policies import policy_for
from app.rules.fields import FieldSpec
from app.services import approvals, certificates, ending, events, forms, messages, renderings
from app.services.refusals import Conflict, Missing
from app.services.verbs import need, transaction
from models.application import Application
from models.certificate import Certificate

PERMISSION = "certificates.hold"
MISSING = _l("There is no such certificate of yours.")
NO_REPLACEMENT = _l(
    "There is no replacement for lost certificates in your region. Download yours again here, or "
    "ask the registration office."
)
NOT_IN_FORCE = _l("This certificate is not valid any more: there is nothing to report.")

FIELDS = (
    FieldSpec(
        "purpose",
        "text",
        _l("Only for"),
        required=True,
        min=2,
        max=30,
        help=_l("To whom and what for. It stands all over the copy: “仅供…使用”."),
    ),
)
"""What is typed for an annotated copy."""


def report_lost(number: str) -> Certificate:
    """Declare one's own certificate lost: it is void at once, for everybody who checks it (BJ-48).

    A replacement is applied for afterwards, or a renewal where one is due (X-12). Raises Missing
    for another's, Conflict when it is not in force, and where the policy has no replacement: nobody
    gives up a certificate for none.
    """
    with transaction() as session:
        row = own(session, number)
        if row.state != "valid":
            raise Conflict("not_in_force", NOT_IN_FORCE)
        if not replaceable(row):
            raise Conflict("no_replacement", NO_REPLACEMENT)
        ending.end(session, row, "lost", "lose")
        case = session.get_one(Application, row.application_id)
        messages.tell(session, row.worker_id, "lost", case, number=number)
    return row


def replaceable(row: Certificate) -> bool:
    """Whether the policy of the certificate's region has a replacement for a lost one (补证)."""
    return "replacement" in policy_for(row.region_code).kinds


def annotated_copy(number: str, typed: Mapping[str, Any]) -> bytes:
    """加注件: a PDF of one's own certificate as it stands today, marked all over with the one
    purpose that it is for and the day. It is not the signed original, and says so.

    The copy is on record with its purpose. Raises Missing for another's, Invalid without a purpose,
    Refusal for a purpose that cannot be printed and while the copy cannot be drawn.
    """
    purpose = str(forms.load(FIELDS, typed)["purpose"])
    approvals.printable_or_refuse(purpose)
    row = own(db.session(), number)
    with renderings.drawing():
        facts = certificates.facts_of(db.session(), row)
        pdf = certificate_pdf(replace(facts, copy=Copy(purpose, clock.today())))
    with transaction() as session:
        events.record(
            session,
            f"certificate:{row.id}",
            "annotate",
            row.region_code,
            reason=purpose,
            public=True,
        )
    return pdf


def own(session: Session, number: str) -> Certificate:
    """A certificate of the actor's own, locked inside a verb; raises Forbidden without the
    permission, Missing for another's."""
    actor = need(PERMISSION)
    query = select(Certificate).where(Certificate.number == number)
    if session.info.get("verb"):
        query = query.with_for_update(**LOCKED).execution_options(populate_existing=True)
    row = session.scalar(query)
    if row is None or actor.worker_id is None or row.worker_id != actor.worker_id:
        raise Missing("missing", MISSING)
    return row
