"""Signing in with an identity elsewhere, against a real provider in a process of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

import config
from app import clock
from app.security import find_account
from models.account import Account
from models.application import Application
from models.event import Event
from models.message import Consent
from models.sign_in import IdentityLink
from models.worker import Worker
from tests.conftest import new_client
from tests.security.conftest import kept
from tests.support import factories, provider
from tests.support.factories import every
from tests.support.people import Person
from tests.support.portal import Client
from tests.support.provider import OpenIdProvider

CITY: dict[str, Any] = {
    "code": "city",
    "name": {"zh": "城市统一身份认证", "en": "City Identity"},
    "client_id": "portal",
    "client_secret": "of the test",
    "claims": {"id_number": "id_card_no", "phone": "phone_number"},
    "verified": {"claim": "real_name", "values": ["true", "L3"]},
}
NAME = "王小红"
WAY = "/sign-in/with/city"


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenIdProvider]:
    """The provider's process."""
    with provider.running(tmp_path_factory.mktemp("provider") / "log") as running:
        yield running


@pytest.fixture
def city(
    process: OpenIdProvider, app: Flask, db: SQLAlchemy, monkeypatch: pytest.MonkeyPatch
) -> OpenIdProvider:
    """The provider, as the operator has set it up."""
    monkeypatch.setitem(app.config, "IDENTITY_PROVIDERS", [{**CITY, "issuer": process.url}])
    app.extensions.pop("oauth", None)
    return process


def said(number: str, **more: Any) -> dict[str, Any]:
    """What the provider says of a verified person."""
    return {"name": NAME, "id_card_no": number, "real_name": "L3", **more}


def sent_there(client: Client, onto: str = "") -> str:
    """The address at the provider that the browser is sent to."""
    answer = client.get(WAY, query_string={"next": onto} if onto else None)
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def come_in(client: Client, city: OpenIdProvider, subject: str, onto: str = "") -> Any:
    """The whole way to the provider and back; the portal's answer."""
    return client.get(city.signs_in(sent_there(client, onto), subject))


def who_is(client: Client) -> str | None:
    """The user name of the account that a client is signed in to."""
    with client.session_transaction() as session:
        key = session.get("_user_id", "")
    account = find_account(id=int(key.partition(".")[0])) if key else None
    return account.username if account else None


def test_bj_03_the_first_sign_in_opens_an_account_for_the_identity_number(
    city: OpenIdProvider, client: Client
) -> None:
    """No password is asked; the role is the applicant's, and the real name is verified."""
    number = factories.id_number()
    worker = factories.worker(number=number, real_name=False)
    city.knows("u1", **said(number, phone_number="13911113333", phone_number_verified=True))
    answer = come_in(client, city, "u1", "/apply/first")
    assert answer.headers["Location"] == "/apply/first"
    account = find_account(username=who_is(client))
    assert account is not None
    assert account.worker_id == worker.id
    assert set(account.role_codes) == {"applicant"}
    assert account.phone == "13911113333"
    row = kept(Worker, worker.id)
    assert row is not None
    assert row.real_name


def test_bj_03_an_account_that_is_there_is_linked_and_found_again(
    city: OpenIdProvider, app: Flask
) -> None:
    number = factories.id_number()
    worker = factories.worker(number=number, real_name=False)
    account = factories.account("applicant", "110105", worker_id=worker.id)
    city.knows("u2", **said(number))
    for _ in range(2):
        client = new_client(app)
        come_in(client, city, "u2")
        assert who_is(client) == account.username
    assert len(every(IdentityLink)) == 1
    (told,) = every(Event, subject=f"worker:{worker.id}", verb="identify")
    assert told.reason == "identity of city"
    city.knows("u2", name="someone else", real_name="L0")  # the link is by subject from now on
    client = new_client(app)
    come_in(client, city, "u2")
    assert who_is(client) == account.username


def test_an_initial_password_that_the_office_knows_ends_with_the_link(
    city: OpenIdProvider, client: Client
) -> None:
    """Given an account whose holder never saw the password, then nothing asks for it."""
    number = factories.id_number()
    worker = factories.worker(number=number)
    account = factories.account("applicant", "110105", worker_id=worker.id)
    with factories.changing(account) as row:
        row.must_change_password = True
    city.knows("new", **said(number))
    come_in(client, city, "new")
    assert client.get("/messages/").status_code == 200
    assert getattr(kept(Account, account.id), "password", account.password) != account.password


