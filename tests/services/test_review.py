"""Deciding: the right office, another person at each stage, a reason, and what follows."""

from typing import Any

import pytest
from flask import Flask

from app.queries.queue import queue
from app.scope import Actor
from app.services import applications, certificates, issuing, outbox, review
from app.services.refusals import Conflict, Forbidden, Invalid, Missing, Refusal
from models.application import Application, Decision
from models.certificate import Certificate
from models.event import Event
from models.message import Message, Outbox
from models.registration import Registration
from tests.support import factories
from tests.support.cases import REASON, case, decide, reviewer_of
from tests.support.factories import acting, every, stored
from tests.support.race import race

pytestmark = pytest.mark.usefixtures("db")

HENAN = "410105"


def refusal_of(who: Actor, made: Application) -> str | None:
    """The code of the refusal that somebody meets, asked and tried; the two have to agree."""
    with acting(who):
        asked = review.may_decide(stored(Application, made.id))
        met: Refusal | None = None
        try:
            review.decide(made.id, "approve")
        except Refusal as refused:
            met = refused
    assert (met and (met.code, type(met))) == (asked and (asked.code, type(asked)))
    return met.code if met else None


def waiting(who: Actor) -> list[int]:
    """The cases that the queue offers somebody."""
    with acting(who):
        return [row.id for row in queue().rows]


# Who


def test_ba_02_the_handling_body_s_reviewer_decides() -> None:
    made = case(submitted=True)
    assert refusal_of(factories.actor("province_reviewer", "110000"), made) == "not_your_stage"
    assert refusal_of(factories.actor("body_reviewer", "110000"), made) is None


@pytest.mark.parametrize(
    ("role", "region"),
    [("city_reviewer", "410100"), ("province_reviewer", "410000")],
)
def test_an_office_above_does_not_decide_the_first_stage(role: str, region: str) -> None:
    made = case(region_code=HENAN, submitted=True)
    assert refusal_of(factories.actor(role, region), made) == "not_your_stage"
    assert stored(Application, made.id).stage == 1


def test_the_role_alone_does_not_make_the_office() -> None:
    made = case(submitted=True)
    assert refusal_of(factories.actor("body_reviewer", "110105"), made) == "not_your_stage"


def test_hn_33_county_then_city_decide_and_only_the_second_approves() -> None:
    made = case(region_code=HENAN, submitted=True)
    county = factories.actor("county_reviewer", HENAN)
    assert refusal_of(county, made) is None
    between = stored(Application, made.id)
    assert (between.state, between.stage, between.decided_at) == ("in_review", 2, None)
    assert every(Certificate) == every(Message) == []
    assert refusal_of(county, made) == "not_your_stage"
    assert refusal_of(factories.actor("city_reviewer", "410100"), made) is None
    assert stored(Application, made.id).state == "issued"
    assert [(d.stage, d.office_code) for d in every(Decision)] == [(1, HENAN), (2, "410100")]


def test_x_16_where_there_is_no_city_the_province_makes_the_final_review() -> None:
    made = case(region_code="419001", submitted=True)
    assert refusal_of(factories.actor("county_reviewer", "419001"), made) is None
    assert review.office_of(made.id) == "410000"
    assert refusal_of(factories.actor("province_reviewer", "410000"), made) is None


def test_x_16_a_city_without_counties_needs_two_people() -> None:
    made = case(region_code="460400", submitted=True)
    first = factories.actor("city_reviewer", "460400")
    assert refusal_of(first, made) is None
    assert refusal_of(first, made) == "two_stages"
    assert refusal_of(factories.actor("city_reviewer", "460400"), made) is None


@pytest.mark.parametrize("role", ["county_admin", "applicant", "organization"])
def test_without_the_permission_nobody_decides(role: str) -> None:
    who = factories.applicant(region_code=HENAN)
    made = case(who, region_code=HENAN, submitted=True)
    if role != "applicant":
        who = factories.actor(role, HENAN)
    with acting(who), pytest.raises((Forbidden, Missing)):
        review.decide(made.id, "approve")
    assert every(Decision) == []


def test_nobody_decides_a_case_of_their_own() -> None:
    worker = factories.worker(HENAN)
    factories.qualification(worker)
    made = case(factories.applicant(worker), region_code=HENAN, submitted=True)
    self_reviewing = factories.actor("county_reviewer", HENAN, person_id=worker.id)
    assert refusal_of(self_reviewing, made) == "own_case"
    assert waiting(self_reviewing) == []


