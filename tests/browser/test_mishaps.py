"""Applying without a mouse, in two tabs, and back again after the submission."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy import create_engine, func, select

from models.application import Submission
from tests.support import everybody
from tests.support.browser import Visitor
from tests.support.everybody import Populated
from tests.support.factories import PASSWORD
from tests.support.filling import fill_in, fill_in_by_keyboard, look_over, tab_to

pytestmark = pytest.mark.slow

CASE = re.compile(r"/applications/\d+$")
FORM = re.compile(r"/applications/\d+/form")
BY_KEY, TWICE = ("chengdu", "first"), ("guangdong", "first")


@pytest.fixture(scope="module")
def populated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Populated]:
    """The portal with one person for each test."""
    with everybody.served([BY_KEY, TWICE], tmp_path_factory.mktemp("mishaps") / "log") as running:
        yield running


def press_on(page: Page, selector: str, key: str = "Enter") -> None:
    """Walk to an element by the tabulator, and press a key there."""
    tab_to(page, selector)
    page.keyboard.press(key)


def test_an_application_is_made_by_keyboard_alone(
    populated: Populated, visitor: Visitor, tmp_path: Path
) -> None:
    page = visitor.open(f"{populated.server.url}/login/?next=/apply/first", "laptop")
    tab_to(page, "#username")
    page.keyboard.insert_text(populated.accounts[BY_KEY])
    tab_to(page, "#password")
    page.keyboard.insert_text(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    press_on(page, "main form .btn-primary")
    page.wait_for_url(FORM)
    fill_in_by_keyboard(page, tmp_path)
    page.keyboard.press("Enter")
    page.wait_for_url("**/check")
    for box in page.locator("main .check input[type=checkbox]").all():
        press_on(page, f"#{box.get_attribute('id')}", "Space")
    press_on(page, "main form .btn-primary")
    page.wait_for_url(CASE)


def test_two_tabs_and_the_way_back_submit_once(
    populated: Populated, visitor: Visitor, tmp_path: Path
) -> None:
    page = visitor.open(f"{populated.server.url}/login/?next=/apply/first")
    page.locator("#username").fill(populated.accounts[TWICE])
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    page.locator("main form .btn-primary").click()
    page.wait_for_url(FORM)
    fill_in(page, tmp_path)
    look_over(page)
    other = page.context.new_page()
    other.goto(page.url)
    submit(page)
    submit(other)
    page.go_back()
    page.wait_for_load_state()
    if page.url.endswith("/check"):  # as the browser kept it
        submit(page)
    assert CASE.search(page.url)
    assert submissions(populated) == 1


def submit(page: Page) -> None:
    """Agree, submit, and arrive at the case."""
    for box in page.locator("main .check input[type=checkbox]").all():
        box.check()
    page.locator("main form .btn-primary").click()
    page.wait_for_url(CASE)


def submissions(populated: Populated) -> int:
    """How often anything was handed in in Guangdong, the only place of this person."""
    engine = create_engine(populated.server.database_url)
    here = Submission.policy_code == TWICE[0]
    with engine.connect() as connection:
        found = connection.scalar(select(func.count()).select_from(Submission).where(here))
    engine.dispose()
    return found or 0
