"""Where a text to one telephone or mailbox goes: what PORTAL_SMS and PORTAL_MAIL name."""

import json
import os
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from flask import current_app

from app import clock
from app.services.jobs import Undeliverable

PATIENCE = 20
"""Seconds that a gateway may take; less than the lease of a job."""
TRY_LATER = (408, 425, 429)
"""Answers of the 4xx kind that do not mean that the text is at fault."""
TAKEN_BEFORE = 409


class _NoWayAround(HTTPRedirectHandler):
    """A gateway that moved is told to the operator: texts don't follow it to another host."""

    def redirect_request(self, *_args: object) -> None:
        return None


_http = build_opener(_NoWayAround)


def offers(channel: str) -> bool:
    """Whether texts can leave by `sms` or `email`: else nobody is asked for a code sent there."""
    set_up = "PORTAL_MAIL" if channel == "email" else "PORTAL_SMS"
    return bool(current_app.config[set_up]) or file() is not None


def file() -> Path | None:
    """The file that takes every text where no gateway does, as on a machine of development."""
    scheme, _, path = current_app.config["PORTAL_SMS"].partition(":")
    return Path(path) if scheme == "file" else None


def send(to: str, title: str, body: str, reference: str) -> Mapping[str, str]:
    """Send a text to a telephone number, or to an address with an @ in it.

    `reference` is the same when the same text is sent again, after a kill between the sending and
    its note: gateways drop the second one by it, and so do mailboxes. Raises Undeliverable where
    no gateway is set or when it refuses the text for good; OSError or SMTPException, after which
    another try makes sense, when it does not take the text now.
    """
    if "@" in to and current_app.config["PORTAL_MAIL"]:
        _post(to, title, body, reference)
        return {"provider": "smtp"}
    path = file()
    if path is not None:
        _append(path, f"{clock.local(clock.real_now()):%Y-%m-%d %H:%M:%S} {to} {body}\n")
        return {"provider": "file"}
    if "@" in to or not current_app.config["PORTAL_SMS"]:
        raise Undeliverable("no gateway is set")
    _call(to, body, reference)
    return {"provider": "http"}


def _call(to: str, body: str, reference: str) -> None:
    """Hand a text message to the HTTP gateway of PORTAL_SMS: docs/messages.md has its contract."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": reference}
    if token := current_app.config["PORTAL_SMS_TOKEN"]:
        headers["Authorization"] = f"Bearer {token}"
    data = json.dumps({"to": to, "text": body, "reference": reference}).encode()
    request = Request(current_app.config["PORTAL_SMS"], data, headers)  # noqa: S310 - the operator's
    try:
        _http.open(request, timeout=PATIENCE).close()
    except HTTPError as fault:
        fault.close()
        if fault.code == TAKEN_BEFORE:
            return
        if 300 <= fault.code < 500 and fault.code not in TRY_LATER:
            raise Undeliverable(f"the gateway refused it: {fault.code}") from None
        raise


def _post(address: str, title: str, body: str, reference: str) -> None:
    """Send an e-mail through the server of PORTAL_MAIL.

    `smtp://user:password@host:587?from@example.org` by STARTTLS, `smtps://` by TLS.
    """
    server = urlsplit(current_app.config["PORTAL_MAIL"])
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = server.query, address, " ".join(title.split())
    mail["Message-ID"] = f"<{reference}@{parseaddr(server.query)[1].rpartition('@')[2]}>"
    mail["Date"] = clock.real_now()
    mail.set_content(body)
    with _connected(server) as connection:
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
        _deliver(connection, mail)


def _deliver(connection: smtplib.SMTP, mail: EmailMessage) -> None:
    try:
        connection.send_message(mail)
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _reason in refused.recipients.values()]
        if min(codes) < 500:
            raise
        raise Undeliverable(f"the mail server refused the address: {min(codes)}") from None


@contextmanager
def _connected(server: SplitResult) -> Iterator[smtplib.SMTP]:
    """A connection that ends without a word too much: what the server says to the goodbye is no
    reason to send again what it has taken."""
    connection = _connect(server)
    try:
        yield connection
        with suppress(smtplib.SMTPException, OSError):
            connection.quit()
    finally:
        connection.close()


def _connect(server: SplitResult) -> smtplib.SMTP:
    secure = ssl.create_default_context(cafile=current_app.config["PORTAL_MAIL_AUTHORITY"] or None)
    if server.scheme == "smtps":
        host = server.hostname or ""
        return smtplib.SMTP_SSL(host, server.port or 465, timeout=PATIENCE, context=secure)
    connection = smtplib.SMTP(server.hostname or "", server.port or 587, timeout=PATIENCE)
    connection.starttls(context=secure)
    return connection


def _append(path: Path, line: str) -> None:
    """The file is its owner's alone: whoever reads it can sign in as others."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as out:
        out.write(line)
