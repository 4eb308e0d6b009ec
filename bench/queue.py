"""The review desk's queue beside its peers: a bare route, stock FAB and Django's admin.

`python -m bench.queue [WORKERS] [--explain]` measures the register at DATABASE_URL, which `portal
demo --workers` has filled; without DATABASE_URL it starts a PostgreSQL of its own and loads WORKERS
(20,000) with three applications each. Prints, for each level and page, statements and the median
server time as a multiple of a bare Flask route with the ideal SQL; rounds are interleaved, so that
a noisy machine disturbs all alike. Peers that are absent (bench/requirements.txt) are left out.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event, func, select

import config
from app.extensions import db
from app.factory import create_app
from app.queries.queue import free
from app.rules.regions import NATION, level_of
from app.scope import acting_as, as_system
from app.security import actor_of, find_account
from app.services.demo.people import story
from bench import queue_peers
from bench.lists import settings
from bench.queue_peers import Fetch, Page, Spot
from models.account import Account
from models.application import Application
from models.worker import Worker

ROUNDS = 15
DEPTH = 10_000
SPARE = 30
LEVELS = ("province", "city", "county")
NATIONAL = "/applications/list/?state=in_review"
"""What the nation's administrators look at: no office of theirs decides."""


@contextmanager
def portal(workers: int) -> Iterator[Flask]:
    """The application on the register that is measured."""
    if os.environ.get("DATABASE_URL"):
        yield create_app({**config.settings(), "RATELIMIT_ENABLED": False, "PORTAL_JOBS": False})
        return
    from tests.support import databases, postgres, shared  # no test runs: a server of its own

    shared.begin()
    try:
        databases.fresh("postgres", "queue")
        databases.command("postgres", "queue", "demo", "--workers", str(workers))
        with tempfile.TemporaryDirectory() as name:
            address = {"SQLALCHEMY_DATABASE_URI": databases.url("postgres", "queue")}
            yield create_app({**settings(Path(name)), **address})
    finally:
        postgres.stop()
        shared.end()


def spots() -> Iterator[Spot]:
    """The nation, and the office of each level with the longest queue; what is looked for there."""
    yield _national()
    with as_system("a measurement looks for long queues") as session:
        busy = session.scalars(
            select(Application.office_code)
            .where(Application.state == "in_review")
            .group_by(Application.office_code)
            .order_by(func.count().desc())
        ).all()
    for level in LEVELS:
        there = [code for code in busy if code and level_of(code) == level]
        found = max(_spots_of(level, there[:3]), key=lambda spot: spot.total, default=None)
        if found is not None:
            yield found


def _national() -> Spot:
    with as_system("a measurement looks for long queues") as session:
        username = session.scalars(
            select(Account.username).where(Account.region_code == NATION).order_by(Account.id)
        ).first()
    account = find_account(username=username)
    assert account is not None
    under_review = select(Application.id).where(Application.state == "in_review")
    with acting_as(actor_of(account)):
        newest = under_review.order_by(Application.id.desc()).limit(DEPTH + SPARE)
        return _spot("nation", account, db.session.scalars(newest).all())


def _spots_of(level: str, busy: Sequence[str]) -> Iterator[Spot]:
    with as_system("a measurement looks for long queues") as session:
        names = session.scalars(
            select(Account.username).where(Account.region_code.in_(busy)).order_by(Account.id)
        ).all()
    for username in names:
        account = find_account(username=username)
        assert account is not None
        with acting_as(actor_of(account)):
            keys = free(limit=DEPTH + SPARE)
            if keys:
                yield _spot(level, account, keys)


