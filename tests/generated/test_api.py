"""The generated API: its documents, its pages, its errors."""

import re
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from app.scope import as_system
from models.worker import Worker
from tests.conftest import new_client
from tests.generated.conftest import HERE
from tests.support import factories
from tests.support.people import Person
from views.contents import RESOURCES

STABLE = {
    *("workers", "qualifications", "registrations", "certificates", "applications"),
    *("credits", "organizations", "regions", "notices"),
}


@pytest.fixture
def crowd(db: SQLAlchemy) -> int:
    """More rows than a page may hold."""
    made = [factories.sound_worker(HERE, name=f"人{turn:03}") for turn in range(120)]
    with as_system("a test makes what it needs") as session, session.begin():
        session.add_all(made)
    return len(made)


@pytest.mark.parametrize(
    ("asked", "given"), [(100, 100), (101, 100), (10**6, 100), (0, 100), (-1, 100), (7, 7)]
)
def test_a_page_holds_a_hundred_rows_at_most(
    asked: int, given: int, crowd: int, office: Person
) -> None:
    body = office.ask("workers/", page_size=asked).get_json()
    assert len(body["result"]) == len(body["ids"]) == given
    assert body["count"] == crowd


def test_pages_hold_every_row_once(crowd: int, office: Person) -> None:
    seen: list[int] = []
    for page in range(3):
        seen += office.ask("workers/", page=page, page_size=50).get_json()["ids"]
    assert len(seen) == len(set(seen)) == crowd
    assert office.ask("workers/", page=3, page_size=50).get_json()["ids"] == []


def test_every_row_tells_its_key_and_its_region(crowd: int, office: Person) -> None:
    rows = office.ask("workers/", columns=["name"]).get_json()["result"]
    assert {frozenset(row) for row in rows} == {frozenset(("id", "name", "region_code", "version"))}
    assert {row["region_code"] for row in rows} == {HERE}


QUERIES: list[Any] = [
    {"page": 10**15},
    {"page": -5},
    {"filters": [{"col": "name", "opr": "sw"}]},
    {"filters": [{"opr": "eq", "value": 1}]},
    {"filters": [{}]},
    {"filters": [{"col": "id", "opr": "in", "value": ["x"]}]},
    {"filters": [{"col": "id", "opr": "in", "value": [10**20]}]},
    {"filters": [{"col": "name", "opr": "nothing", "value": "x"}]},
    {"filters": [{"col": "password", "opr": "eq", "value": "x"}]},
    {"filters": [{"col": "name", "opr": "sw", "value": "a\x00"}]},
    {"filters": [{"col": "region_code", "opr": "eq", "value": "abc"}]},
    {"filters": [{"col": "organization_id", "opr": "eq", "value": "abc"}]},
    {"order_column": "id_number_cipher"},
    {"order_column": 7},
    {"columns": ["id_number_cipher", "id_number_digest"]},
    {"page_size": "many"},
]


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_no_question_is_a_fault(query: dict[str, Any], office: Person) -> None:
    factories.worker(HERE)
    answer = office.ask("workers/", **query)
    body = answer.get_json()
    if answer.status_code == 200:
        assert all("cipher" not in row and "digest" not in row for row in body["result"])
        return
    assert answer.status_code == 400
    assert set(body) >= {"code", "message"}
    assert body["message"]


@pytest.mark.parametrize("text", ["!!!", "(", "x" * 5000, "(page:1", "%00"])
def test_a_question_in_no_language_is_a_bad_request(text: str, office: Person) -> None:
    answer = office.program.get(f"/api/v1/workers/?q={text}")
    assert answer.status_code == 400
    assert answer.get_json()["code"]


NUMBERS = ["0", "999999999", "99999999999999999999"]


