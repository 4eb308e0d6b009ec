"""What holds of eligibility whatever the policy, the person and the day."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.rules.conditions import Moment
from app.rules.eligibility import assess, eligible, outlook, route
from app.rules.facts import CreditFact, Facts
from app.rules.kinds import RULES, WindowFact
from app.rules.policy import Policy
from app.rules.words import Words
from tests.rules import drawing
from tests.rules.shipped import SHIPPED, shipped

pytestmark = pytest.mark.slow

MOMENTS: tuple[Moment, ...] = get_args(Moment)

every_policy = pytest.mark.parametrize("name", SHIPPED)


def open_to(policy: Policy, facts: Facts, on: date, at: Moment = "submit") -> set[str]:
    """The kinds that a person may apply for."""
    findings = assess(policy, facts, on, at=at)
    return {kind for kind in policy.kinds if eligible(findings, kind)}


def a_window(policy: Policy, first: date, last: date, overrides: dict[str, Any]) -> Policy:
    """The policy with one window for all kinds that open by window."""
    kinds = tuple(code for code, kind in policy.kinds.items() if kind.opens == "window")
    window = WindowFact(Words("批次", "Window"), kinds, first, last, overrides)
    return replace(policy, windows=(window,))


def window_about(data: st.DataObject, policy: Policy, on: date) -> Policy:
    """The policy as it is, or with one window in which the day lies, so that more is open."""
    if data.draw(st.booleans()):
        return policy
    before, after = data.draw(st.integers(0, 200)), data.draw(st.integers(0, 200))
    waive = data.draw(st.lists(st.sampled_from(sorted(RULES)), max_size=3))
    span = on - timedelta(days=before), on + timedelta(days=after)
    return a_window(policy, *span, {"waive": waive})


def credit_near(on: date) -> st.SearchStrategy[CreditFact]:
    """Hours that may count on a day."""
    return st.builds(
        CreditFact,
        st.integers(-1500, 0).map(lambda days: on + timedelta(days=days)),
        st.integers(0, 120).map(Decimal),
        st.sampled_from(["online", "offline"]),
        st.booleans(),
    )


@every_policy
@given(st.data())
def test_no_facts_that_can_be_read_ever_raise(name: str, data: st.DataObject) -> None:
    policy, on = shipped(name), data.draw(drawing.days)
    facts = data.draw(drawing.about(on))
    theirs = (facts.certificate and facts.certificate.number) or ""  # may hold any sign
    for at in MOMENTS:
        for finding in assess(policy, facts, on, at=at):
            for text in (finding.message.zh, finding.message.en):
                assert text.strip()
                assert "{" in theirs or "{" not in text
    assert route(policy, facts, on) in (None, *policy.kinds)
    for kind in policy.kinds:
        found = outlook(policy, kind, facts, on)
        assert list(found.turns) == sorted(set(found.turns))


@every_policy
@given(st.data())
def test_every_refusal_names_a_failing_rule(name: str, data: st.DataObject) -> None:
    policy, on = shipped(name), data.draw(drawing.days)
    facts, at = data.draw(drawing.about(on)), data.draw(st.sampled_from(MOMENTS))
    findings = assess(policy, facts, on, at=at)
    for kind in policy.kinds:
        mine = [finding for finding in findings if finding.kind == kind]
        failing = [finding.rule for finding in mine if finding.refuses]
        assert eligible(findings, kind) is not bool(failing)
        asked = [use.name for use in policy.kind_on(kind, on).requires]
        assert [f.rule for f in mine if f.rule not in ("in_force", "window_open")] == asked


@every_policy
@given(st.data())
def test_g5_more_hours_never_make_anyone_less_eligible(name: str, data: st.DataObject) -> None:
    on = data.draw(drawing.days)
    policy = window_about(data, shipped(name), on)
    facts = data.draw(drawing.about(on))
    more = data.draw(st.lists(credit_near(on), min_size=1, max_size=4))
    raised = [
        replace(one, hours=one.hours + data.draw(st.integers(0, 90)), accepted=True)
        for one in facts.credits
    ]
    richer = replace(facts, credits=(*raised, *more))
    for at in MOMENTS:
        assert open_to(policy, facts, on, at) <= open_to(policy, richer, on, at)
    assert route(policy, facts, on) == route(policy, richer, on)


@every_policy
@given(st.data())
def test_bj_30_a_proof_more_never_makes_anyone_less_eligible(
    name: str, data: st.DataObject
) -> None:
    on = data.draw(drawing.days)
    policy = window_about(data, shipped(name), on)
    facts = data.draw(drawing.about(on))
    proved = replace(facts, proofs=(*facts.proofs, data.draw(st.integers(2006, 2036))))
    for at in MOMENTS:
        assert open_to(policy, facts, on, at) <= open_to(policy, proved, on, at)


@every_policy
@given(st.data())
def test_bj_30_what_is_approved_could_be_handed_in_and_what_is_handed_in_could_be_begun(
    name: str, data: st.DataObject
) -> None:
    on = data.draw(drawing.days)
    policy = window_about(data, shipped(name), on)
    facts = data.draw(drawing.about(on))
    entry, submit, approval = (open_to(policy, facts, on, at) for at in MOMENTS)
    assert approval <= submit <= entry


@every_policy
@given(st.data())
def test_g4_a_longer_window_never_refuses_who_was_accepted(name: str, data: st.DataObject) -> None:
    policy, on = shipped(name), data.draw(drawing.days)
    facts = data.draw(drawing.about(on))
    first = on + timedelta(days=data.draw(st.integers(-300, 30)))
    last = first + timedelta(days=data.draw(st.integers(0, 400)))
    earlier, later = data.draw(st.integers(0, 400)), data.draw(st.integers(0, 400))
    overrides = data.draw(
        st.fixed_dictionaries(
            {},
            optional={
                "waive": st.lists(st.sampled_from(sorted(RULES)), max_size=3),
                "levels": st.just(["assistant", "social_worker"]),
                "exam_year": st.integers(on.year - 3, on.year),
            },
        )
    )
    short = a_window(policy, first, last, overrides)
    long = a_window(
        policy, first - timedelta(days=earlier), last + timedelta(days=later), overrides
    )
    # who registered in the days that come before has registered in that window, and waits
    began = [one.on for one in facts.registrations if one.on and one.on < first]
    assume(not any(long.windows[0].open_on(day) for day in began))
    assert open_to(short, facts, on) <= open_to(long, facts, on)


@every_policy
@given(st.data())
def test_hn_27_waiving_a_rule_never_refuses_anyone(name: str, data: st.DataObject) -> None:
    policy, on = shipped(name), data.draw(drawing.days)
    facts, span = data.draw(drawing.about(on)), (on, on + timedelta(days=30))
    waive = data.draw(st.lists(st.sampled_from(sorted(RULES)), min_size=1, max_size=4))
    strict, lax = a_window(policy, *span, {}), a_window(policy, *span, {"waive": waive})
    for at in MOMENTS:
        assert open_to(strict, facts, on, at) <= open_to(lax, facts, on, at)


@every_policy
@given(st.data())
def test_the_order_in_which_facts_are_told_does_not_matter(name: str, data: st.DataObject) -> None:
    on = data.draw(drawing.days)
    policy = window_about(data, shipped(name), on)
    facts = data.draw(drawing.about(on))
    shuffled = replace(
        facts,
        registrations=tuple(data.draw(st.permutations(facts.registrations))),
        credits=tuple(data.draw(st.permutations(facts.credits))),
        proofs=tuple(data.draw(st.permutations(facts.proofs))) * 2,
    )
    for at in MOMENTS:
        assert open_to(policy, facts, on, at) == open_to(policy, shuffled, on, at)
    assert route(policy, facts, on) == route(policy, shuffled, on)


@every_policy
@given(st.data())
def test_outside_its_dates_a_policy_accepts_nobody(name: str, data: st.DataObject) -> None:
    policy, on = shipped(name), data.draw(drawing.days)
    facts = data.draw(drawing.about(on))
    ended = replace(policy, effective_from=date(1900, 1, 1), effective_until=on - timedelta(days=1))
    assert open_to(ended, facts, on) == set()
    assert {f.rule for f in assess(ended, facts, on) if not f.ok} >= {"in_force"}
    assert route(ended, facts, on) == route(policy, facts, on)
