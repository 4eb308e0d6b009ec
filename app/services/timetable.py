"""When jobs run: Huey wakes the worker after a promise, and once a minute anyway.

The queue holds nothing but wake-up calls; what is to be done stands in the outbox. It may be lost,
or be another file on every host, and nothing more happens than a minute's delay.
"""

import logging
import os
import signal
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

from flask import Flask
from huey import SqliteHuey, crontab
from sqlalchemy import event

from app.extensions import db
from app.services import (
    anchors,
    batches,
    certificates,
    closing,
    codes,
    counting,
    deadlines,
    impacts,
    outbox,
    own_data,
    reminders,
    renderings,
    retention,
    roster_requests,
    senders,
    status_list,
)

WORKPLACES = (
    *(anchors, batches, certificates, closing, codes, counting, deadlines, impacts, own_data),
    *(reminders, renderings, retention, roster_requests, senders, status_list),
)
"""The modules that have jobs: importing one is what makes its jobs known."""

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Give an application its queue, and call the worker after commits that promised something.

    With PORTAL_JOBS=off nobody is called, and what was promised waits for the next worker.
    """
    if not event.contains(db.session, "after_commit", outbox.wake):
        event.listen(db.session, "after_commit", outbox.wake)
    if app.config["PORTAL_JOBS"]:
        queue = _queue(Path(app.config["PORTAL_QUEUE"]))
        app.extensions["queue"] = queue
        app.extensions["wake"] = _caller(app, queue)


def work(app: Flask) -> None:
    """Do what is due until nothing is; each round has a database session of its own."""
    tried = 1
    while tried:
        with app.app_context():
            tried = outbox.run_due()


def go_round(app: Flask) -> None:
    """Promise what every day needs, then do what is due: once a minute."""
    with app.app_context():
        anchors.promise_today()
        closing.promise_today()
        reminders.promise_today()
        retention.promise_today()
        counting.promise_today()
        status_list.promise_next()
        own_data.promise_today()
        roster_requests.promise_today()
    work(app)


def consume(app: Flask, portal: IO[bytes] | None = None) -> None:
    """Work until a signal comes, beginning with a round for what the last worker left.

    `portal` is a pipe from the portal's process that nobody writes to: it closes when that
    process ends, however that comes about, and then this one ends too.
    """
    if portal is not None:
        threading.Thread(target=_end_with, args=(portal,), daemon=True).start()
    # two, so that a certificate does not wait for a comparison of the whole register
    app.extensions["queue"].create_consumer(workers=2, max_delay=1.0).run()


def _end_with(portal: IO[bytes]) -> None:
    portal.read()
    os.kill(os.getpid(), signal.SIGINT)  # a job that has begun is finished


def _queue(path: Path) -> SqliteHuey:
    path.parent.mkdir(parents=True, exist_ok=True)
    return SqliteHuey("portal", filename=str(path), results=False, fsync=False)


def _caller(app: Flask, queue: SqliteHuey) -> Callable[[], None]:
    """Put the two entries on the timetable; gives the call after a promise."""

    def working() -> None:
        work(app)

    def going_round() -> None:
        go_round(app)

    enqueue = queue.task(name="work")(working)
    queue.periodic_task(crontab(), name="round")(going_round)

    def call() -> None:
        try:
            if queue.pending_count() == 0:  # one call is enough for any number of promises
                enqueue()
        except sqlite3.Error as fault:
            # the verb is committed: a queue that cannot be written must not make it look failed
            log.warning("the worker could not be called: %s", fault)

    return call
