"""Every route of the running application: declared, open to whom it says, and quiet when read."""

import io
from typing import Any

import pytest
from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from werkzeug.test import TestResponse

from app.security import ROLES
from models.application import Application
from models.base import Base
from models.certificate import Certificate, Delivery
from models.publication import Notice, Window
from models.registration import Registration
from tests.conftest import new_client
from tests.security.conftest import HERE, Scene, kept
from tests.security.doors import FRAMEWORK, Door, doors
from tests.support.people import Person
from tests.support.portal import Client
from tests.support.watching import statements
from views.contents import RESOURCES
from views.guard import permission_of

OPEN = {
    "Home.index",
    "Home.guide",
    "Guide.kind",
    "Guide.form",
    "Help.contacts",
    "Notices.all",
    "Notices.one",
    "Notices.file",
    "Documents.all",
    "Documents.one",
    "Documents.file",
    "Downloads.all",
    "Education.all",
    "StandingTexts.privacy",
    "Projects.all",
    "Verification.ask",
    "Verification.answer",
    "Verification.file",
    "CertificateStatus.status",
    "NumberLists.ask",
    "NumberLists.check",
    "Offline.keys",
    "Offline.page",
    "Offline.states",
    "ApiDocument.document",
    "Health.alive",
    "Health.ready",
    "SignIn.login",
    "CodeSignIn.ask",
    "CodeSignIn.enter",
    "Identity.go",
    "Identity.back",
    "Joining.who",
    "Joining.phone",
    "Joining.code",
    "Joining.account",
    "Joining.feedback",
    "Joining.sent",
    "Lookup.regions",
    "Manual.file",
    "Recovery.ask",
    "Recovery.enter",
    "Recovery.password",
    "SignIn.language",
    "Tokens.login",
}
"""All that somebody without an account may reach."""


class Untouched(io.RawIOBase):
    """A body of 64 MB that nobody may read a byte of."""

    place = 0

    def readable(self) -> bool:
        return True

    def seek(self, _offset: int, whence: int = io.SEEK_SET) -> int:
        self.place = 64 * 1024 * 1024 if whence == io.SEEK_END else 0
        return self.place

    def tell(self) -> int:
        return self.place

    def readinto(self, _buffer: Any) -> int:
        raise AssertionError("the body was read")


def sent_blindly(client: Client, door: Door, content_type: str) -> TestResponse:
    """The answer to a body whose sender nobody has let in."""
    return client.open(
        door.url,
        method=door.method,
        input_stream=Untouched(),
        content_type=content_type,
    )


@pytest.mark.database("sqlite")
@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/json",
    ],
)
def test_nothing_that_somebody_sends_is_read_before_they_may_send_it(
    content_type: str, scene: Scene
) -> None:
    """Given nobody, or somebody whose role does not permit it, then their 64 MB fill no disk."""
    nobody = new_client(scene.app)
    writing = [one for one in doors(scene) if one.method != "GET" and one.asks != "public"]
    assert len(writing) > 100
    for door in writing:
        assert sent_blindly(nobody, door, content_type).status_code in (302, 401), door
    auditor = scene.person("auditor").browser
    for door in writing:
        if "." in (permission_of(door.endpoint) or ""):  # a generated one asks the framework
            assert sent_blindly(auditor, door, content_type).status_code == 403, door


@pytest.mark.database("sqlite")
def test_what_is_larger_than_a_form_is_read_by_views_that_take_files_alone(scene: Scene) -> None:
    """Given somebody who may do everything, then 64 MB are read where files belong."""
    largest = 64 * 1024 * 1024
    takes_files = {
        "Filling.form",
        "Filling.upload",
        "Personal.index",
        "Personal.new",
        "Personal.entry",
        "Personal.upload",
        "Joining.feedback",
        "NoticeScreens.attach",
        "DocumentScreens.attach",
    }
    views = current_app.view_functions
    assert {name for name, view in views.items() if getattr(view, "_most_bytes", 0) == largest} == (
        takes_files
    )
    refused = scene.insider.browser.post("/workers/add", data={"name": "x" * 5_000_000})
    assert refused.status_code == 413


# a GET may record who looked, and keep what it drew
WRITTEN_BY_READING = {"event", "event_chain", "rendering"}


def person_of(scene: Scene, role: str) -> Person:
    """Somebody in this role in the county, with the worker or organization that the role needs."""
    links: dict[str, Any] = {}
    if role == "applicant":
        links = {"worker_id": scene.own.id("workers")}
    if role == "organization":
        links = {"organization_id": scene.own.id("organizations")}
    return scene.person(role, **links)


def knock(door: Door, who: Person | None, scene: Scene) -> TestResponse:
    """Try a door with an empty form, or an empty body, of the portal's own."""
    if who is None:
        client = scene.app.test_client()
        return client.open(door.url, method=door.method)
    if door.url.startswith("/api/"):
        return who.program.open(door.url, method=door.method, json=None)
    data = {"csrf_token": who.csrf_token} if door.method == "POST" else None
    return who.browser.open(door.url, method=door.method, data=data)


