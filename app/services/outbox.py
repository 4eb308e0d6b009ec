"""The outbox: what a verb promises in its transaction is done after it, once, whatever is killed.

A row is claimed in a short transaction that moves its due time past the time a job may take, done
without any lock, and closed in a second one. Whoever is killed in between leaves a row that comes
due again, and every job may be done twice. Due times are real time: a walk through another
business time must not hold the post back.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.extensions import LOCKED, db
from app.scope import as_system
from app.services.jobs import JOBS, Undeliverable, pause_after
from app.services.unattended import unattended
from models.message import Outbox

LEASE = timedelta(minutes=2)
"""How long a job may take before its row counts as dropped."""

PROMISED = "promised"
FAULT_LENGTH = 500

log = logging.getLogger(__name__)


def promise(
    session: Session, job: str, key: str, not_before: datetime | None = None, **payload: Any
) -> None:
    """Promise a job in the verb's transaction; a key that was promised before is promised once.

    It is due at once, or at `not_before`, a moment of real time. A `worker_id` in the payload says
    whose it is.
    """
    if session.scalar(select(Outbox.id).where(Outbox.key == key)) is not None:
        return
    due, whose = not_before or clock.real_now(), payload.get("worker_id")
    row = Outbox(key=key, job=job, payload=payload, attempts=0, due_at=due, worker_id=whose)
    session.add(row)
    session.info[PROMISED] = True


def promise_to_itself(jobs: Mapping[str, tuple[str, Mapping[str, Any]]]) -> None:
    """What the portal promises by itself in every round of the worker: by key, the job and its
    payload. A key that was promised before costs one read and no lock."""
    with as_system("jobs belong to nobody") as session:
        known = set(session.scalars(select(Outbox.key).where(Outbox.key.in_(jobs))))
    if known.issuperset(jobs):
        return
    with unattended("the portal promises it to itself") as session:
        for key, (name, payload) in jobs.items():
            promise(session, name, key, **payload)


def renew(session: Session, key: str) -> None:
    """Let a promised job be done from now on, once more if it was done or given up."""
    row = session.scalar(select(Outbox).where(Outbox.key == key).with_for_update(**LOCKED))
    if row is not None:
        row.state, row.due_at = "waiting", clock.real_now()
        session.info[PROMISED] = True


def wake(session: Session) -> None:
    """After a commit: call the worker if something was promised; the timetable finds it anyway."""
    if session.info.pop(PROMISED, False) and (call := current_app.extensions.get("wake")):
        call()


def run_due(limit: int = 50) -> int:
    """Do what is due, the oldest first, at most `limit` jobs; how many were tried."""
    tried = 0
    while tried < limit and (row := _claim()) is not None:
        _do(row)
        tried += 1
    return tried


def attempt(key: str) -> bool:
    """Try one promised job now instead of waiting for a worker; whether it is done.

    Called after the verb that promised it. Its fault stays on the row and is never the caller's;
    inside a verb that goes on nothing is tried.
    """
    if db.session().info.get("verb"):
        return False
    row = _claim(key)
    return row is not None and _do(row)


def prolong(key: str | None) -> None:
    """Say that a long job is still being done, so that nobody takes it for dropped. A job goes by
    the key of its promise, which it has in its payload: midnight may have passed since. None is
    what nobody promised."""
    if key is None:
        return
    with unattended("jobs belong to nobody") as session:
        row = session.scalar(select(Outbox).where(Outbox.key == key, Outbox.state == "waiting"))
        if row is not None:
            row.due_at = clock.real_now() + LEASE


def _claim(key: str | None = None) -> Outbox | None:
    """Take one due row, or the one of this key, out of the others' sight for LEASE."""
    due = Outbox.state == "waiting", Outbox.due_at <= clock.real_now()
    query = select(Outbox).where(*due).order_by(Outbox.due_at, Outbox.id).limit(1)
    if key is not None:
        query = query.where(Outbox.key == key)
    with unattended("jobs belong to nobody") as session:
        row = session.scalar(query.with_for_update(skip_locked=True, **LOCKED))
        if row is not None:
            row.attempts += 1
            row.due_at = clock.real_now() + LEASE
            session.flush()
            session.expunge(row)
    return row


def _do(row: Outbox) -> bool:
    """Do a claimed job and close its row; any fault is kept for the next try."""
    try:
        job = JOBS[row.job]
        kept = job.run(**row.payload)
    except Exception as fault:  # noqa: BLE001 - whatever a job raises is its row's, not the worker's
        # the kind alone: a traceback of a driver holds the row, and a log is no place for that
        log.warning("job %s of outbox row %s: %s", row.job, row.id, type(fault).__name__)
        _close_failed(row, fault)
        return False
    _close_done(row, kept or {})
    return True


def _close_done(row: Outbox, kept: Mapping[str, Any]) -> None:
    with unattended("jobs belong to nobody") as session:
        stored = session.get_one(Outbox, row.id)
        stored.state, stored.done_at, stored.fault = "done", clock.real_now(), None
        stored.payload = {**stored.payload, **kept}


def given_up_for(row: Outbox) -> tuple[str, str]:
    """The kind of the last fault of a promise, and what it said."""
    name, _colon, said = (row.fault or "").partition(": ")
    return name, said


def _close_failed(row: Outbox, fault: Exception) -> None:
    job = JOBS.get(row.job)
    hopeless = isinstance(fault, Undeliverable)
    over = hopeless or (job is not None and job.is_over_after(row.attempts))
    with unattended("jobs belong to nobody") as session:
        stored = session.get_one(Outbox, row.id)
        if stored.state != "waiting":
            return  # another try, begun when this one seemed dropped, has done it
        stored.state = "failed" if over else "waiting"
        stored.due_at = clock.real_now() + pause_after(row.attempts)
        stored.fault = f"{type(fault).__name__}: {fault}"[:FAULT_LENGTH]
