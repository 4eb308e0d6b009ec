"""The workflow as a table: every state can be reached, every state but the last two can be left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.words import Words
from app.rules.workflow import (
    FINAL,
    IN_FLIGHT,
    MOVES,
    Refused,
    State,
    Step,
    Verb,
    allowed,
    next_state,
    reopen_refusal,
    return_refusal,
    state_label,
    withdraw_refusal,
)
from tests.rules.conftest import data_of


def reachable(stages: int) -> set[Step]:
    """All places that verbs lead to from a new draft."""
    found: set[Step] = set()
    todo = {Step(State.draft, 1)}
    while todo:
        found |= todo
        todo = {there for here in todo for verb in Verb if (there := after(here, verb, stages))}
        todo -= found
    return found


def after(here: Step, verb: Verb, stages: int) -> Step | None:
    """Where the verb leads, None when it is refused."""
    try:
        return next_state(here.state, verb, here.stage, stages)
    except Refused:
        return None


@pytest.mark.parametrize("stages", [1, 2, 3])
def test_x_15_every_state_is_reachable_in_a_chain_of_any_length(stages: int) -> None:
    places = reachable(stages)
    assert {place.state for place in places} == set(State)
    assert {place.stage for place in places} == set(range(1, stages + 1))


def test_every_state_that_is_not_final_has_an_exit_and_no_final_one_has() -> None:
    left = {state for (state, _), move in MOVES.items() if move.to != state or move.past_last}
    assert left == set(State) - set(FINAL)
    assert not [state for state, _ in MOVES if state in FINAL]


def test_every_verb_is_used_and_every_state_is_named_as_it_is_stored() -> None:
    assert {verb for _, verb in MOVES} == set(Verb)
    assert all(state.name == state.value for state in State)


@pytest.mark.parametrize("stages", [1, 2, 3])
def test_x_15_cd_49_approval_climbs_the_stages_and_only_the_last_one_approves(stages: int) -> None:
    here = next_state(State.draft, Verb.submit, 1, stages)
    for stage in range(1, stages + 1):
        assert here == Step(State.in_review, stage)
        here = next_state(here.state, Verb.approve, here.stage, stages)
    assert here == Step(State.approved, stages)
    assert next_state(here.state, Verb.issue, here.stage, stages).state == State.issued


def test_x_36_a_case_rejected_at_the_second_stage_starts_again_at_the_first() -> None:
    rejected = next_state(State.in_review, Verb.reject, 2, 2)
    assert rejected == Step(State.rejected, 2)
    draft = next_state(rejected.state, Verb.reopen, rejected.stage, 2)
    assert draft == Step(State.draft, 1)
    assert next_state(draft.state, Verb.submit, draft.stage, 2) == Step(State.in_review, 1)


def test_hn_34_a_returned_case_comes_back_to_the_stage_that_returned_it() -> None:
    returned = next_state(State.in_review, Verb.return_, 2, 2)
    assert next_state(returned.state, Verb.resubmit, returned.stage, 2) == Step(State.in_review, 2)


@given(st.integers(1, 4).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n))))
def test_undo_takes_back_exactly_the_last_decision(place: tuple[int, int]) -> None:
    stage, stages = place
    for verdict in (Verb.approve, Verb.reject, Verb.return_):
        decided = next_state(State.in_review, verdict, stage, stages)
        undone = next_state(decided.state, Verb.undo, decided.stage, stages)
        assert undone == Step(State.in_review, stage)
    assert not allowed(State.issued, Verb.undo)


def test_undo_has_nothing_to_take_back_at_the_first_stage() -> None:
    with pytest.raises(Refused) as refused:
        next_state(State.in_review, Verb.undo, 1, 2)
    assert refused.value.code == "nothing_to_undo"
    assert "决定" in refused.value.message.zh


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("verb", Verb)
def test_a_move_that_the_table_does_not_have_is_refused_in_words(state: State, verb: Verb) -> None:
    if allowed(state, verb):
        return
    with pytest.raises(Refused) as refused:
        next_state(state, verb, 1, 2)
    assert refused.value.code == "no_such_move"
    assert "刷新" in refused.value.message.zh


def test_x_39_cd_53_in_flight_is_under_review_returned_or_approved_but_not_issued() -> None:
    assert set(IN_FLIGHT) == {State.in_review, State.returned, State.approved}


def test_bj_36_ba_19_a_policy_without_withdrawal_never_gives_a_case_back() -> None:
    for decisions in (0, 1):
        refusal = withdraw_refusal("never", decisions)
        assert refusal is not None
        assert "不可修改和撤回" in refusal.message.zh


def test_x_10_withdrawal_ends_with_the_first_decision() -> None:
    assert withdraw_refusal("until_first_decision", 0) is None
    refusal = withdraw_refusal("until_first_decision", 1)
    assert refusal is not None
    assert refusal.code == "already_decided"
    assert not allowed(State.returned, Verb.withdraw)


def test_a_policy_without_return_refuses_it() -> None:
    assert return_refusal("allowed") is None
    refusal = return_refusal("never")
    assert refusal is not None
    assert refusal.code == "never_returned"


@pytest.mark.parametrize(
    ("resubmit", "window_is_open", "code"),
    [
        ("within_window", True, None),
        ("within_window", False, "window_over"),
        ("any_time", True, None),
        ("any_time", False, None),
    ],
)
def test_x_35_ba_22_a_rejected_case_comes_back_as_the_policy_says(
    resubmit: str, window_is_open: bool, code: str | None
) -> None:
    refusal = reopen_refusal(resubmit, window_is_open)  # type: ignore[arg-type]
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("labels", "state", "stage", "wording"),
    [
        ("beijing", State.draft, 1, "已保存"),
        ("beijing", State.in_review, 1, "待审核"),
        ("beijing", State.rejected, 1, "审核不通过"),
        ("beijing", State.issued, 1, "审核通过"),
        ("national", None, 1, "未登记"),
        ("national", State.in_review, 1, "初审中"),
        ("national", State.in_review, 2, "终审中"),
        ("national", State.rejected, 1, "初审不通过"),
        ("national", State.rejected, 2, "终审不通过"),
        ("national", State.returned, 2, "退回补正"),
        ("national", State.issued, 2, "已出证"),
    ],
)
def test_bj_62_mc_18_x_18_one_machine_has_many_wordings(
    labels: str, state: State | None, stage: int, wording: str
) -> None:
    texts = {name: Words(**text) for name, text in data_of("labels")[labels].items()}
    assert state_label(texts, state, stage).zh == wording
