"""A real OpenID Connect provider in a process of its own, and people who sign in there."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.support.server import free_port

PATIENCE = 60.0  # seconds


@dataclass(frozen=True)
class OpenIdProvider:
    """A provider that answers at `url`."""

    url: str

    def knows(self, subject: str, **claims: Any) -> None:
        """Let the provider say this of somebody."""
        status, _ = self._send("PUT", f"/users/{subject}", json.dumps(claims), "application/json")
        assert status == 204, status

    def signs_in(self, address: str, subject: str) -> str:
        """Sign in as this person where the portal sent the browser; where it is sent back to."""
        form = urlencode({"sub": subject})
        parts = urlsplit(address)
        status, location = self._send(
            "POST", f"{parts.path}?{parts.query}", form, "application/x-www-form-urlencoded"
        )
        assert status == 302, status
        back = urlsplit(location)
        return f"{back.path}?{back.query}"

    def _send(self, method: str, path: str, body: str, kind: str) -> tuple[int, str]:
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE)
        connection.request(method, path, body, {"Content-Type": kind})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.headers.get("Location", "")


@contextmanager
def running(log: Path) -> Iterator[OpenIdProvider]:
    """Run the provider until the block ends; fails when it does not come up."""
    port = free_port()
    with log.open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-p", str(port), "-n"],
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(port, process, log)
        yield OpenIdProvider(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"the provider did not come up:\n{log.read_text()}")
