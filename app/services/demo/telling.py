"""Telling the whole story of the demonstration into an empty database."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from app import clock
from app.queries import policies as policies_in_force
from app.scope import as_system
from app.services.demo import cases
from app.services.demo.people import People, holds_data, story
from app.services.demo.scale.mark import cut_short
from app.services.refusals import Refusal

HALF_LOADED = _l(
    "A large load was cut short here, and the database is incomplete. Begin it again with the same "
    "--workers and --applications: it clears the rest away first."
)

ENDING = timedelta(days=45)
"""How long the certificates of those who renew are still valid."""


def tell() -> Iterator[str]:
    """Make the demonstration; one line for each step.

    Raises Refusal when the database already holds accounts or workers: a demonstration is never
    mixed with anybody's data.
    """
    if cut_short():
        raise Refusal("half_loaded", HALF_LOADED)
    with as_system("a demonstration begins before anybody is there") as session, session.begin():
        if holds_data(session):
            raise Refusal("not_empty", _l("The database already holds data; nothing was changed."))
        people = People(session)
        people.offices()
    yield f"{len(story()['accounts'])} office accounts, {len(people.units)} organizations"
    cases.open_window()
    cases.publish()
    yield "window, notices, documents and contacts published"
    with as_system("the roster was kept before the portal") as session, session.begin():
        people.session = session
        people.applicants(exam_year(story()["window"]["region"]))
        people.roster(clock.today().year - 1)
        walks = list(_candidates(people))
        people.newcomers(exam_year(story()["window"]["region"]))
    yield f"{people.made} workers"
    for username, facts in walks:
        cases.walk(username, facts)
    yield f"{len(walks)} cases"
    cases.ask()
    yield f"{len(story()['requests'])} request to the roster"


def _candidates(people: People) -> Iterator[tuple[str, dict[str, Any]]]:
    """Who makes each case of the story, of a kind that their region takes today."""
    for facts in story()["cases"]:
        region, kind = facts["region"], facts.get("kind", cases.KIND)
        policy, renews = policies_in_force.policy_for(region), kind != cases.KIND
        if renews and not policy.is_open(kind, clock.today()):
            continue
        until = clock.today() + ENDING if renews else None
        year = until.year - 4 if until else exam_year(region)
        for number in range(facts["count"]):
            level = ("assistant", "social_worker")[number % 2]
            yield people.candidate(region, year, level, until), facts


def exam_year(region: str) -> int:
    """The examination that may be registered today: the year before the window's,
    or last year's."""
    window = policies_in_force.policy_for(region, clock.today()).window_near(
        cases.KIND, clock.today()
    )
    return (window.opens_on if window else clock.today()).year - 1
