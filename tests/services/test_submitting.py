"""Submitting: everything is checked again, kept as it was, and final."""

from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.extensions import db as database
from app.rules import sentences
from app.rules.workflow import IN_FLIGHT
from app.scope import as_system
from app.services import applications, cases, materials, relocation
from app.services.cases import Ineligible
from app.services.refusals import Conflict, Forbidden, Invalid, Missing
from models.account import Account
from models.application import Application, Submission
from models.certificate import Certificate
from models.credit import Credit
from models.event import Event
from models.message import Consent
from models.publication import Window
from models.qualification import Qualification
from models.registration import Registration
from models.worker import Worker
from tests.support import factories
from tests.support.cases import ANSWERS, case, filled
from tests.support.factories import acting, every, stored
from tests.support.race import race

pytestmark = pytest.mark.usefixtures("db")


@pytest.mark.parametrize("at", ["2020-07-01T00:00:00", "2020-07-31T23:59:59"])
def test_ba_03_inside_the_window_an_application_is_taken(at: str) -> None:
    who = factories.applicant()
    draft = case(who)
    with acting(who, at):
        assert applications.submit(draft.id, agreed=["truth"]).state == "in_review"


@pytest.mark.parametrize("at", ["2020-06-30T23:59:59", "2020-08-01T00:00:00"])
def test_ba_03_outside_the_window_it_is_refused_with_the_days(at: str) -> None:
    who = factories.applicant()
    draft = case(who)
    with acting(who, at), pytest.raises(Ineligible) as refused:
        applications.submit(draft.id, agreed=["truth"])
    assert list(refused.value.errors) == ["window_open"]
    assert "2020年7月1日至2020年7月31日" in refused.value.sentence.zh
    assert stored(Application, draft.id).state == "draft"
    assert every(Submission) == every(Consent) == []


def test_ba_20_the_applicant_reads_exactly_this_text() -> None:
    who = factories.applicant()
    made = case(who, submitted=True)
    with acting(who):
        text = applications.form_of(stored(Application, made.id)).kind.submitted
    assert text.zh == "您的登记申请表已提交，请耐心等待审核结果..."


def test_the_submission_keeps_form_pictures_findings_and_policy() -> None:
    made = case(submitted=True)
    (submission,) = every(Submission)
    assert (submission.application_id, submission.turn, submission.attempt) == (made.id, 1, 1)
    assert submission.form["practice_years"] == 3  # as a number, whatever way it was typed
    assert submission.form["practice_fields"] == ANSWERS["practice_fields"]
    assert submission.form["id_number"].count("*") == 8
    assert set(submission.materials) == {"id_front", "id_back", "qualification", "portrait"}
    assert submission.materials["portrait"]["width"] == 413
    assert {f["rule"]: f["ok"] for f in submission.findings}["window_open"] is True
    assert "2020年7月1日" in submission.findings[0]["message"]["zh"]
    assert (submission.policy_code, submission.policy_version) == ("beijing", 1)
    assert (made.state, made.stage, made.submitted_at) == ("in_review", 1, submission.submitted_at)


def test_bj_34_ba_17_the_declaration_is_kept_with_text_digest_time_and_address() -> None:
    made = case(submitted=True)
    (consent,) = every(Consent)
    assert consent.text == "我保证上述所填信息均真实有效"
    assert consent.digest == sha256(consent.text.encode()).hexdigest()
    assert (consent.agreed_at, consent.address) == (made.submitted_at, "192.0.2.1")
    assert (consent.application_id, consent.turn, consent.code) == (made.id, 1, "truth")


def test_bj_34_unticked_is_refused() -> None:
    who = factories.applicant()
    draft = case(who)
    with acting(who), pytest.raises(Invalid) as refused:
        applications.submit(draft.id, agreed=[])
    assert set(refused.value.errors) == {"consent_truth"}
    assert every(Submission) == []


@pytest.mark.parametrize("name", [name for name in ANSWERS if name != "delivery"])
@pytest.mark.database("sqlite")
def test_bj_25_every_single_field_is_required(name: str) -> None:
    who = factories.applicant()
    blank: dict[str, Any] = {name: ""}
    draft = case(who, **blank)
    with acting(who), pytest.raises(Invalid) as refused:
        applications.submit(draft.id, agreed=["truth"])
    assert set(refused.value.errors) == {name}


