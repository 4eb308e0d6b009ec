"""Where a text to one telephone or mailbox goes: what PORTAL_SMS and PORTAL_MAIL name."""

import os
from collections.abc import Mapping
from pathlib import Path

from flask import current_app

from app import clock
from app.services import senders
from app.services.jobs import Undeliverable


def offers(channel: str) -> bool:
    """Whether texts can leave by `sms` or `email`: else nobody is asked for a code sent there."""
    by_mail = channel == "email" and bool(current_app.config["PORTAL_MAIL"])
    return by_mail or file() is not None


def file() -> Path | None:
    """The file that takes every text where no gateway does, as on a machine of development."""
    scheme, _, path = current_app.config["PORTAL_SMS"].partition(":")
    return Path(path) if scheme == "file" else None


def send(to: str, title: str, body: str) -> Mapping[str, str]:
    """Send a text to a telephone number, or to an address with an @ in it.

    Raises Undeliverable where no gateway is set, and OSError or SMTPException when it does not
    take the text.
    """
    if "@" in to and current_app.config["PORTAL_MAIL"]:
        senders.post(to, title, body)
        return {"provider": "smtp"}
    path = file()
    if path is None:
        raise Undeliverable("no gateway is set")
    _append(path, f"{clock.local(clock.real_now()):%Y-%m-%d %H:%M:%S} {to} {body}\n")
    return {"provider": "file"}


def _append(path: Path, line: str) -> None:
    """The file is its owner's alone: whoever reads it can sign in as others."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as out:
        out.write(line)
