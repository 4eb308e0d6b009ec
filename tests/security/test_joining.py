"""Registering an account: compared with the roster, proved by the telephone, and no oracle."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app import vault
from app.scope import as_system
from app.security import find_account
from app.services import roster
from models.account import Account
from models.event import Event
from models.message import Consent
from models.sign_in import OneTimeCode
from models.worker import Worker
from tests.conftest import new_client
from tests.security.conftest import kept
from tests.security.test_identities import who_is
from tests.support import factories, texts
from tests.support.factories import every
from tests.support.portal import Client
from tests.support.watching import statements

PHONE = "13911114444"
NAME = "王小红"
NEW = {"username": "wang.xh", "password": "Another-secret-7", "repeat": "Another-secret-7"}
SEED_TEXT = "请输入正确的身份证号"


@pytest.fixture
def sent(app: Flask, db: SQLAlchemy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that takes the text messages."""
    return texts.to_file(app, tmp_path, monkeypatch)


def say_who(client: Client, number: str, name: str = NAME, **more: str) -> Any:
    """The first step."""
    given = {"name": name, "id_type": "id_card", "id_number": number, "agree": "yes", **more}
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "zh-CN"
    return client.submit("/register/", given)


def step(client: Client, path: str, **data: str) -> Any:
    """A later step."""
    return client.submit(f"/register/{path}", data)


def register(client: Client, number: str, sent: Path, phone: str = PHONE) -> Any:
    """All steps, as somebody at the right telephone."""
    assert say_who(client, number).status_code == 302
    assert step(client, "phone", phone=phone).status_code == 302
    assert step(client, "code", code=texts.code_to(phone, sent)).status_code == 302
    return step(client, "account", **NEW)


def test_mc_02_the_management_number_is_filled_in_and_cannot_be_typed(
    sent: Path, client: Client
) -> None:
    number = factories.id_number()
    worker = factories.worker(number=number, phone=PHONE)
    held = factories.qualification(worker)
    assert say_who(client, number).headers["Location"] == "/register/phone"
    page = client.get("/register/phone").text
    assert held.management_number
    assert held.management_number in page
    assert 'name="management_number"' not in page


def test_bj_05_mc_01_j_06_the_account_opens_with_a_verified_real_name(
    sent: Path, client: Client
) -> None:
    number = factories.id_number()
    worker = factories.worker(number=number, phone=PHONE, real_name=False)
    answer = register(client, number, sent)
    assert answer.status_code == 302
    assert "实名认证成功" in client.get("/", follow_redirects=True).text
    account = find_account(username="wang.xh")
    assert account is not None
    assert who_is(client) == "wang.xh"
    assert account.worker_id == worker.id
    assert set(account.role_codes) == {"applicant"}
    assert not account.must_change_password
    row = kept(Worker, worker.id)
    assert row is not None
    assert row.real_name
    assert [event.reason for event in every(Event, verb="register")] == ["roster and telephone"]


def test_ba_11_what_was_agreed_to_is_kept_with_its_text_time_and_address(
    sent: Path, client: Client
) -> None:
    number = factories.id_number()
    worker = factories.worker(number=number, phone=PHONE)
    assert say_who(client, number, agree="").status_code == 422
    register(client, number, sent)
    (row,) = every(Consent, worker_id=worker.id)
    assert (row.code, row.application_id, row.turn) == ("account", None, None)
    assert row.text.startswith("我同意")
    assert row.address == "127.0.0.1"


def test_bj_05_a_wrong_code_opens_nothing(sent: Path, client: Client) -> None:
    number = factories.id_number()
    factories.worker(number=number, phone=PHONE)
    say_who(client, number)
    step(client, "phone")
    right = texts.code_to(PHONE, sent)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    assert step(client, "code", code=wrong).status_code == 422
    assert client.get("/register/account").headers["Location"] == "/register/"
    token = client.csrf_token("/register/code")
    answer = client.post("/register/account", data={"csrf_token": token, **NEW})
    assert answer.headers["Location"] == "/register/"
    assert find_account(username="wang.xh") is None


