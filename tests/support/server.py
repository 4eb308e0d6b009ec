"""The running portal: `python run.py` on a free port, with all that it starts."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.support.databases import ROOT

PATIENCE = 30.0  # seconds


@dataclass(frozen=True)
class Server:
    """A portal that answers; `log` holds what it wrote, `database_url` leads to its rows."""

    url: str
    log: Path
    database_url: str


@contextmanager
def running(environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    """Run the portal until the block ends. Raises AssertionError when it does not come up."""
    port = free_port()
    with log.open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "run.py"],
            cwd=ROOT,
            env=os.environ | dict(environment) | {"PORT": str(port)},
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that its children end with it
        )
    try:
        server = Server(f"http://127.0.0.1:{port}", log, environment["DATABASE_URL"])
        _wait(server, process)
        yield server
    finally:
        _end(process)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(server: Server, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"{server.url}/readyz", timeout=2):  # noqa: S310 - our own address
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the portal did not come up:\n{server.log.read_text()}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
