"""The auditor: the audit log of the region, and not one page about the people in it."""

import pytest

from app.security import ROLES
from tests.security.conftest import HERE, Scene
from tests.security.doors import doors

OWN = {"Audit.log", "Audit.chain", "Audit.export", "EventApi.get_list", "EventApi.get"}


def test_an_auditor_holds_nothing_but_the_log() -> None:
    assert ROLES["auditor"].permissions == {"events.read", "events.export"}


@pytest.mark.slow
@pytest.mark.database("sqlite")
def test_every_other_page_is_shut_to_an_auditor(scene: Scene) -> None:
    """Given an auditor of the county, when every address is tried, then only the log opens."""
    auditor = scene.person("auditor", HERE)
    opened, tried = set(), 0
    for door in list(doors(scene)):
        if door.method != "GET" or door.asks in ("public", "signed in"):
            continue
        client = auditor.program if door.url.startswith("/api/") else auditor.browser
        tried += 1
        if client.get(door.url).status_code not in (401, 403):
            opened.add(door.endpoint)
    assert tried > 80
    assert opened - OWN <= {"UtilView.back", "LocaleView.index"}


def test_what_is_open_to_everybody_shows_an_auditor_no_case(scene: Scene) -> None:
    auditor = scene.person("auditor", HERE)
    for path in ("/", "/guide", "/help", "/lookup/worker?q=MK", "/lookup/ab_user?q=张"):
        assert scene.own.mark not in auditor.get(path).text
