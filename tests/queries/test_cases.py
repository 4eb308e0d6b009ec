"""A case on the review desk: data beside what is known, pictures, checks, and its whole history."""

import pytest

from app import clock
from app.queries.cases import Case, case
from app.queries.comparison import Compared
from app.scope import Actor
from app.services import applications, materials
from models.application import Application, Submission
from models.publication import Window
from models.registration import Registration
from models.worker import Worker
from tests.support import cases, factories
from tests.support.cases import REASON, decide, picture
from tests.support.factories import acting, stored

pytestmark = pytest.mark.usefixtures("db")

HENAN = "410105"


def look(who: Actor, application_id: int) -> Case:
    with acting(who):
        found = case(application_id)
    assert found is not None
    return found


def answers(found: Case) -> dict[str, Compared]:
    return {row.name: row for part in found.parts for row in part.rows}


def test_what_was_submitted_stands_beside_the_roster() -> None:
    worker = factories.worker(name="欧阳静怡", phone="13800000000", email=None)
    factories.qualification(worker)
    made = cases.case(factories.applicant(worker), submitted=True, phone="13911112222")
    with factories.changing(stored(Worker, worker.id)) as row:
        row.name = "欧阳静宜"  # corrected by the office since
    rows = answers(look(factories.actor("body_reviewer", "110000"), made.id))
    assert rows["phone"].state == "changed"
    assert rows["phone"].submitted is not None
    assert rows["phone"].submitted.zh == "13911112222"
    assert rows["phone"].known is not None
    assert rows["phone"].known.zh == "13800000000"
    assert (rows["name"].state, rows["email"].state) == ("changed", "new")
    assert (rows["management_number"].state, rows["id_number"].state) == ("same", "same")
    assert (rows["major"].state, rows["major"].known) == (None, None)
    assert rows["education"].submitted is not None
    assert rows["education"].submitted.en == "Bachelor's degree"
    assert rows["delivery_region"].submitted is not None
    assert rows["delivery_region"].submitted.zh == "北京市朝阳区"


def test_questions_that_were_not_asked_are_not_shown() -> None:
    made = cases.case(region_code=HENAN, submitted=True)
    rows = answers(look(factories.actor("county_reviewer", HENAN), made.id))
    assert "phone" in rows
    assert "delivery_address" not in rows


def corrected(*items: str) -> Case:
    """A returned case, whose applicant changed one field and one picture, as its reviewer sees
    it."""
    who = factories.applicant(region_code=HENAN)
    made = cases.case(who, region_code=HENAN, submitted=True)
    decide(made.id, "return", items=items)
    with acting(who):
        applications.save(made.id, {"major": "社会学"})
        materials.attach(made.id, "id_front", "new.jpg", picture(color="red"))
        applications.submit(made.id, agreed=["truth"])
    return look(factories.actor("county_reviewer", HENAN), made.id)


def test_hn_34_a_correction_stands_beside_the_submission_before() -> None:
    found = corrected("major", "id_front")
    rows = answers(found)
    assert [(row.name, row.since, row.asked) for row in found.changed] == [("major", True, True)]
    assert rows["major"].before is not None
    assert rows["major"].before.zh == "社会工作"
    assert (rows["unit_name"].since, rows["unit_name"].before is None) == (False, False)
    assert found.submission.turn == 2
    assert found.returned is not None
    assert [(d.verdict, d.reason) for d in found.decisions] == [("return", REASON)]
    assert found.returned.id == found.decisions[0].id
    assert found.deciders[found.decisions[0].decided_by] == "张三"


def test_hn_34_what_was_asked_for_and_left_as_it_was_is_shown_too() -> None:
    found = corrected("major", "id_front", "unit_name", "id_back")
    assert [(row.name, row.since) for row in found.changed] == [
        ("major", True),
        ("unit_name", False),
    ]
    assert [(one.slot, one.since) for one in found.changed_pictures] == [
        ("id_front", True),
        ("id_back", False),
    ]


def test_a_first_submission_answers_nothing_and_changed_nothing() -> None:
    made = cases.case(submitted=True)
    found = look(factories.actor("body_reviewer", "110000"), made.id)
    assert (found.returned, found.changed, found.changed_pictures) == (None, (), ())


