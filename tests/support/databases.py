"""Databases for tests: filled once per run by the portal's own commands, copied for every test."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

from tests.support import postgres, shared
from tests.support.settings import settings

ROOT = Path(__file__).parents[2]

CHEAP = "tests.support.portal:cheap"

Kind = Literal["sqlite", "postgres"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgres")


def worker() -> str:
    """The name of this worker process, part of the name of all that it does not share."""
    return os.environ.get("PYTEST_XDIST_WORKER", "gw0")


def url(kind: Kind, name: str) -> str:
    """The DATABASE_URL under which a database of that name is reached."""
    if kind == "postgres":
        return postgres.url(name)
    return f"sqlite:///{shared.folder() / name}.db"


def files(name: str) -> Path:
    """The folder that holds the materials of the database of that name."""
    return shared.folder() / f"{name}-files"


def fresh(kind: Kind, name: str, demo: str | None = None) -> None:
    """Make the database `name` anew: as `portal init` leaves it, or as `portal demo` at `demo`.

    Nothing may be connected to it on SQLite; on PostgreSQL connections are cut.
    """
    template = _template(kind, demo)
    if kind == "postgres":
        postgres.create(name, template)
    else:
        _copy_sqlite(template, name)
    shutil.rmtree(files(name), ignore_errors=True)
    if files(template).exists():
        # stored by content and never changed, so that a link is as good as a copy
        shutil.copytree(files(template), files(name), copy_function=os.link)


def _template(kind: Kind, demo: str | None) -> str:
    """The name of the database that others are copied from; the first who asks makes it."""
    name = f"{kind}_init" if demo is None else f"{kind}_demo_{''.join(filter(str.isalnum, demo))}"
    shared.once(name.lower(), lambda: _fill(kind, name.lower(), demo))
    return name.lower()


def _fill(kind: Kind, name: str, demo: str | None) -> None:
    if kind == "postgres":
        postgres.create(name)
    command(kind, name, "init", now=demo)
    if demo is not None:
        command(kind, name, "demo", now=demo)


def command(kind: Kind, name: str, *arguments: str, now: str | None = None) -> str:
    """Run `portal …` on a database and give back its standard output.

    Raises AssertionError with what the command said when it fails.
    """
    changed = {"PORTAL_NOW": now} if now else {}
    environment = os.environ | settings(url(kind, name), files(name), changed)
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", CHEAP, "portal", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"portal {arguments[0]} on {kind}: {done.stdout}{done.stderr}"
    return done.stdout


def _copy_sqlite(template: str, name: str) -> None:
    for leftover in shared.folder().glob(f"{name}.db*"):
        leftover.unlink()
    # the template may still have pages in its write-ahead log
    for part in shared.folder().glob(f"{template}.db*"):
        shutil.copyfile(part, shared.folder() / part.name.replace(template, name, 1))
