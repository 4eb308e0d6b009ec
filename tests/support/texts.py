"""Text messages of a test: written to a file of its own, and read from it as their receiver."""

import re
import time
from pathlib import Path

import pytest
from flask import Flask

from app.services import outbox

CODE = re.compile(r"(?:验证码|code is )(\d{6})\b")


def to_file(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the portal write its text messages to a file, whose path is given back."""
    path = folder / "sms.txt"
    monkeypatch.setitem(app.config, "PORTAL_SMS", f"file:{path}")
    return path


PATIENCE = 60.0  # seconds


def arrived(target: str, sent: Path) -> str:
    """The newest code that a portal elsewhere has sent; fails when none comes."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := _codes(target, sent):
            return found[-1]
        time.sleep(0.1)
    raise AssertionError(f"nothing went to {target}")


def _codes(target: str, sent: Path) -> list[str]:
    lines = sent.read_text("utf-8").splitlines() if sent.exists() else []
    here = (CODE.search(line) for line in lines if f" {target} " in line)
    return [found[1] for found in here if found]


def code_to(target: str, sent: Path) -> str:
    """The newest code that went to a telephone or a mailbox, once the worker has done its work."""
    outbox.run_due()
    found = _codes(target, sent)
    assert found, f"nothing went to {target}"
    return found[-1]
