"""Signing in by a code, finding back to an account, and moving it to another telephone."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app import clock
from app.scope import as_system
from app.security import LOCK_AFTER, LOCK_FOR
from app.services import outbox
from models.account import Account
from models.event import Event
from models.message import Outbox
from models.profile import Profile
from models.sign_in import OneTimeCode
from models.worker import Worker
from tests.conftest import new_client
from tests.security.conftest import HERE, kept
from tests.security.test_identities import who_is
from tests.support import factories, texts
from tests.support.factories import PASSWORD, every
from tests.support.people import Person
from tests.support.portal import Client
from tests.support.watching import statements

PHONE, NEW_PHONE = "13911116666", "13911117777"
NEW = {"password": "Another-secret-7", "repeat": "Another-secret-7"}


@pytest.fixture(autouse=True)
def sent(app: Flask, db: SQLAlchemy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that takes the text messages."""
    return texts.to_file(app, tmp_path, monkeypatch)


def proved(phone: str = PHONE, **links: Any) -> Account:
    """An account whose holder has proved the telephone."""
    account = factories.account("county_reviewer", HERE, phone=phone, **links)
    with factories.changing(account) as row:
        row.phone_proved_at = clock.real_now()
    return account


def applicant(phone: str = PHONE, **facts: Any) -> Account:
    """The same of an applicant."""
    worker = factories.worker(HERE, **facts)
    account = factories.account("applicant", HERE, phone=phone, worker_id=worker.id)
    with factories.changing(account) as row:
        row.phone_proved_at = clock.real_now()
    return account


def ask(client: Client, phone: str = PHONE, onto: str = "") -> Any:
    """Ask for a code to sign in with."""
    query = f"?next={onto}" if onto else ""
    return client.submit(f"/sign-in/code/{query}", {"phone": phone})


def enter(client: Client, code: str, onto: str = "") -> Any:
    """Type the code."""
    query = f"?next={onto}" if onto else ""
    return client.submit(f"/sign-in/code/enter{query}", {"code": code})


# Signing in by a code


def test_bj_07_ba_12_a_code_signs_in_once(sent: Path, app: Flask, client: Client) -> None:
    account = proved()
    ask(client)
    second = new_client(app)
    ask(second)
    code = texts.code_to(PHONE, sent)
    assert enter(client, code).status_code == 302
    assert who_is(client) == account.username
    assert enter(second, code).status_code == 401
    assert who_is(second) is None


def test_bj_07_the_password_goes_with_the_user_name_and_with_the_telephone(
    app: Flask,
) -> None:
    account = proved()
    for name in (account.username, PHONE):
        client = new_client(app).sign_in(name, PASSWORD)
        assert who_is(client) == account.username


def test_a_telephone_that_nobody_proved_signs_nobody_in(app: Flask, client: Client) -> None:
    """An office may have typed any number."""
    factories.account("county_reviewer", HERE, phone=PHONE)
    data = {"username": PHONE, "password": PASSWORD}
    assert client.submit("/login/", data).status_code == 401
    ask(client)
    assert every(Outbox, job="code")[0].payload.keys() == {"code_id", "language"}


def test_bj_08_a_deep_link_survives_the_code(sent: Path, client: Client) -> None:
    proved()
    answer = ask(client, onto="/messages/")
    assert answer.headers["Location"] == "/sign-in/code/enter?next=/messages/"
    answer = enter(client, texts.code_to(PHONE, sent), onto="/messages/")
    assert answer.headers["Location"] == "/messages/"


@pytest.mark.parametrize("onto", ["//evil.example", "https://evil.example", "/%5Cevil.example"])
def test_a_code_leads_to_no_other_site(onto: str, sent: Path, client: Client) -> None:
    proved()
    ask(client)
    assert "evil" not in enter(client, texts.code_to(PHONE, sent), onto=onto).headers["Location"]


