"""What leaves, against real servers: a gateway of text messages and a mail server."""

import json
import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from app.scope import as_system
from app.services import messages, outbox, senders
from app.services.jobs import Undeliverable
from app.services.unattended import unattended
from models.message import Outbox
from tests.services.approved import approved
from tests.services.faults import Killed, later
from tests.support import factories
from tests.support.authority import self_signed
from tests.support.server import free_port

pytestmark = pytest.mark.usefixtures("db")

PHONE = "13800000000"


class Gateway(HTTPServer):
    """Takes text messages over HTTP, answers what `answers` says, then 200."""

    def __init__(self) -> None:
        self.taken: list[tuple[dict[str, str], dict[str, str]]] = []
        self.answers: list[int] = []
        super().__init__(("127.0.0.1", 0), _Taking)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/send"


class _Taking(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.taken.append((dict(self.headers), body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Nothing on the test's own output."""


@pytest.fixture
def gateway(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """The gateway of text messages that the portal is told of."""
    with Gateway() as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setitem(app.config, "PORTAL_SMS", server.url)
        monkeypatch.setitem(app.config, "PORTAL_SMS_TOKEN", "secret-of-the-gateway")
        yield server
        server.shutdown()
        thread.join()


class _Mailbox:
    """Keeps the mail that it is given; refuses one address for good."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.goodbye = "221 Bye"

    async def handle_QUIT(self, _server: Any, _session: Any, _envelope: Any) -> str:
        return self.goodbye

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address == "nobody@example.com":
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        assert session.ssl, "a mail came in the clear"
        self.mails.append(envelope)
        return "250 OK"


@pytest.fixture
def mailbox(app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[_Mailbox]:
    """A mail server that wants TLS and a sign-in, known to the portal."""
    key, certificate = self_signed(tmp_path)
    secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    secure.load_cert_chain(certificate, key)
    box = _Mailbox()

    def right(_server: Any, _session: Any, _envelope: Any, _way: str, said: Any) -> AuthResult:
        known = isinstance(said, LoginPassword) and said == LoginPassword(b"me", b"pass@word")
        return AuthResult(success=known)

    server = Controller(
        box,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=secure,
        require_starttls=True,
        authenticator=right,
        auth_required=True,
    )
    server.start()
    address = f"smtp://me:pass%40word@127.0.0.1:{server.port}?portal@example.org"
    monkeypatch.setitem(app.config, "PORTAL_MAIL", address)
    monkeypatch.setitem(app.config, "PORTAL_MAIL_AUTHORITY", str(certificate))
    yield box
    server.stop()


def tell(channel: str, **person: Any) -> None:
    """A message of one channel to a case's person."""
    case = approved(**person)
    with unattended("a test tells") as session:
        facts = {"reason": "照片不清晰"}
        messages.tell(session, case.worker.id, "rejected", case.application, (channel,), **facts)


def row() -> Outbox:
    """The only row of the outbox."""
    with as_system("a test looks") as session:
        return session.scalars(select(Outbox)).one()


def test_a_text_message_reaches_the_gateway_with_its_number_text_and_key(gateway: Gateway) -> None:
    tell("sms")
    outbox.run_due()
    ((headers, body),) = gateway.taken
    assert body == {
        "to": PHONE,
        "text": row().payload["body"],
        "reference": headers["Idempotency-Key"],
    }
    assert headers["Authorization"] == "Bearer secret-of-the-gateway"
    assert (row().state, row().payload["provider"]) == ("done", "http")


@pytest.mark.parametrize("answer", [500, 503, 429])
def test_a_gateway_in_trouble_is_asked_again_with_the_same_key(
    gateway: Gateway, answer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.answers.append(answer)
    tell("sms")
    outbox.run_due()
    assert row().state == "waiting"
    later(monkeypatch, 1)
    outbox.run_due()
    assert row().state == "done"
    first, second = (headers["Idempotency-Key"] for headers, _body in gateway.taken)
    assert first == second


@pytest.mark.parametrize("answer", [400, 403, 301])
def test_what_the_gateway_refuses_is_given_up_at_once(gateway: Gateway, answer: int) -> None:
    gateway.answers.append(answer)
    tell("sms")
    outbox.run_due()
    assert (row().state, len(gateway.taken)) == ("failed", 1)
    assert "secret" not in (row().fault or "")


def test_a_text_that_the_gateway_took_before_counts_as_sent(gateway: Gateway) -> None:
    gateway.answers.append(409)
    tell("sms")
    outbox.run_due()
    assert row().state == "done"


def test_a_worker_killed_between_sending_and_noting_sends_the_same_key_again(
    gateway: Gateway, db: SQLAlchemy, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell("sms")

    def die(*_args: object) -> None:
        raise Killed

    with monkeypatch.context() as killing:
        killing.setattr(outbox, "_close_done", die)
        with pytest.raises(Killed):
            outbox.run_due()
    db.session.remove()
    later(monkeypatch, 1)
    outbox.run_due()
    first, second = (body["reference"] for _headers, body in gateway.taken)
    assert (first == second, row().state) == (True, "done")


def test_an_e_mail_reaches_the_mailbox_over_tls_after_a_sign_in(mailbox: _Mailbox) -> None:
    tell("email")
    outbox.run_due()
    assert (row().state, row().payload["provider"]) == ("done", "smtp"), row().fault
    (mail,) = mailbox.mails
    assert (mail.mail_from, mail.rcpt_tos) == ("portal@example.org", ["wang@example.com"])
    assert f"Message-ID: <{row().payload['reference']}@example.org>".encode() in mail.content


def test_an_address_that_the_server_refuses_is_not_tried_again(mailbox: _Mailbox) -> None:
    worker = factories.worker("110105", email="nobody@example.com")
    with pytest.raises(Undeliverable, match="550"):
        senders.send_email(worker.id, "标题", "正文", "reference")
    assert mailbox.mails == []


def test_a_server_that_nobody_vouches_for_gets_no_mail(
    app: Flask, mailbox: _Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PORTAL_MAIL_AUTHORITY", "")
    tell("email")
    outbox.run_due()
    assert (row().state, mailbox.mails) == ("waiting", [])
    assert "SSLCertVerificationError" in (row().fault or "")


def test_a_server_that_does_not_answer_is_tried_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PORTAL_MAIL", "smtp://127.0.0.1:1?a@example.org")
    tell("email")
    outbox.run_due()
    assert row().state == "waiting"
    assert (row().fault or "").startswith("ConnectionRefusedError")


@pytest.mark.parametrize(("channel", "missing"), [("sms", "phone"), ("email", "email")])
def test_a_text_to_nobody_is_not_tried_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch, channel: str, missing: str
) -> None:
    monkeypatch.setitem(app.config, "PORTAL_MAIL", "smtp://127.0.0.1:1?a@example.org")
    monkeypatch.setitem(app.config, "PORTAL_SMS", "http://127.0.0.1:1/")
    worker = factories.worker("110105", **{missing: None})
    send = senders.send_sms if channel == "sms" else senders.send_email
    with pytest.raises(Undeliverable, match="on record"):
        send(worker.id, "标题", "正文", "reference")


def test_what_a_server_says_to_the_goodbye_sends_nothing_again(mailbox: _Mailbox) -> None:
    mailbox.goodbye = "421 going down"
    tell("email")
    outbox.run_due()
    assert (row().state, len(mailbox.mails)) == ("done", 1), row().fault


def test_a_title_of_two_lines_is_one_line_of_a_mail(mailbox: _Mailbox) -> None:
    worker = factories.worker("110105", email="wang@example.com")
    senders.send_email(worker.id, "标题\n第二行\r\nBcc: other@example.com", "正文", "reference")
    (mail,) = mailbox.mails
    assert mail.rcpt_tos == ["wang@example.com"]
    assert b"\nBcc:" not in mail.content