@pytest.mark.parametrize("slot", ["id_front", "id_back", "qualification", "portrait"])
def test_bj_28_bj_57_every_picture_is_required_and_named(slot: str) -> None:
    who = factories.applicant()
    draft = case(who)
    with acting(who):
        materials.detach(draft.id, slot)
        with pytest.raises(Invalid) as refused:
            applications.submit(draft.id, agreed=["truth"])
    assert set(refused.value.errors) == {slot}
    assert refused.value.errors[slot].zh.startswith("请上传")


def test_everything_that_is_missing_is_told_at_once() -> None:
    who = factories.applicant()
    with acting(who):
        draft = applications.start("first")
        applications.save(draft.id, {"practice_years": "三年"})
        with pytest.raises(Invalid) as refused:
            applications.submit(draft.id, agreed=[])
    assert {"major", "practice_years", "delivery", "portrait", "consent_truth"} <= set(
        refused.value.errors
    )
    # the address is asked for only with post, and nothing was chosen yet
    assert "delivery_address" not in refused.value.errors


@pytest.mark.parametrize("delivery", ["pickup", "electronic"])
def test_ba_25_only_post_in_this_window(delivery: str) -> None:
    who = factories.applicant()
    draft = case(who, delivery=delivery)
    with acting(who), pytest.raises(Invalid) as refused:
        applications.submit(draft.id, agreed=["truth"])
    assert set(refused.value.errors) == {"delivery"}


def test_ba_25_without_the_window_s_override_it_may_be_collected() -> None:
    with as_system("a test edits") as session, session.begin():
        mine = select(Window).where(Window.policy_code == "beijing")
        session.scalars(mine).one().overrides = {}
    who = factories.applicant()
    draft = case(who, delivery="pickup")
    with acting(who):
        made = applications.submit(draft.id, agreed=["truth"])
    assert made.form["delivery"] == "pickup"
    assert "delivery_address" not in made.form  # typed, but not asked for


@pytest.mark.parametrize(
    ("name", "value"),
    [("delivery_address", "院内"), ("delivery_region", "110199"), ("delivery_region", "110000")],
)
@pytest.mark.slow
def test_ba_14_ba_26_the_address_has_to_be_one(name: str, value: str) -> None:
    who = factories.applicant()
    given: dict[str, Any] = {name: value}
    draft = case(who, **given)
    with acting(who), pytest.raises(Invalid) as refused:
        applications.submit(draft.id, agreed=["truth"])
    assert set(refused.value.errors) == {name}


def test_what_the_roster_lacks_is_named_and_not_typed() -> None:
    worker = factories.worker(id_type="passport", sex=None)
    factories.qualification(worker)
    who = factories.applicant(worker)
    draft = case(who)
    with acting(who), pytest.raises(Invalid) as refused:
        applications.submit(draft.id, agreed=["truth"])
    assert set(refused.value.errors) == {"sex"}
    assert "社工库" in refused.value.errors["sex"].zh


def test_who_has_become_ineligible_since_is_refused() -> None:
    worker = factories.worker()
    held = factories.qualification(worker)
    who = factories.applicant(worker)
    draft = case(who)
    with factories.changing(held) as row:
        row.exam_year = 2018
    with acting(who), pytest.raises(Ineligible) as refused:
        applications.submit(draft.id, agreed=["truth"])
    assert list(refused.value.errors) == ["exam_year"]


def test_ba_19_what_was_submitted_cannot_be_withdrawn_in_beijing() -> None:
    who = factories.applicant()
    made = case(who, submitted=True)
    with acting(who), pytest.raises(Conflict) as refused:
        applications.withdraw(made.id)
    assert refused.value.code == "never_withdrawn"
    assert stored(Application, made.id).state == "in_review"


def test_submitting_twice_is_once() -> None:
    who = factories.applicant()
    made = case(who, submitted=True)
    with acting(who), pytest.raises(Conflict):
        applications.submit(made.id, agreed=["truth"])
    assert len(every(Submission)) == 1


def test_nobody_submits_another_s_draft() -> None:
    draft = case()
    with acting(factories.applicant()), pytest.raises(Missing):
        applications.submit(draft.id, agreed=["truth"])
    with acting(factories.actor("body_reviewer", "110000")), pytest.raises(Forbidden):
        applications.submit(draft.id, agreed=["truth"])
    assert stored(Application, draft.id).state == "draft"


def test_a_stale_version_is_told_before_anybody_asks_who_is_asking() -> None:
    who = factories.applicant()
    draft = case(who)
    stale = stored(Application, draft.id).version - 1
    for somebody in (who, factories.actor("body_reviewer", "110000")):
        with acting(somebody), pytest.raises(Conflict) as refused:
            applications.submit(draft.id, agreed=["truth"], version=stale)
        assert refused.value.code == "stale"


