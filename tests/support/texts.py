"""Text messages of a test: written to a file of its own, and read from it as their receiver."""

import re
from pathlib import Path

import pytest
from flask import Flask

from app.services import outbox

CODE = re.compile(r"验证码(\d{6})，")


def to_file(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the portal write its text messages to a file, whose path is given back."""
    path = folder / "sms.txt"
    monkeypatch.setitem(app.config, "PORTAL_SMS", f"file:{path}")
    return path


def code_to(target: str, sent: Path) -> str:
    """The newest code that went to a telephone or a mailbox, once the worker has done its work."""
    outbox.run_due()
    lines = [line for line in sent.read_text("utf-8").splitlines() if f" {target} " in line]
    assert lines, f"nothing went to {target}"
    found = CODE.search(lines[-1])
    assert found, lines[-1]
    return found[1]
