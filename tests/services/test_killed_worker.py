"""A worker process that is killed outright: the next one finishes what was promised, each once."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app import clock
from app.scope import as_system
from app.services import audit, batches, retention
from models.application import Application, Decision
from models.batch import BatchItem
from models.certificate import Certificate, Delivery
from models.event import Event
from models.message import Message, Outbox
from models.registration import Registration
from tests.support import databases, factories
from tests.support.cases import case
from tests.support.factories import IN_WINDOW, acting, every, stored
from tests.support.settings import settings

pytestmark = [pytest.mark.usefixtures("db"), pytest.mark.slow]
CASES = 6
JOBS = ("decide_in_batch", "issue", "sms", "anchor")
GLANCE = 0.02
"""Seconds between two looks at whether the worker has come so far."""


@dataclass
class Worker:
    """The worker as `python run.py` starts it, on the test's database and files."""

    environment: dict[str, str]
    gateway: "Gateway"
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Another one, after the lease of all that the last one had begun is over."""
        with as_system("a test does not wait for the lease") as session, session.begin():
            begun = update(Outbox).where(Outbox.state == "waiting", Outbox.attempts > 0)
            session.execute(begun.values(due_at=clock.real_now() - timedelta(seconds=1)))
        command = [sys.executable, "-m", "flask", "--app", "run", "portal", "work"]
        self.process = subprocess.Popen(command, cwd=databases.ROOT, env=self.environment)

    def comes_to(self, point: Callable[[], bool]) -> None:
        """Wait until it has come so far, or has ended itself."""
        assert self.process is not None
        while self.process.poll() is None and not point():
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(GLANCE)

    def kill(self) -> None:
        """End it between any two of its instructions."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


class Gateway(ThreadingHTTPServer):
    """Takes text messages, each reference once, as docs/messages.md asks of it; kills whoever hands
    it the text of the number `deadly`, before it answers."""

    deadly = 0
    worker: Worker

    def __init__(self) -> None:
        self.lock = Lock()
        self.handed: list[str] = []
        self.taken: dict[str, tuple[str, str]] = {}
        super().__init__(("127.0.0.1", 0), _Taking)

    def take(self, reference: str, to: str, text: str) -> None:
        """Keep a text, unless it was handed in before."""
        with self.lock:
            self.handed.append(reference)
            assert self.taken.setdefault(reference, (to, text)) == (to, text)
            if len(self.handed) == self.deadly:
                self.worker.kill()


class _Taking(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.take(self.headers["Idempotency-Key"], body["to"], body["text"])
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Nothing on the test's own output."""


@pytest.fixture
def worker(app: Flask, tmp_path: Path) -> Iterator[Worker]:
    """A worker, and the gateway that it hands texts to; none is left running."""
    with Gateway() as gateway:
        thread = Thread(target=gateway.serve_forever, args=(0.01,))
        thread.start()
        changed = {
            "PORTAL_JOBS": "on",
            "PORTAL_QUEUE": str(tmp_path / "queue.db"),
            "PORTAL_SMS": f"http://127.0.0.1:{gateway.server_port}/send",
            "PORTAL_NOW": IN_WINDOW,
        }
        url, files = app.config["SQLALCHEMY_DATABASE_URI"], app.config["PORTAL_FILES"]
        made = Worker(os.environ | settings(url, files, changed), gateway)
        gateway.worker = made
        yield made
        made.kill()
        gateway.shutdown()
        thread.join()


def confirmed() -> list[int]:
    """The cases of a batch of approvals that somebody has just confirmed."""
    made = [case(submitted=True).id for _ in range(CASES)]
    with acting(factories.actor("body_reviewer", "110000")):
        batches.start(
            batches.new_batch(), [(key, stored(Application, key).version) for key in made]
        )
    return made


def count(model: Any, *conditions: Any) -> int:
    """How many rows of a model there are."""
    with as_system("a test looks") as session:
        return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def all_is_done() -> bool:
    """Whether nothing of it is promised any more."""
    return count(Outbox, Outbox.state != "done", Outbox.job.in_(JOBS)) == 0


def finished_once(made: list[int], texts: dict[str, tuple[str, str]]) -> None:
    """Every case is approved, certified and told of, and nothing happened twice."""
    assert {item.state for item in every(BatchItem)} == {"done"}
    assert {stored(Application, key).state for key in made} == {"issued"}
    for model in (Decision, Certificate, Registration):
        assert Counter(row.application_id for row in every(model)) == Counter(made), model
    certificates = {row.id for row in every(Certificate)}
    assert Counter(row.certificate_id for row in every(Delivery)) == Counter(certificates)
    told = Counter((row.application_id, row.title) for row in every(Message))
    assert set(told.values()) == {1}
    acts = Counter(
        (row.subject, row.verb) for row in every(Event) if row.verb in ("approve", "issue")
    )
    assert set(acts.values()) == {1}
    assert len(acts) == 2 * len(made)
    promised = {row.payload["reference"] for row in every(Outbox, job="sms")}
    assert set(texts) == promised
    assert len(set(texts.values())) == len(texts)  # no text twice under two references
    assert audit.verify().sound


def test_killed_amid_a_batch_certificates_and_messages_it_finishes_each_once(
    worker: Worker,
) -> None:
    made = confirmed()
    worker.start()
    worker.comes_to(lambda: count(BatchItem, BatchItem.state == "done") > 0)
    worker.kill()
    worker.start()
    worker.comes_to(lambda: count(Certificate) > 0)
    worker.kill()
    worker.gateway.deadly = len(worker.gateway.handed) + 2
    worker.start()
    worker.comes_to(all_is_done)
    worker.kill()
    worker.gateway.deadly = 0
    worker.start()
    worker.comes_to(all_is_done)
    finished_once(made, worker.gateway.taken)
    files = worker.environment["PORTAL_FILES"]
    retention.sweep()
    assert not list(Path(files).rglob(".incoming-*"))
