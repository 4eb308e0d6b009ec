"""What every page of an applicant costs: ten statements, and 150 kB compressed, at the most."""

import gzip
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

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
HOME, FORM = 11, 15
"""What asks for more by now: the home page of the portal and the form."""
HEAVIEST = 150_000  # bytes of a page with its styles and scripts, without pictures
PARTS = re.compile(r'<(?:link rel="stylesheet"[^>]* href|script[^>]* src)="([^"]+)"')
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
    "/profile/honor/new",
    "/messages/",
    "/account/",
    "/account/password",
    "/account/phone",
)
BEFORE = ("/", "/guide", "/help", "/notices/", "/documents/", "/apply/first", "/apply/renewal")
STATES: dict[str, dict[str, Any]] = {
    "nothing yet": {},
    "a draft": {"submitted": False},
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


def pages_of(state: str) -> list[str]:
    """What there is to open for somebody whose only case is in this state."""
    cases = every(Application)
    forms = [f"/applications/{row.id}/form" for row in cases if row.open_for_change]
    own = [f"/applications/{row.id}" for row in cases if row.state != "draft"]
    return [*PAGES, *own, *forms, *(() if STATES[state] else BEFORE)]


@pytest.mark.parametrize("state", STATES)
def test_no_page_of_an_applicant_asks_more_than_ten(state: str, app: Flask, db: SQLAlchemy) -> None:
    with clock.frozen(IN_WINDOW):
        who = somebody(app, state)
        asked = {path: count(who, path, db) for path in pages_of(state)}
    assert {path: found for path, found in asked.items() if len(found) > most(path)} == {}


def most(path: str) -> int:
    """How many statements a page may send."""
    if path.endswith("/form"):
        return FORM
    return HOME if path == "/" else MOST


def count(who: Person, path: str, db: SQLAlchemy) -> list[str]:
    """The tables that a page reads, one for each statement."""
    who.get(path)  # whatever is read once for a process is read by now
    with statements(db) as seen:
        answer = who.get(path)
    assert answer.status_code == 200, path
    return seen.read


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("state", STATES)
def test_no_page_of_an_applicant_weighs_more_than_150_kb(
    state: str, app: Flask, db: SQLAlchemy
) -> None:
    with clock.frozen(IN_WINDOW):
        who = somebody(app, state)
        weighed = {path: sum(parts(who, path)) for path in pages_of(state)}
    assert {path: found for path, found in weighed.items() if found > HEAVIEST} == {}


def parts(who: Person, path: str) -> Iterator[int]:
    """The compressed bytes of a page, and of each style and script that it loads."""

    loaded = set(PARTS.findall(who.get(path).text))
    assert loaded, f"{path} has neither style nor script"
    for address in (path, *(urljoin(path, one) for one in loaded)):
        answer = who.get(address)
        assert answer.status_code == 200, address
        yield len(gzip.compress(answer.data))