def test_every_route_is_declared(scene: Scene) -> None:
    """An undeclared route is FAB's own and shut to everybody; none of ours is missing a mark."""
    undeclared = {door.endpoint for door in doors(scene) if door.asks is None}
    assert undeclared == FRAMEWORK


def test_what_is_open_to_everybody_is_listed_here(scene: Scene) -> None:
    public = {d.endpoint for d in doors(scene) if permission_of(d.endpoint) == "public"}
    assert public == OPEN


@pytest.mark.slow
@pytest.mark.database("sqlite")
@pytest.mark.parametrize("role", [*ROLES, None])
def test_every_route_opens_to_the_roles_that_it_names_and_no_get_writes(
    role: str | None, scene: Scene, db: SQLAlchemy
) -> None:
    who = person_of(scene, role) if role else None
    permissions = ROLES[role].permissions if role else None
    wrong = []
    for door in list(doors(scene)):
        with statements(db) as seen:
            answer = knock(door, who, scene)
        if door.opens(permissions):
            fault = _not_let_in(door, answer)
        else:
            fault = _not_kept_out(door, answer, who) or ("wrote" if seen.written else "")
        if door.method == "GET" and seen.written - WRITTEN_BY_READING:
            fault = f"a GET wrote to {seen.written}"
        wrong += [(door.method, door.url, answer.status_code, fault)] if fault else []
    assert not wrong, "\n".join(map(str, wrong))


def _not_let_in(door: Door, answer: TestResponse) -> str:
    """What is wrong with the answer of an open door; a verb may still refuse a row or a body."""
    if answer.status_code >= 500:
        return "a fault"
    if door.method == "GET" and answer.status_code in (401, 403):
        return "refused"
    return "sent away to sign in" if "/login/" in answer.headers.get("Location", "") else ""


def _not_kept_out(door: Door, answer: TestResponse, who: Person | None) -> str:
    if who is not None or door.endpoint in FRAMEWORK:
        refused = answer.status_code in (403, 404) or "/login/" in answer.headers.get(
            "Location", ""
        )
        return "" if refused or answer.status_code == 401 else "let in"
    if door.url.startswith("/api/"):
        body = answer.get_json()
        return "" if answer.status_code == 401 and body["code"] == "not_signed_in" else "let in"
    away = answer.status_code == 302 and "/login/" in answer.headers["Location"]
    # a form without a token is refused before anybody is asked
    return "" if away or (door.method == "POST" and answer.status_code == 400) else "let in"


def test_an_undeclared_route_is_shut_even_for_the_platform(scene: Scene) -> None:
    """Given a view that somebody forgot to mark, when anybody opens it, then nobody gets in."""
    scene.app.view_functions["forgotten"] = lambda: "secret"
    rule = scene.app.url_rule_class("/forgotten", endpoint="forgotten", methods=["GET"])
    scene.app.url_map.add(rule)
    try:
        for who in (scene.person("platform_admin", "000000"), scene.insider):
            answer = who.get("/forgotten")
            assert (answer.status_code, "secret" in answer.text) == (403, False)
    finally:
        del scene.app.view_functions["forgotten"]


STATES: dict[str, tuple[type[Base], str]] = {
    "applications": (Application, "approved"),
    "registrations": (Registration, "claimed"),
    "certificates": (Certificate, "revoked"),
    "windows": (Window, "published"),
    "notices": (Notice, "published"),
    "deliveries": (Delivery, "sent"),
}


@pytest.mark.parametrize("name", STATES)
def test_no_state_is_written_but_by_its_verb(name: str, scene: Scene) -> None:
    """Stock FAB answers 200 to `PUT {"state": "approved"}`."""
    model, wanted = STATES[name]
    key = scene.own.id(name)
    before = kept(model, key)
    assert before is not None
    answers = [
        scene.insider.send("PUT", f"{name}/{key}", {"state": wanted}),
        scene.insider.send("POST", f"{name}/", {"state": wanted}),
        scene.insider.send("DELETE", f"{name}/{key}") if name in ("applications",) else None,
    ]
    after = kept(model, key)
    assert after is not None
    assert after.state == before.state
    assert all(a.status_code in (405, 422) for a in answers if a is not None)
    errors = [a.get_json().get("errors", {}) for a in answers if a and a.status_code == 422]
    assert all("state" in found for found in errors)


@pytest.mark.parametrize("name", ["windows", "notices", "documents", "contacts"])
def test_a_form_cannot_publish(name: str, scene: Scene) -> None:
    resource = next(r for r in RESOURCES if r.name == name)
    row = kept(resource.model, scene.own.id(name))
    form = {s.name: getattr(row, s.name) for s in resource.fields}
    given = {n: value for n, value in form.items() if value is not None}
    scene.insider.post(f"/{name}/edit/{scene.own.id(name)}", **given, state="published")
    after = kept(resource.model, scene.own.id(name))
    assert after is not None
    assert after.state == "draft"
    assert after.region_code == HERE