def test_known_and_unknown_numbers_are_answered_alike(app: Flask, db: SQLAlchemy) -> None:
    """The same page, the same statements; whether anybody is there is found out afterwards."""
    proved()
    told = []
    for phone in (PHONE, "13911119999"):
        client = new_client(app)
        client.csrf_token("/sign-in/code/")
        with statements(db) as seen:
            answer = ask(client, phone)
        page = client.get("/sign-in/code/enter").text
        (token,) = re.findall(r'name="csrf-token" content="([^"]+)"', page)
        shown = len(page.replace(token, ""))
        asked = (seen.read, seen.written)
        told.append((answer.status_code, answer.headers["Location"], *asked, shown))
    assert told[0] == told[1]


def test_a_code_begins_a_new_session(sent: Path, client: Client) -> None:
    proved()
    with client.session_transaction() as session:
        session["planted"] = "by somebody"
    ask(client)
    enter(client, texts.code_to(PHONE, sent))
    with client.session_transaction() as session:
        assert not {"planted", "sign_in"} & set(session)


def test_a_code_ends_a_lock(sent: Path, client: Client) -> None:
    account = proved()
    with factories.changing(account) as row:
        row.locked_until = clock.real_now() + LOCK_FOR
    ask(client)
    enter(client, texts.code_to(PHONE, sent))
    assert getattr(kept(Account, account.id), "locked_until", 0) is None


