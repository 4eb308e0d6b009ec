"""The verbs for programs: submission, withdrawal, decisions."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.security import actor_of
from models.application import Application
from tests.conftest import new_client
from tests.support import factories
from tests.support.cases import REASON, case
from tests.support.factories import stored
from tests.support.portal import Client

BASE = "/api/v1/applications"


def program(app: Flask, role: str, region_code: str, **links: Any) -> Client:
    """A client that sends a token of somebody new."""
    account = factories.account(role, region_code, **links)
    return new_client(app).with_token(account.username, factories.PASSWORD)


@pytest.fixture
def draft(app: Flask) -> tuple[Application, Client]:
    """A complete draft and its applicant's program."""
    worker = factories.worker("110105")
    factories.qualification(worker)
    account = factories.account("applicant", "110105", worker_id=worker.id)
    made = case(actor_of(account))
    return made, new_client(app).with_token(account.username, factories.PASSWORD)


def problem(answer: TestResponse) -> dict[str, Any]:
    """The body of a refused call, which is always a code and a sentence."""
    body: dict[str, Any] = answer.get_json()
    assert isinstance(body["code"], str)
    assert body["message"]
    assert "Words(" not in answer.text
    return body


def test_a_submission_answers_the_new_state(draft: tuple[Application, Client]) -> None:
    made, client = draft
    body = {"agreed": ["truth"], "version": made.version}
    answer = client.post(f"{BASE}/{made.id}/submission", json=body)
    assert answer.status_code == 200
    told = answer.get_json()
    assert told["id"] == made.id
    assert told["result"]["state"] == "in_review"
    assert told["result"]["version"] == stored(Application, made.id).version > made.version


def test_ba_17_a_submission_without_the_declaration_is_refused(
    draft: tuple[Application, Client],
) -> None:
    made, client = draft
    bodies: tuple[dict[str, list[str] | None], ...] = ({}, {"agreed": []}, {"agreed": None})
    for body in bodies:
        answer = client.post(f"{BASE}/{made.id}/submission", json=body)
        assert answer.status_code == 422
        assert "consent_truth" in problem(answer)["errors"]
    assert stored(Application, made.id).state == "draft"


def test_ba_19_submitted_twice_is_a_conflict_and_so_is_taking_it_back(
    draft: tuple[Application, Client],
) -> None:
    made, client = draft
    client.post(f"{BASE}/{made.id}/submission", json={"agreed": ["truth"]})
    again = client.post(f"{BASE}/{made.id}/submission", json={"agreed": ["truth"]})
    back = client.post(f"{BASE}/{made.id}/withdrawal", json={})
    assert (again.status_code, back.status_code) == (409, 409)
    assert problem(back)["code"] == "never_withdrawn"
    assert stored(Application, made.id).state == "in_review"


def test_a_stale_version_changes_nothing(draft: tuple[Application, Client]) -> None:
    made, client = draft
    body = {"agreed": ["truth"], "version": made.version + 1}
    answer = client.post(f"{BASE}/{made.id}/submission", json=body)
    assert answer.status_code == 409
    assert problem(answer)["code"] == "stale"
    assert stored(Application, made.id).state == "draft"


def test_x_10_a_withdrawal_needs_no_body(app: Flask) -> None:
    worker = factories.worker("410105")
    factories.qualification(worker)
    account = factories.account("applicant", "410105", worker_id=worker.id)
    made = case(actor_of(account), region_code="410105", submitted=True)
    client = new_client(app).with_token(account.username, factories.PASSWORD)
    answer = client.post(f"{BASE}/{made.id}/withdrawal")
    assert answer.get_json()["result"]["state"] == "withdrawn"


def test_a_decision_moves_the_case_on_once(app: Flask) -> None:
    made = case(submitted=True)
    client = program(app, "body_reviewer", "110000")
    body = {"verdict": "approve", "version": made.version}
    assert client.post(f"{BASE}/{made.id}/decisions", json=body).status_code == 200
    assert stored(Application, made.id).state == "issued"
    assert problem(client.post(f"{BASE}/{made.id}/decisions", json=body))["code"] == "stale"
    body = {"verdict": "reject", "reason": REASON, "version": made.version + 1}
    late = client.post(f"{BASE}/{made.id}/decisions", json=body)
    assert late.status_code == 409


def test_a_return_takes_the_items_that_it_opens(app: Flask) -> None:
    made = case(region_code="410105", submitted=True)
    client = program(app, "county_reviewer", "410105")
    body = {"verdict": "return", "reason": REASON, "items": ["id_front"], "version": made.version}
    client.post(f"{BASE}/{made.id}/decisions", json=body)
    assert stored(Application, made.id).unlocked == ["id_front"]


@pytest.mark.parametrize(
    "body",
    [
        [],
        "approve",
        {"verdict": 1},
        {"verdict": "burn"},
        {"verdict": "reject"},
        {"verdict": "reject", "reason": "x" * 501},
        {"verdict": "approve"},
        {"verdict": "approve", "version": "1"},
        {"verdict": "approve", "version": True},
        {"verdict": "approve", "items": [1]},
        {"verdict": "approve", "state": "issued"},
        {},
    ],
)
@pytest.mark.database("sqlite")
def test_a_body_that_is_not_asked_for_is_refused_and_named(app: Flask, body: Any) -> None:
    made = case(submitted=True)
    client = program(app, "body_reviewer", "110000")
    answer = client.post(f"{BASE}/{made.id}/decisions", json=body)
    assert answer.status_code == 422
    assert problem(answer)["code"] == "invalid"
    assert stored(Application, made.id).state == "in_review"


def test_other_roles_other_offices_and_nobody_decide_nothing(app: Flask) -> None:
    made = case(submitted=True)
    path, body = f"{BASE}/{made.id}/decisions", {"verdict": "approve", "version": made.version}
    assert new_client(app).post(path, json=body).status_code == 401
    own = problem(program(app, "applicant", "110105").post(path, json=body))
    assert own["code"] == "forbidden"
    elsewhere = program(app, "province_reviewer", "410000").post(path, json=body)
    assert (elsewhere.status_code, problem(elsewhere)["code"]) == (404, "missing")
    county = program(app, "county_reviewer", "110105").post(path, json=body)
    assert (county.status_code, problem(county)["code"]) == (403, "not_your_stage")
    assert stored(Application, made.id).state == "in_review"


def test_another_applicant_submits_nothing(app: Flask, draft: tuple[Application, Client]) -> None:
    made, _ = draft
    other = program(app, "applicant", "110105", worker_id=factories.worker("110105").id)
    answer = other.post(f"{BASE}/{made.id}/submission", json={"agreed": ["truth"]})
    assert answer.status_code == 404
    assert problem(answer)["code"] == "missing"
    assert stored(Application, made.id).state == "draft"


def test_a_cookie_without_the_token_of_the_form_is_not_enough(app: Flask) -> None:
    made = case(submitted=True)
    account = factories.account("body_reviewer", "110000")
    browser = new_client(app).sign_in(account.username, factories.PASSWORD)
    answer = browser.post(f"{BASE}/{made.id}/decisions", json={"verdict": "approve"})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "csrf")
    assert stored(Application, made.id).state == "in_review"


def test_the_verbs_stand_in_the_openapi_document(client: Client) -> None:
    paths = client.get("/api/v1/_openapi").get_json()["paths"]
    for verb in ("submission", "withdrawal", "decisions"):
        (found,) = [path for path in paths if path.endswith(f"/{verb}")]
        assert "409" in paths[found]["post"]["responses"]