def test_what_the_roster_does_not_know_stands_beside_the_last_certificate() -> None:
    made = cases.case(region_code=HENAN, submitted=True)
    place = {"worker_id": made.worker_id, "region_code": HENAN}
    basis = {"attempt": 1, "policy_code": "national", "policy_version": 1}
    known = {"kind": "exchange", "level": made.level, "state": "issued", "stage": 1}
    earlier = factories.keep(Application(**place, **basis, **known, reference="E-1"))
    form = {"unit_name": "旧单位", "phone": "1"}
    factories.keep(
        Submission(
            **place,
            **basis,
            application_id=earlier.id,
            turn=1,
            form=form,
            materials={},
            submitted_at=clock.now(),
        )
    )
    rows = answers(look(factories.actor("county_reviewer", HENAN), made.id))
    assert (rows["unit_name"].former, rows["unit_name"].state) == (True, "changed")
    assert rows["unit_name"].known is not None
    assert rows["unit_name"].known.zh == "旧单位"
    assert not rows["phone"].former, "the roster is nearer"


def test_bj_22_the_registrations_on_record_stand_beside_the_pictures() -> None:
    worker = factories.worker()
    factories.qualification(worker)
    made = cases.case(factories.applicant(worker), submitted=True)
    for year, state in ((2014, "verified"), (2017, "claimed")):
        factories.keep(
            Registration(
                worker_id=worker.id,
                region_code=worker.region_code,
                kind="first",
                cycle_year=year,
                level="social_worker",
                state=state,
            )
        )
    found = look(factories.actor("body_reviewer", "110000"), made.id)
    assert [(row.cycle_year, row.state) for row in found.registrations] == [
        (2017, "claimed"),
        (2014, "verified"),
    ]


def test_pictures_and_their_remarks_are_those_that_were_submitted() -> None:
    who = factories.applicant()
    draft = cases.case(who)
    with acting(who):
        kept = materials.attach(draft.id, "portrait", "a.jpg", picture(626, 413))
        applications.submit(draft.id, agreed=["truth"])
    found = look(factories.actor("body_reviewer", "110000"), draft.id)
    pictures = {one.slot: one for one in found.pictures}
    assert list(pictures) == ["id_front", "id_back", "qualification", "portrait"]
    portrait = pictures["portrait"]
    assert (portrait.id, portrait.width, portrait.height) == (kept.id, 626, 413)
    assert portrait.label.zh == "两寸免冠照片"
    assert "413" in portrait.warnings[0].zh  # the reviewer is warned as well
    assert pictures["id_front"].warnings == ()


def test_the_checks_are_those_of_the_submission() -> None:
    made = cases.case(submitted=True)
    found = look(factories.actor("body_reviewer", "110000"), made.id)
    assert found.findings[0].rule == "window_open"
    assert "2020年7月1日" in found.findings[0].message.zh
    assert all(finding.ok for finding in found.findings)


def test_the_office_is_there_while_the_case_is_under_review() -> None:
    made = cases.case(submitted=True)
    body = factories.actor("body_reviewer", "110000")
    office = look(body, made.id).office
    assert office is not None
    assert (office.region_code, office.role) == ("110000", "body_reviewer")
    decide(made.id, "reject")
    assert look(body, made.id).office is None


def test_the_history_is_in_the_order_of_its_acts() -> None:
    made = cases.case(rejected=True)
    found = look(factories.actor("body_reviewer", "110000"), made.id)
    verbs = [event.verb for event in found.events]
    assert verbs[0] == "start"
    assert verbs[-2:] == ["submit", "reject"]
    assert [event.seq for event in found.events] == list(range(1, len(verbs) + 1))


def test_the_whole_history_stays_with_a_case_that_moved_on() -> None:
    """Submissions and decisions keep the region of their day and are seen with the case."""
    who = factories.applicant(region_code=HENAN)
    made = cases.case(who, region_code=HENAN, rejected=True)
    with acting(who):
        applications.start("first", "430102")
        applications.submit(made.id, agreed=["truth"])
    found = look(factories.actor("county_reviewer", "430102"), made.id)
    assert [d.office_code for d in found.decisions] == [HENAN]
    assert found.submission.turn == 2
    with acting(factories.actor("county_reviewer", HENAN)):
        assert case(made.id) is None


def test_drafts_and_cases_of_other_regions_are_not_there() -> None:
    draft = cases.case()
    made = cases.case(region_code=HENAN, submitted=True)
    with acting(factories.actor("body_reviewer", "110000")):
        assert case(draft.id) is None
        assert case(made.id) is None
        assert case(10**6) is None


def test_the_policy_is_the_case_s_own_whatever_was_published_since() -> None:
    made = cases.case(submitted=True)
    assert made.window_id is not None
    with factories.changing(stored(Window, made.window_id)) as window:
        window.state = "draft"  # the province takes it back
    found = look(factories.actor("body_reviewer", "110000"), made.id)
    assert (found.policy.code, found.policy.version) == ("beijing", 1)
    assert found.kind.delivery == ("post",)  # as its window had it (BA-25)