def test_nothing_is_offered_without_a_gateway(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PORTAL_SMS", "")
    assert "/sign-in/code" not in client.get("/login/").text
    assert client.get("/sign-in/code/").status_code == 302
    assert client.get("/recover/").status_code == 302


@pytest.mark.slow
@pytest.mark.database("sqlite")
def test_codes_to_one_number_are_limited_from_any_address(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(PORTAL_RATE_LIMIT="on", PORTAL_SMS="file:/dev/null")
    seen = []
    for turn in range(12):
        client = new_client(app)
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{turn + 1}"
        seen.append(ask(client).status_code)
    assert seen == [302] * 10 + [429] * 2
    with app.app_context():
        assert len(every(OneTimeCode)) == 1, "and but one a minute is sent"


# A forgotten password


def recover(client: Client, target: str, sent: Path) -> Any:
    """All steps to a new password."""
    client.submit("/recover/", {"target": target})
    client.submit("/recover/code", {"code": texts.code_to(target, sent)})
    return client.submit("/recover/password", NEW)


def test_whom_no_code_can_reach_is_led_to_the_office_or_to_an_account(client: Client) -> None:
    assert 'href="/help">原手机号已无法使用？请联系登记机构</a>' in client.get("/recover/").text
    assert 'href="/register/">注册账号</a>' in client.get("/sign-in/code/").text


def test_a_new_password_ends_every_session_elsewhere(sent: Path, app: Flask) -> None:
    account = proved()
    elsewhere = Person(app, account)
    assert elsewhere.get("/messages/").status_code == 200
    client = new_client(app)
    assert recover(client, PHONE, sent).status_code == 302
    assert who_is(client) == account.username
    assert elsewhere.get("/messages/").status_code == 302
    assert new_client(app).sign_in(account.username, NEW["password"])
    assert [row.subject for row in every(Event, verb="reset_password")] == [f"account:{account.id}"]


def test_the_code_may_go_to_the_mailbox(sent: Path, client: Client) -> None:
    account = applicant(email="Only.One@example.com")
    recover(client, "only.one@example.com", sent)
    assert who_is(client) == account.username


def test_without_a_gateway_for_e_mails_no_mailbox_is_asked_for(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a gateway for text messages alone, then nobody waits for an e-mail."""
    monkeypatch.setitem(app.config, "PORTAL_SMS", "https://sms.example/send")
    applicant(email="only.one@example.com")
    page = client.get("/recover/").text
    assert 'name="phone"' in page
    assert "e-mail" not in page
    for name in ("phone", "target"):
        assert client.submit("/recover/", {name: "only.one@example.com"}).status_code == 422
    assert every(OneTimeCode) == []
    assert client.submit("/recover/", {"phone": PHONE}).status_code == 302


def test_a_mailbox_of_two_people_opens_neither(sent: Path, client: Client) -> None:
    applicant(email="both@example.com")
    applicant("13911118888", email="both@example.com")
    client.submit("/recover/", {"target": "both@example.com"})
    outbox.run_due()
    assert not sent.exists()


def test_a_proof_is_good_for_one_new_password(sent: Path, app: Flask) -> None:
    """Given a copy of the cookie, when the password is replaced, then the copy is worth nothing."""
    proved()
    client = new_client(app)
    client.submit("/recover/", {"target": PHONE})
    client.submit("/recover/code", {"code": texts.code_to(PHONE, sent)})
    copy = new_client(app)
    copy.set_cookie("portal_session", client.get_cookie("portal_session").value)  # type: ignore[union-attr]
    assert client.submit("/recover/password", NEW).status_code == 302
    again = {"password": "Stolen-secret-9", "repeat": "Stolen-secret-9"}
    assert copy.submit("/recover/password", again).headers["Location"] == "/recover/"
    assert who_is(copy) is None


def test_a_proof_is_good_for_a_quarter_of_an_hour(sent: Path, client: Client) -> None:
    proved()
    client.submit("/recover/", {"target": PHONE})
    client.submit("/recover/code", {"code": texts.code_to(PHONE, sent)})
    with client.session_transaction() as session:
        session["recover"] = {**session["recover"], "at": session["recover"]["at"] - 901}
    assert client.get("/recover/password").headers["Location"] == "/recover/"


def test_the_steps_of_the_recovery_cannot_be_skipped(client: Client) -> None:
    account = proved()
    client.submit("/recover/", {"target": PHONE})
    token = client.csrf_token("/recover/code")
    answer = client.post("/recover/password", data={"csrf_token": token, **NEW})
    assert answer.headers["Location"] == "/recover/"
    assert getattr(kept(Account, account.id), "password", "") == account.password


def test_a_weak_password_is_refused_and_the_proof_kept(sent: Path, client: Client) -> None:
    proved()
    client.submit("/recover/", {"target": PHONE})
    client.submit("/recover/code", {"code": texts.code_to(PHONE, sent)})
    weak = {"password": "short", "repeat": "short"}
    assert client.submit("/recover/password", weak).status_code == 422
    assert client.submit("/recover/password", NEW).status_code == 302


def test_a_reset_unlocks_the_account(sent: Path, client: Client) -> None:
    account = proved()
    for _ in range(LOCK_AFTER):
        client.submit("/login/", {"username": account.username, "password": "wrong"})
    recover(client, PHONE, sent)
    assert who_is(client) == account.username


# Another telephone


def move(who: Person, sent: Path, old_code: str | None = None) -> Any:
    """All steps to another telephone."""
    who.post("/account/phone")
    who.post("/account/phone/present", code=old_code or texts.code_to(PHONE, sent))
    who.post("/account/phone/new", phone=NEW_PHONE)
    return who.post("/account/phone/confirm", code=texts.code_to(NEW_PHONE, sent))


def test_a_telephone_is_changed_with_proof_of_both(sent: Path, app: Flask) -> None:
    account = applicant()
    assert move(Person(app, account), sent).headers["Location"] == "/account/"
    row = kept(Account, account.id)
    assert row is not None
    assert row.phone == NEW_PHONE
    assert getattr(kept(Worker, account.worker_id or 0), "phone", "") == NEW_PHONE
    assert len(every(Event, verb="change_phone")) == 1


@pytest.mark.parametrize(("said", "then"), [(PHONE, NEW_PHONE), ("13700000000", "13700000000")])
def test_the_details_follow_the_telephone_that_they_name(
    said: str, then: str, sent: Path, app: Flask
) -> None:
    account = applicant()
    key = account.worker_id or 0
    with factories.changing(every(Profile, worker_id=key)[0]) as row:
        row.basic = {**row.basic, "phone": said}
    move(Person(app, account), sent)
    (profile,) = every(Profile, worker_id=key)
    assert profile.basic["phone"] == then


def test_without_the_present_telephone_nothing_changes(sent: Path, app: Flask) -> None:
    account = proved()
    who = Person(app, account)
    who.post("/account/phone")
    assert who.post("/account/phone/present", code="").status_code == 422
    answer = who.post("/account/phone/new", phone=NEW_PHONE)
    assert answer.headers["Location"] == "/account/phone"
    assert getattr(kept(Account, account.id), "phone", "") == PHONE


def test_without_the_new_telephone_nothing_changes(sent: Path, app: Flask) -> None:
    account = proved()
    who = Person(app, account)
    who.post("/account/phone")
    who.post("/account/phone/present", code=texts.code_to(PHONE, sent))
    who.post("/account/phone/new", phone=NEW_PHONE)
    right = texts.code_to(NEW_PHONE, sent)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    assert who.post("/account/phone/confirm", code=wrong).status_code == 422
    assert getattr(kept(Account, account.id), "phone", "") == PHONE


@pytest.mark.parametrize("active", [True, False])
def test_a_telephone_that_another_account_has_proved_is_refused(
    active: bool, sent: Path, app: Flask
) -> None:
    """Whether that one is in use or switched off."""
    with factories.changing(proved(NEW_PHONE)) as row:
        row.active = active
    account = proved()
    assert move(Person(app, account), sent).status_code == 422
    assert getattr(kept(Account, account.id), "phone", "") == PHONE


def test_where_no_telephone_is_proved_the_password_is_asked(sent: Path, app: Flask) -> None:
    account = factories.account("county_reviewer", HERE)
    who = Person(app, account)
    assert who.post("/account/phone", current="wrong").status_code == 422
    assert who.post("/account/phone/new", phone=NEW_PHONE).headers["Location"] == "/account/phone"
    assert who.post("/account/phone", current=PASSWORD).status_code == 302
    who.post("/account/phone/new", phone=NEW_PHONE)
    who.post("/account/phone/confirm", code=texts.code_to(NEW_PHONE, sent))
    assert getattr(kept(Account, account.id), "phone", "") == NEW_PHONE


def test_a_proof_for_one_account_is_none_for_another(sent: Path, app: Flask) -> None:
    """Given a browser that two people use, then the first one's proof is not the second one's."""
    first, second = proved(), proved(NEW_PHONE)
    who = Person(app, first)
    who.post("/account/phone")
    who.post("/account/phone/present", code=texts.code_to(PHONE, sent))
    with who.browser.session_transaction() as session:
        session["_user_id"] = second.new_session()
    assert who.get("/account/phone/new").headers["Location"] == "/account/phone"


@pytest.mark.parametrize(
    "path",
    ["/register/", "/register/request", "/sign-in/code/", "/sign-in/code/enter", "/recover/"],
)
def test_no_form_is_taken_without_its_token(path: str, client: Client) -> None:
    assert client.post(path, data={"phone": PHONE, "target": PHONE}).status_code == 400


def test_bj_09_cd_09_the_phone_has_the_same_account_and_password(app: Flask) -> None:
    """The entry of a 公众号 is a link into the portal: over the sign-in to the same place."""
    account = applicant()
    phone = new_client(app)
    phone.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0"
    there = phone.get("/apply/first")
    assert there.headers["Location"] == "/login/?next=/apply/first"
    data = {"username": account.username, "password": PASSWORD}
    answer = phone.submit(there.headers["Location"], data)
    assert answer.headers["Location"] == "/apply/first"
    desktop = new_client(app).sign_in(account.username, PASSWORD)
    assert who_is(phone) == who_is(desktop)


def test_bj_04_anybody_downloads_the_manual(client: Client) -> None:
    page = client.get("/login/", headers={"Accept-Language": "zh-CN"}).text
    assert "用户操作手册下载" in page
    answer = client.get("/manual.pdf")
    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF")


def test_old_codes_are_forgotten_after_a_day(sent: Path, client: Client) -> None:
    ask(client)
    with as_system("a test lets time pass") as session, session.begin():
        session.query(OneTimeCode).one().asked_at -= timedelta(days=2)
    ask(client, NEW_PHONE)
    assert len(every(OneTimeCode)) == 1
