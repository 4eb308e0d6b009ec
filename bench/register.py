"""A whole register assessed: workers a second, memory, and how many facts are really different.

`python -m bench.register [WORKERS] [sqlite|postgres]` fills a temporary database with a register as
it is after some years (a nation's counties; examinations, turns, hours; a fifth with a certificate
of this portal), runs `portal assess --all --summary` on it, and beside it the naive loop that reads
and assesses one worker after the other. PostgreSQL is the one that the tests start.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.factory import create_app
from app.queries.facts import facts_of
from app.queries.policies import shelf
from app.rules import regions
from app.rules.canonical import refusals
from app.scope import as_system
from app.services import setup
from models.application import Application
from models.certificate import Certificate
from models.credit import Credit
from models.qualification import Qualification
from models.region import Region
from models.registration import Registration
from models.worker import Worker
from tests.support import postgres, shared

ON = date(2020, 7, 10)
BATCH = 5000
ALONE = 1000
"""Workers of the naive loop, which gives a rate and need not run for an hour."""

LEVELS = ("assistant", "social_worker", "senior")
TABLES: tuple[Any, ...] = (Worker, Qualification, Application, Registration, Certificate, Credit)
Rows = dict[Any, list[dict[str, Any]]]


def placed(code: str, **more: Any) -> dict[str, Any]:
    """A row of a region."""
    where = {"province_code": regions.province_of(code), "city_code": regions.city_of(code)}
    return {"region_code": code, "version": 1, **where, **more}


def person(draw: random.Random, key: int, code: str, rows: Rows) -> None:
    """One worker and all that the register holds."""
    born = date(1960, 1, 1) + timedelta(draw.randrange(14000))
    level = draw.choices(LEVELS, (55, 42, 3))[0]
    passed = draw.randrange(2008, 2020)
    secret = {"id_number_cipher": b"", "id_number_digest": f"{key:064d}", "id_number_masked": "*"}
    rows[Worker].append(
        placed(code, id=key, name="张三", born_on=born, real_name=draw.random() < 0.97, **secret)
    )
    own = {"worker_id": key, "level": level}
    day = date(passed, 12, 1) + timedelta(draw.randrange(60))
    held = {"exam_year": passed, "management_number": f"{key:021d}", "qualified_on": day}
    rows[Qualification].append(placed(code, verified=True, **own, **held))
    if draw.random() < 0.85:
        turns(draw, key, code, passed, own, rows)
    for _course in range(draw.randrange(11)):
        taken = ON - timedelta(draw.randrange(2500))
        source = draw.choice(("online", "online", "offline"))
        state = "accepted" if draw.random() < 0.8 else "pending"
        hours = Decimal(draw.randrange(4, 80)) / 2
        course = {"title": "继续教育", "taken_on": taken, "hours": hours}
        rows[Credit].append(placed(code, worker_id=key, source=source, state=state, **course))


def turns(
    draw: random.Random, key: int, code: str, passed: int, own: dict[str, Any], rows: Rows
) -> None:
    """The registrations of a worker, every third year with a year too late now and then."""
    year = passed + 1
    kind = "first"
    while year <= ON.year and (kind == "first" or draw.random() < 0.8):
        on = date(year, 1, 1) + timedelta(draw.randrange(190))
        until = date(year + 3, on.month, min(on.day, 28)) if draw.random() < 0.6 else None
        turn = {"cycle_year": year, "registered_on": on, "valid_from": on, "valid_until": until}
        rows[Registration].append(
            placed(code, id=4 * key + year % 4, kind=kind, state="verified", **own, **turn)
        )
        last = rows[Registration][-1]
        kind, year = "renewal", year + 3
    if kind == "renewal" and draw.random() < 0.2:
        certified(key, code, last, own, rows)


def certified(key: int, code: str, last: dict[str, Any], own: dict[str, Any], rows: Rows) -> None:
    """The certificate of the last registration, and the case that it comes from."""
    until = last["valid_until"] or date(last["cycle_year"] + 3, 5, 31)
    case = {"reference": f"R{key}", "kind": last["kind"], "state": "issued", "stage": 0}
    case |= {"attempt": 1, "policy_code": "national", "policy_version": 1, "form": {}}
    rows[Application].append(placed(code, id=key, **case, **own))
    facts = {"number": f"{key:015d}", "name": "张三", "state": "valid", "authority": "民政局"}
    facts |= {"issued_on": last["registered_on"], "valid_from": last["registered_on"]}
    facts |= {"valid_until": until, "management_number": f"{key:021d}", "id_number_masked": "*"}
    facts |= {"template": "1", "photo_digest": "", "application_id": key}
    rows[Certificate].append(placed(code, registration_id=last["id"], **facts, **own))


def fill(workers: int) -> None:
    """A register of so many workers, the same every time."""
    upgrade()
    list(setup.initialise())
    draw = random.Random(workers)  # noqa: S311 - rows, not keys
    with as_system("a measurement needs rows") as session:
        query = select(Region.code).where(Region.level == "county").order_by(Region.code)
        counties = list(session.scalars(query))
    for begin in range(1, workers + 1, BATCH):
        rows: Rows = {model: [] for model in TABLES}
        for key in range(begin, min(begin + BATCH, workers + 1)):
            person(draw, key, draw.choice(counties), rows)
        with db.engine.begin() as connection:
            for model in TABLES:
                if rows[model]:
                    connection.execute(model.__table__.insert(), rows[model])
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def naive(workers: int) -> float:
    """Workers a second when each is read and assessed alone; no rule is left out here either."""
    policy_of = shelf(ON)
    began = perf_counter()
    with as_system("a measurement") as session:
        for worker in session.scalars(select(Worker).where(Worker.id <= workers)):
            refusals(policy_of(worker.region_code), facts_of(worker), ON, "submit")
    return workers / (perf_counter() - began)


@contextmanager
def watched(process: int) -> Iterator[Callable[[], int]]:
    """The most memory that a process and all below it have had at a time, in bytes; what they
    share counts once."""
    peak, over = [0], Event()

    def watch() -> None:
        while not over.wait(0.2):
            peak[0] = max(peak[0], sum(map(memory, family(process))))

    thread = Thread(target=watch)
    thread.start()
    yield lambda: peak[0]
    over.set()
    thread.join()


def family(process: int) -> list[int]:
    """A process and all that it has started."""
    try:
        tasks = Path(f"/proc/{process}/task").iterdir()
        below = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:  # it has just ended
        return []
    return [process, *(pid for child in below for pid in family(child))]


def memory(process: int) -> int:
    """The proportional set size of a process in bytes; 0 when it has just ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def measured(environment: dict[str, str]) -> tuple[float, int, str, dict[str, Any]]:
    """Seconds, peak memory, and what `portal assess --all --summary` says."""
    command = [sys.executable, "-m", "flask", "--app", "run", "portal", "assess", "--all"]
    began = perf_counter()
    with tempfile.TemporaryFile() as said:
        done = subprocess.Popen(  # noqa: S603 - the portal's own command
            [*command, "--summary", "--policy", "auto", "--on", ON.isoformat()],
            stdout=said,
            stderr=subprocess.PIPE,
            env=os.environ | environment,
        )
        with watched(done.pid) as peak:
            told = done.communicate()[1].decode()
        assert done.returncode == 0, told
        said.seek(0)
        return perf_counter() - began, peak(), told.strip().splitlines()[-1], json.load(said)


