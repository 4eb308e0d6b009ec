"""Anchors: once a day, what the whole audit log is by then, in the database and outside of it.

The row is committed first and the line appended after it. Whoever is killed in between leaves a row
without its line, which the next round appends.
"""

import fcntl
import gzip
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.rules.anchor import Anchor, Running, Unreadable
from app.scope import as_system
from app.services import outbox
from app.services.jobs import job
from app.services.unattended import unattended
from models.event import Event, EventAnchor

BATCH = 5000  # rows that are held at once, of however many there are
PATIENCE = "3s"  # how long writers may have to stand behind us


class AnchorFolder:
    """The folder outside the database: `anchors.txt`, a line each, and the heads under them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.book = root / "anchors.txt"

    def lines(self) -> list[str]:
        """Every line that was written, without their ends."""
        return self.book.read_text(encoding="utf-8").splitlines() if self.book.exists() else []

    def heads(self, number: int) -> Path:
        """The file with the heads of one anchor: subject, number, digest."""
        return self.root / "heads" / f"{number:06}.gz"

    def last(self) -> int:
        """The number of the last anchor that can be read, 0 when there is none."""
        for line in reversed(self.lines()):
            if (anchor := read(line)) is not None:
                return anchor.number
        return 0

    def append(self, anchors: Iterable[Anchor]) -> None:
        """Append the anchors that the file does not have, and see them on the disk."""
        self.root.mkdir(parents=True, exist_ok=True)
        with self.book.open("a", encoding="utf-8") as book:
            fcntl.flock(book, fcntl.LOCK_EX)  # until the file is closed
            known = self.last()
            added = "".join(anchor.line + "\n" for anchor in anchors if anchor.number > known)
            whole = not book.tell() or self.book.read_bytes().endswith(b"\n")
            book.write(added if whole or not added else f"\n{added}")  # after a torn line too
            book.flush()
            os.fsync(book.fileno())

    @contextmanager
    def keeping(self, number: int) -> Iterator[Any]:
        """The file of the heads, to be written whole or not at all."""
        path = self.heads(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        with gzip.open(draft, "wt", encoding="utf-8") as heads:
            yield heads
        draft.replace(path)


def read(line: str) -> Anchor | None:
    """The anchor of a line, None when it is none."""
    try:
        return Anchor.of(line)
    except Unreadable:
        return None


def folder() -> AnchorFolder:
    """Where the anchors are kept outside the database."""
    return AnchorFolder(current_app.config["PORTAL_ANCHORS"])


def promise_today() -> None:
    """Promise the anchor of this day, once; cheap enough for every round of the worker.

    The day is the real one: business time may stand still, and the log goes on.
    """
    key = f"anchor:{_today()}"
    outbox.promise_to_itself({key: ("anchor", {})})


@job("anchor", attempts=None)
def anchor_promised() -> None:
    """The job of `promise_today`; it is never given up."""
    anchor()


def anchor() -> None:
    """Anchor all events since the last anchor, unless this day has its anchor already.

    Missed days have none: their events are under the next one, and nobody can say today what the
    log was then.
    """
    limit = _settled()
    with unattended("the anchor is over everybody's events") as session:
        _alone(session)
        last = session.scalar(select(EventAnchor).order_by(EventAnchor.number.desc()).limit(1))
        if last is None or last.day < _today():
            made = _made(session, last, max(limit, last.up_to if last else 0))
            session.add(EventAnchor(**vars(made)))
    with as_system("the file is written for everybody") as session:
        folder().append(stored(session))


def stored(session: Session) -> list[Anchor]:
    """The anchors that the database has, in order."""
    rows = session.scalars(select(EventAnchor).order_by(EventAnchor.number))
    return [
        Anchor(r.number, r.day, r.up_to, r.chains, r.events, r.previous, r.digest) for r in rows
    ]


def heads_between(session: Session, after: int, up_to: int) -> Iterator[Any]:
    """Subject, number and digest of the events of a span, chain by chain."""
    span = (
        select(Event.subject, Event.seq, Event.digest)
        .where(Event.id > after, Event.id <= up_to)
        .cte("span")
        # first the day, then its order: for the sake of the first rows PostgreSQL would walk
        # through the whole log in the order of subjects
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    query = select(span).order_by(span.c.subject, span.c.seq)
    yield from session.execute(query.execution_options(yield_per=BATCH))


def _made(session: Session, last: EventAnchor | None, limit: int) -> Anchor:
    number, previous = (last.number + 1, last.digest) if last else (1, "")
    with folder().keeping(number) as heads:
        key = current_app.config["EVENT_KEY"]
        running = Running(key, number, _today(), limit, previous, heads.write)
        for row in heads_between(session, last.up_to if last else 0, limit):
            running.take(*row)
        return running.close()


def _settled() -> int:
    """An event's key below which nothing is still under way.

    Keys are drawn before they are committed, so the highest one that can be seen is not enough: a
    lower one may come after it. While nobody else writes it is. Raises OperationalError when
    writers are not over after PATIENCE; the job is tried again.
    """
    with as_system("the log is everybody's") as session:
        connection = session.connection(execution_options={"writes": True})
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            connection.exec_driver_sql("LOCK TABLE event IN SHARE MODE")
        return session.scalar(select(func.max(Event.id))) or 0


def _alone(session: Session) -> None:
    """One anchor at a time; on SQLite a writer is alone anyway."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE event_anchor IN EXCLUSIVE MODE")


def _today() -> date:
    return clock.local(clock.real_now()).date()
