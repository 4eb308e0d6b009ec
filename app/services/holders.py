"""What holders do with their own certificates: report one lost."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.services import ending, messages
from app.services.refusals import Conflict, Forbidden, Missing
from app.services.verbs import need, transaction
from models.application import Application
from models.certificate import Certificate

PERMISSION = "certificates.hold"
MISSING = _l("There is no such certificate of yours.")
NOT_IN_FORCE = _l("This certificate is not valid any more: there is nothing to report.")


def report_lost(number: str) -> Certificate:
    """Declare one's own certificate lost: it is void at once, for everybody who checks it (BJ-48).

    A replacement is applied for afterwards, or a renewal where one is due (X-12). Raises Missing
    for another's, Conflict when it is not in force.
    """
    actor = need(PERMISSION)
    with transaction() as session:
        query = select(Certificate).where(Certificate.number == number).with_for_update()
        row = session.scalar(query.execution_options(populate_existing=True))
        if row is None:
            raise Missing("missing", MISSING)
        if row.worker_id != actor.worker_id:
            raise Forbidden("not_yours", MISSING)
        if row.state != "valid":
            raise Conflict("not_in_force", NOT_IN_FORCE)
        ending.end(session, row, "lost", "lose")
        case = session.get_one(Application, row.application_id)
        messages.tell(session, row.worker_id, "lost", case, number=number)
    return row