@pytest.mark.parametrize("key", [*NUMBERS, "abc", "%C2%B2", "-1", "1.5"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_row_is_missing_and_not_a_fault(method: str, key: str, office: Person) -> None:
    body = {"name": "x"} if method == "PUT" else None
    answer = office.send(method, f"workers/{key}", body)
    # FAB's route for reading takes numbers alone
    assert answer.status_code == (404 if method != "GET" or key in NUMBERS else 405)
    assert answer.get_json()["message"]
    assert answer.get_json()["code"] in ("missing", "not_found", "method_not_allowed")


BODIES: list[Any] = ["text", [1], 7, {"nothing": 1}, {"name": None}, {"name": ["x"]}, {"name": {}}]


@pytest.mark.parametrize("body", BODIES, ids=str)
def test_no_body_is_a_fault_or_a_change(body: Any, office: Person) -> None:
    worker = factories.worker(HERE, name="前")
    for method, path in (("PUT", f"workers/{worker.id}"), ("POST", "workers/")):
        answer = office.send(method, path, body)
        assert answer.status_code == 422
        assert answer.get_json()["code"] == "invalid"
    with as_system("a test looks") as session:
        assert session.scalars(select(Worker.name)).all() == ["前"]


def test_a_refused_row_names_every_field(office: Person) -> None:
    answer = office.send("POST", "organizations/", {"name": "", "kind": "x", "credit_code": "1"})
    assert answer.status_code == 422
    assert answer.get_json()["errors"].keys() == {"name", "kind", "credit_code", "region_code"}


def test_errors_without_a_sign_in_or_a_permission_are_json(app: Flask, office: Person) -> None:
    nobody = new_client(app).get("/api/v1/workers/")
    assert (nobody.status_code, nobody.get_json()["code"]) == (401, "not_signed_in")
    refused = office.ask("events/")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not_permitted")
    nowhere = office.ask("nothing/")
    assert (nowhere.status_code, nowhere.get_json()["code"]) == (404, "not_found")
    wrong = office.send("DELETE", "workers/")
    assert (wrong.status_code, wrong.get_json()["code"]) == (405, "method_not_allowed")


# The document


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI document, as anybody reads it."""
    body: dict[str, Any] = new_client(app).get("/api/v1/_openapi").get_json()
    return body


def references(node: Any) -> list[str]:
    """Every `$ref` below a node."""
    if isinstance(node, dict):
        here = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return here + [ref for value in node.values() for ref in references(value)]
    return [ref for value in node for ref in references(value)] if isinstance(node, list) else []


def resolves(document: dict[str, Any], ref: str) -> bool:
    node: Any = document
    for part in ref.removeprefix("#/").split("/"):
        node = node.get(part) if isinstance(node, dict) else None
    return node is not None


def test_bj_64_the_document_is_openapi_3_and_points_nowhere_empty(document: dict[str, Any]) -> None:
    assert re.match(r"3\.\d", document["openapi"])
    assert document["info"].keys() >= {"title", "version"}
    assert [ref for ref in references(document) if not resolves(document, ref)] == []
    operations = [op for path in document["paths"].values() for op in path.values()]
    assert operations
    assert all(op["responses"] for op in operations if isinstance(op, dict))


def test_every_parameter_in_a_path_is_described(document: dict[str, Any]) -> None:
    wrong = [
        (path, method)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if isinstance(operation, dict)
        and {p["name"] for p in operation.get("parameters", []) if p.get("in") == "path"}
        != set(re.findall(r"\{(\w+)\}", path))
    ]
    assert wrong == []


def test_the_document_lists_every_resource_and_only_the_writes_that_there_are(
    document: dict[str, Any],
) -> None:
    paths = {path.rstrip("/"): set(found) for path, found in document["paths"].items()}
    assert {f"/api/v1/{name}" for name in STABLE} <= set(paths)
    for resource in RESOURCES:
        wanted = {"get"} | ({"post"} if resource.declares("add") else set())
        assert paths[f"/api/v1/{resource.name}"] & {"get", "post"} == wanted
        row = {"get"} | {
            method
            for method, write in (("put", "edit"), ("delete", "remove"))
            if resource.declares(write)
        }
        assert paths[f"/api/v1/{resource.name}/{{pk}}"] & {"get", "put", "delete"} == row


def test_the_document_describes_what_is_answered(document: dict[str, Any], office: Person) -> None:
    worker = factories.worker(HERE)
    answered = office.ask(f"workers/{worker.id}").get_json()["result"]
    described = document["components"]["schemas"]["WorkerApi.get"]["properties"]
    assert set(answered) == set(described)
    assert "id_number_cipher" not in described
