"""Signing in and what a session or a token is worth: the repairs of FAB's sign-in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.security import generate_password_hash

import config
from app import clock
from app.scope import as_system
from app.security import LOCK_AFTER, LOCK_FOR
from models.account import Account
from models.worker import Worker
from tests.conftest import new_client
from tests.security.conftest import HERE, kept
from tests.support import factories
from tests.support.factories import PASSWORD
from tests.support.people import Person, person
from tests.support.portal import Client

WRONG = "not-the-password-9"
NEW = "Another-secret-7"


def try_form(client: Client, username: str, password: str) -> Any:
    return client.submit("/login/", {"username": username, "password": password})


def try_token(client: Client, username: str, password: str) -> Any:
    body = {"username": username, "password": password, "provider": "db"}
    return client.post("/api/v1/security/login", json=body)


WAYS: dict[str, Callable[[Client, str, str], Any]] = {"form": try_form, "token": try_token}


def let_in(answer: Any) -> bool:
    """Whether a sign-in succeeded, by either way."""
    return answer.status_code == 302 or "access_token" in (answer.get_json(silent=True) or {})


# The lock


@pytest.mark.parametrize("way", WAYS)
def test_an_account_locks_after_five_failures_whatever_the_business_time(
    way: str, app: Flask, admin: Person
) -> None:
    """PORTAL_NOW stands still for rules; a lock counts real minutes and ends with them."""
    name = admin.account.username
    with clock.frozen("2020-07-10T09:00"):
        for _ in range(LOCK_AFTER):
            assert not let_in(WAYS[way](new_client(app), name, WRONG))
        assert not let_in(WAYS[way](new_client(app), name, PASSWORD))
    row = kept(Account, admin.account.id)
    assert row is not None
    left = row.locked_until - clock.real_now()
    assert timedelta() < left <= LOCK_FOR
    _turn_back_the_lock(admin.account.id)
    assert let_in(WAYS[way](new_client(app), name, PASSWORD))


def _turn_back_the_lock(key: int) -> None:
    """As if the minutes of the lock had passed."""
    with as_system("a test lets time pass") as session, session.begin():
        row = session.get_one(Account, key)
        assert row.locked_until is not None
        row.locked_until -= LOCK_FOR


@pytest.mark.parametrize("way", WAYS)
def test_a_success_forgets_the_failures_before(way: str, app: Flask, admin: Person) -> None:
    name = admin.account.username
    for _ in range(2):
        for _ in range(LOCK_AFTER - 1):
            WAYS[way](new_client(app), name, WRONG)
        assert let_in(WAYS[way](new_client(app), name, PASSWORD))


def test_form_and_token_count_on_one_lock(app: Flask, admin: Person) -> None:
    name = admin.account.username
    for turn in range(LOCK_AFTER):
        WAYS["token" if turn % 2 else "form"](new_client(app), name, WRONG)
    assert not let_in(try_form(new_client(app), name, PASSWORD))
    assert not let_in(try_token(new_client(app), name, PASSWORD))


def test_a_refusal_does_not_tell_why(app: Flask, admin: Person) -> None:
    """An unknown name, a wrong password, a locked and a switched-off account sound the same."""
    off = person(app, "auditor", HERE)
    names = [admin.account.username, "nobody", off.account.username]
    for _ in range(LOCK_AFTER):
        try_token(new_client(app), names[0], WRONG)
    with as_system("a test switches an account off") as session, session.begin():
        session.get_one(Account, off.account.id).active = False
    told = {try_token(new_client(app), name, PASSWORD).text for name in names}
    told.add(try_token(new_client(app), "nobody-else", WRONG).text)
    assert len(told) == 1


def test_a_name_that_nobody_has_costs_the_same_comparison() -> None:
    """Not timed: the hash that is compared then has the method, the salt and the length of ours."""
    fixed = config._fixed(production=True)
    real = generate_password_hash(PASSWORD, fixed["FAB_PASSWORD_HASH_METHOD"])
    (way, *lengths), (our_way, *our_lengths) = (
        (one.split("$")[0], *map(len, one.split("$")))
        for one in (fixed["AUTH_DB_FAKE_PASSWORD_HASH_CHECK"], real)
    )
    assert (way, lengths) == (our_way, our_lengths)


@pytest.mark.slow
@pytest.mark.database("sqlite")
@pytest.mark.parametrize("way", WAYS)
def test_failed_tries_are_limited_and_good_ones_are_not(
    way: str, make_app: Callable[..., Flask]
) -> None:
    """An office behind one address signs in all morning; somebody guessing does not."""
    app = make_app(PORTAL_RATE_LIMIT="on")
    with app.app_context():
        name = factories.account("county_admin", HERE).username
    assert all(let_in(WAYS[way](new_client(app), name, PASSWORD)) for _ in range(35))
    seen = [WAYS[way](new_client(app), f"guess{turn}", WRONG).status_code for turn in range(35)]
    assert seen[:30] == [401] * 30
    assert seen[30:] == [429] * 5
    assert WAYS[way](new_client(app), name, PASSWORD).status_code == 429


# The initial password


@pytest.fixture
def newcomer(app: Flask, admin: Person) -> Person:
    """Somebody whose account was just opened."""
    made = person(app, "county_admin", HERE)
    with as_system("a test makes what it needs") as session, session.begin():
        session.get_one(Account, made.account.id).must_change_password = True
    return made


def test_hn_06_nothing_is_open_before_the_initial_password_is_changed(newcomer: Person) -> None:
    worker = factories.worker(HERE, name="MARKED")
    page = newcomer.get(f"/workers/show/{worker.id}")
    assert page.status_code == 302
    assert page.headers["Location"].endswith("/account/password")
    asked = newcomer.ask(f"workers/{worker.id}")
    assert asked.get_json()["code"] == "must_change_password"
    assert "MARKED" not in asked.text
    changed = newcomer.send("PUT", f"workers/{worker.id}", {"unit_name": "x"})
    assert changed.get_json()["code"] == "must_change_password"
    assert getattr(kept(Worker, worker.id), "unit_name", "gone") is None


def change_password(who: Person, new: str = NEW, current: str = PASSWORD) -> Any:
    return who.post("/account/password", current=current, password=new, repeat=new)


def test_hn_06_the_change_opens_the_portal(newcomer: Person) -> None:
    answer = change_password(newcomer)
    assert answer.status_code == 302
    assert newcomer.get("/workers/list/").status_code == 200
    assert not getattr(kept(Account, newcomer.account.id), "must_change_password", True)


@pytest.mark.parametrize(
    ("new", "current"),
    [
        ("short-1", PASSWORD),
        ("onlyletters", PASSWORD),
        ("1234567890123", PASSWORD),
        (PASSWORD, PASSWORD),
        ("{username}-1", PASSWORD),
        (NEW, WRONG),
    ],
)
def test_a_weak_or_unproved_change_is_refused(new: str, current: str, newcomer: Person) -> None:
    answer = change_password(newcomer, new.format(username=newcomer.account.username), current)
    assert answer.status_code == 422
    row = kept(Account, newcomer.account.id)
    assert row is not None
    assert row.password == newcomer.account.password
    assert row.must_change_password


# What ends with a password


def test_other_sessions_and_tokens_end_with_a_new_password(app: Flask, admin: Person) -> None:
    elsewhere = Person(app, admin.account)
    assert elsewhere.get("/workers/list/").status_code == 200
    assert elsewhere.ask("workers/").status_code == 200
    change_password(admin)
    assert admin.get("/workers/list/").status_code == 200
    assert "/login/" in elsewhere.get("/workers/list/").headers["Location"]
    assert elsewhere.ask("workers/").get_json()["code"] == "not_signed_in"
    assert not let_in(try_token(new_client(app), admin.account.username, PASSWORD))
    client = new_client(app).with_token(admin.account.username, NEW)
    assert client.get("/api/v1/workers/").status_code == 200


def test_everything_ends_when_an_account_is_switched_off(app: Flask, admin: Person) -> None:
    assert admin.ask("workers/").status_code == 200
    with as_system("a test switches an account off") as session, session.begin():
        session.get_one(Account, admin.account.id).active = False
    assert "/login/" in admin.get("/workers/list/").headers["Location"]
    assert admin.ask("workers/").get_json()["code"] == "not_signed_in"


def test_a_refresh_token_is_neither_given_nor_taken(app: Flask, admin: Person) -> None:
    """It would outlive the hour of a token."""
    body = {"username": admin.account.username, "password": PASSWORD, "provider": "db"}
    given = new_client(app).post("/api/v1/security/login", json=body | {"refresh": True})
    refresh = given.get_json().get("refresh_token", "")
    client = new_client(app)
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {refresh}"
    assert client.get("/api/v1/workers/").get_json()["code"] == "not_signed_in"
    assert client.post("/api/v1/security/refresh").status_code == 404


@pytest.mark.slow
@pytest.mark.database("sqlite")
def test_a_line_of_the_new_kind_has_one_address_however_many_it_takes(
    make_app: Callable[..., Flask],
) -> None:
    """Else whoever has one tries a password on every name."""
    app = make_app(PORTAL_RATE_LIMIT="on")
    with app.app_context():
        seen = []
        for turn in range(70):
            client = new_client(app)
            client.environ_base["REMOTE_ADDR"] = f"2001:db8:1:1::{turn:x}"
            seen.append(try_token(client, f"nobody{turn}", WRONG).status_code)
        client.environ_base["REMOTE_ADDR"] = "2001:db8:1:2::1"
        assert try_token(client, "nobody", WRONG).status_code == 401
    assert seen[:30] == [401] * 30
    assert 429 in seen[30:], "a minute may have ended once between them"
