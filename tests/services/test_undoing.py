"""Taking one's own decision back: the same day, while nobody acted on it, as if it never was."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.queries.decided import decided_today
from app.queries.due import due_of
from app.queries.policies import policy_of_case
from app.scope import Actor, acting_as
from app.services import (
    applications,
    audit,
    cases,
    certificates,
    issuing,
    outbox,
    rechecks,
    review,
    undoing,
)
from app.services.refusals import Conflict, Forbidden, Refusal
from app.services.verbs import transaction
from models.application import Application, Decision
from models.certificate import Certificate
from models.event import Event
from models.message import Message, Outbox
from tests.support import factories
from tests.support.cases import ITEMS, REASON, case, decide, reviewer_of
from tests.support.factories import IN_WINDOW, acting, every, stored
from tests.support.race import race

pytestmark = pytest.mark.usefixtures("db")

HENAN = "410105"
NEXT_DAY = "2020-07-11T09:00"
FACTS: dict[str, dict[str, Any]] = {
    "approve": {},
    "reject": {"reason": REASON},
    "return": {"reason": REASON, "items": ITEMS},
}


def decided(verdict: str, region_code: str = HENAN) -> tuple[Application, Actor, Actor]:
    """A case that its first office just decided, its applicant and who decided it."""
    applicant = factories.applicant(region_code=region_code)
    made = case(applicant, region_code=region_code, submitted=True)
    who = reviewer_of(made.id)
    with acting(who):
        review.decide(made.id, verdict, **FACTS[verdict])
    return stored(Application, made.id), applicant, who


def refused(who: Actor, made: Application, at: str = IN_WINDOW, **facts: Any) -> str:
    with acting(who, at), pytest.raises(Refusal) as told:
        undoing.undo(made.id, **facts)
    assert told.value.status in (403, 409)
    return told.value.code


def place(made: Application) -> tuple[str, int]:
    now = stored(Application, made.id)
    return now.state, now.stage


@pytest.mark.parametrize("verdict", FACTS)
def test_a_decision_of_today_is_taken_back_as_if_it_never_was(verdict: str) -> None:
    made, applicant, who = decided(verdict)
    with acting(who):
        undoing.undo(made.id, made.version)
    now = stored(Application, made.id)
    assert (now.state, now.stage, now.unlocked, now.decided_at) == ("in_review", 1, [], None)
    assert every(Decision) == [], "what is taken back is no decision"
    with acting(applicant):
        assert applications.withdraw(made.id).state == "withdrawn", "nobody has decided yet (X-10)"
    verbs = [(one.verb, one.actor_id) for one in every(Event, subject=f"application:{made.id}")]
    assert verbs[-3:-1] == [(verdict, who.account_id), ("undo", who.account_id)]
    assert audit.verify().sound


def test_the_time_of_the_office_goes_on_as_if_nothing_had_been_decided() -> None:
    untouched = case(region_code=HENAN, submitted=True)
    made, _, who = decided("return")
    assert made.due_on is None
    with acting(who):
        undoing.undo(made.id)
        due, as_before = due_of(stored(Application, made.id)), due_of(untouched)
    assert due == as_before
    assert stored(Application, made.id).due_on == untouched.due_on


@pytest.mark.parametrize(("verdict", "told"), [("approve", 0), ("reject", 1), ("return", 1)])
def test_who_was_told_of_the_result_is_told_that_it_no_longer_holds(
    verdict: str, told: int
) -> None:
    made, applicant, who = decided(verdict)
    before = len(every(Message, user_id=applicant.account_id))
    with acting(who):
        undoing.undo(made.id)
    messages = every(Message, user_id=applicant.account_id)[before:]
    assert ["审核结果已撤回" in one.title for one in messages] == [True] * told


def test_it_can_be_decided_again_and_by_a_colleague_too() -> None:
    made, _, who = decided("reject")
    with acting(who):
        undoing.undo(made.id)
        review.decide(made.id, "approve")
        undoing.undo(made.id)
    decide(made.id, "return")
    assert place(made) == ("returned", 1)
    assert [one.verdict for one in every(Decision)] == ["return"]


def test_another_day_or_another_person_or_an_old_page_takes_nothing_back() -> None:
    made, _, who = decided("return")
    colleague = factories.actor("county_reviewer", HENAN)
    assert refused(who, made, NEXT_DAY) == "not_today"
    assert refused(colleague, made) == "not_yours"
    assert refused(who, made, version=made.version - 1) == "stale"
    assert refused(factories.actor("county_admin", HENAN), made) == "not_permitted"
    assert place(made) == ("returned", 1)


@pytest.mark.parametrize("act", ["save", "submit"])
def test_what_the_applicant_began_to_correct_is_never_lost(act: str) -> None:
    made, applicant, who = decided("return")
    with acting(applicant):
        applications.save(made.id, {"phone": "13911112222"})
        if act == "submit":
            applications.submit(made.id, ["truth"])
    assert refused(who, made) == "acted_on"
    assert stored(Application, made.id).form["phone"] == "13911112222"


def test_a_refused_case_that_was_taken_up_again_stays_with_its_applicant() -> None:
    made, applicant, who = decided("reject")
    with acting(applicant):
        applications.reopen(made.id)
    assert refused(who, made) == "acted_on"


def test_a_stage_that_went_on_is_behind_one_until_it_is_taken_back_there() -> None:
    """Whoever decided last goes back first."""
    made, _, first = decided("approve")
    second = reviewer_of(made.id)
    with acting(second):
        review.decide(made.id, "return", **FACTS["return"])
    assert refused(first, made) == "not_yours"
    with acting(second):
        undoing.undo(made.id)
    with acting(first):
        undoing.undo(made.id)
    assert place(made) == ("in_review", 1)


def test_a_case_that_the_next_stage_has_before_it_is_left_there() -> None:
    made, _, first = decided("approve")
    second = reviewer_of(made.id)
    with acting(second):
        review.take(made.id)
    assert refused(first, made) == "claimed"
    with acting(second):
        review.leave(made.id)
    with acting(first):
        undoing.undo(made.id)
    assert place(made) == ("in_review", 1)


@pytest.mark.slow
def test_another_case_in_flight_keeps_the_refused_one_where_it_is() -> None:
    made, applicant, who = decided("reject")
    with factories.changing(stored(Application, made.id)) as row:
        row.kind = "renewal"  # or the next one would be the same case taken up again
    case(applicant, region_code=HENAN, submitted=True)
    assert refused(who, made) == "in_flight"
    assert place(made) == ("rejected", 1)


def test_x_17_what_is_issued_is_not_taken_back() -> None:
    made = case(submitted=True)
    who = reviewer_of(made.id)
    with acting(who):
        review.decide(made.id, "approve")
    assert refused(who, made) == "issued"
    with acting(who), pytest.raises(Conflict) as told:
        undoing.undo(made.id)
    assert "证书已经出具" in told.value.sentence.zh
    assert len(every(Certificate)) == 1


def test_x_17_a_final_approval_is_taken_back_while_nothing_is_issued(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(*_: Any) -> None:
        raise OSError("no font")

    made = case(submitted=True)
    who = reviewer_of(made.id)
    with monkeypatch.context() as broken, acting(who):
        broken.setattr(issuing, "carry_out", breaks)
        review.decide(made.id, "approve")
        undoing.undo(made.id)
    assert place(made) == ("in_review", 1)
    with acting_as(None):
        certificates.issue_promised(made.id)
    assert (place(made), every(Certificate)) == (("in_review", 1), []), "its promise is void"
    with acting(who):
        review.decide(made.id, "approve")
    assert place(made) == ("issued", 1)
    with acting_as(None), clock.frozen(IN_WINDOW):
        outbox.run_due()
    assert len(every(Certificate)) == 1
    assert {one.fault for one in every(Outbox, job="issue", state="done")} == {None}


def test_an_approval_that_was_drawn_for_a_second_look_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or one could draw again until the lot falls on another case."""

    def breaks(*_: Any) -> None:
        raise OSError("no font")

    made = case(region_code=HENAN, submitted=True)
    decide(made.id, "approve")
    who = reviewer_of(made.id)
    with monkeypatch.context() as broken, acting(who):
        broken.setattr(issuing, "carry_out", breaks)
        policy = replace(policy_of_case(made), recheck_percent=100)
        broken.setattr(rechecks, "policy_of_case", lambda _case: policy)
        review.decide(made.id, "approve")
    assert refused(who, made) == "drawn"
    assert place(made) == ("approved", 2)


