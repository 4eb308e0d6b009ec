"""Text messages and e-mails that were promised: sent where a provider is set, else recorded."""

import logging
import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from flask import current_app

from app.scope import as_system
from app.services.jobs import Undeliverable, job
from models.worker import Worker

TRIES = 8
PATIENCE = 20
"""Seconds that a mail server may take; less than the lease of a job."""

log = logging.getLogger(__name__)


@job("sms", attempts=TRIES)
def send_sms(worker_id: int, title: str, body: str, **_kept: Any) -> Mapping[str, str]:
    """Send a promised text message. No SMS gateway is built in, so it is written down."""
    return _record("sms", worker_id)


@job("email", attempts=TRIES)
def send_email(worker_id: int, title: str, body: str, **_kept: Any) -> Mapping[str, str]:
    """Send a promised e-mail through the server of PORTAL_MAIL, else write it down.

    Raises Undeliverable when no address is on record, OSError or SMTPException when the server
    does not take it.
    """
    server = current_app.config["PORTAL_MAIL"]
    if not server:
        return _record("email", worker_id)
    with as_system("a job belongs to nobody") as session:
        worker = session.get(Worker, worker_id)
        address = worker.email if worker else None
    if not address:
        raise Undeliverable("no e-mail address is on record")
    post(address, title, body)
    return {"provider": "smtp"}


def _record(channel: str, worker_id: int) -> Mapping[str, str]:
    # neither the text nor the number: logs travel further than the register
    log.info("%s for worker %s: recorded, not sent: no provider is set", channel, worker_id)
    return {"provider": "record"}


def post(address: str, title: str, body: str) -> None:
    """Send an e-mail through the server of PORTAL_MAIL; raises OSError or SMTPException.

    `smtp://user:password@host:587?from@example.org` by STARTTLS, `smtps://` by TLS.
    """
    server = urlsplit(current_app.config["PORTAL_MAIL"])
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = server.query, address, title
    mail.set_content(body)
    with _connected(server) as connection:
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
        connection.send_message(mail)


def _connected(server: SplitResult) -> smtplib.SMTP:
    secure = ssl.create_default_context()
    if server.scheme == "smtps":
        host = server.hostname or ""
        return smtplib.SMTP_SSL(host, server.port or 465, timeout=PATIENCE, context=secure)
    connection = smtplib.SMTP(server.hostname or "", server.port or 587, timeout=PATIENCE)
    connection.starttls(context=secure)
    return connection
