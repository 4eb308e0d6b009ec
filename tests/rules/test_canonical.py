"""Facts in their canonical form: nothing that a rule says may change, and little may be left."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.canonical import Canon
from app.rules.conditions import Moment
from app.rules.eligibility import assess, outlook, route
from app.rules.facts import Facts
from app.rules.kinds import WindowFact
from app.rules.policy import Policy
from app.rules.words import Words
from tests.rules import drawing
from tests.rules.shipped import SHIPPED, shipped

pytestmark = pytest.mark.slow

MOMENTS: tuple[Moment, ...] = ("entry", "submit", "approval")


def said(policy: Policy, facts: Facts, on: date) -> object:
    """All that is decided: every rule's answer at every moment, the route and the turns."""
    return (
        route(policy, facts, on),
        [outlook(policy, kind, facts, on).turns for kind in policy.kinds],
        [
            (moment, finding.kind, finding.rule, finding.ok, finding.refuses)
            for moment in MOMENTS
            for finding in assess(policy, facts, on, at=moment)
        ],
    )


def opened(policy: Policy, on: date, before: int, after: int) -> Policy:
    """The policy with one more window about a day, in which all that can be waived is."""
    kinds = tuple(code for code, kind in policy.kinds.items() if kind.opens == "window")
    if not kinds:
        return policy
    waive = {"waive": ["expires_within", "last_registration", "exam_year", "after_expiry"]}
    window = WindowFact(
        Words("批次", "Window"),
        kinds,
        on - timedelta(days=before),
        on + timedelta(days=after),
        waive,
    )
    return replace(policy, windows=(window,))


@pytest.mark.parametrize("name", SHIPPED)
@given(st.data())
def test_no_rule_can_tell_facts_from_their_canonical_form(name: str, data: st.DataObject) -> None:
    on = data.draw(drawing.days)
    policy = shipped(name)
    if data.draw(st.booleans()):
        policy = opened(policy, on, data.draw(st.integers(0, 400)), data.draw(st.integers(0, 400)))
    facts = replace(
        data.draw(drawing.about(on)),
        real_name=data.draw(st.booleans()),
        registered_level=data.draw(st.sampled_from([None, "assistant", "senior"])),
    )
    simpler = Canon(policy, on)(facts)
    assert said(policy, simpler, on) == said(policy, facts, on)
    assert Canon(policy, on)(simpler) == simpler
