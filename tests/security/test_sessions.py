"""What a form, a cookie and a token are worth: the repairs of FAB's sessions."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

import config
from app.scope import as_system
from app.services import retention, sessions
from models.account import Account
from models.sign_in import EndedSession
from models.worker import Worker
from tests.conftest import new_client
from tests.security.conftest import HERE, kept
from tests.support import factories
from tests.support.factories import PASSWORD, every
from tests.support.people import Person, person
from tests.support.portal import Client
from tests.support.signing import issued_key

# Forms of other sites


@pytest.mark.parametrize("path", ["/workers/delete/{}", "/workers/act?ids={}", "/workers/edit/{}"])
def test_a_form_without_its_token_changes_nothing(path: str, admin: Person) -> None:
    worker = factories.worker(HERE, unit_name="before")
    data = {"action": "remove", "unit_name": "HACKED", "name": "HACKED"}
    for token in (None, "junk"):
        given = data | ({"csrf_token": token} if token else {})
        answer = admin.browser.post(path.format(worker.id), data=given)
        assert answer.status_code == 400
        assert "The page has expired" in answer.text
    row = kept(Worker, worker.id)
    assert row is not None
    assert row.unit_name == "before"


def test_a_form_that_is_too_old_leads_back_to_its_page(admin: Person) -> None:
    address = "http://localhost/account/?_l_=en"
    answer = admin.browser.post("/workers/act", data={}, headers={"Referer": address})
    assert answer.status_code == 400
    assert 'href="/account/?_l_=en"' in answer.text


def test_an_address_that_is_wrong_is_told_to_whoever_is_signed_in(admin: Person) -> None:
    answer = admin.get("/nothing-here")
    assert answer.status_code == 404
    assert 'action="/logout/"' in answer.text


@pytest.mark.parametrize("path", ["/workers/delete/{}", "/workers/act?ids={}&action=remove"])
def test_a_link_removes_nothing(path: str, admin: Person) -> None:
    """FAB without its own CSRF protection deletes rows on a GET."""
    worker = factories.worker(HERE)
    admin.get(path.format(worker.id))
    assert kept(Worker, worker.id) is not None


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_the_api_with_a_cookie_asks_for_the_token_of_the_page(method: str, admin: Person) -> None:
    worker = factories.worker(HERE, unit_name="before")
    call = {
        "path": f"/api/v1/workers/{worker.id}",
        "method": method,
        "json": {"unit_name": "after"},
    }
    refused = admin.browser.open(**call)
    assert (refused.status_code, refused.get_json()["code"]) == (400, "csrf")
    assert getattr(kept(Worker, worker.id), "unit_name", None) == "before"
    allowed = admin.browser.open(**call, headers={"X-CSRFToken": admin.csrf_token})
    assert allowed.status_code == 200
    assert getattr(kept(Worker, worker.id), "unit_name", "gone") in ("after", "gone")


@pytest.mark.parametrize("header", ["Bearer junk", "Bearer ", "Bearer a.b.c"])
def test_a_bad_token_does_not_fall_back_on_the_cookie(header: str, admin: Person) -> None:
    """Else a page elsewhere could send the header to escape the check of forms."""
    worker = factories.worker(HERE, unit_name="before")
    for path, method in (
        (f"/api/v1/workers/{worker.id}", "PUT"),
        (f"/workers/delete/{worker.id}", "POST"),
    ):
        answer = admin.browser.open(
            path, method=method, json={"unit_name": "HACKED"}, headers={"Authorization": header}
        )
        assert (answer.status_code, answer.get_json()["code"]) == (401, "not_signed_in")
    assert getattr(kept(Worker, worker.id), "unit_name", None) == "before"


def test_a_token_in_another_spelling_is_no_token(admin: Person) -> None:
    worker = factories.worker(HERE, unit_name="before")
    for header in ("bearer junk", "Basic eDp5", "Token junk"):
        answer = admin.browser.put(
            f"/api/v1/workers/{worker.id}",
            json={"unit_name": "HACKED"},
            headers={"Authorization": header},
        )
        assert answer.get_json()["code"] == "csrf"
    assert getattr(kept(Worker, worker.id), "unit_name", None) == "before"


# The session


def test_a_sign_in_takes_nothing_over_from_the_session_before(app: Flask, admin: Person) -> None:
    """A cookie that somebody planted, or read, before is worth nothing afterwards."""
    client = new_client(app)
    token = client.csrf_token()
    with client.session_transaction() as session:
        session["planted"] = "x"
    client.sign_in(admin.account.username, PASSWORD)
    with client.session_transaction() as session:
        assert "planted" not in session
    worker = factories.worker(HERE)
    answer = client.post(f"/workers/delete/{worker.id}", data={"csrf_token": token})
    assert answer.status_code == 400
    assert kept(Worker, worker.id) is not None


def test_signing_out_is_a_post(admin: Person) -> None:
    assert admin.get("/logout/").status_code == 405
    assert admin.get("/workers/list/").status_code == 200
    admin.post("/logout/")
    assert "/login/" in admin.get("/workers/list/").headers["Location"]


def copied(of: Person) -> Person:
    """The same session in another browser: what a copy of the cookie opens."""
    other = Person(of.app, of.account)
    cookie = of.browser.get_cookie("portal_session")
    assert cookie is not None
    client = of.app.test_client()
    assert isinstance(client, Client)
    client.set_cookie("portal_session", cookie.value)
    other.browser = client
    return other


def opens(of: Person) -> bool:
    """Whether a browser is somebody's."""
    return of.get("/account/").status_code == 200


