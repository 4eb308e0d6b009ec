"""Whose turn a case is and by when is kept with it, so that queues find their own by an index."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.queries.due import Due, due_of, dues_of
from app.queries.offices import Office, office_of, offices_of
from app.rules.workflow import State
from app.services import outbox
from app.services.jobs import job
from app.services.unattended import unattended
from models.application import Application

AT_ONCE = 500
HAD = (State.in_review.value, State.returned.value)
"""The states in which an office has a case, or will have it again."""


def keep(session: Session, application: Application) -> None:
    """Write down whose turn the case is, and by when that office has to decide, where the policy
    sets a limit (X-43)."""
    session.flush()
    _write(application, office_of(application), due_of(application))


def promise(session: Session, key: str, after: int = 0) -> None:
    """Promise that every turn follows the regions and the holidays as they are by then."""
    outbox.promise(session, "follow_holidays", f"{key}:{after}", key_of_all=key, after=after)


@job("follow_holidays")
def follow_holidays(key_of_all: str, after: int) -> None:
    """The job of `promise`: some of the cases under review, and a promise for those behind them."""
    with unattended("regions and holidays are the same for everybody") as session:
        query = select(Application).where(Application.state.in_(HAD), Application.id > after)
        rows = session.scalars(query.order_by(Application.id).limit(AT_ONCE)).all()
        offices, dues = offices_of(rows), dues_of(rows)
        for row in rows:
            _write(row, offices[row.id], dues.get(row.id))
        if len(rows) == AT_ONCE:
            promise(session, key_of_all, rows[-1].id)


def _write(application: Application, office: Office, due: Due | None) -> None:
    application.office_code, application.office_role = office.region_code, office.role
    application.due_on = due.day if due else None
    application.due_provisional = bool(due and due.provisional)
