"""Saving a draft: nothing typed is lost, nothing locked is written."""

from typing import Any

import pytest

from app.scope import Actor
from app.services import applications
from app.services.refusals import Conflict, Forbidden, Invalid, Missing
from models.application import Application
from models.worker import Worker
from tests.support import factories
from tests.support.cases import case, decide
from tests.support.factories import acting, stored

pytestmark = pytest.mark.usefixtures("db")

LOCKED = {
    "id_number": "110105198001010011",
    "management_number": "FORGED",
    "name": "别人",
    "level": "senior",
    "exam_year": 2019,
    "region_code": "110101",
}


def draft_of(who: Actor) -> Application:
    with acting(who):
        return applications.start("first")


def test_bj_35_an_incomplete_form_is_kept_and_is_no_error() -> None:
    who = factories.applicant()
    draft = draft_of(who)
    with acting(who):
        applications.save(draft.id, {"major": "社会工作", "unit_name": ""})
        form = applications.form_of(draft)
    assert stored(Application, draft.id).state == "draft"
    assert form.values["major"] == "社会工作"
    assert form.errors == {}


def test_what_is_malformed_is_kept_as_typed_and_reported() -> None:
    typed: dict[str, Any] = {
        "phone": "139 11",
        "practice_years": "三年",
        "email": "wang@",
        "ethnicity": "99",
        "practice_fields": ["community", "community"],
        "delivery": "pickup",  # BA-25: not in this window
    }
    who = factories.applicant()
    draft = draft_of(who)
    with acting(who):
        applications.save(draft.id, typed)
        form = applications.form_of(draft)
    assert {name: form.values[name] for name in typed} == typed
    assert set(form.errors) == set(typed)


def test_fields_that_were_not_sent_stay_as_they_are() -> None:
    who = factories.applicant()
    draft = draft_of(who)
    with acting(who):
        applications.save(draft.id, {"major": "社会学", "unit_name": "晨光"})
        applications.save(draft.id, {"unit_name": "朝阳"})
        assert applications.form_of(draft).values["major"] == "社会学"


@pytest.mark.parametrize("name", LOCKED)
def test_bj_24_ba_13_locked_fields_come_from_the_roster_whatever_is_posted(name: str) -> None:
    who = factories.applicant()
    draft = case(who)
    before = draft.form[name]
    with acting(who):
        applications.save(draft.id, {name: LOCKED[name]})
        submitted = applications.submit(draft.id, agreed=["truth"])
    assert submitted.form[name] == before
    assert submitted.form[name] != LOCKED[name] or name == "exam_year"


def test_bj_24_locked_values_are_read_again_at_the_submission() -> None:
    worker = factories.worker()
    held = factories.qualification(worker, management_number="GL-OLD")
    who = factories.applicant(worker)
    draft = case(who)
    with factories.changing(held) as row:
        row.management_number = "GL-NEW"
    with acting(who):
        assert applications.form_of(draft).values["management_number"] == "GL-NEW"
        assert applications.submit(draft.id, ["truth"]).form["management_number"] == "GL-NEW"


def test_mc_34_what_is_typed_in_a_form_never_changes_the_roster() -> None:
    worker = factories.worker()
    factories.qualification(worker)
    who = factories.applicant(worker)
    draft = case(who)
    with acting(who):
        applications.save(draft.id, {"phone": "13912345678", "email": "new@example.org"})
        submitted = applications.submit(draft.id, ["truth"])
    assert submitted.form["phone"] == "13912345678"
    kept = stored(Worker, worker.id)
    assert (kept.phone, kept.email) == (worker.phone, worker.email)
    assert kept.phone != "13912345678"


def test_a_key_that_the_form_does_not_have_is_refused_and_nothing_is_kept() -> None:
    who = factories.applicant()
    draft = draft_of(who)
    with acting(who), pytest.raises(Invalid) as refused:
        applications.save(draft.id, {"major": "社会学", "state": "approved"})
    assert set(refused.value.errors) == {"state"}
    assert "major" not in stored(Application, draft.id).form


def test_a_stale_version_changes_nothing() -> None:
    who = factories.applicant()
    draft = draft_of(who)
    with acting(who):
        read = stored(Application, draft.id).version
        applications.save(draft.id, {"major": "甲"}, read)
        with pytest.raises(Conflict) as refused:
            applications.save(draft.id, {"major": "乙"}, read)
    assert refused.value.code == "stale"
    assert stored(Application, draft.id).form["major"] == "甲"


def test_nobody_saves_another_s_draft() -> None:
    draft = case(factories.applicant())
    with acting(factories.applicant()), pytest.raises(Missing):
        applications.save(draft.id, {"major": "乙"})
    with acting(factories.actor("body_reviewer", "110000")), pytest.raises(Forbidden):
        applications.save(draft.id, {"major": "乙"})


def test_ba_19_bj_36_after_the_submission_nothing_is_saved() -> None:
    who = factories.applicant()
    made = case(who, submitted=True)
    with acting(who), pytest.raises(Conflict) as refused:
        applications.save(made.id, {"major": "乙"})
    assert "不可修改和撤回" in refused.value.sentence.zh
    assert stored(Application, made.id).form["major"] == "社会工作"


@pytest.mark.slow
def test_while_returned_only_what_the_reviewer_named_is_written() -> None:
    who = factories.applicant(region_code="410105")
    made = case(who, region_code="410105", submitted=True)
    decide(made.id, "return", items=("phone", "unit_type"))
    with acting(who):
        form = applications.form_of(stored(Application, made.id))
        open_fields = {s.name for part in form.sections for s in part.fields if not s.locked}
        assert open_fields == {"phone", "unit_type"}
        assert not any(slot.open for slot in form.slots)
        last = applications.last_refusal(form.application)
        assert last is not None
        assert last.verdict == "return"
        applications.save(made.id, {"phone": "13999998888", "major": "别的专业"})
    kept = stored(Application, made.id).form
    assert (kept["phone"], kept["major"]) == ("13999998888", "社会工作")


def test_what_a_named_field_brings_with_it_opens_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may change the way of delivery has to give the address as well."""
    who = factories.applicant()
    draft = case(who)
    with factories.changing(draft) as row:
        row.state, row.unlocked = "returned", ["delivery"]
    with acting(who):
        form = applications.form_of(stored(Application, draft.id))
    open_fields = {s.name for part in form.sections for s in part.fields if not s.locked}
    assert open_fields == {
        "delivery",
        "recipient",
        "recipient_phone",
        "delivery_region",
        "delivery_address",
    }