# Races


def test_x_39_the_index_holds_one_case_in_flight() -> None:
    made = case(submitted=True)
    for state in IN_FLIGHT:
        with pytest.raises(IntegrityError):
            factories.keep(another(made, state))
    assert factories.keep(another(made, "withdrawn")).id


def another(made: Application, state: str) -> Application:
    """A second case of the same worker, put there past the verbs."""
    copied = ("worker_id", "region_code", "level", "policy_code", "policy_version", "stage")
    facts = {name: getattr(made, name) for name in copied}
    reference = f"other-{state}"
    return Application(
        reference=reference, kind="completion", state=state, attempt=1, form={}, **facts
    )


def test_cd_07_a_race_that_only_the_index_sees_reads_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The check passes because the other case is not there yet; the index has the last word."""
    who = factories.applicant()
    draft = case(who)
    monkeypatch.setattr(cases, "need_eligible", lambda *_: None)
    factories.keep(another(draft, "in_review"))
    with acting(who), pytest.raises(Conflict) as refused:
        applications.submit(draft.id, agreed=["truth"])
    assert refused.value.code == "in_flight"
    assert refused.value.sentence == sentences.ONE_IN_FLIGHT
    assert every(Submission) == []


def test_two_submits_at_once_are_one(app: Flask) -> None:
    who = factories.applicant()
    draft = case(who)

    def submit() -> Application:
        with acting(who):
            return applications.submit(draft.id, agreed=["truth"])

    results = race(app, submit, submit, submit)
    assert sum(isinstance(one, Conflict) for one in results) == 2
    assert len(every(Submission)) == len(every(Consent)) == 1
    submitted = every(Event, subject=f"application:{draft.id}", verb="submit")
    assert len(submitted) == 1


def test_two_starts_at_once_leave_one_draft(app: Flask) -> None:
    who = factories.applicant()

    def start() -> int:
        with acting(who):
            return applications.start("first").id

    race(app, start, start, start)
    assert len(every(Application)) == 1


# Another region


def test_submitting_to_another_region_moves_the_worker_with_all_that_lies_there() -> None:
    worker = factories.worker("410105")
    who = factories.applicant(worker)
    factories.qualification(worker)
    lies = {"worker_id": worker.id, "region_code": "410105"}
    factories.keep(Credit(title="课程", taken_on=date(2020, 1, 2), source="online", **lies))
    made = case(who, region_code="430102", submitted=True)

    moved = [stored(Worker, worker.id), *every(Qualification), *every(Credit)]
    moved += [made, *every(Submission), *every(Account, worker_id=worker.id)]
    assert {row.region_code for row in moved} == {"430102"}
    assert {(row.province_code, row.city_code) for row in moved} == {("430000", "430100")}
    events = every(Event, subject=f"worker:{worker.id}")
    assert [(e.verb, e.region_code) for e in events] == [
        ("move_out", "410105"),
        ("move_in", "430102"),
    ]


def test_a_finished_case_moves_along_with_registration_and_certificate() -> None:
    worker = factories.worker("110105")
    factories.qualification(worker)
    who = factories.applicant(worker)
    finished = case(who, approved=True)
    assert finished.state == "issued"
    with as_system("a test moves") as session, session.begin():
        relocation.move(session, session.get_one(Worker, worker.id), "430102")
    rows = [stored(Application, finished.id), *every(Registration), *every(Certificate)]
    assert len(rows) == 3
    assert {row.region_code for row in [*rows, *every(Submission)]} == {"430102"}


def test_a_draft_for_another_region_moves_nobody() -> None:
    worker = factories.worker("410105")
    factories.qualification(worker)
    with acting(factories.applicant(worker)):
        applications.start("first", "430102")
    assert stored(Worker, worker.id).region_code == "410105"


def test_in_the_same_region_there_is_no_move() -> None:
    case(submitted=True)
    assert [e for e in every(Event) if e.verb.startswith("move")] == []


def test_the_applicant_s_acts_are_events_that_the_applicant_may_see() -> None:
    who = factories.applicant()
    with acting(who):
        draft = filled()
        applications.submit(draft.id, agreed=["truth"])
        database.session.rollback()
    events = every(Event, subject=f"application:{draft.id}")
    assert [e.verb for e in events] == ["start", "save", *["attach"] * 4, "submit"]
    assert (events[-1].from_state, events[-1].to_state) == ("draft", "in_review")
    assert events[-1].policy == "beijing@1"
    assert {e.public for e in events} == {True}
    assert {e.region_code for e in events} == {"110105"}
