"""Asking `portal assess`, in the test's own process and as it is really called."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from tests.support import databases
from tests.support.settings import settings

Facts = Mapping[str, Any]

BEIJING: Facts = {
    "region_code": "110105",
    "level": "assistant",
    "exam_year": 2010,
    "management_number": "2010012345",
    "born_on": "1985-03-04",
}


def run(app: Flask, facts: object, *options: str) -> tuple[int, str, str]:
    """How the command ends on facts, which may be JSON already, and what it says."""
    data = facts if isinstance(facts, bytes) else json.dumps(facts).encode()
    done = app.test_cli_runner().invoke(args=["portal", "assess", *options], input=data)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def call(
    url: str, files: Path, facts: Facts, *options: str, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own, on the database of this address."""
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "run", "portal", "assess", *options],
        cwd=databases.ROOT,
        env=os.environ | settings(url, files, {}) | environment,
        input=json.dumps(facts).encode(),
        capture_output=True,
    )


def registered(year: int, **more: Any) -> Facts:
    """Somebody of Beijing whose last registration settled this year."""
    return {**BEIJING, "registrations": [{"kind": "renewal", "year": year, **more}]}


def finding(answer: Any, kind: str, rule: str) -> Any:
    """The finding of a rule on a kind."""
    return next(one for one in answer["kinds"][kind]["findings"] if one["rule"] == rule)
