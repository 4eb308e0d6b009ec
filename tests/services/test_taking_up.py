"""After a decision: corrected, taken up again or taken back, as far as the policy goes."""

from collections.abc import Callable
from typing import Any

import pytest

from app.services import applications
from app.services.cases import Ineligible
from app.services.refusals import Conflict
from models.application import Application, Submission
from models.message import Consent
from tests.support import factories
from tests.support.cases import case, decide
from tests.support.factories import IN_WINDOW, acting, every, stored

pytestmark = pytest.mark.usefixtures("db")


def test_ba_22_cd_41_a_rejected_case_is_corrected_inside_the_window() -> None:
    who = factories.applicant()
    made = case(who, rejected=True)
    with acting(who, "2020-07-20T09:00"):
        again = applications.reopen(made.id)
        assert (again.state, again.attempt, again.reference) == ("draft", 2, made.reference)
        form = applications.form_of(again)
        assert form.values["major"] == "社会工作"
        assert all(slot.material for slot in form.slots)
        last = applications.last_refusal(form.application)
        assert last is not None
        assert "不清晰" in (last.reason or "")
        applications.save(made.id, {"major": "社会学"})
        applications.submit(made.id, agreed=["truth"])
    first, second = every(Submission)
    assert (first.attempt, first.form["major"]) == (1, "社会工作")
    assert (second.attempt, second.turn, second.form["major"]) == (2, 2, "社会学")
    assert len(every(Consent)) == 2


def test_bj_38_ba_22_after_the_window_it_is_not() -> None:
    who = factories.applicant()
    made = case(who, rejected=True)
    verbs: tuple[Callable[[], Application], ...] = (
        lambda: applications.reopen(made.id),
        lambda: applications.start("first"),
    )
    for verb in verbs:
        with acting(who, "2020-08-01T00:00"), pytest.raises(Conflict) as refused:
            verb()
        assert refused.value.code == "window_over"
    assert (stored(Application, made.id).state, stored(Application, made.id).attempt) == (
        "rejected",
        1,
    )


def test_the_entry_takes_up_what_was_rejected() -> None:
    who = factories.applicant()
    made = case(who, rejected=True)
    with acting(who, IN_WINDOW):
        again = applications.start("first")
    assert (again.id, again.attempt, again.state) == (made.id, 2, "draft")


def test_x_35_the_national_policy_lets_correct_at_any_time() -> None:
    who = factories.applicant(region_code="410105")
    made = case(who, region_code="410105", rejected=True)
    with acting(who, "2020-12-20T09:00"):
        assert applications.reopen(made.id).attempt == 2


@pytest.mark.parametrize("state", ["draft", "submitted", "approved"])
def test_only_rejected_and_withdrawn_cases_are_taken_up(state: str) -> None:
    who = factories.applicant()
    led: dict[str, Any] = {} if state == "draft" else {state: True}
    made = case(who, **led)
    with acting(who), pytest.raises(Conflict):
        applications.reopen(made.id)


def test_x_10_cd_38_the_national_policy_lets_withdraw_until_the_first_decision() -> None:
    who = factories.applicant(region_code="410105")
    made = case(who, region_code="410105", withdrawn=True)
    assert made.state == "withdrawn"
    with acting(who):
        applications.reopen(made.id)
        applications.submit(made.id, agreed=["truth"])
    decide(made.id, "approve")
    with acting(who), pytest.raises(Conflict) as refused:
        applications.withdraw(made.id)
    assert refused.value.code == "already_decided"
    assert stored(Application, made.id).state == "in_review"


def test_x_10_a_decision_on_an_earlier_attempt_does_not_count() -> None:
    who = factories.applicant(region_code="410105")
    made = case(who, region_code="410105", rejected=True)
    with acting(who):
        applications.reopen(made.id)
        applications.submit(made.id, agreed=["truth"])
        assert applications.withdraw(made.id).state == "withdrawn"


def test_bj_24_a_correction_takes_what_the_roster_says_by_now() -> None:
    worker = factories.worker("410105")
    held = factories.qualification(worker, management_number="GL-OLD")
    who = factories.applicant(worker)
    made = case(who, region_code="410105", returned=True)
    with factories.changing(held) as row:
        row.management_number = "GL-NEW"
    with acting(who):
        applications.submit(made.id, agreed=["truth"])
    first, second = every(Submission)
    numbers = [one.form["management_number"] for one in (first, second)]
    assert numbers == ["GL-OLD", "GL-NEW"]


def test_a_returned_case_goes_back_to_the_stage_that_returned_it() -> None:
    who = factories.applicant(region_code="410105")
    made = case(who, region_code="410105", submitted=True)
    decide(made.id, "approve")
    decide(made.id, "return", items=("phone",))
    with acting(who):
        applications.save(made.id, {"phone": "13999998888"})
        again = applications.submit(made.id, agreed=["truth"])
    assert (again.state, again.stage, again.attempt, again.unlocked) == ("in_review", 2, 1, [])
    first, second = every(Submission)
    assert (first.turn, second.turn) == (1, 2)
    assert (first.form["phone"], second.form["phone"]) == ("13800000000", "13999998888")


def test_a_correction_is_judged_by_the_day_of_what_it_corrects() -> None:
    """Passed in 2019, applied in 2020, corrected in 2021: the office asked for it."""
    who = factories.applicant(region_code="410105")
    made = case(who, region_code="410105", returned=True)
    with acting(who, "2021-01-15T09:00"):
        assert applications.submit(made.id, agreed=["truth"]).state == "in_review"


def test_a_new_application_in_another_year_is_judged_by_that_year() -> None:
    who = factories.applicant(region_code="410105")
    made = case(who, region_code="410105", rejected=True)
    with acting(who, "2021-01-15T09:00"):
        applications.reopen(made.id)
        with pytest.raises(Ineligible) as refused:
            applications.submit(made.id, agreed=["truth"])
    assert list(refused.value.errors) == ["exam_year"]