def test_nobody_takes_over_an_account_that_is_linked(city: OpenIdProvider, app: Flask) -> None:
    """Given an account linked to one subject, when another says the same number, then no."""
    number = factories.id_number()
    factories.worker(number=number)
    city.knows("first", **said(number))
    city.knows("second", **said(number))
    come_in(new_client(app), city, "first")
    attacker = new_client(app)
    answer = come_in(attacker, city, "second")
    assert answer.status_code == 400
    assert who_is(attacker) is None
    assert [row.subject for row in every(IdentityLink)] == ["first"]


@pytest.mark.parametrize(
    "claims",
    [{"real_name": "L1"}, {"real_name": None}, {"name": "李大明"}, {"id_card_no": ""}],
    ids=["weak", "unsaid", "another name", "no number"],
)
def test_nobody_is_linked_by_what_was_not_verified(
    claims: dict[str, Any], city: OpenIdProvider, client: Client
) -> None:
    number = factories.id_number()
    worker = factories.worker(number=number, real_name=False)
    city.knows("u3", **{**said(number), **claims})
    come_in(client, city, "u3")
    assert who_is(client) is None
    assert every(IdentityLink) == every(Account, worker_id=worker.id) == []


def test_mc_04_whom_the_roster_does_not_know_is_led_to_the_request(
    city: OpenIdProvider, client: Client
) -> None:
    number = factories.id_number()
    city.knows("u4", **said(number))
    answer = come_in(client, city, "u4")
    assert answer.headers["Location"].endswith("/register/request")
    page = client.get("/register/request").text
    assert NAME in page
    assert number in page
    assert number not in str(client.get_cookie("portal_session"))


def test_somebody_signed_in_links_their_own_identity_and_is_verified_by_it(
    city: OpenIdProvider, app: Flask
) -> None:
    """BJ-06: the provider is one of the ways to a verified real name."""
    number = factories.id_number()
    worker = factories.worker(number=number, real_name=False)
    who = Person(app, factories.account("applicant", "110105", worker_id=worker.id))
    city.knows("u5", **said(number))
    answer = come_in(who.browser, city, "u5", "/apply/first")
    assert answer.headers["Location"] == "/apply/first"
    assert getattr(kept(Worker, worker.id), "real_name", False)
    assert every(Event, verb="link")[0].actor_id == who.account.id


def test_somebody_signed_in_does_not_link_somebody_else(city: OpenIdProvider, app: Flask) -> None:
    own = factories.worker()
    other = factories.id_number()
    factories.worker(number=other)
    who = Person(app, factories.account("applicant", "110105", worker_id=own.id))
    city.knows("u6", **said(other))
    assert come_in(who.browser, city, "u6").status_code == 400
    assert every(IdentityLink) == []


