"""The menu of every role: what is there opens, and what is not built is not there."""

import re

import pytest
from flask import Flask

from app.security import ROLES
from tests.support import factories
from tests.views.people import person

pytestmark = pytest.mark.database("sqlite")
LEVELS = {"nation": "000000", "province": "410000", "city": "410100", "any": "410105"}
NOT_BUILT = ("项目管理", "评审", "督导", "运营")
"""Modules of the platform that this portal does not have."""


@pytest.mark.parametrize("role", ROLES)
def test_hn_02_every_entry_opens_and_what_is_not_built_has_none(app: Flask, role: str) -> None:
    region = LEVELS.get(ROLES[role].level, "410105")
    links = {"worker_id": factories.worker(region).id} if role == "applicant" else {}
    who = person(app, role, region, **links)
    home = who.client.get("/", follow_redirects=True).text
    menu = re.search(r"<nav[^>]*>.*?</nav>", home, re.S)
    assert menu
    entries = dict(re.findall(r'<a[^>]*href="(/[^"#]*)"[^>]*>\s*([^<]+?)\s*<', menu[0]))
    assert entries
    for url, label in entries.items():
        assert who.client.get(url, follow_redirects=True).status_code == 200, label
    assert not [label for label in entries.values() if any(word in label for word in NOT_BUILT)]
