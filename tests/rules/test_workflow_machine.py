"""Many cases under chains of one to three stages, any verbs in any order (requirements.md H)."""

from collections import Counter
from typing import Literal

import pytest
from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from app.rules import regions
from app.rules.kinds import Stage
from app.rules.words import Words
from app.rules.workflow import (
    FINAL,
    IN_FLIGHT,
    Refused,
    State,
    Step,
    Verb,
    next_state,
    withdraw_refusal,
)

pytestmark = pytest.mark.slow

LABEL = Words("审核", "Review")
LEAVES = ("410105", "410102", "419001", "441900", "110105", "500112", "659001")
"""Counties, counties directly under a province, a city without counties, a municipality's."""
EXISTING = {
    *("000000", "410000", "410100", "410102", "410105", "419001"),
    *("440000", "441900", "110000", "110105", "500000", "500112", "650000", "659001"),
}
SHAPES: tuple[tuple[Literal["province", "city", "county"], ...], ...] = (
    ("county",),
    ("city",),
    ("province",),
    ("county", "city"),
    ("county", "province"),
    ("city", "province"),
    ("county", "city", "province"),
)
CHAINS = tuple(tuple(Stage(level, LABEL) for level in shape) for shape in SHAPES)
FORWARD = {
    State.draft: Verb.submit,
    State.in_review: Verb.approve,
    State.returned: Verb.resubmit,
    State.rejected: Verb.reopen,
    State.withdrawn: Verb.reopen,
    State.approved: Verb.issue,
}
DECISIONS = (Verb.approve, Verb.reject, Verb.return_)


class Filed:
    """One case: where it lies, by which chain it is decided, and all that happened to it."""

    def __init__(self, region: str, chain: tuple[Stage, ...]) -> None:
        self.region, self.chain = region, chain
        self.here = Step(State.draft, 1)
        self.decided: list[tuple[int, Verb]] = []
        self.ended = False

    @property
    def office(self) -> str:
        """Whose turn it is."""
        return self.chain[self.here.stage - 1].office(self.region, EXISTING)


class Offices(RuleBasedStateMachine):
    """A country of cases; `queues` is kept by hand as cases come and go, one count an office."""

    cases = Bundle("cases")

    @initialize()
    def open(self) -> None:
        self.filed: list[Filed] = []
        self.queues: Counter[str] = Counter()

    @rule(target=cases, region=st.sampled_from(LEAVES), chain=st.sampled_from(CHAINS))
    def start(self, region: str, chain: tuple[Stage, ...]) -> Filed:
        made = Filed(region, chain)
        self.filed.append(made)
        return made

    @rule(case=cases, steps=st.integers(1, 5))
    def go_on(self, case: Filed, steps: int) -> None:
        """What everybody hopes for; by chance alone hardly a case would come to its end."""
        for _ in range(steps):
            if case.here.state in FORWARD:
                self._do(case, FORWARD[case.here.state])

    @rule(case=cases, verb=st.sampled_from(Verb))
    def act(self, case: Filed, verb: Verb) -> None:
        assume(
            verb != Verb.withdraw or not withdraw_refusal("until_first_decision", self.said(case))
        )
        self._do(case, verb)

    def _do(self, case: Filed, verb: Verb) -> None:
        before, office = case.here, case.office
        try:
            after = next_state(before.state, verb, before.stage, len(case.chain))
        except Refused:
            return
        assert not case.ended, f"{before.state} was the end, and {verb} led on"
        if before.state == State.in_review:
            self.queues[office] -= 1
        case.here = after
        case.ended = after.state in FINAL
        if verb in DECISIONS:
            case.decided.append((before.stage, verb))
        if verb in (Verb.undo, Verb.reopen):
            case.decided = case.decided[:-1] if verb == Verb.undo else []
        if after.state == State.in_review:
            self.queues[case.office] += 1

    @staticmethod
    def said(case: Filed) -> int:
        """The decisions of this attempt."""
        return len(case.decided)

    @invariant()
    def a_stage_is_one_of_the_chain_and_its_office_lies_above_the_case(self) -> None:
        for case in getattr(self, "filed", ()):
            assert 1 <= case.here.stage <= len(case.chain)
            assert regions.covers(case.office, case.region)
            wanted = regions.LEVELS.index(case.chain[case.here.stage - 1].level)
            assert regions.LEVELS.index(regions.level_of(case.office)) <= wanted
            assert case.office in EXISTING

    @invariant()
    def the_queues_hold_what_is_pending_and_nothing_else(self) -> None:
        if hasattr(self, "filed"):
            pending = [case for case in self.filed if case.here.state == State.in_review]
            assert self.queues.total() == len(pending)
            assert +self.queues == Counter(case.office for case in pending)

    @invariant()
    def a_case_was_approved_by_every_stage_in_turn(self) -> None:
        for case in getattr(self, "filed", ()):
            approved = [stage for stage, verb in case.decided if verb == Verb.approve]
            if case.here.state in (State.approved, State.issued):
                assert approved == list(range(1, len(case.chain) + 1))
            assert approved == sorted(approved)

    @invariant()
    def what_is_in_flight_is_neither_final_nor_a_draft(self) -> None:
        for case in getattr(self, "filed", ()):
            assert not (case.here.state in IN_FLIGHT and case.ended)


Offices.TestCase.settings = settings(max_examples=500, stateful_step_count=30, deadline=None)
TestOffices = Offices.TestCase