def test_mc_03_j_07_whom_the_roster_does_not_know_reads_the_text_of_the_guide(
    sent: Path, client: Client
) -> None:
    """Well-formed and unknown: the guide's words and the button; malformed: its own words."""
    unknown = say_who(client, factories.id_number())
    assert unknown.status_code == 422
    assert SEED_TEXT in unknown.text
    assert "/register/request" in unknown.text
    malformed = say_who(client, "110105199003078888")
    assert malformed.status_code == 422
    assert SEED_TEXT not in malformed.text
    assert "/register/request" not in malformed.text
    assert "校验码" in malformed.text


def test_all_that_is_wrong_is_said_at_once(client: Client) -> None:
    answer = say_who(client, "", agree="")
    assert answer.status_code == 422
    assert all(f'href="#f-{name}"' in answer.text for name in ("id_number", "agree"))


def test_x_38_other_documents_have_no_check_digit(sent: Path, client: Client) -> None:
    worker = factories.worker(phone=PHONE)
    with factories.changing(worker) as row:
        row.id_type, row.id_number_digest = "passport", vault.digest("E12345678")
    assert (
        say_who(client, "e1234 5678", id_type="passport").headers["Location"] == "/register/phone"
    )
    other = say_who(new_client(client.application), "E12345678", id_type="taiwan_permit")
    assert SEED_TEXT in other.text


def test_a_wrong_name_and_an_unknown_number_look_the_same(
    sent: Path, app: Flask, db: SQLAlchemy
) -> None:
    """Neither the page nor the work behind it says that the number is on the roster."""
    number = factories.id_number()
    worker = factories.worker(number=number)
    factories.qualification(worker)
    factories.account("applicant", "110105", worker_id=worker.id)
    seen, pages = [], []
    for given in (number, factories.id_number()):
        client = new_client(app)
        client.csrf_token("/register/")
        with statements(db) as asked:
            answer = say_who(client, given, name="李大明")
        seen.append(asked.read)
        pages.append(answer.text.replace(given, "").replace(client.csrf_token("/register/"), ""))
    assert seen[0] == seen[1]
    assert len(pages[0]) == len(pages[1])


def test_a_code_goes_to_the_telephone_on_record_alone(sent: Path, client: Client) -> None:
    """Whoever knows name and number has not got the telephone (ADR 0050)."""
    number = factories.id_number()
    factories.worker(number=number, phone=PHONE)
    say_who(client, number)
    step(client, "phone", phone="13900009999")
    texts.code_to(PHONE, sent)
    assert "13900009999" not in sent.read_text("utf-8")
    assert PHONE not in client.get("/register/code").text


def test_where_no_telephone_is_on_record_one_is_typed_and_kept(sent: Path, client: Client) -> None:
    number = factories.id_number()
    worker = factories.worker(number=number, phone=None)
    say_who(client, number)
    assert step(client, "phone", phone="12").status_code == 422
    assert register(new_client(client.application), number, sent).status_code == 302
    row = kept(Worker, worker.id)
    assert row is not None
    assert row.phone == PHONE


def test_only_the_holder_of_the_telephone_reads_that_there_is_an_account(
    sent: Path, client: Client
) -> None:
    number = factories.id_number()
    worker = factories.worker(number=number, phone=PHONE)
    there = factories.account("applicant", "110105", worker_id=worker.id)
    assert say_who(client, number).headers["Location"] == "/register/phone"
    assert there.username not in client.get("/register/phone").text
    step(client, "phone")
    answer = step(client, "code", code=texts.code_to(PHONE, sent))
    assert answer.headers["Location"] == "/login/"
    assert there.username in client.get("/login/").text
    assert len(every(Account, worker_id=worker.id)) == 1


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"password": "short-1", "repeat": "short-1"}, "password"),
        ({"password": "wang.xh-2020", "repeat": "wang.xh-2020"}, "password"),
        ({"repeat": "Another-secret-8"}, "repeat"),
        ({"username": "13911115555"}, "username"),
        ({"username": "王小红"}, "username"),
        ({"username": ""}, "username"),
    ],
)
def test_a_name_and_a_password_have_to_hold(
    typed: dict[str, str], field: str, sent: Path, client: Client
) -> None:
    number = factories.id_number()
    factories.worker(number=number, phone=PHONE)
    say_who(client, number)
    step(client, "phone")
    step(client, "code", code=texts.code_to(PHONE, sent))
    answer = step(client, "account", **{**NEW, **typed})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert step(client, "account", **NEW).status_code == 302, "the code need not be asked again"


