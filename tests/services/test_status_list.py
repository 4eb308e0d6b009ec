"""The list of states: made by a job, in time, and what each change of state does to it."""

import base64
import json
import zlib
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import select, update

from app import clock
from app.documents.status_token import CODES
from app.keys import KeyStore, verifies
from app.scope import as_system
from app.services import certificates, outbox, status_list, timetable
from app.services.status_list import EVERY, STATED
from models.certificate import Certificate
from models.message import Outbox
from models.status_list import StatusList
from tests.services.approved import Case, approved
from tests.support import factories

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def case(app: Flask) -> Case:
    """A case with a certificate."""
    with app.app_context():
        case = approved()
        with factories.acting(case.applicant, "2020-07-15T10:00"):
            certificates.issue(case.application.id)
    return case


def plain(part: str) -> bytes:
    """The bytes of a part of a token."""
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def content_of(found: StatusList) -> dict[str, Any]:
    """What the list says, its signature checked."""
    head, body, signature = found.token.split(".")
    keys: KeyStore = current_app.extensions["keys"]
    assert verifies(keys.public_keys()[0].key, plain(signature), f"{head}.{body}".encode())
    said: dict[str, Any] = json.loads(plain(body))
    return said


def state_on_list() -> int:
    """What the newest list says of the one certificate there is."""
    bits = zlib.decompress(plain(content_of(status_list.current())["status_list"]["lst"]))
    with as_system("a test looks") as session:
        key = session.scalars(select(Certificate.id)).one()
    return bits[key // 2] >> (key % 2 * 4) & 15


def become(state: str) -> None:
    """Change the state of the one certificate, as an office does."""
    with as_system("a test arranges") as session, session.begin():
        session.execute(update(Certificate).values(state=state))


@pytest.mark.parametrize("state", [state for state in CODES if state != "valid"])
def test_every_change_of_state_is_on_the_next_list(case: Case, state: str) -> None:
    status_list.rebuild()
    assert state_on_list() == CODES["valid"]
    become(state)
    assert state_on_list() == CODES["valid"]  # the list is what was signed, until the next one
    status_list.rebuild()
    assert state_on_list() == CODES[state]


def test_the_next_list_is_there_within_the_stated_time_even_after_a_failed_try() -> None:
    assert 2 * EVERY < STATED


def test_the_list_says_when_it_was_made_and_when_the_next_one_comes(case: Case) -> None:
    status_list.rebuild()
    found = status_list.current()
    said = content_of(found)
    assert said["iat"] == int(found.issued_at.timestamp())
    assert said["next_update"] - said["iat"] == STATED.total_seconds()
    assert abs(clock.real_now() - found.issued_at) < timedelta(minutes=5)
    assert said["sub"].endswith("/verify/status-list")


def test_it_is_promised_once_in_each_third_of_an_hour(app: Flask) -> None:
    for _ in range(3):
        status_list.promise_next()
    with as_system("a test looks") as session:
        promised = session.scalars(select(Outbox).filter_by(job="status_list")).all()
    assert 1 <= len(promised) <= 2  # two when the third ended meanwhile
    outbox.run_due()
    with as_system("a test looks") as session:
        assert session.scalars(select(StatusList)).one().token


def test_the_worker_makes_it_by_itself(app: Flask, case: Case) -> None:
    timetable.go_round(app)
    with as_system("a test looks") as session:
        assert session.scalars(select(StatusList)).one().token.count(".") == 2


def test_where_no_worker_has_been_the_list_is_made_for_whoever_asks(case: Case) -> None:
    become("revoked")
    assert state_on_list() == CODES["revoked"]
    with as_system("a test looks") as session:
        assert session.scalars(select(StatusList)).all() == []  # a question writes nothing


def test_a_job_that_was_slow_never_puts_an_older_list_in_place(case: Case) -> None:
    status_list.rebuild()
    with as_system("a test arranges") as session, session.begin():
        later = clock.real_now() + timedelta(hours=2)
        session.execute(update(StatusList).values(issued_at=later, token="newer"))
    status_list.rebuild()
    assert status_list.current().token == "newer"