def test_nobody_decides_a_case_of_the_organization_that_employs_them_on_the_roster() -> None:
    ours = factories.organization(HENAN)
    colleague, worker = (factories.worker(HENAN, organization_id=ours.id) for _ in "ab")
    factories.qualification(worker)
    made = case(factories.applicant(worker), region_code=HENAN, submitted=True)
    reviewer = factories.actor("county_reviewer", HENAN, person_id=colleague.id)
    assert refusal_of(reviewer, made) == "own_organization"
    assert waiting(reviewer) == []
    elsewhere = factories.worker("110105", organization_id=None)
    stranger = factories.actor("county_reviewer", HENAN, person_id=elsewhere.id)
    assert waiting(stranger) == [made.id]
    assert refusal_of(stranger, made) is None


def test_nobody_decides_a_case_of_their_own_organization() -> None:
    ours = factories.organization(HENAN)
    worker = factories.worker(HENAN, organization_id=ours.id)
    factories.qualification(worker)
    made = case(factories.applicant(worker), region_code=HENAN, submitted=True)
    colleague = factories.actor("county_reviewer", HENAN, organization_id=ours.id)
    assert refusal_of(colleague, made) == "own_organization"
    assert waiting(colleague) == []
    other = factories.organization(HENAN)
    stranger = factories.actor("county_reviewer", HENAN, organization_id=other.id)
    assert waiting(stranger) == [made.id]
    assert refusal_of(stranger, made) is None


@pytest.mark.parametrize(
    ("role", "region"), [("county_reviewer", "410102"), ("body_reviewer", "110000")]
)
def test_a_case_of_another_region_is_not_there(role: str, region: str) -> None:
    made = case(region_code=HENAN, submitted=True)
    with acting(factories.actor(role, region)), pytest.raises(Missing):
        review.decide(made.id, "approve")


def test_stale_is_told_before_forbidden() -> None:
    made = case(region_code=HENAN, submitted=True)
    with acting(factories.actor("city_reviewer", "410100")), pytest.raises(Conflict) as refused:
        review.decide(made.id, "approve", version=made.version - 1)
    assert refused.value.code == "stale"


def test_a_decided_case_is_a_conflict_also_without_a_version() -> None:
    made = case(rejected=True)
    assert refusal_of(factories.actor("body_reviewer", "110000"), made) == "already_decided"
    # and before anybody asks whether the person may decide at all
    assert refusal_of(factories.actor("province_admin", "110000"), made) == "already_decided"


def test_two_decisions_at_once_are_one(app: Flask) -> None:
    made = case(submitted=True)
    people = [factories.actor("body_reviewer", "110000") for _ in range(2)]

    def decides(index: int, verdict: str, **facts: Any) -> Application:
        with acting(people[index]):
            return review.decide(made.id, verdict, **facts)

    results = race(app, lambda: decides(0, "approve"), lambda: decides(1, "reject", reason=REASON))
    lost = [one for one in results if isinstance(one, Conflict)]
    assert [one.code for one in lost] == ["already_decided"]
    assert len(every(Decision)) == 1
    assert (
        len(every(Message, title="首登记审核通过")) + len(every(Message, title="首登记审核不通过"))
        == 1
    )


def test_x_10_cd_37_of_withdrawing_and_deciding_at_once_one_happens(app: Flask) -> None:
    who = factories.applicant(region_code=HENAN)
    made = case(who, region_code=HENAN, submitted=True)
    county = factories.actor("county_reviewer", HENAN)

    def withdraws() -> Application:
        with acting(who):
            return applications.withdraw(made.id)

    def decides() -> Application:
        with acting(county):
            return review.decide(made.id, "approve")

    results = race(app, withdraws, decides)
    assert sum(isinstance(one, Conflict) for one in results) == 1
    state = stored(Application, made.id)
    assert (state.state, len(every(Decision))) in [("withdrawn", 0), ("in_review", 1)]


# What


def test_bj_38_a_rejection_needs_a_reason_that_the_applicant_reads() -> None:
    made = case(submitted=True)
    with acting(reviewer_of(made.id)):
        for empty in (None, "   "):
            with pytest.raises(Invalid) as refused:
                review.decide(made.id, "reject", reason=empty)
            assert set(refused.value.errors) == {"reason"}
        rejected = review.decide(made.id, "reject", reason=f" {REASON} ")
    assert (rejected.state, rejected.stage) == ("rejected", 1)
    (decision,) = every(Decision)
    assert (decision.verdict, decision.reason, decision.stage) == ("reject", REASON, 1)
    (event,) = every(Event, subject=f"application:{made.id}", verb="reject")
    assert (event.from_state, event.to_state, event.reason) == ("in_review", "rejected", REASON)


