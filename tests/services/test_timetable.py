"""The worker: called after a promise, beginning with what was left, ending with the portal."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from app.scope import as_system
from app.services import outbox, timetable
from app.services.verbs import transaction
from models.message import Outbox
from tests.support import databases, factories
from tests.support.databases import ROOT, Kind
from tests.support.settings import settings

# what `portal work` does, with the pipe that ties it to the portal's process
WORKER = """
import sys
from app.factory import create_app
from app.services import timetable
timetable.consume(create_app(), sys.stdin.buffer)
"""


def promise(key: str, worker_id: int) -> None:
    """Promise a text message."""
    with transaction() as session:
        outbox.promise(session, "sms", key, worker_id=worker_id, title="标题", body="正文")


def state(key: str) -> str | None:
    """How far a promise is."""
    with as_system("a test looks") as session:
        return session.scalar(select(Outbox.state).where(Outbox.key == key))


def wait_for(key: str, patience: float) -> None:
    """Wait until a promise is done, or fail."""
    deadline = time.monotonic() + patience
    while state(key) != "done":
        assert time.monotonic() < deadline, "nobody did it"
        time.sleep(0.1)


@pytest.fixture
def called(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The portal with a queue; gives the queue's file."""
    path = tmp_path / "queue.db"
    monkeypatch.setitem(app.config, "PORTAL_JOBS", True)
    monkeypatch.setitem(app.config, "PORTAL_QUEUE", path)
    monkeypatch.setitem(app.extensions, "wake", None)
    monkeypatch.setitem(app.extensions, "queue", None)
    timetable.install(app)
    return path


@pytest.mark.slow
def test_a_worker_does_what_was_left_and_what_comes_and_ends_with_the_portal(
    database: Kind, app: Flask, db: SQLAlchemy, called: Path
) -> None:
    someone = factories.worker("110105").id
    promise("left", someone)
    app.extensions["queue"].flush()  # the call came when nobody was there
    name = f"{databases.worker()}_app"
    chosen = {"PORTAL_JOBS": "on", "PORTAL_QUEUE": str(called)}
    environment = settings(databases.url(database, name), databases.files(name), chosen)
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER],
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.PIPE,
    )
    try:
        wait_for("left", patience=50)
        promise("new", someone)
        wait_for("new", patience=30)  # called: the next round is a minute after the first
        assert worker.poll() is None
        assert worker.stdin
        worker.stdin.close()  # as the kernel does when the portal is killed
        worker.wait(timeout=30)
    finally:
        worker.kill()
        worker.wait()


@pytest.mark.usefixtures("db")
def test_many_promises_make_one_call(app: Flask, called: Path) -> None:
    for n in range(3):
        promise(f"k{n}", 1)
    assert app.extensions["queue"].pending_count() == 1


@pytest.mark.usefixtures("db")
def test_a_queue_that_cannot_be_written_spoils_no_verb(
    called: Path, caplog: pytest.LogCaptureFixture
) -> None:
    called.write_bytes(b"this is no database, and it is long enough to be noticed" * 20)
    promise("a", 1)
    assert state("a") == "waiting"
    assert "the worker could not be called" in caplog.text


@pytest.mark.usefixtures("db")
def test_the_round_of_the_worker_does_all_that_is_due(app: Flask) -> None:
    someone = factories.worker("110105").id
    for n in range(60):
        promise(f"k{n}", someone)
    timetable.work(app)
    assert {state(f"k{n}") for n in range(60)} == {"done"}
