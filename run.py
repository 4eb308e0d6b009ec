"""The portal's entry point: `flask --app run portal ...` for commands, `python run.py` to serve."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from waitress.server import create_server

from app.factory import create_app

app = create_app()


@contextmanager
def worker() -> Iterator[None]:
    """The process that does what was promised, for as long as the portal serves."""
    if not app.config["PORTAL_JOBS"]:
        yield
        return
    command = [sys.executable, "-m", "flask", "--app", "run", "portal", "work", "--beside"]
    # the pipe closes with this process, however it ends, and then the worker ends too
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=app.config["ROOT"], stdin=pipe):  # noqa: S603 - our own
        yield


if __name__ == "__main__":
    # a plain kill would leave the worker behind
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8080"))
    server = create_server(
        app, host=host, port=port, threads=8, max_request_body_size=app.config["LARGEST_BODY"]
    )
    print(f"http://{host}:{port}", file=sys.stderr)  # noqa: T201 - what a newcomer looks for
    with worker():  # after the door is open: nobody waits for it
        server.run()