def report(app: Flask, workers: int, environment: dict[str, str]) -> None:
    """Fill, measure and print."""
    with app.app_context():
        began = perf_counter()
        fill(workers)
        print(f"filled in {perf_counter() - began:.0f} s")  # noqa: T201 - the result
        alone = naive(min(ALONE, workers))
        db.session.remove()
        db.engine.dispose()
    seconds, peak, said, told = measured(environment)
    rate = workers / seconds
    print(f"{said}; the whole command {seconds:.1f} s on {os.cpu_count()} cores")  # noqa: T201
    print(f"{rate:,.0f} workers a second, {rate / alone:.0f} x the naive {alone:,.0f}")  # noqa: T201
    print(f"peak {peak / 2**20:.0f} MiB with all processes")  # noqa: T201
    print({kind: count["eligible"] for kind, count in told["kinds"].items()})  # noqa: T201


def main(workers: int, kind: str) -> None:
    """Measure one kind of database."""
    shared.begin()
    try:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/portal.db"
            if kind == "postgres":
                postgres.create("register")
                url = postgres.url("register")
            environment = {"DATABASE_URL": url, "PORTAL_FILES": f"{folder}/files"}
            environment |= {"PORTAL_JOBS": "off", "PORTAL_RATE_LIMIT": "off"}
            app = create_app({"SQLALCHEMY_DATABASE_URI": url, "PORTAL_JOBS": False})
            with clock.frozen(f"{ON}T09:00"):
                report(app, workers, environment)
    finally:
        postgres.stop()
        shared.end()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000, (sys.argv[2:] or ["sqlite"])[0])