def _spot(level: str, account: Account, keys: Sequence[int]) -> Spot:
    """Whoever acts now; `depth` is as deep as the queue goes."""
    depth = max(len(keys) - SPARE, 1)
    last = db.session.get_one(Application, keys[depth - 1])
    first = db.session.get_one(Application, keys[0])
    worker = db.session.get_one(Worker, last.worker_id)
    assert last.submitted_at is not None
    return Spot(
        level=level,
        code=account.region_code,
        username=account.username,
        total=len(keys),
        depth=depth,
        cursor=last.id,
        cursor_at=last.submitted_at,
        kind=first.kind,
        name=worker.name[0],
        digest=worker.id_number_digest,
    )


def ours(app: Flask, spot: Spot) -> dict[Page, Fetch]:
    """The queue page itself, signed in as the reviewer of the spot."""
    client = queue_peers.signed_in(app, spot.username, story()["password"])
    if spot.level == "nation":
        asked = {"first": "", "deep": f"&after={spot.cursor}", "kind": f"&kind={spot.kind}"}
        return {name: queue_peers.page(client, NATIONAL + query) for name, query in asked.items()}
    asked = {
        "first": "",
        "deep": f"?after={spot.cursor}",
        "kind": f"?kind={spot.kind}",
        "name": f"?q={spot.name}",
        "identity": f"?identity={spot.digest}",
    }
    return {page: queue_peers.page(client, f"/review/{query}") for page, query in asked.items()}


@dataclass
class Statements:
    """Counts what is sent to a database, and keeps it."""

    sent: list[tuple[str, Any]]

    def __call__(self, *args: Any) -> None:
        self.sent.append((args[2], args[3]))


def count(fetch: Fetch) -> list[tuple[str, Any]]:
    """The statements of one page, once everything is warm."""
    fetch()
    statements = Statements([])
    event.listen(Engine, "before_cursor_execute", statements)
    with queue_peers.django_statements(statements.sent):
        fetch()
    event.remove(Engine, "before_cursor_execute", statements)
    return statements.sent


def measure(contestants: dict[str, Fetch]) -> dict[str, float]:
    """The median seconds of a page by contestant, in turn."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, fetch in contestants.items():
            begun = perf_counter()
            fetch()
            times[name].append(perf_counter() - begun)
    return {name: median(taken) for name, taken in times.items()}


def report(spot: Spot, page: Page, contestants: dict[str, Fetch]) -> None:
    """One table: statements, milliseconds, and the multiple of the bare route."""
    counts = {name: len(count(fetch)) for name, fetch in contestants.items()}
    seconds = measure(contestants)
    say(f"\n{spot.level} {spot.code}, at least {spot.total} waiting, {page} page")
    for name, took in sorted(seconds.items(), key=lambda pair: pair[1]):
        ratio = took / seconds["bare route"]
        say(f"  {name:22} {counts[name]:3} statements {took * 1000:8.1f} ms {ratio:6.1f} x")


def explain(app: Flask, fetch: Fetch) -> None:
    """What the database does for a page, statement by statement."""
    for sql, parameters in count(fetch):
        with app.app_context(), db.engine.connect() as connection:
            if sql.lstrip().startswith("SELECT"):
                plan = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", parameters)
                say(f"\n{' '.join(sql.split())[:160]}\n  " + "\n  ".join(row[0] for row in plan))


def say(line: str) -> None:
    """A line of the result."""
    print(line, flush=True)  # noqa: T201


def main(workers: int, explained: bool) -> None:
    """Measure every page at every level."""
    with portal(workers) as app:
        with app.app_context():
            found = list(spots())
            rows = db.session.connection().exec_driver_sql("SELECT count(*) FROM application")
            say(f"{rows.scalar()} applications; median of {ROUNDS} interleaved pages")
            db.session.remove()
        for spot in found:
            peers: dict[str, dict[Page, Fetch]] = {"queue": ours(app, spot)}
            peers |= queue_peers.all_of(app, spot, say)
            for page in peers["queue"]:
                report(spot, page, {n: p[page] for n, p in peers.items() if page in p})
            if explained:
                explain(app, peers["queue"]["first"])


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:] if text.isdigit()]
    main(numbers[0] if numbers else 20_000, "--explain" in sys.argv)
