"""Every kind of the policies elsewhere, from the history step to the submission."""

from datetime import date
from typing import Any

import pytest

from app.queries.policies import policy_for
from app.rules.workflow import State
from app.scope import Actor, current_actor
from app.services import applications, earlier, materials
from app.services.cases import Ineligible
from app.services.refusals import Invalid
from models.application import Application, Submission
from models.message import Consent
from models.registration import Registration
from tests.documents.test_papers import paper
from tests.support import factories
from tests.support.cases import picture
from tests.support.factories import acting, every
from tests.support.registered import attached, begun, hours, somebody, windows, worker_of

pytestmark = pytest.mark.usefixtures("db")

NOW = "2025-04-10T09:00"
CHENGDU, HUNAN, HENAN = "510107", "430102", "410105"
BOTH = ["privacy", "truth"]
VALID = {"on": "2019-06-30", "valid_until": "2025-06-30"}
VILLAGE = {"unit_type": "village", "community_post": "chief"}


def person(region_code: str, exam_year: int = 2018) -> Actor:
    return factories.applicant(somebody(exam_year, region_code))


def wrong(draft: Application, agreed: list[str]) -> set[str]:
    """What a submission is refused for, by field, picture and statement."""
    with pytest.raises(Invalid) as refused:
        applications.submit(draft.id, agreed)
    return set(refused.value.errors)


def first(**changed: Any) -> Application:
    """A whole first registration of Chengdu that is only to be submitted."""
    draft = begun("first", **changed)
    attached(draft)
    return draft


def test_cd_16_cd_29_without_post_no_address_is_asked_for() -> None:
    blank = dict.fromkeys(("recipient", "recipient_phone", "delivery_region"), "")
    with acting(person(CHENGDU), NOW):
        draft = first(delivery="electronic", delivery_address="", **blank)
        assert applications.submit(draft.id, BOTH).state == State.in_review


@pytest.mark.parametrize(
    "name", ["recipient", "recipient_phone", "delivery_region", "delivery_address"]
)
def test_cd_29_with_post_every_part_of_the_address_is_needed(name: str) -> None:
    with acting(person(CHENGDU), NOW):
        draft = first(delivery="post", **{name: ""})
        assert wrong(draft, BOTH) == {name}


def test_cd_35_the_note_on_postage_stands_at_the_question() -> None:
    with acting(person(CHENGDU), NOW):
        kind = applications.form_of(begun("first")).kind
    (asked,) = (spec for spec in kind.fields if spec.name == "delivery")
    assert asked.help.zh == (
        "纸质档登记证书按照自愿自费原则申请办理, 邮费用到付, 由申请人全额支付。"
    )


@pytest.mark.parametrize("code", BOTH)
def test_cd_17_each_statement_is_ticked_by_itself(code: str) -> None:
    with acting(person(CHENGDU), NOW):
        draft = first()
        assert wrong(draft, [one for one in BOTH if one != code]) == {f"consent_{code}"}
        assert wrong(draft, []) == {"consent_privacy", "consent_truth"}
        assert wrong(draft, ["nonsense"]) == {"consent_privacy", "consent_truth"}


def test_cd_17_cd_34_both_statements_are_kept_with_their_words() -> None:
    with acting(person(CHENGDU), NOW):
        applications.submit(first().id, BOTH)
    kept = {one.code: one.text for one in every(Consent)}
    assert kept.keys() == set(BOTH)
    assert kept["privacy"].startswith("我已知晓《隐私政策》并授权本表单收集信息。")
    assert "自愿承担因不实承诺应承担的相关责任" in kept["truth"]


def test_cd_21_the_post_in_the_community_is_asked_at_a_village_alone() -> None:
    with acting(person(CHENGDU), NOW):
        draft = first(unit_type="enterprise", community_post="")
        assert applications.submit(draft.id, BOTH).state == State.in_review
    with acting(person(CHENGDU), NOW):
        assert wrong(first(unit_type="village", community_post=""), BOTH) == {"community_post"}


@pytest.mark.parametrize(
    ("chosen", "fits"),
    [
        ([], False),
        (["youth"], True),
        (["youth", "elderly", "drugs"], True),
        (["youth", "elderly", "drugs", "school"], False),
    ],
)
def test_cd_22_one_to_three_fields_of_practice(chosen: list[str], fits: bool) -> None:
    with acting(person(CHENGDU), NOW):
        draft = first(practice_fields=chosen)
        if fits:
            assert applications.submit(draft.id, BOTH).state == State.in_review
        else:
            assert wrong(draft, BOTH) == {"practice_fields"}


@pytest.mark.parametrize(
    ("answered", "needed"),
    [
        (VILLAGE, True),
        (VILLAGE | {"community_post": "committee"}, True),
        (VILLAGE | {"community_post": "staff"}, False),
        (VILLAGE | {"community_post": "other"}, False),
        # who said so before the employer was changed to an enterprise
        (VILLAGE | {"unit_type": "enterprise"}, False),
    ],
)
def test_cd_28_x_20_the_proof_of_election_hangs_on_the_post(
    answered: dict[str, str], needed: bool
) -> None:
    with acting(person(CHENGDU), NOW):
        draft = begun("first", **answered)
        attached(draft, "community_proof")
        if needed:
            assert wrong(draft, BOTH) == {"community_proof"}
            attached(draft)
        assert applications.submit(draft.id, BOTH).state == State.in_review


