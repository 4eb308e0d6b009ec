"""One-time codes: good once, for a while, for a few tries, and never written down in clear."""

import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale
from flask_sqlalchemy import SQLAlchemy

from app.scope import as_system
from app.services import codes, gateway, outbox
from app.services.refusals import Invalid
from models.message import Outbox
from models.sign_in import OneTimeCode
from tests.services.faults import later
from tests.support import texts
from tests.support.factories import every

PHONE = "13911112222"


@pytest.fixture(autouse=True)
def sent(app: Flask, db: SQLAlchemy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that takes the text messages."""
    return texts.to_file(app, tmp_path, monkeypatch)


def asked(sent: Path, purpose: str = "register", target: str = PHONE) -> str:
    """The code that arrives after asking for one."""
    codes.ask(purpose, target)
    return texts.code_to(target, sent)


def age(by: timedelta) -> None:
    """As if every code had been asked for so much earlier."""
    with as_system("a test lets time pass") as session, session.begin():
        for row in session.query(OneTimeCode):
            row.asked_at -= by
            row.expires_at -= by


def refused(code: str, purpose: str = "register", target: str = PHONE) -> None:
    with pytest.raises(Invalid):
        codes.check(purpose, target, code)


def test_bj_07_a_code_works_once(sent: Path) -> None:
    code = asked(sent)
    codes.check("register", PHONE, code)
    refused(code)


@pytest.mark.parametrize(("language", "said"), [("zh_Hans_CN", "验证码"), ("en", "Your code is ")])
def test_a_code_comes_in_the_language_of_the_page(
    language: str, said: str, app: Flask, sent: Path
) -> None:
    with app.test_request_context(), force_locale(language):
        codes.ask("register", PHONE)
    outbox.run_due()
    assert f" {PHONE} {said}" in sent.read_text("utf-8")


def test_a_code_is_good_for_five_minutes(sent: Path) -> None:
    code = asked(sent)
    age(timedelta(minutes=5))
    refused(code)
    age(timedelta(minutes=-1))
    codes.check("register", PHONE, code)


def test_a_code_can_be_tried_five_times(sent: Path) -> None:
    code = asked(sent)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(5):
        refused(wrong)
    refused(code)


def test_four_wrong_tries_do_no_harm(sent: Path) -> None:
    code = asked(sent)
    for _ in range(4):
        refused("")
    codes.check("register", PHONE, code)


def test_a_code_opens_one_thing_for_one_number(sent: Path) -> None:
    code = asked(sent)
    refused(code, purpose="new_phone")
    refused(code, target="13911112223")
    codes.check("register", PHONE, code)


def test_the_newest_code_counts_alone(sent: Path) -> None:
    first = asked(sent)
    age(codes.PAUSE)
    second = asked(sent)
    if first != second:
        refused(first)
    codes.check("register", PHONE, second)


def test_one_a_minute_and_five_an_hour_go_to_a_number(sent: Path) -> None:
    for _ in range(7):
        codes.ask("register", PHONE)
        codes.ask("register", PHONE)
        outbox.run_due()
        age(codes.PAUSE)
    assert len(sent.read_text().splitlines()) == codes.AN_HOUR
    age(timedelta(hours=1))
    assert asked(sent)


def test_nobody_gets_a_text_who_has_no_account_and_it_looks_the_same(sent: Path) -> None:
    """Given a number that nobody has, then the same rows are written, and nothing leaves."""
    codes.ask("sign_in", PHONE)
    outbox.run_due()
    assert len(every(OneTimeCode)) == len(every(Outbox, job="code")) == 1
    assert not sent.exists()
    assert every(Outbox)[0].state == "done"


def test_no_code_and_no_number_stands_in_the_database_or_the_log(
    sent: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    code = asked(sent)
    refused("000000" if code != "000000" else "000001")
    (row,) = every(OneTimeCode)
    kept = [str(vars(row)), str(vars(every(Outbox)[0])), caplog.text]
    for text in kept:
        assert code not in re.findall(r"\d+", text)
        assert PHONE not in text


def test_a_job_done_twice_sends_a_code_that_works(sent: Path) -> None:
    """Given a worker that was killed after the sending, then the second code is the one."""
    asked(sent)
    codes.send(every(OneTimeCode)[0].id, "zh")
    codes.check("register", PHONE, texts.code_to(PHONE, sent))


def test_without_a_gateway_the_job_says_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "PORTAL_SMS", "")
    codes.ask("register", PHONE)
    outbox.run_due()
    assert every(Outbox)[0].state == "failed"
    assert PHONE not in (every(Outbox)[0].fault or "")


@pytest.mark.parametrize(
    "typed", ["", "１２３４５６", "12345", "abcdef", "1" * 4000, "\u202e123456"]
)
def test_anything_that_is_typed_is_answered(typed: str, sent: Path) -> None:
    asked(sent)
    refused(typed)


def test_a_gateway_that_took_a_code_and_died_gets_the_same_one_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken: list[tuple[str, ...]] = []

    def die_once(*text: str) -> dict[str, str]:
        taken.append(text)
        if len(taken) == 1:
            raise ConnectionError("gone before it answered")
        return {}

    monkeypatch.setattr(gateway, "send", die_once)
    codes.ask("register", PHONE)
    outbox.run_due()
    later(monkeypatch, hours=1 / 60)
    outbox.run_due()
    assert len(taken) == 2
    assert len(set(taken)) == 1  # the text and the reference by which a gateway knows it
    found = re.search(r"\d{6}", taken[0][2])
    assert found
    codes.check("register", PHONE, found[0])


def test_codes_and_their_references_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[tuple[str, ...]] = []
    monkeypatch.setattr(gateway, "send", lambda *text: taken.append(text))
    for number in range(4):
        codes.ask("register", f"1391111222{number}")
    outbox.run_due()
    assert len({text for _to, _title, text, _reference in taken}) == 4
    assert len({reference for *_, reference in taken}) == 4