def ended_sessions() -> int:
    """How many are remembered."""
    with as_system("a test looks") as database:
        return len(database.scalars(select(EndedSession)).all())


def test_a_copy_of_the_cookie_opens_nothing_after_signing_out(admin: Person) -> None:
    """Another session of the same person goes on."""
    elsewhere = Person(admin.app, admin.account)
    assert opens(admin)
    copy = copied(admin)
    assert opens(copy)
    assert admin.post("/logout/").status_code == 302
    assert not opens(copy)
    assert not opens(admin)
    assert opens(elsewhere)


def test_what_the_browser_kept_goes_with_the_session(admin: Person) -> None:
    """One's own pictures stay in one's browser; on a shared computer the next one opens none."""
    assert admin.post("/logout/").headers["Clear-Site-Data"] == '"cache"'


def test_an_ended_session_is_not_prolonged_and_then_forgotten(admin: Person) -> None:
    """Else its copy would be kept alive by pages for everybody until nobody remembers it."""
    with admin.browser.session_transaction() as session:
        session.permanent = True
    admin.get("/account/")
    copy = copied(admin)
    admin.post("/logout/")
    assert ended_sessions() == 1
    kept_alive = copied(copy)
    for path, what in (("/login/", "document"), ("/static/portal.css", "document")):
        kept_alive.browser.get(path, headers={"Sec-Fetch-Dest": what})
    kept_alive.browser.get("/account/", headers={"Sec-Fetch-Dest": "image"})  # which leaves words
    sessions.forget_over()
    assert ended_sessions() == 1
    with as_system("a test waits") as database, database.begin():
        database.scalars(select(EndedSession)).one().ended_at -= timedelta(hours=9, minutes=1)
    retention.erase_promised()
    assert ended_sessions() == 0
    assert not opens(kept_alive)


def test_a_changed_password_ends_every_other_session(admin: Person) -> None:
    elsewhere, copy = Person(admin.app, admin.account), copied(admin)
    assert opens(elsewhere)
    given = {"current": PASSWORD, "password": "Portal-demo-2", "repeat": "Portal-demo-2"}
    assert admin.post("/account/password", **given).status_code == 302
    assert opens(admin)
    assert not opens(elsewhere)
    assert not opens(copy)