def test_x_20_what_is_not_asked_is_kept_until_the_submission_and_not_handed_in() -> None:
    with acting(person(CHENGDU), NOW):
        draft = first(unit_type="enterprise", community_post="chief")
        assert applications.form_of(draft).values["community_post"] == "chief"
        made = applications.submit(draft.id, BOTH)
    assert "community_post" not in made.form


def renewal() -> Application:
    """A renewal of Chengdu with its history, without pictures."""
    earlier.state("renewal", [VALID])
    return begun("renewal")


def test_cd_32_the_history_gives_day_and_validity() -> None:
    with acting(person(CHENGDU), NOW):
        specs = {spec.name: spec.label.zh for spec in _questions("renewal")}
        renewal()
    assert specs == {"on": "首次登记日期", "valid_until": "登记证书最新有效期至"}
    assert [
        (row.kind, row.cycle_year, str(row.valid_until), row.state) for row in every(Registration)
    ] == [("first", 2019, "None", "claimed"), ("renewal", 2022, "2025-06-30", "claimed")]


def _questions(kind: str) -> Any:
    return earlier.questions(policy_for(CHENGDU), kind)


@pytest.mark.parametrize("missing", ["on", "valid_until"])
def test_cd_32_both_days_are_needed(missing: str) -> None:
    with acting(person(CHENGDU), NOW), pytest.raises(Invalid) as refused:
        earlier.state("renewal", [VALID | {missing: ""}])
    assert set(refused.value.errors) == {f"{missing}_0"}


def test_x_34_the_gate_holds_for_a_validity_that_was_stated() -> None:
    with acting(person(CHENGDU), NOW):
        earlier.state("renewal", [VALID | {"valid_until": "2025-07-10"}])
        with pytest.raises(Ineligible) as refused:
            applications.start("renewal")
        assert "2025年4月11日" in refused.value.sentence.zh
        earlier.state("renewal", [VALID | {"valid_until": "2025-07-09"}])
        assert applications.start("renewal").state == State.draft


@pytest.mark.parametrize("slot", ["certificate", "stamped_form", "credit_proof_2025"])
def test_cd_33_a_renewal_adds_certificate_form_and_proof_of_hours(slot: str) -> None:
    with acting(person(CHENGDU), NOW):
        draft = renewal()
        attached(draft, slot)
        assert wrong(draft, BOTH) == {slot}
        attached(draft)
        assert applications.submit(draft.id, BOTH).state == State.in_review


def test_cd_45_x_20_a_completion_from_a_hospital_needs_no_post_in_the_community() -> None:
    with acting(person(CHENGDU), NOW):
        earlier.state("completion", [VALID])
        draft = begun("completion", unit_type="public_institution")
        names = {spec.name for spec in applications.form_of(draft).kind.fields}
        assert {"community_post", "practice_fields", "delegate", "project_honors"} <= names
        assert wrong(draft, BOTH) == {"portrait"}
        attached(draft)
        assert applications.submit(draft.id, BOTH).state == State.in_review


def test_cd_50_a_pdf_is_taken_where_the_policy_says_so() -> None:
    with acting(person(CHENGDU), NOW):
        draft = begun("first")
        kept = materials.attach(draft.id, "qualification", "证书.pdf", paper())
        assert (kept.media_type, kept.original_name) == ("image/jpeg", "证书.pdf")
        shown, media_type = materials.material_bytes(kept.id)
        assert (shown[:2], media_type) == (b"\xff\xd8", "image/jpeg")
        with pytest.raises(Invalid) as refused:
            materials.attach(draft.id, "id_front", "证书.pdf", paper())
    assert "PDF" in refused.value.sentence.zh


def national(*, offline: str, online: int = 0, given: str = "80") -> Application:
    """A national renewal that is valid until the end of June, without pictures."""
    if online:
        hours(worker_of(_actor()), _day("2023-05-01"), online)
    earlier.state("renewal", [VALID])
    return begun("renewal", offline_training=offline, offline_hours=given)


def _actor() -> Actor:
    actor = current_actor()
    assert actor is not None
    return actor


def _day(text: str) -> Any:
    return date.fromisoformat(text)


def test_mc_24_hours_elsewhere_need_a_number_and_a_proof() -> None:
    with acting(person(HUNAN), NOW):
        draft = national(offline="yes", given="")
        attached(draft, "credit_proof_2025")
        assert wrong(draft, ["truth"]) == {"offline_hours", "credit_proof_2025"}
        applications.save(draft.id, {"offline_hours": "80"})
        attached(draft)
        assert applications.submit(draft.id, ["truth"]).state == State.in_review


