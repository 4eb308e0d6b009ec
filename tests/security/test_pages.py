"""Every page as it leaves the portal: a strict policy, and nothing in it that the policy drops."""

import pytest

from tests.look.test_strict_csp import FORBIDDEN
from tests.security.conftest import HERE, Scene
from tests.security.doors import doors
from tests.support.people import Person

# Flask-Admin's link on the page that is open, or at the end of the pages: meant to do nothing
IDLE = 'href="javascript:void(0)"'
# holds its scripts itself, so that it can be saved, and names their hashes in a policy of its own
SAVED = "/verify/offline"


def people(scene: Scene) -> list[Person]:
    """Between them they reach every page there is."""
    worker = scene.own.id("workers")
    return [
        scene.insider,
        scene.person("platform_admin", "000000"),
        scene.person("applicant", HERE, worker_id=worker),
    ]


@pytest.mark.slow
@pytest.mark.database("sqlite")
def test_no_page_holds_what_the_policy_forbids(scene: Scene) -> None:
    """FAB's and Flask-Admin's own pages too: a browser would drop it without a word."""
    guilty, seen = [], set()
    for who in people(scene):
        for door in [d for d in doors(scene) if d.method == "GET" and d.url != SAVED]:
            answer = who.get(door.url)
            if answer.mimetype != "text/html":
                continue
            seen.add(door.endpoint)
            text = answer.text.replace(IDLE, "") if door.url.startswith("/console") else answer.text
            found = [what for what, shape in FORBIDDEN.items() if shape.search(text)]
            guilty += [(door.url, what) for what in found]
    assert guilty == []
    assert len(seen) > 60


@pytest.mark.database("sqlite")
@pytest.mark.parametrize(
    "path", ["/", "/workers/list/", "/workers/show/0", "/api/v1/workers/", "/console/region/"]
)
def test_every_answer_carries_a_strict_policy(path: str, scene: Scene) -> None:
    answer = scene.person("platform_admin", "000000").get(path)
    parts = answer.headers["Content-Security-Policy"].split(";")
    policy = dict(part.strip().partition(" ")[::2] for part in parts)
    assert policy["default-src"] == "'self'"
    assert "script-src" not in policy, "scripts come from here alone, by default-src"
    assert not any(word in text for text in policy.values() for word in ("unsafe", "*", "http"))
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert policy["form-action"] == policy["base-uri"] == "'self'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store", "the next person at this computer"


@pytest.mark.database("sqlite")
def test_a_page_for_everybody_may_be_kept(scene: Scene) -> None:
    answer = scene.app.test_client().get("/guide")
    assert "no-store" not in answer.headers.get("Cache-Control", "")
    secure = scene.app.test_client().get("/guide", base_url="https://localhost")
    assert "max-age" in secure.headers["Strict-Transport-Security"]
