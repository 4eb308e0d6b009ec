"""Deadlines: by when a case is due is kept with it, so that queues can ask for what is late."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.queries.due import Due, due_of, dues_of
from app.rules.workflow import State
from app.services import outbox
from app.services.jobs import job
from app.services.unattended import unattended
from models.application import Application

AT_ONCE = 500


def keep(session: Session, application: Application) -> None:
    """Write down by when the present stage has to decide, where the policy sets a limit (X-43)."""
    session.flush()
    _write(application, due_of(application))


def promise(session: Session, key: str, after: int = 0) -> None:
    """Promise that every deadline follows the holidays as they are by then."""
    outbox.promise(session, "follow_holidays", f"{key}:{after}", key_of_all=key, after=after)


@job("follow_holidays")
def follow_holidays(key_of_all: str, after: int) -> None:
    """The job of `promise`: some of the cases under review, and a promise for those behind them."""
    with unattended("holidays are the same for everybody") as session:
        query = select(Application).where(
            Application.state == State.in_review.value, Application.id > after
        )
        rows = session.scalars(query.order_by(Application.id).limit(AT_ONCE)).all()
        dues = dues_of(rows)
        for row in rows:
            _write(row, dues.get(row.id))
        if len(rows) == AT_ONCE:
            promise(session, key_of_all, rows[-1].id)


def _write(application: Application, due: Due | None) -> None:
    application.due_on = due.day if due else None
    application.due_provisional = bool(due and due.provisional)
