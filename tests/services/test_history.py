"""The history step: what is stated is kept, checked again, and never touches what is verified."""

from typing import Any

import pytest

from app.queries.facts import assessment
from app.services import applications, earlier, materials
from app.services.cases import Ineligible
from app.services.refusals import Conflict, Forbidden, Invalid, Missing
from models.application import Submission
from models.event import Event
from models.registration import Registration
from tests.support import factories
from tests.support.cases import case, picture
from tests.support.factories import acting, every
from tests.support.registered import (
    attached,
    begun,
    registered_in,
    registration,
    somebody,
    windows,
    worker_of,
)

pytestmark = pytest.mark.usefixtures("db")


def years(*stated: Any) -> list[dict[str, Any]]:
    return [{"year": str(one)} for one in stated]


def on_record() -> list[tuple[str, int, str]]:
    return [(row.kind, row.cycle_year, row.state) for row in every(Registration)]


def test_bj_20_stated_registrations_are_kept_in_their_order() -> None:
    windows()
    with acting(factories.applicant(somebody())):
        earlier.state("renewal", years(2014, 2017))
    assert on_record() == [("first", 2014, "claimed"), ("renewal", 2017, "claimed")]
    assert [row.level for row in every(Registration)] == ["assistant"] * 2
    (event,) = [one for one in every(Event) if one.verb == "history"]
    assert event.reason == "first 2014, renewal 2017"


def test_bj_20_stating_again_replaces_what_one_stated_before() -> None:
    windows()
    with acting(factories.applicant(somebody())):
        earlier.state("renewal", years(2014, 2017))
        earlier.state("renewal", years(2017))
    assert on_record() == [("first", 2017, "claimed")]


@pytest.mark.parametrize(
    ("stated", "wrong"),
    [
        (years(""), {"year_0"}),
        (years(2021), {"year_0"}),
        (years(2017, 2014), {"year_1"}),
        (years("二〇一四"), {"year_0"}),
        (years(1999), {"year_0"}),
        ([], set()),
    ],
)
@pytest.mark.database("sqlite")
def test_bj_19_a_blank_or_impossible_year_keeps_nothing(
    stated: list[dict[str, Any]], wrong: set[str]
) -> None:
    windows()
    with acting(factories.applicant(somebody())), pytest.raises(Invalid) as refused:
        earlier.state("renewal", stated)
    assert set(refused.value.errors) == wrong
    assert on_record() == []


def test_bj_20_another_spacing_reaches_the_reviewer_as_a_remark() -> None:
    windows()
    with acting(factories.applicant(somebody())):
        earlier.state("renewal", years(2015, 2017))
        draft = begun("renewal")
        attached(draft)
        applications.submit(draft.id, ["truth"])
    (submission,) = every(Submission)
    (remark,) = [one for one in submission.findings if one["rule"] == earlier.RULE]
    assert remark["warning"] is True
    assert "相隔2年" in remark["message"]["zh"]


def test_bj_21_bj_42_the_kind_is_checked_again_with_what_was_stated() -> None:
    windows()
    with acting(factories.applicant(somebody())):
        earlier.state("renewal", years(2016))
        with pytest.raises(Ineligible) as refused:
            applications.start("renewal")
        assert "请办理补登记" in refused.value.sentence.zh
        draft = applications.start("late_renewal")
        slots = [one.slot.name for one in applications.form_of(draft).slots]
    assert "credit_proof_2019" in slots


def test_bj_23_verified_rows_stay_and_are_not_stated_again() -> None:
    windows()
    worker = somebody()
    kept = registration(worker, 2014)
    with acting(factories.applicant(worker)):
        with pytest.raises(Invalid) as refused:
            earlier.state("renewal", years(2014))
        assert "审核通过" in refused.value.errors["year_0"].zh
        earlier.state("renewal", years(2017))
        earlier.state("renewal", years(2017))
    rows = every(Registration)
    assert [(row.kind, row.cycle_year, row.state) for row in rows] == [
        ("first", 2014, "verified"),
        ("renewal", 2017, "claimed"),
    ]
    assert rows[0].id == kept.id


def test_bj_23_nothing_is_stated_while_a_case_is_under_way() -> None:
    windows()
    who = factories.applicant()
    case(who, submitted=True)
    with acting(who), pytest.raises(Conflict) as refused:
        earlier.state("renewal", years(2017))
    assert refused.value.code == "in_flight"
    assert on_record() == []


def test_a_kind_without_the_step_takes_nothing() -> None:
    with acting(factories.applicant()), pytest.raises(Missing):
        earlier.state("first", years(2017))


def test_nobody_but_an_applicant_states_anything() -> None:
    with acting(factories.actor("body_reviewer", "110000")), pytest.raises(Forbidden):
        earlier.state("renewal", years(2017))


@pytest.mark.parametrize(
    ("exam_year", "offered"), [(2013, True), (2018, True), (2019, False), (2020, False)]
)
def test_bj_19_the_step_is_offered_to_those_who_can_have_been_registered(
    exam_year: int, offered: bool
) -> None:
    windows()
    who = factories.applicant(somebody(exam_year))
    with acting(who):
        found = assessment(worker_of(who))
        assert found.may_supply("renewal") is offered
        assert found.may_supply("late_renewal") is offered
        assert not found.may_supply("first")
        assert not found.may_supply("replacement")


def test_bj_19_the_step_is_offered_neither_outside_the_window_nor_to_the_registered() -> None:
    who = factories.applicant(somebody())
    with acting(who):
        assert not assessment(worker_of(who)).may_supply("renewal")
    windows()
    with acting(registered_in(2018)) as known:
        assert not assessment(worker_of(known)).may_supply("renewal")


def test_bj_19_an_earlier_examination_counts_for_the_step() -> None:
    windows()
    worker = somebody(2013)
    factories.qualification(worker, level="social_worker", exam_year=2019)
    with acting(factories.applicant(worker)) as who:
        assert assessment(worker_of(who)).may_supply("renewal")


def test_bj_44_proofs_follow_the_history_while_it_is_stated() -> None:
    windows()
    with acting(factories.applicant(somebody())):
        earlier.state("late_renewal", years(2014))
        draft = begun("late_renewal")
        materials.attach(draft.id, "credit_proof_2017", "a.jpg", picture())
        earlier.state("late_renewal", years(2013))
        turns = {o.slot.turn for o in applications.form_of(draft).slots if o.slot.hours}
    assert turns == {2016, 2019}
