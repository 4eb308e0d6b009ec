"""Every kind of every policy, from the sign-in to the submission, as its own form asks.

What to fill in is read from the page: no list of fields is kept here for any jurisdiction. Widths
and languages take turns, so that each kind of each policy has one of the four pairings.
"""

import re
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.test_journey import fits
from tests.rules.shipped import SHIPPED, shipped
from tests.support import everybody
from tests.support.browser import Size, Visitor
from tests.support.everybody import Populated
from tests.support.factories import PASSWORD
from tests.support.filling import fill_in, hand_in

pytestmark = pytest.mark.slow

LOOKS: tuple[tuple[Size, str], ...] = (
    ("phone", "zh-CN"),
    ("laptop", "en"),
    ("laptop", "zh-CN"),
    ("phone", "en"),
)
KINDS = [(policy, kind) for policy in SHIPPED for kind in shipped(policy).kinds]
TURNS = [(*one, *look) for one, look in zip(KINDS, cycle(LOOKS), strict=False)]
CHOSEN = {"replacement_case": "lost", "certificate_lost": "no"}


@pytest.fixture(scope="module")
def populated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Populated]:
    """The portal with somebody for every kind."""
    with everybody.served(KINDS, tmp_path_factory.mktemp("everybody") / "log") as running:
        yield running


@pytest.mark.parametrize(("policy", "kind", "size", "language"), TURNS)
def test_a_kind_goes_from_the_sign_in_to_the_submission(
    policy: str,
    kind: str,
    size: Size,
    language: str,
    populated: Populated,
    visitor: Visitor,
    tmp_path: Path,
) -> None:
    url = populated.server.url
    page = visitor.open(f"{url}/login/?next=/apply/{kind}", size, language)
    page.locator("#username").fill(populated.accounts[policy, kind])
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    page.wait_for_url(lambda address: "/login" not in address)
    fits(page)
    for name, code in CHOSEN.items():
        if (choice := page.locator(f"[name={name}][value={code}]")).count():
            page.locator("label.chip", has=choice).click()
    page.locator("main form .btn-primary").click()
    page.wait_for_url(re.compile(r"/applications/\d+/form"))
    fill_in(page, tmp_path, CHOSEN)
    fits(page)
    hand_in(page)
    page.wait_for_url(re.compile(r"/applications/\d+$"))
    submitted = shipped(policy).kinds[kind].submitted
    expect(page.locator("main")).to_contain_text(
        submitted.zh if language == "zh-CN" else submitted.en
    )
    fits(page)
