"""No rule's verdict reaches the office without a name in its own language."""

from app.queries.checks import TITLES
from app.rules.eligibility import RULES


def test_every_rule_has_a_title_at_the_office() -> None:
    assert set(TITLES) == set(RULES)
