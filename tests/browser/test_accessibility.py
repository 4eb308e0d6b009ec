"""axe-core finds nothing on any page: a screen reader, a keyboard or weak eyes shut nobody out.

Every page that links lead to is seen on a phone and on a small desktop, in Chinese and in English:
half of the pages in one pairing of width and language, half in the other. Pages of which every part
was seen before, on another page or by somebody else, are read but not examined again.
"""

from collections.abc import Callable, Sequence

import pytest
from playwright.sync_api import Page
from sqlalchemy import create_engine, select

from models.account import Account
from models.application import Application
from tests.support import axe
from tests.support.browser import Size, Visitor
from tests.support.portal import PASSWORD
from tests.support.server import Server

pytestmark = pytest.mark.slow

Look = tuple[Size, str]
PAIRINGS: tuple[tuple[Look, Look], ...] = (
    (("phone", "zh-CN"), ("laptop", "en")),
    (("phone", "en"), ("laptop", "zh-CN")),
)
PUBLIC = ("/", "/login/", "/register/request", "/verify/", "/verify/list/", "/verify/offline")
OWN = ("/centre/", "/applications/mine", "/messages/")
SHARED = {"/", "/guide", "/help", "/notices/", "/documents/", "/notice/0", "/document/0"}
STATES = (
    ("110105", "draft"),
    ("510107", "in_review"),
    ("410105", "returned"),
    ("410105", "rejected"),
    ("110105", "issued"),
    ("510107", "issued"),
)
OFFICES = {
    "county_410105": ("/review/", "/review/today", "/rechecks/"),
    "admin_410105": ("/workers/list/", "/workers/add", "/review/statistics/"),
    "auditor_41": ("/events/list/",),
    "org_4101": ("/workers/list/",),
    "platform": ("/console/", "/statistics/"),
}
WORSE = """document.querySelector("main").insertAdjacentHTML("beforeend",
  '<img src="/static/favicon.svg"><input><p id="pale">pale</p>');
document.getElementById("pale").style.color = "#ddd";"""


@pytest.fixture(scope="module")
def seen() -> set[str]:
    """The parts of pages that were examined, whoever looked at them."""
    return set()


def faults(
    visitor: Visitor,
    server: Server,
    username: str | None,
    starts: Sequence[str],
    known: set[str],
    seen: set[str],
) -> list[str]:
    """What axe-core finds where links lead somebody, but on pages of a shape that is known, and of
    which every part was seen."""
    first = arrived(visitor, server, username)
    looks = {PAIRINGS[0][0]: first}
    found: list[str] = []
    turn = 0
    for path, markup in axe.pages(first.context.request, server.url, starts, known):
        new = axe.parts(markup) - seen
        if not new:
            continue
        seen |= new
        for look in PAIRINGS[turn % 2]:
            if look not in looks:
                looks[look] = another(visitor, first, look)
            looks[look].goto(server.url + path)
            found += axe.violations(looks[look])
        turn += 1
    for page in looks.values():
        page.context.close()
    return found


def arrived(visitor: Visitor, server: Server, username: str | None) -> Page:
    """Somebody's window, after the sign-in."""
    page = visitor.open(f"{server.url}/login/", *PAIRINGS[0][0])
    if username:
        page.locator("#username").fill(username)
        page.locator("#password").fill(PASSWORD)
        page.locator("#password").press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
    return page


def another(visitor: Visitor, first: Page, look: Look) -> Page:
    """A window of another width or language, in the session of the first."""
    page = visitor.open("about:blank", *look)
    page.context.add_cookies(first.context.cookies())  # type: ignore[arg-type]
    return page


def applicant_with(server: Server, region_code: str, state: str) -> str:
    """The demo's first applicant in a county whose case is in this state."""
    asked = (
        select(Account.username)
        .join(Application, Application.worker_id == Account.worker_id)
        .where(Application.region_code == region_code, Application.state == state)
        .order_by(Application.id)
    )
    engine = create_engine(server.database_url)
    with engine.connect() as connection:
        username: str | None = connection.scalars(asked).first()
    engine.dispose()
    assert username, f"the demo has no case in {state} in {region_code}"
    return username


def test_no_page_that_everybody_may_read_has_a_fault(
    serve: Callable[..., Server], visitor: Visitor, seen: set[str]
) -> None:
    assert faults(visitor, serve(), None, PUBLIC, set(), seen) == []


@pytest.mark.parametrize("username", ["applicant_bj", "applicant_cd", "applicant_ha"])
def test_no_page_of_an_applicant_who_begins_has_a_fault(
    username: str, serve: Callable[..., Server], visitor: Visitor, seen: set[str]
) -> None:
    assert faults(visitor, serve(), username, OWN, set(SHARED), seen) == []


@pytest.mark.parametrize(("region_code", "state"), STATES)
def test_no_page_of_an_applicant_has_a_fault_in_any_state_of_the_case(
    region_code: str,
    state: str,
    serve: Callable[..., Server],
    visitor: Visitor,
    seen: set[str],
) -> None:
    username = applicant_with(serve(), region_code, state)
    known = SHARED | {"/account/", "/account/password", "/account/phone"}
    assert faults(visitor, serve(), username, OWN, known, seen) == []


@pytest.mark.parametrize("username", OFFICES)
def test_no_screen_of_an_office_has_a_fault(
    username: str, serve: Callable[..., Server], visitor: Visitor, seen: set[str]
) -> None:
    assert faults(visitor, serve(), username, OFFICES[username], set(SHARED), seen) == []


def test_the_scan_finds_what_it_looks_for(serve: Callable[..., Server], visitor: Visitor) -> None:
    page = visitor.open(f"{serve().url}/verify/")
    page.evaluate(WORSE)
    rules = {one.split(": ")[1].split()[0] for one in axe.violations(page)}
    assert rules >= {"color-contrast", "image-alt", "label"}