def test_a_taken_name_or_telephone_is_refused_and_the_rest_is_kept(
    sent: Path, app: Flask, client: Client
) -> None:
    register(client, _known(), sent)
    second = new_client(app)
    say_who(second, _known(), name=NAME)
    step(second, "phone")
    _age_codes()
    step(second, "phone")
    step(second, "code", code=texts.code_to(PHONE, sent))
    answer = step(second, "account", **NEW)
    assert answer.status_code == 422
    assert "wang.xh" in answer.text
    assert len(every(Account, phone=PHONE)) == 1


def _known() -> str:
    number = factories.id_number()
    factories.worker(number=number, phone=PHONE)
    return number


def _age_codes() -> None:
    with as_system("a test lets time pass") as session, session.begin():
        for row in session.query(OneTimeCode):
            row.asked_at = row.asked_at.replace(year=2000)


def test_the_cookie_holds_no_number(sent: Path, client: Client) -> None:
    """Cookies are signed and readable: what was typed is sealed in them."""
    number = factories.id_number()
    say_who(client, number)
    with client.session_transaction() as session:
        assert number not in str(dict(session))
    assert number in client.get("/register/request").text


def test_steps_cannot_be_skipped(client: Client) -> None:
    for path in ("phone", "code", "account"):
        assert client.get(f"/register/{path}").headers["Location"] == "/register/"


def test_somebody_signed_in_registers_nobody_else(sent: Path, client: Client) -> None:
    number = _known()
    register(client, number, sent)
    assert client.get("/register/").status_code == 302
    assert client.get("/register/phone").status_code == 302


@pytest.mark.slow
@pytest.mark.database("sqlite")
def test_tries_on_one_number_are_limited_whatever_address_they_come_from(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(PORTAL_RATE_LIMIT="on")
    with app.app_context():
        number = factories.id_number()
        seen = []
        for turn in range(22):
            client = new_client(app)
            client.environ_base["REMOTE_ADDR"] = f"192.0.2.{turn + 1}"
            seen.append(say_who(client, number).status_code)
    assert seen[:10] == [422] * 10
    assert 429 in seen[10:]


@pytest.mark.database("sqlite")
def test_mc_04_mistakes_in_a_request_keep_nobody_from_sending_it(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(PORTAL_RATE_LIMIT="on")
    with app.app_context():
        client = new_client(app)
        given = {"name": NAME, "id_type": "id_card", "id_number": factories.id_number()}
        tries = [client.submit("/register/request", given).status_code for _ in range(5)]
    assert tries == [422] * 5


@pytest.mark.slow
@pytest.mark.database("sqlite")
def test_tries_from_one_address_are_limited_whatever_number_they_are_on(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(PORTAL_RATE_LIMIT="on")
    with app.app_context():
        client = new_client(app)
        seen = [say_who(client, factories.id_number()).status_code for _ in range(45)]
    assert seen[:20] == [422] * 20
    assert 429 in seen[20:], "a minute may have ended once between them"


def test_pages_of_the_way_in_are_kept_by_no_browser(app: Flask) -> None:
    """They show whose number was typed; the next person at this computer goes back to nothing."""
    client = new_client(app)
    assert "Cache-Control" not in client.get("/register/").headers
    answer = say_who(client, factories.id_number())
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/register/").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["王小红", " 王小红 ", "王 小红"])
def test_names_are_compared_as_people_write_them(name: str, db: SQLAlchemy) -> None:
    assert (roster.plain(name) == NAME) == (name.strip() == NAME)


def test_the_dot_in_a_name_is_one_dot() -> None:
    assert {roster.plain(f"阿依{dot}古丽") for dot in "·•．"} == {"阿依·古丽"}