def test_mc_24_hours_elsewhere_are_proved_although_those_online_are_enough() -> None:
    with acting(person(HUNAN), NOW):
        draft = national(offline="yes", online=72)
        attached(draft, "credit_proof_2025")
        assert wrong(draft, ["truth"]) == {"credit_proof_2025"}


def test_mc_24_who_has_none_elsewhere_needs_enough_online() -> None:
    with acting(person(HUNAN), NOW):
        draft = national(offline="no", online=71)
        attached(draft)
        assert wrong(draft, ["truth"]) == {"offline_training"}
    with acting(person(HUNAN), NOW):
        draft = national(offline="no", online=72)
        attached(draft)
        assert applications.submit(draft.id, ["truth"]).state == State.in_review


def test_mc_13_a_project_of_the_plans_needs_its_proof() -> None:
    with acting(factories.applicant(somebody(2024, HUNAN)), NOW):
        draft = begun("first", plan_project="yes")
        attached(draft, "plan_proof")
        assert wrong(draft, ["truth"]) == {"plan_proof"}
        applications.save(draft.id, {"plan_project": "no"})
        assert applications.submit(draft.id, ["truth"]).state == State.in_review


EXCHANGED = {
    "number": "00123456",
    "kind": "renewal",
    "on": "2022-08-31",
    "valid_until": "2025-08-31",
}


def test_mc_26_an_exchange_keeps_what_the_certificate_says() -> None:
    with acting(person(HUNAN), NOW):
        earlier.state("exchange", [EXCHANGED])
        draft = begun("exchange")
        attached(draft)
        assert applications.submit(draft.id, ["truth"]).state == State.in_review
    (row,) = every(Registration)
    assert (row.kind, row.legacy_number, str(row.valid_until)) == (
        "renewal",
        "00123456",
        "2025-08-31",
    )
    assert len(every(Submission)) == 1


@pytest.mark.parametrize("number", ["", "1234567", "12345678x", "ABCDEFGH"])
def test_mc_30_mc_31_the_number_is_needed_and_has_eight_digits(number: str) -> None:
    with acting(person(HUNAN), NOW), pytest.raises(Invalid) as refused:
        earlier.state("exchange", [EXCHANGED | {"number": number}])
    assert set(refused.value.errors) == {"number_0"}
    assert every(Registration) == []


@pytest.mark.parametrize("kind", ["first", "renewal"])
def test_hn_28_hn_29_both_kinds_of_the_year_of_the_notice(kind: str) -> None:
    with acting(person(HENAN, 2016), "2021-05-10T09:00"):
        if kind == "renewal":
            earlier.state("renewal", [{"on": "2017-05-01", "valid_until": "2020-05-01"}])
        draft = begun(kind, offline_training="yes", offline_hours="80")
        attached(draft)
        codes = [one.code for one in applications.form_of(draft).kind.consents]
        assert "conduct" in codes
        assert f"consent_{codes[0]}" in wrong(draft, codes[1:])
        made = applications.submit(draft.id, codes)
    assert (made.state, made.policy_code) == (State.in_review, "henan-2021")


def test_bj_49_a_replacement_comes_by_post_to_an_address() -> None:
    windows()
    with acting(factories.applicant(somebody(2018))):
        draft = begun("replacement", "never_registered", delivery_address="")
        attached(draft)
        assert wrong(draft, ["truth"]) == {"delivery_address"}
        applications.save(draft.id, {"delivery": "electronic", "delivery_address": "建国路1号"})
        assert wrong(draft, ["truth"]) == {"delivery"}
        applications.save(draft.id, {"delivery": "post"})
        made = applications.submit(draft.id, ["truth"])
    assert (made.state, made.turns) == (State.in_review, [])


def test_bj_50_hours_of_this_system_need_no_proof_in_a_replacement_either() -> None:
    windows()
    with acting(factories.applicant(somebody(2018))):
        draft = begun("replacement", "never_registered")
        attached(draft, "credit_proof")
        assert wrong(draft, ["truth"]) == {"credit_proof"}
        hours(worker_of(_actor()), _day("2019-05-01"), 1)
        assert applications.submit(draft.id, ["truth"]).state == State.in_review


def test_bj_46_the_case_is_checked_again_when_it_is_handed_in() -> None:
    windows()
    with acting(factories.applicant(somebody(2018))):
        draft = begun("replacement", "never_registered")
        attached(draft)
        applications.save(draft.id, {"replacement_case": "lost"})
        assert wrong(draft, ["truth"]) == {"replacement_case"}


def test_bj_33_a_picture_of_a_replacement_is_replaced_by_another() -> None:
    windows()
    with acting(factories.applicant(somebody(2018))):
        draft = begun("replacement", "never_registered")
        one = materials.attach(draft.id, "id_front", "a.jpg", picture())
        two = materials.attach(draft.id, "id_front", "b.jpg", picture(500, 500))
        (slot,) = (s for s in applications.form_of(draft).slots if s.slot.name == "id_front")
    assert slot.material is not None
    assert (slot.material.id, one.id != two.id) == (two.id, True)