def test_taking_back_and_the_next_decision_at_once_leave_one_of_them(app: Flask) -> None:
    made, _, first = decided("approve")
    second = reviewer_of(made.id)

    def undo() -> str:
        with acting(first):
            return undoing.undo(made.id).state

    def go_on() -> str:
        with acting(second):
            return review.decide(made.id, "reject", reason=REASON).state

    undone, gone = race(app, undo, go_on)
    if undone == "in_review":
        assert isinstance(gone, Refusal)
        assert place(made) == ("in_review", 1)
    else:
        assert (undone.code, gone) == ("not_yours", "rejected")
    assert audit.verify().sound


def test_hours_that_the_next_stage_recorded_are_an_act_on_the_case() -> None:
    made, _, first = decided("approve")
    with acting(reviewer_of(made.id)), transaction() as session:
        cases.record(session, cases.fetch(session, made.id), "accept_hours", "in_review")
    assert refused(first, made) == "acted_on"


def test_one_s_decisions_of_today_stand_together_until_they_are_taken_back() -> None:
    made, _, who = decided("return")
    other, _, _ = decided("approve")
    with acting(who):
        assert [one.application.id for one in decided_today()] == [made.id]
        undoing.undo(made.id)
        assert decided_today() == []
    with acting(who, NEXT_DAY):
        assert decided_today() == []
    with acting(factories.actor("county_reviewer", HENAN)), pytest.raises(Forbidden):
        undoing.undo(other.id)
