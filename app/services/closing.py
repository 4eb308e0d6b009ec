"""Closing: a case that only its window could have carried on ends with it (H).

Cases returned for correction stay open: an answer to an office is taken after the window (HN-25).
"""

from collections.abc import Sequence

from sqlalchemy import select

from app import clock
from app.extensions import LOCKED
from app.queries.policies import policy_for, policy_of
from app.rules.workflow import State, Verb
from app.scope import as_system
from app.services import cases, outbox
from app.services.jobs import job
from app.services.unattended import unattended
from models.application import Application
from models.codes import PUBLIC_STATES
from models.publication import Window

AT_ONCE = 200
UNFINISHED = (State.draft, State.rejected, State.withdrawn)


def promise_today() -> None:
    """Promise to close what yesterday's windows left, once a day."""
    key = f"close:{clock.today()}"
    outbox.promise_to_itself({key: ("close", {})})


@job("close", attempts=None)
def close_promised() -> None:
    """The job of `promise_today`."""
    close_over()


def close_over() -> int:
    """Close the drafts and the rejected and withdrawn cases that can no longer be submitted today,
    because their policy asks for a window and theirs is over; gives how many.

    Some at a time, each with its event; whoever is killed leaves the rest to the next run.
    """
    closed, after = 0, 0
    while keys := _next(after):
        closed, after = closed + _close(keys), keys[-1]
    return closed


def _next(after: int) -> Sequence[int]:
    over = (
        select(Application.id)
        .join(Window, Window.id == Application.window_id)
        .where(
            Application.state.in_(UNFINISHED),
            Application.id > after,
            Window.state.in_(PUBLIC_STATES),
            Window.closes_on < clock.today(),
        )
    )
    with as_system("windows end for everybody") as session:
        return session.scalars(over.order_by(Application.id).limit(AT_ONCE)).all()


def _close(keys: Sequence[int]) -> int:
    with unattended("its window is over, whoever acts now") as session:
        rows = session.scalars(
            select(Application)
            .where(Application.id.in_(keys), Application.state.in_(UNFINISHED))
            .order_by(Application.id)
            .with_for_update(**LOCKED)
        ).all()
        over = [row for row in rows if _is_over(row)]
        for row in over:
            before = row.state
            row.state = State.closed
            cases.count_retention(row)
            cases.record(session, row, Verb.close, before)
    return len(over)


def _is_over(application: Application) -> bool:
    """Whether the case can be submitted neither in its window nor in another one now."""
    kind = policy_of(application.policy_code, application.policy_version).kinds[application.kind]
    if kind.opens != "window" or kind.resubmit != "within_window":
        return False
    try:
        current = policy_for(application.region_code)
    except LookupError:
        return True
    return application.kind not in current.kinds or not current.is_open(
        application.kind, clock.today()
    )
