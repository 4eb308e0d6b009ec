"""What every page of an applicant asks the database: ten statements at the most."""

from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app import clock
from app.security import actor_of
from models.application import Application
from tests.support import factories
from tests.support.cases import case
from tests.support.factories import IN_WINDOW, every
from tests.support.people import Person
from tests.support.watching import statements

pytestmark = pytest.mark.slow  # a case in every state

MOST = 10
REGION = "410105"
PAGES = (
    "/centre/",
    "/applications/mine",
    "/applications/registered",
    "/my-certificate/",
    "/my-data/",
    "/profile/",
    "/profile/basic",
    "/profile/experience/new",
    "/messages/",
)
STATES: dict[str, dict[str, Any]] = {
    "nothing yet": {},
    "under review": {"submitted": True},
    "returned": {"returned": True},
    "rejected": {"rejected": True},
    "issued": {"approved": True},
}


def somebody(app: Flask, state: str) -> Person:
    """An applicant whose only case is in this state."""
    worker = factories.worker(REGION)
    factories.qualification(worker)
    account = factories.account("applicant", REGION, worker_id=worker.id)
    if STATES[state]:
        actor = actor_of(account, "192.0.2.1")
        case(actor, region_code=REGION, **STATES[state])
    who = Person(app, account)
    with who.browser.session_transaction() as session:
        session["office"] = "河南省郑州市金水区"  # as a sign-in puts it down
    return who


@pytest.mark.parametrize("state", STATES)
def test_no_page_of_an_applicant_asks_more_than_ten(state: str, app: Flask, db: SQLAlchemy) -> None:
    with clock.frozen(IN_WINDOW):
        who = somebody(app, state)
        own = [f"/applications/{row.id}" for row in every(Application)]
        asked = {path: count(who, path, db) for path in (*PAGES, *own)}
    assert {path: found for path, found in asked.items() if len(found) > MOST} == {}


def count(who: Person, path: str, db: SQLAlchemy) -> list[str]:
    """The tables that a page reads, one for each statement."""
    who.get(path)  # whatever is read once for a process is read by now
    with statements(db) as seen:
        answer = who.get(path)
    assert answer.status_code == 200, path
    return seen.read
