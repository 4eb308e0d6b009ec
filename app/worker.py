"""The worker: a process beside the portal that does what was promised, and ends with it."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import config
from app.factory import create_app

BESIDE = "--beside"
PATIENCE = 10
"""Seconds that a worker gets to finish its job when the portal ends."""


@contextmanager
def beside(wanted: bool = True) -> Iterator[None]:
    """Run a worker as a child process while the block runs.

    The child reads a pipe that nobody writes to: it closes when this process ends, however that
    comes about, and the child ends too.
    """
    if not wanted:
        yield
        return
    command = [sys.executable, "-m", "app.worker", BESIDE]
    child = subprocess.Popen(command, cwd=config.ROOT, stdin=subprocess.PIPE)  # noqa: S603 - ours
    try:
        yield
    finally:
        _end(child)


def _end(child: "subprocess.Popen[bytes]") -> None:
    try:
        child.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()  # whatever it was doing comes due again


def main(arguments: list[str]) -> None:
    """Work until a signal comes, or the portal's process ends when run beside it.

    By itself (`python -m app.worker`) it is the consumer process of a production.
    """
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("huey").setLevel(logging.WARNING)
    app = create_app({"PORTAL_JOBS": True})
    if BESIDE in arguments:
        threading.Thread(target=_end_with_the_portal, daemon=True).start()
    app.extensions["wake"]()  # whatever was left when the last worker ended
    app.extensions["queue"].create_consumer(workers=1, max_delay=1.0).run()


def _end_with_the_portal() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    main(sys.argv[1:])