def test_who_was_switched_off_stays_signed_out_when_switched_on_again(admin: Person) -> None:
    below = person(admin.app, "county_reviewer", HERE)
    assert opens(below)
    assert below.ask("workers/").status_code == 200
    admin.post("/accounts/act", action="switch_off", ids=[str(below.account.id)])
    assert not opens(copied(below))
    assert below.ask("workers/").status_code == 401
    admin.post("/accounts/act", action="switch_on", ids=[str(below.account.id)])
    assert not opens(below)
    assert below.ask("workers/").status_code == 401
    assert opens(Person(admin.app, every(Account, id=below.account.id)[0]))


def test_a_key_without_a_session_of_its_own_opens_nothing(admin: Person) -> None:
    """It could not be ended alone."""
    with admin.browser.session_transaction() as session:
        session["_user_id"] = admin.account.get_id()
    assert not opens(admin)


TRAPS = (
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/\n\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "http:evil.example",
    " //evil.example",
    "///evil.example",
)


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("target", TRAPS)
def test_no_sign_in_and_no_language_leads_elsewhere(target: str, app: Flask, admin: Person) -> None:
    client = new_client(app)
    token = client.csrf_token()
    data = {"csrf_token": token, "username": admin.account.username, "password": PASSWORD}
    answers = [
        client.post("/login/", query_string={"next": target}, data=data),
        admin.post("/language", locale="en", next=target),
        admin.browser.get("/login/", query_string={"next": target}),
    ]
    for answer in answers:
        assert answer.status_code == 302
        place = answer.headers["Location"]
        assert place.startswith("/")
        assert "evil" not in place.split("?")[0]


def test_a_sign_in_leads_back_to_where_one_was(app: Flask, admin: Person) -> None:
    client = new_client(app)
    sent = client.get("/workers/list/?order=name").headers["Location"]
    data = {"csrf_token": client.csrf_token(), "username": admin.account.username}
    answer = client.post(sent, data=data | {"password": PASSWORD})
    assert answer.headers["Location"] == "/workers/list/?order=name"


@pytest.mark.database("sqlite")
@pytest.mark.parametrize(("production", "secure"), [(True, True), (False, False)])
def test_the_cookie_is_for_this_site_and_no_script(
    production: bool, secure: bool, make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    live = {
        "PORTAL_ENV": "production",
        "PORTAL_URL": "https://portal.example.org",
        "PORTAL_SIGNING_KEY": str(issued_key(tmp_path / "key.pem")),
    }
    app = make_app(**(live if production else {}))
    cookie = new_client(app).get("/login/", base_url="https://localhost").headers["Set-Cookie"]
    flags = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax"} <= flags
    assert ("secure" in flags) is secure


@pytest.mark.parametrize(
    ("path", "what", "carried"),
    [
        ("/account/", "document", True),
        ("/account/", "empty", False),
        ("/static/portal.css", "style", False),
        ("/static/favicon.svg", "image", False),
    ],
)
def test_what_comes_along_with_a_page_brings_no_ended_session_back(
    path: str, what: str, carried: bool, admin: Person
) -> None:
    admin.get("/account/")  # which gives the session its token
    with admin.browser.session_transaction() as session:
        session.permanent = True
    answer = admin.browser.get(path, headers={"Sec-Fetch-Dest": what})
    assert answer.status_code == 200
    assert ("Set-Cookie" in answer.headers) == carried


@pytest.mark.parametrize("key", ["SECRET_KEY", "IDENTITY_KEY", "EVENT_KEY"])
def test_production_makes_up_no_key(key: str) -> None:
    keys = dict.fromkeys(("SECRET_KEY", "IDENTITY_KEY", "EVENT_KEY"), "x" * 44)
    del keys[key]
    with pytest.raises(RuntimeError, match=key):
        config.settings({"PORTAL_ENV": "production", **keys})
