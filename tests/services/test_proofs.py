"""Proofs of continuing education: one for each turn, unless the recorded hours are enough."""

from datetime import date

import pytest

from app.services import applications, materials
from app.services.refusals import Invalid
from models.application import Application, Submission
from tests.support.cases import picture
from tests.support.factories import acting, every, stored
from tests.support.registered import attached, begun, hours, registered_in, windows, worker_of

pytestmark = pytest.mark.usefixtures("db")
AGREED = ["truth"]


def slots(draft: Application) -> list[str]:
    """The proofs that the form asks for."""
    form = applications.form_of(draft)
    return [one.slot.name for one in form.slots if one.slot.hours and one.slot.page == 1]


def test_bj_30_without_hours_and_without_a_proof_a_renewal_is_refused_at_its_slot() -> None:
    windows()
    with acting(registered_in(2017)):
        draft = begun("renewal")
        attached(draft, "credit_proof_2020")
        with pytest.raises(Invalid) as refused:
            applications.submit(draft.id, AGREED)
        assert set(refused.value.errors) == {"credit_proof_2020"}
        sentence = refused.value.errors["credit_proof_2020"].zh
        assert "要求72学时" in sentence
        assert "还差72学时" in sentence
        attached(draft)
        made = applications.submit(draft.id, AGREED)
    assert (made.state, stored(Application, made.id).turns) == ("in_review", [2020])
    (submission,) = every(Submission)
    assert "credit_proof_2020" in submission.materials


def test_bj_30_everything_else_that_is_missing_is_told_with_it() -> None:
    windows()
    with acting(registered_in(2017)):
        draft = begun("renewal")
        with pytest.raises(Invalid) as refused:
            applications.submit(draft.id, [])
    assert {"credit_proof_2020", "portrait", "certificate", "consent_truth"} <= set(
        refused.value.errors
    )


def test_bj_31_hours_of_this_system_need_no_proof() -> None:
    windows()
    who = registered_in(2017)
    hours(worker_of(who), date(2018, 5, 1), 72)
    with acting(who):
        draft = begun("renewal")
        (proof, *_) = (one for one in applications.form_of(draft).slots if one.slot.hours)
        assert proof.spared
        attached(draft, "credit_proof_2020")
        assert applications.submit(draft.id, AGREED).state == "in_review"


def test_bj_31_an_hour_less_needs_one() -> None:
    windows()
    who = registered_in(2017)
    hours(worker_of(who), date(2018, 5, 1), 71)
    with acting(who):
        draft = begun("renewal")
        attached(draft, "credit_proof_2020")
        with pytest.raises(Invalid) as refused:
            applications.submit(draft.id, AGREED)
    assert "还差1学时" in refused.value.errors["credit_proof_2020"].zh


def test_bj_44_two_turns_need_two_proofs_and_one_is_not_enough() -> None:
    windows()
    with acting(registered_in(2014)):
        draft = begun("late_renewal")
        assert slots(draft) == ["credit_proof_2017", "credit_proof_2020"]
        attached(draft, "credit_proof_2017")
        with pytest.raises(Invalid) as refused:
            applications.submit(draft.id, AGREED)
        assert set(refused.value.errors) == {"credit_proof_2017"}
        assert "2020年登记" not in refused.value.errors["credit_proof_2017"].zh
        attached(draft)
        made = applications.submit(draft.id, AGREED)
    assert stored(Application, made.id).turns == [2017, 2020]


def test_bj_44_a_turn_with_enough_hours_is_spared_and_the_other_is_not() -> None:
    windows()
    who = registered_in(2014)
    hours(worker_of(who), date(2015, 5, 1), 80)
    with acting(who):
        draft = begun("late_renewal")
        spared = {o.slot.turn: o.spared for o in applications.form_of(draft).slots if o.slot.hours}
        assert spared == {2017: True, 2020: False}
        attached(draft, "credit_proof_2017")
        assert applications.submit(draft.id, AGREED).state == "in_review"


def test_bj_30_a_proof_may_have_several_pages() -> None:
    windows()
    with acting(registered_in(2017)):
        draft = begun("renewal")
        attached(draft)
        materials.attach(draft.id, "credit_proof_2020_2", "b.jpg", picture(500, 500))
        applications.submit(draft.id, AGREED)
    (submission,) = every(Submission)
    assert {"credit_proof_2020", "credit_proof_2020_2"} <= set(submission.materials)


def test_x_12_a_lost_certificate_is_replaced_by_a_statement_in_a_renewal() -> None:
    windows()
    with acting(registered_in(2017)):
        draft = begun("renewal")
        applications.save(draft.id, {"certificate_lost": "yes"})
        attached(draft, "loss_statement")
        with pytest.raises(Invalid) as refused:
            applications.submit(draft.id, AGREED)
        assert set(refused.value.errors) == {"loss_statement"}
        attached(draft)
        assert applications.submit(draft.id, AGREED).state == "in_review"
    (submission,) = every(Submission)
    assert "certificate" not in submission.materials
