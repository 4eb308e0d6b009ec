"""What a form, a cookie and a token are worth: the repairs of FAB's sessions."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

import config
from models.worker import Worker
from tests.conftest import new_client
from tests.security.conftest import HERE, kept
from tests.support import factories
from tests.support.factories import PASSWORD
from tests.support.people import Person
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
