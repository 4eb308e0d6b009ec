"""Ends that come at any line: a process that dies, seen from the database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event

from app import clock


class Killed(BaseException):
    """The process ended here: no handler of the portal's sees it."""


@contextmanager
def killed_at(db: SQLAlchemy, step: int) -> Iterator[list[str]]:
    """End at the statement (or commit) of this number, from 1; gives the statements before it."""
    seen: list[str] = []

    def count(*args: Any) -> None:
        seen.append(str(args[2]) if len(args) > 2 else "COMMIT")
        if len(seen) == step:
            raise Killed

    listened = (("before_cursor_execute", count), ("commit", count))
    for name, listener in listened:
        event.listen(db.engine, name, listener)
    try:
        yield seen
    except Killed:
        db.session.remove()
        db.engine.dispose()  # a dead process holds no connection
        raise
    finally:
        for name, listener in listened:
            event.remove(db.engine, name, listener)


def kills(db: SQLAlchemy, act: Callable[[], Any]) -> Iterator[int]:
    """Do something again and again, killed one statement later each time, until it comes through;
    gives the number of the statement after each death."""
    for step in range(1, 400):
        try:
            with killed_at(db, step):
                act()
        except Killed:
            yield step
        else:
            return
    raise AssertionError("it never comes to an end")


def later(monkeypatch: pytest.MonkeyPatch, hours: float) -> None:
    """Let real time go on, for what waits for it."""
    before = clock.real_now()
    monkeypatch.setattr(clock, "real_now", lambda: before + timedelta(hours=hours))
