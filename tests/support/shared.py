"""One folder that all worker processes of a test run share, and things made in it once."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "PORTAL_TEST_RUN"
ROOM = 2 * 1024**3  # bytes


def begin() -> Path:
    """Make the folder; workers started from this process find it through the environment."""
    folder = Path(tempfile.mkdtemp(prefix="portal-tests-", dir=_fast()))
    folder.chmod(0o755)  # PostgreSQL runs as another user when the tests run as root
    os.environ[VARIABLE] = str(folder)
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        # nothing comes into the project; but of a hundred processes each would compile it all anew
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
    return folder


def _fast() -> Path | None:
    """Memory, where there is room: a copy of a database is hundreds of small files."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder below it is made for us alone
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > ROOM
    return memory if roomy and os.access(memory, os.W_OK) else None


def end() -> None:
    """Remove the folder with all that is in it."""
    shutil.rmtree(os.environ.pop(VARIABLE), ignore_errors=True)


def folder() -> Path:
    """The folder of this run."""
    return Path(os.environ[VARIABLE])


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Hold a lock between processes; the system frees it when its holder dies."""
    with (folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def once(name: str, make: Callable[[], None]) -> None:
    """Run `make` in the first process that asks; the others wait for it and go on."""
    done = folder() / f"{name}.done"
    with one_at_a_time(name):
        if not done.exists():
            make()
            done.touch()