@pytest.mark.slow
def test_a_coded_reason_speaks_for_itself_but_not_the_other_one() -> None:
    first, second = case(submitted=True), case(submitted=True)
    with acting(reviewer_of(first.id)):
        review.decide(first.id, "reject", reason_code="picture_unclear")
        with pytest.raises(Invalid) as refused:
            review.decide(second.id, "reject", reason_code="other")
    assert set(refused.value.errors) == {"reason"}
    (decision,) = every(Decision)
    assert decision.reason_code == "picture_unclear"
    assert decision.reason == "上传的图片不清晰或不完整，请重新拍摄后上传。"


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        ({"verdict": "bless"}, "verdict"),
        ({"verdict": "reject", "reason_code": "nonsense", "reason": "x"}, "reason_code"),
        ({"verdict": "return", "reason_code": "untrue", "items": ["phone"]}, "reason_code"),
        ({"verdict": "reject", "reason": "字" * 501}, "reason"),
        ({"verdict": "return", "reason": "x"}, "items"),
        ({"verdict": "return", "reason": "x", "items": ["id_number"]}, "items"),
        ({"verdict": "return", "reason": "x", "items": ["nonsense"]}, "items"),
        ({"verdict": "reject", "reason": "x", "items": ["phone"]}, "items"),
        ({"verdict": "approve", "items": ["phone"]}, "items"),
    ],
)
@pytest.mark.database("sqlite")
def test_a_verdict_that_is_not_complete_changes_nothing(facts: dict[str, Any], wrong: str) -> None:
    made = case(region_code=HENAN, submitted=True)
    with acting(reviewer_of(made.id)), pytest.raises(Invalid) as refused:
        review.decide(made.id, **facts)
    assert wrong in refused.value.errors
    assert every(Decision) == []
    assert stored(Application, made.id).version == made.version


def test_the_beijing_policy_has_no_return() -> None:
    made = case(submitted=True)
    with acting(reviewer_of(made.id)), pytest.raises(Conflict) as refused:
        review.decide(made.id, "return", reason=REASON, items=["phone"])
    assert refused.value.code == "never_returned"
    assert stored(Application, made.id).state == "in_review"


def test_a_return_names_fields_and_materials_once_each() -> None:
    made = case(region_code=HENAN, submitted=True)
    decide(made.id, "return", items=["phone", "id_front", "phone"])
    returned = stored(Application, made.id)
    assert (returned.state, returned.unlocked) == ("returned", ["phone", "id_front"])
    assert every(Decision)[0].items == ["phone", "id_front"]


# What follows


def test_ba_21_an_approval_issues_the_certificate_once() -> None:
    made = case(submitted=True)
    decided = decide(made.id, "approve")
    assert decided.state == "issued"  # the row that comes back is the one of now
    assert len(every(Certificate, application_id=made.id)) == 1
    (registration,) = every(Registration)
    assert (registration.kind, registration.cycle_year, registration.state) == (
        "first",
        2020,
        "verified",
    )
    assert str(registration.valid_until) == "2023-05-31"


def test_an_approval_survives_a_certificate_that_cannot_be_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(*_: Any) -> None:
        raise OSError("no font")

    made = case(submitted=True)
    with monkeypatch.context() as broken:
        broken.setattr(issuing, "carry_out", breaks)
        assert decide(made.id, "approve").state == "approved"
    assert every(Certificate) == []
    (job,) = every(Outbox, job="issue")
    assert job.state == "waiting"
    certificates.issue(made.id)
    assert stored(Application, made.id).state == "issued"


def test_bj_11_bj_37_the_result_goes_by_text_message_and_inbox() -> None:
    who = factories.applicant()
    made = case(who, approved=True)
    texts = every(Outbox, job="sms")
    assert len(texts) == 1
    assert made.reference in texts[0].payload["body"]
    titles = [message.title for message in every(Message, user_id=who.account_id)]
    assert "首登记审核通过" in titles


def test_bj_38_ba_22_the_reason_is_in_the_text_message_and_in_the_inbox() -> None:
    case(rejected=True)
    (text,) = every(Outbox, job="sms")
    assert REASON in text.payload["body"]
    (message,) = every(Message)
    assert REASON in message.body


def test_x_24_the_national_policy_tells_by_mail() -> None:
    case(region_code=HENAN, returned=True)
    assert every(Outbox, job="sms") == []
    (mail,) = every(Outbox, job="email")
    assert REASON in mail.payload["body"]


def test_a_failed_decision_promises_and_tells_nothing() -> None:
    made = case(submitted=True)
    stranger = factories.actor("province_reviewer", "110000")
    assert refusal_of(stranger, made) == "not_your_stage"
    assert every(Outbox) == every(Message) == []
    assert outbox.run_due() == 0


def test_x_17_an_approval_without_what_the_certificate_needs_names_it() -> None:
    worker = factories.worker()
    held = factories.qualification(worker)
    made = case(factories.applicant(worker), submitted=True)
    with factories.changing(held) as row:
        row.management_number = None
    with acting(reviewer_of(made.id)), pytest.raises(Refusal) as refused:
        review.decide(made.id, "approve")
    assert refused.value.code == "incomplete"
    assert "管理号" in refused.value.sentence.zh
    assert stored(Application, made.id).state == "in_review"
    assert every(Decision) == []
