"""Every way over the fence between two counties by the API, and writing across it."""

from typing import Any

import pytest
from sqlalchemy import func, select

from app.scope import as_system
from models.base import Base
from models.credit import Credit
from models.publication import Notice
from models.worker import Worker
from tests.security.conftest import THERE, Scene, kept
from tests.security.fences import (
    CHANGE,
    HELD_BY_OTHERS,
    LABEL,
    ON_SCREEN,
    SCOPED,
    Attack,
    Unscoped,
    assert_fenced,
    declaring,
)
from tests.support import factories

ATTACKS: list[Attack] = []


def attack(tried: Attack) -> Attack:
    """List an attack."""
    ATTACKS.append(tried)
    return tried


@attack
def api_lists(scene: Scene) -> dict[str, bool]:
    found = {r.name: scene.insider.ask(f"{r.name}/").get_json() for r in SCOPED}
    return {name: scene.other.id(name) in got["ids"] for name, got in found.items()}


@attack
def api_counts(scene: Scene) -> dict[str, bool]:
    counts = {r.name: scene.insider.ask(f"{r.name}/").get_json()["count"] for r in SCOPED}
    with as_system("the control counts") as session:
        totals = {r.name: session.scalar(select(func.count(r.model.id))) for r in SCOPED}
    return {name: counts[name] == totals[name] for name in counts}


@attack
def api_filters(scene: Scene) -> dict[str, bool]:
    reached = {}
    for resource in SCOPED:
        key = scene.other.id(resource.name)
        for column, operator, value in (("id", "in", [key]), ("region_code", "eq", THERE)):
            asked = {"col": column, "opr": operator, "value": value}
            got = scene.insider.ask(f"{resource.name}/", filters=[asked]).get_json()
            reached[f"{resource.name} by {column}"] = key in got["ids"]
    return reached


@attack
def api_filters_on_a_foreign_key(scene: Scene) -> dict[str, bool]:
    reached = {}
    for name in ("qualifications", "credits", "applications", "certificates"):
        asked = {"col": "worker_id", "opr": "eq", "value": scene.other.id("workers")}
        got = scene.insider.ask(f"{name}/", filters=[asked]).get_json()
        reached[name] = scene.other.id(name) in got["ids"]
    return reached


@attack
def api_rows(scene: Scene) -> dict[str, bool]:
    asked = {r.name: scene.insider.ask(f"{r.name}/{scene.other.id(r.name)}") for r in SCOPED}
    return {name: answer.status_code == 200 for name, answer in asked.items()}


@attack
def api_changes(scene: Scene) -> dict[str, bool]:
    reached = {}
    for resource in declaring("edit"):
        key, (name, value) = scene.other.id(resource.name), CHANGE[resource.name]
        scene.insider.send("PUT", f"{resource.name}/{key}", {name: value})
        reached[resource.name] = str(getattr(kept(resource.model, key), name)) == value
    return reached


@attack
def api_removals(scene: Scene) -> dict[str, bool]:
    reached = {}
    for resource in declaring("remove"):
        key = scene.other.id(resource.name)
        answer = scene.insider.send("DELETE", f"{resource.name}/{key}")
        held = resource.name in HELD_BY_OTHERS and answer.status_code == 409
        reached[resource.name] = held or kept(resource.model, key) is None
    return reached


# Writing across the fence


NEW: dict[str, dict[str, Any]] = {
    "workers": {"name": LABEL, "id_type": "passport", "id_number": "E12345678", "real_name": True},
    "organizations": {"name": LABEL, "kind": "service", "credit_code": "", "active": True},
    "notices": {"title": LABEL, "issuer": "x", "issued_on": "2020-07-01", "body": "x"},
    "contacts": {"title": LABEL, "position": 1},
}


def made_there(model: type[Base]) -> bool:
    """Whether a row with our label lies in the other county, however it came there."""
    columns: Any = model
    named = columns.title if hasattr(columns, "title") else columns.name
    query = select(func.count(columns.id)).where(named == LABEL, columns.region_code == THERE)
    with as_system("a test looks") as session:
        return bool(session.scalar(query))


def new_row(name: str) -> dict[str, Any]:
    given = dict(NEW[name])
    if name == "organizations":
        given["credit_code"] = factories.credit_code()
    return given


@attack
def making_rows_in_the_other_county(scene: Scene) -> dict[str, bool]:
    reached = {}
    models = {resource.name: resource.model for resource in ON_SCREEN}
    for name in NEW:
        scene.insider.send("POST", f"{name}/", {**new_row(name), "region_code": THERE})
        reached[name] = made_there(models[name])
    return reached


@attack
def making_rows_there_by_a_form(scene: Scene) -> dict[str, bool]:
    scene.insider.post("/notices/add", **new_row("notices"), region_code=THERE)
    return {"notices": made_there(Notice)}


@attack
def moving_rows_to_the_other_county(scene: Scene) -> dict[str, bool]:
    reached = {}
    # a worker with a case in flight stays for everybody: tests/services/test_moving.py
    for name in ("contacts", "organizations", "notices", "windows"):
        scene.insider.send("PUT", f"{name}/{scene.own.id(name)}", {"region_code": THERE})
        row = kept(type(scene.own.rows[name]), scene.own.id(name))
        reached[name] = getattr(row, "region_code", None) == THERE
    return reached


@attack
def pointing_at_rows_there(scene: Scene) -> dict[str, bool]:
    own, other = scene.own, scene.other
    aims = (
        ("credits", Credit, "worker_id", other.id("workers")),
        ("workers", Worker, "organization_id", other.id("organizations")),
        ("notices", Notice, "window_id", other.id("windows")),
    )
    reached = {}
    for name, model, column, target in aims:
        scene.insider.send("PUT", f"{name}/{own.id(name)}", {column: target})
        reached[name] = getattr(kept(model, own.id(name)), column) == target
    return reached


@attack
def making_rows_that_point_there(scene: Scene) -> dict[str, bool]:
    body = {"title": LABEL, "taken_on": "2020-07-01", "hours": 1, "source": "online"}
    body |= {"state": "pending", "worker_id": scene.other.id("workers")}
    scene.insider.send("POST", "credits/", body)
    return {"credits": made_there(Credit)}


@pytest.mark.parametrize("tried", ATTACKS, ids=lambda tried: tried.__name__)
def test_nothing_of_another_county_is_reached(
    tried: Attack, scene: Scene, unscoped: Unscoped
) -> None:
    assert_fenced(tried, scene, unscoped)


DEEP = 100_000


@pytest.mark.parametrize("body", ["[" * DEEP, '{"a":' * DEEP])
@pytest.mark.parametrize("path", ["/api/v1/security/login", "/api/v1/workers/"])
def test_a_body_too_deep_to_be_read_is_told_as_such(path: str, body: str, scene: Scene) -> None:
    answer = scene.insider.program.post(path, data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize("query", ["(" * 3000, "!(" * 3000, "!", "(a:b,", "(", "'", "(:)"])
def test_a_query_that_cannot_be_read_is_told_as_such(query: str, scene: Scene) -> None:
    answer = scene.insider.program.get("/api/v1/workers/", query_string={"q": query})
    assert answer.status_code == 400
