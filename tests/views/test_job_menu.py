"""The menu of every role: what is there opens, and what is not built is not there."""

import re

import pytest
from flask import Flask

from app.security import ROLES
from tests.support import factories
from tests.views.people import Person, person

pytestmark = pytest.mark.database("sqlite")
LEVELS = {"nation": "000000", "province": "410000", "city": "410100", "any": "410105"}
NOT_BUILT = ("项目管理", "评审", "督导", "运营")
"""Modules of the platform that this portal does not have."""


@pytest.mark.parametrize("role", ROLES)
def test_hn_02_every_entry_opens_and_what_is_not_built_has_none(app: Flask, role: str) -> None:
    region = LEVELS.get(ROLES[role].level, "410105")
    links = {"worker_id": factories.worker(region).id} if role == "applicant" else {}
    who = person(app, role, region, **links)
    menu = menu_of(who, "zh_Hans_CN")
    entries = dict(re.findall(r'<a[^>]*href="(/[^"#]*)"[^>]*>\s*([^<]+?)\s*<', menu))
    assert entries
    for url, label in entries.items():
        assert who.client.get(url, follow_redirects=True).status_code == 200, label
    assert not [label for label in entries.values() if any(word in label for word in NOT_BUILT)]


def test_the_menu_of_one_role_and_language_is_not_shown_to_another(app: Flask) -> None:
    """It is drawn once for all who see the same."""
    people = [person(app, role, "410105") for role in ("county_admin", "county_reviewer")]
    found = [
        [menu_of(who, language) for who in people for language in ("zh_Hans_CN", "en")]
        for _turn in range(2)
    ]
    assert found[0] == found[1]
    assert len(set(found[0])) == 4
    assert [menu for menu in found[0] if "Records" in menu] == found[0][1::2]


def menu_of(who: Person, language: str) -> str:
    """The menu as it stands on one's home page."""
    home = who.client.get(f"/?_l_={language}", follow_redirects=True).text
    menu = re.search(r"<nav[^>]*>.*?</nav>", home, re.S)
    assert menu
    return menu[0]