def test_the_way_there_has_a_state_a_nonce_and_a_challenge(
    city: OpenIdProvider, client: Client
) -> None:
    asked = parse_qs(urlsplit(sent_there(client)).query)
    again = parse_qs(urlsplit(sent_there(client)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[name] != again[name]
        assert len(asked[name][0]) >= 20


def test_an_answer_is_taken_once_and_by_the_browser_that_asked(
    city: OpenIdProvider, app: Flask
) -> None:
    """A link with somebody's answer in it signs nobody else in, and does so but once."""
    number = factories.id_number()
    factories.worker(number=number)
    city.knows("u7", **said(number))
    client = new_client(app)
    back = city.signs_in(sent_there(client), "u7")
    stranger = new_client(app)
    assert stranger.get(back).status_code == 400
    assert who_is(stranger) is None
    assert client.get(back).status_code == 302
    third = new_client(app)
    third.set_cookie("portal_session", client.get_cookie("portal_session").value)  # type: ignore[union-attr]
    assert third.get(back).status_code == 400


def test_a_code_of_another_sign_in_is_refused(city: OpenIdProvider, app: Flask) -> None:
    """The nonce binds the provider's answer to the browser: somebody's code behind one's own
    state is worth nothing."""
    number = factories.id_number()
    factories.worker(number=number)
    city.knows("u8", **said(number))
    theirs = parse_qs(urlsplit(city.signs_in(sent_there(new_client(app)), "u8")).query)
    victim = new_client(app)
    own = parse_qs(urlsplit(sent_there(victim)).query)
    answer = victim.get(f"{WAY}/back?code={theirs['code'][0]}&state={own['state'][0]}")
    assert answer.status_code == 400
    assert who_is(victim) is None


@pytest.mark.parametrize(
    "query", ["", "?code=x", "?state=x&code=y", "?error=access_denied&error_description=%3Cb%3E"]
)
def test_any_other_answer_is_a_sentence(query: str, city: OpenIdProvider, client: Client) -> None:
    answer = client.get(f"{WAY}/back{query}")
    assert answer.status_code == 400
    assert "<b>" not in answer.text


def test_a_new_session_begins_and_nothing_of_the_old_one_is_left(
    city: OpenIdProvider, client: Client
) -> None:
    number = factories.id_number()
    factories.worker(number=number)
    city.knows("u9", **said(number))
    with client.session_transaction() as session:
        session["planted"] = "by somebody"
        session["csrf_token"] = "known"
    come_in(client, city, "u9")
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != "known"


@pytest.mark.parametrize("onto", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_it_leads_nowhere_else(onto: str, city: OpenIdProvider, client: Client) -> None:
    number = factories.id_number()
    factories.worker(number=number)
    city.knows("u10", **said(number))
    answer = come_in(client, city, "u10", onto)
    assert "evil" not in answer.headers["Location"]


def test_a_switched_off_account_stays_shut(city: OpenIdProvider, client: Client) -> None:
    number = factories.id_number()
    worker = factories.worker(number=number)
    account = factories.account("applicant", "110105", worker_id=worker.id)
    with factories.changing(account) as row:
        row.active = False
    city.knows("u11", **said(number))
    assert come_in(client, city, "u11").status_code == 400
    assert who_is(client) is None


def test_no_secret_is_in_the_log(
    city: OpenIdProvider, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="views")
    caplog.set_level("INFO")
    number = factories.id_number()
    factories.worker(number=number)
    city.knows("u12", **said(number))
    address = sent_there(client)
    back = city.signs_in(address, "u12")
    client.get(back)
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert not [text for text in (number, code, CITY["client_secret"]) if text in caplog.text]


def test_a_provider_that_does_not_answer_is_a_sentence(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = {**CITY, "code": "gone", "issuer": "http://127.0.0.1:9"}
    monkeypatch.setitem(app.config, "IDENTITY_PROVIDERS", [nowhere])
    assert client.get("/sign-in/with/gone").status_code == 400
    assert client.get("/sign-in/with/nobody").status_code == 404


def test_the_secret_comes_from_the_environment_alone(tmp_path: Path) -> None:
    """The file names no variable, so that no other secret can be sent to an address in it."""
    file = tmp_path / "providers.yaml"
    file.write_text(
        yaml.safe_dump([{**CITY, "issuer": "https://id.example", "client_secret": "x"}])
    )
    named = {"PORTAL_IDENTITY_PROVIDERS": str(file)}
    with pytest.raises(RuntimeError, match="PORTAL_IDENTITY_SECRET_CITY"):
        config.settings(named)
    found = config.settings(named | {"PORTAL_IDENTITY_SECRET_CITY": "kept apart"})
    assert found["IDENTITY_PROVIDERS"][0]["client_secret"] == "kept apart"


def test_the_sign_in_page_shows_what_is_configured(
    city: OpenIdProvider, client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = client.get("/login/?next=/apply/first", headers={"Accept-Language": "zh-CN"}).text
    assert "城市统一身份认证" in page
    assert f"{WAY}?next=" in page
    assert "短信验证码" not in page, "there is no gateway"
    monkeypatch.setitem(app.config, "IDENTITY_PROVIDERS", [])
    monkeypatch.setitem(app.config, "PORTAL_SMS", "file:/dev/null")
    page = client.get("/login/", headers={"Accept-Language": "zh-CN"}).text
    assert "城市统一身份认证" not in page
    assert "短信验证码" in page


def begin(app: Flask, city: OpenIdProvider, subject: str) -> tuple[Client, int]:
    """Somebody who came by the provider and has begun an application; with its key."""
    number = factories.id_number()
    worker = factories.worker("510107", number=number, phone="13900000000", born_on=None)
    factories.qualification(worker)
    city.knows(subject, **said(number, phone_number="+86 139-1111-4444"))
    client = new_client(app)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "zh-CN"
    come_in(client, city, subject)
    answer = client.submit("/apply/first", {"region_code": "510107"})
    assert answer.status_code == 302, answer.text
    return client, every(Application)[0].id


def test_cd_14_one_click_fills_in_and_the_consent_is_kept(city: OpenIdProvider, app: Flask) -> None:
    with clock.frozen(factories.IN_WINDOW):
        client, key = begin(app, city, "fill1")
        form = f"/applications/{key}/form"
        assert "一键授权" in client.get(form).text
        page = client.get(f"/account/fill?next={form}").text
        assert all(text in page for text in (NAME, "139****4444", "********", "性别", "年龄"))
        answer = client.submit(f"/account/fill?next={form}", {"answer": "yes"})
        assert answer.headers["Location"] == form
        assert 'value="13911114444"' in client.get(form).text
    (agreed,) = every(Consent, code="one_click_fill")
    assert agreed.text.startswith("我授权“城市统一身份认证”")
    assert (agreed.application_id, agreed.address) == (None, "127.0.0.1")
    (worker,) = every(Worker)
    assert (worker.phone, worker.born_on.year) == ("13911114444", 1990)


def test_cd_14_who_declines_types_and_nothing_is_taken(city: OpenIdProvider, app: Flask) -> None:
    with clock.frozen(factories.IN_WINDOW):
        client, key = begin(app, city, "fill2")
        form = f"/applications/{key}/form"
        answer = client.submit(f"/account/fill?next={form}", {"answer": "no"})
        assert answer.headers["Location"] == form
        assert "13911114444" not in client.get(form).text
    assert every(Consent, code="one_click_fill") == []
    assert every(Worker)[0].phone == "13900000000"


def test_one_click_asks_the_provider_when_nobody_came_by_it(
    city: OpenIdProvider, app: Flask
) -> None:
    worker = factories.worker("510107")
    who = Person(app, factories.account("applicant", "510107", worker_id=worker.id))
    page = who.get("/account/fill?next=/centre/").text
    assert f"{WAY}?next=" in page
    assert who.post("/account/fill", answer="yes").status_code == 200
    assert every(Consent) == []


@pytest.mark.parametrize(
    "now", [{"id_card_no": ""}, {"id_card_no": factories.id_number()}, {"name": "李小明"}]
)
def test_one_click_takes_the_data_of_nobody_else(
    now: dict[str, str], city: OpenIdProvider, app: Flask
) -> None:
    """Given a linked identity that names another person by now, then it still signs in, and
    nothing of it is shown or taken."""
    number = factories.id_number()
    worker = factories.worker(number=number, phone="13900000000")
    city.knows("moved", **said(number))
    come_in(new_client(app), city, "moved")
    city.knows("moved", **said(number, phone_number="13911114444") | now)
    client = new_client(app)
    come_in(client, city, "moved")
    token = client.csrf_token("/account/")
    assert client.get("/account/fill").status_code == 403
    answer = client.post("/account/fill", data={"csrf_token": token, "answer": "yes"})
    assert answer.status_code == 403
    assert every(Consent, code="one_click_fill") == []
    assert getattr(kept(Worker, worker.id), "phone", "") == "13900000000"


def test_the_first_sign_in_takes_no_telephone_that_a_switched_off_account_has_proved(
    city: OpenIdProvider, client: Client
) -> None:
    holder = factories.account("county_reviewer", "110105", phone="13911113333")
    with factories.changing(holder) as row:
        row.phone_proved_at, row.active = clock.real_now(), False
    number = factories.id_number()
    factories.worker(number=number)
    city.knows("late", **said(number, phone_number="13911113333", phone_number_verified=True))
    assert come_in(client, city, "late").status_code == 302
    account = find_account(username=who_is(client))
    assert account is not None
    assert account.phone is None


def test_who_sets_out_again_and_again_still_comes_in(city: OpenIdProvider, client: Client) -> None:
    """Each way there is noted in the cookie, and a browser drops a cookie that is too large."""
    number = factories.id_number()
    factories.worker(number=number)
    city.knows("again", **said(number))
    for _ in range(25):
        answer = client.get(WAY)
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        assert len(cookie) < 4000
    assert come_in(client, city, "again").status_code == 302
    assert who_is(client)
