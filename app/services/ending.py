"""Taking a certificate out of force: one day, one reason, one event, whatever led to it."""

from sqlalchemy.orm import Session

from app import clock
from app.services import events
from models.certificate import Certificate


def end(
    session: Session,
    certificate: Certificate,
    state: str,
    verb: str,
    *,
    reason_code: str | None = None,
    reason: str | None = None,
) -> None:
    """Take a certificate out of force from today on, in the transaction of what led to it.

    The public page reads the row, so that it says so with the commit. Flushed at once: at most one
    certificate of a worker is in force, and the next one may follow in the same transaction.
    """
    before, certificate.state = certificate.state, state
    certificate.ended_on, certificate.end_reason = clock.today(), reason_code
    session.flush()
    events.record(
        session,
        f"certificate:{certificate.id}",
        verb,
        certificate.region_code,
        from_state=before,
        to_state=state,
        reason_code=reason_code,
        reason=reason,
        public=True,
    )
