"""Reminders: before a window opens, whoever may apply in it then is told, once (BJ-55).

Who that is, is asked without any lock, some people at a time. That they were told is written with
the messages in one transaction, so that whoever is killed leaves some told and some not, and the
next run does the rest.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app import clock
from app.extensions import LOCKED
from app.queries import published
from app.queries.holdings import Holdings, holdings
from app.queries.policies import policy_for
from app.queries.windows import window_fact
from app.rules.canonical import Once
from app.rules.eligibility import assess, eligible, route
from app.rules.facts import Facts
from app.rules.kinds import Kind, WindowFact
from app.rules.policy import Policy
from app.scope import as_system, within
from app.services import messages, outbox
from app.services.jobs import job
from app.services.unattended import unattended
from models.message import Reminder
from models.publication import Window
from models.worker import Worker

AT_ONCE = 2000
"""People of whom is asked at once."""
AT_A_TIME = 200
"""People who are told in one transaction: others wait for it on SQLite."""

Told = tuple[int, Kind]
"""A worker to tell, and the kind that is open to them."""


def promise_today() -> None:
    """Promise the reminders of each window that is announced today, once a day; cheap enough for
    every round of the worker."""
    today = clock.today()
    told = {"on": today.isoformat()}
    outbox.promise_to_itself(
        {
            f"remind:{window.id}:{today}": ("remind", {"window_id": window.id, **told})
            for window in _announced(today)
        }
    )


@job("remind", attempts=None)
def remind_promised(window_id: int, on: str) -> None:
    """The job of `promise_today`; done twice, it tells nobody twice."""
    for window in _announced(date.fromisoformat(on)):
        if window.id == window_id:
            _remind(window)


def remind(on: date) -> int:
    """Tell everybody whom a window that opens soon after a day concerns; gives how many were told
    now. Whom an earlier run has told is not told again."""
    return sum(map(_remind, _announced(on)))


def _announced(on: date) -> list[Window]:
    """The published windows of which people are told on a day: the policy says how long before."""
    return [
        window
        for window in published.windows_after(on)
        if (policy := _policy_of(window, window.region_code)) and _is_time(policy, window, on)
    ]


def _is_time(policy: Policy, window: Window, on: date) -> bool:
    days = policy.remind_days
    return days is not None and (window.opens_on - on).days <= days


def _policy_of(window: Window, region_code: str) -> Policy | None:
    """What applies in a region on the day of the opening, with this window and no other; None
    where it is not the window's policy."""
    try:
        policy = policy_for(region_code, window.opens_on)
    except LookupError:
        return None
    mine = policy.code == window.policy_code
    return replace(policy, windows=(window_fact(window),)) if mine else None


def _remind(window: Window) -> int:
    return sum(
        _tell(window, found[first : first + AT_A_TIME])
        for found in _concerned(window)
        for first in range(0, len(found), AT_A_TIME)
    )


def _concerned(window: Window) -> Iterator[list[Told]]:
    """Who may apply in the window and was not told yet, some at a time."""
    policy = _policy_of(window, window.region_code)
    if policy is None:
        return
    open_to = _opening(policy, window.opens_on)
    holds = cache(lambda region_code: _policy_of(window, region_code) is not None)
    after: int | None = 0
    while after is not None:
        with as_system("the portal looks for those whom a window concerns") as session:
            rows = _next(session, window, after)
            held = _held(session, rows)
        kinds = (
            (row.id, open_to(held.facts(row, lost=None))) for row in rows if holds(row.region_code)
        )
        yield [(key, policy.kind_on(kind, window.opens_on)) for key, kind in kinds if kind]
        after = rows[-1].id if len(rows) == AT_ONCE else None


def _held(session: Session, rows: Sequence[Row[*tuple[Any, ...]]]) -> Holdings:
    keys = [row.id for row in rows]
    return holdings(session, lambda key: key.in_(keys))


def _next(session: Session, window: Window, after: int) -> Sequence[Row[*tuple[Any, ...]]]:
    told = select(Reminder.worker_id).where(Reminder.window_id == window.id)
    query = select(Worker.id, Worker.region_code, Worker.born_on, Worker.real_name).where(
        within(Worker, window.region_code), Worker.id > after, Worker.id.not_in(told)
    )
    return session.execute(query.order_by(Worker.id).limit(AT_ONCE)).all()


def _opening(policy: Policy, on: date) -> Callable[[Facts], str | None]:
    """The kind that a history leads to, where it may be applied for on the day of the opening in
    the window; proofs may still come, so it is asked as before the form. What no rule tells apart
    is asked once."""
    kinds = policy.windows[0].kinds

    def kind_for(facts: Facts) -> str | None:
        kind = route(policy, facts, on)
        if kind is None or kind not in kinds:
            return None
        return kind if eligible(assess(policy, facts, on, [kind], "entry"), kind) else None

    return Once(policy, on, kind_for)


def _tell(window: Window, found: Sequence[Told]) -> int:
    """Tell these people, in one transaction; another run that is at it waits for the window's row,
    and then sees whom this one has told."""
    with unattended("a window concerns them, whoever acts now") as session:
        session.get_one(Window, window.id, with_for_update=LOCKED)
        mine = Reminder.window_id == window.id, Reminder.worker_id.in_([key for key, _ in found])
        known = set(session.scalars(select(Reminder.worker_id).where(*mine)))
        to_tell = [(key, kind) for key, kind in found if key not in known]
        for key, kind in to_tell:
            _tell_one(session, window_fact(window), window.id, key, kind)
    return len(to_tell)


def _tell_one(
    session: Session, window: WindowFact, window_id: int, worker_id: int, kind: Kind
) -> None:
    session.add(Reminder(window_id=window_id, worker_id=worker_id, told_at=clock.now()))
    messages.tell(
        session,
        worker_id,
        "reminder",
        None,
        kind.ways_of("reminder"),
        kind=kind.label,
        title=window.title,
        opens_on=window.opens_on,
        closes_on=window.closes_on,
    )
