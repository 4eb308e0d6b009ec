"""A higher level than the registered one (X-25, MC-33), where a policy lets people register it."""

from dataclasses import replace
from datetime import date

import pytest

from app.rules.eligibility import outlook, route
from app.rules.facts import LEVELS, Facts
from app.rules.kinds import RuleUse
from app.rules.policy import Policy
from tests.rules.people import failing, may, person, registered

ON = date(2022, 3, 1)
RAISED = replace(
    person("430102", exam_year=2021, level="social_worker", qualified_on=None),
    registrations=registered(2020, until=date(2023, 7, 15)),
    registered_level="assistant",
)


@pytest.fixture
def policy(national: Policy) -> Policy:
    """The national policy of a country that enables it."""
    first = national.kinds["first"]
    kept = tuple(u for u in first.requires if u.name not in ("never_registered", "exam_year"))
    upgrade = replace(
        first,
        code="upgrade",
        requires=(*kept, RuleUse("registered", {}), RuleUse("higher_level", {})),
    )
    return replace(national, kinds={**national.kinds, "upgrade": upgrade})


def test_x_25_whoever_has_passed_for_a_higher_level_may_register_it(policy: Policy) -> None:
    assert may(policy, RAISED, "upgrade", ON)
    assert route(policy, RAISED, ON) == "upgrade"
    assert outlook(policy, "upgrade", RAISED, ON).valid_until == date(2025, 3, 1)  # a new cycle


@pytest.mark.parametrize("level", LEVELS)
def test_x_25_only_a_higher_one(policy: Policy, level: str) -> None:
    facts = replace(RAISED, level=level)
    higher = LEVELS.index(level) > 0
    assert may(policy, facts, "upgrade", ON) is higher
    if not higher:
        assert list(failing(policy, facts, "upgrade", ON)) == ["higher_level"]


def test_x_25_who_was_never_registered_has_nothing_to_raise(policy: Policy) -> None:
    never = replace(RAISED, registrations=(), registered_level=None)
    assert {"registered", "higher_level"} <= set(failing(policy, never, "upgrade", ON))
    assert "upgrade" not in {route(policy, never, ON), route(policy, Facts(), ON)}


def test_a_policy_without_it_has_no_such_kind(national: Policy) -> None:
    assert "upgrade" not in national.kinds
    assert route(national, RAISED, ON) is None
