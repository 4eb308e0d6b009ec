"""Starting an application: who may, what the draft begins with, and that there is one."""

from datetime import date

import pytest
from sqlalchemy import func, select

from app.rules import sentences
from app.scope import as_system
from app.services import applications
from app.services.cases import Ineligible
from app.services.refusals import Conflict, Forbidden, Invalid, Missing
from models.application import Application
from models.event import Event
from models.policy import Policy
from models.registration import Registration
from tests.support import factories, profiled
from tests.support.cases import case
from tests.support.factories import IN_WINDOW, acting, stored

pytestmark = pytest.mark.usefixtures("db")


def applications_of(worker_id: int | None) -> int:
    with as_system("a test looks") as session:
        mine = Application.worker_id == worker_id
        return session.scalar(select(func.count(Application.id)).where(mine)) or 0


def test_ba_13_a_draft_begins_with_what_is_on_record() -> None:
    worker = factories.worker(name="欧阳静怡", phone="13911112222", number="110105199005170029")
    factories.qualification(worker, level="assistant", management_number="GL-1")
    with acting(factories.applicant(worker)):
        draft = applications.start("first")
        form = applications.form_of(draft)
    assert (draft.state, draft.level, draft.region_code) == ("draft", "assistant", "110105")
    assert (draft.policy_code, draft.policy_version) == ("beijing", 1)
    assert draft.window_id is not None
    locked = {s.name for section in form.sections for s in section.fields if s.locked}
    assert {"name", "id_number", "management_number", "exam_year", "region_code"} <= locked
    known = {name: form.values[name] for name in ("name", "id_number", "management_number")}
    assert known == {
        "name": "欧阳静怡",
        "id_number": "110105********0029",
        "management_number": "GL-1",
    }
    assert (form.values["phone"], form.values["recipient"]) == ("13911112222", "欧阳静怡")
    assert "110105199005170029" not in str(form.values)


def test_bj_35_ba_18_the_same_draft_opens_again() -> None:
    with acting(factories.applicant()) as who:
        first = applications.start("first")
        applications.save(first.id, {"major": "社会学"})
        again = applications.start("first")
        assert again.id == first.id
        assert again.form["major"] == "社会学"
    assert applications_of(who.worker_id) == 1


@pytest.mark.slow
def test_reference_numbers_are_readable_and_differ() -> None:
    drafts = [case() for _ in range(3)]
    references = {draft.reference for draft in drafts}
    assert len(references) == 3
    for reference in references:
        year, province, *rest = reference.split("-")
        assert (year, province, [len(part) for part in rest]) == ("2020", "11", [4, 4])
        assert not set("".join(rest)) & set("01OIL")


@pytest.mark.parametrize(
    ("facts", "rule", "sentence"),
    [
        ({"exam_year": 2018}, "exam_year", "您于2018年通过考试"),
        ({"level": "senior"}, "level_in", "高级社会工作师"),
        ({"management_number": None}, "certificate_in_hand", "管理号"),
    ],
)
def test_ba_04_who_is_outside_the_scope_reads_why(
    facts: dict[str, object], rule: str, sentence: str
) -> None:
    worker = factories.worker()
    factories.qualification(worker, **facts)
    with acting(factories.applicant(worker)), pytest.raises(Ineligible) as refused:
        applications.start("first")
    assert [finding.rule for finding in refused.value.findings] == [rule]
    assert sentence in refused.value.sentence.zh
    assert refused.value.errors[rule].en
    assert applications_of(worker.id) == 0


def test_bj_14_every_failing_rule_is_named_at_once() -> None:
    worker = factories.worker(real_name=False)
    factories.qualification(worker, exam_year=2018)
    factories.keep(
        Registration(
            worker_id=worker.id,
            region_code=worker.region_code,
            kind="first",
            cycle_year=2015,
            level="assistant",
            state="verified",
        )
    )
    with acting(factories.applicant(worker), "2020-08-01"), pytest.raises(Ineligible) as refused:
        applications.start("first")
    assert set(refused.value.errors) == {
        "window_open",
        "real_name",
        "exam_year",
        "never_registered",
    }


def test_ba_06_other_kinds_wait_for_their_notice() -> None:
    with acting(factories.applicant()), pytest.raises(Ineligible) as refused:
        applications.start("renewal")
    assert "另行通知" in refused.value.sentence.zh


def test_a_kind_that_the_policy_does_not_know_is_missing() -> None:
    with acting(factories.applicant()), pytest.raises(Missing):
        applications.start("upgrade")


def test_cd_51_the_highest_qualification_counts() -> None:
    worker = factories.worker()
    factories.qualification(worker, level="assistant", exam_year=2012)
    highest = factories.qualification(worker, level="social_worker", exam_year=2019)
    with acting(factories.applicant(worker)):
        draft = applications.start("first")
    assert (draft.level, draft.qualification_id) == ("social_worker", highest.id)


def test_without_a_person_behind_the_account_there_is_nothing_to_start() -> None:
    nobody = factories.actor("applicant", "110105")
    with acting(nobody), pytest.raises(Forbidden) as refused:
        applications.start("first")
    assert refused.value.code == "no_worker"


def test_an_office_starts_no_applications() -> None:
    with acting(factories.actor("body_reviewer", "110000")), pytest.raises(Forbidden):
        applications.start("first")


def test_cd_07_x_39_one_under_review_stands_in_the_way() -> None:
    who = factories.applicant()
    case(who, submitted=True)
    with acting(who), pytest.raises(Conflict) as refused:
        applications.start("first")
    assert refused.value.sentence == sentences.ONE_IN_FLIGHT
    assert refused.value.sentence.zh == "已有正在审核流程中的申报，无法再次提交申请"


def test_ba_04_who_lives_elsewhere_applies_where_they_serve() -> None:
    """The window is another province's, which the applicant's own region does not show."""
    worker = factories.worker(region_code="410105")
    factories.qualification(worker)
    with acting(factories.applicant(worker)):
        draft = applications.start("first", "110108")
    assert (draft.region_code, draft.policy_code) == ("110108", "beijing")
    assert draft.window_id is not None


def test_the_target_region_chooses_the_policy_and_another_one_checks_again() -> None:
    with acting(factories.applicant()):
        draft = applications.start("first", "510107")
        assert (draft.policy_code, draft.region_code) == ("chengdu", "510107")
        assert (draft.window_id, draft.reference[5:7]) == (None, "51")
        applications.save(draft.id, {"major": "社会学"})
        moved = applications.start("first", "110106")
        assert (moved.id, moved.policy_code, moved.region_code) == (draft.id, "beijing", "110106")
        assert moved.form["major"] == "社会学"
        assert applications.form_of(moved).values["region_code"] == "110106"
    with acting(factories.applicant(), "2020-08-05"):
        elsewhere = applications.start("first", "510107")
        with pytest.raises(Ineligible):  # the window there is over
            applications.start("first", "110106")
        assert stored(Application, elsewhere.id).region_code == "510107"


@pytest.mark.parametrize("region", ["410100", "410000", "000000", "999999", "x"])
def test_only_a_region_without_regions_below_is_applied_to(region: str) -> None:
    with acting(factories.applicant()), pytest.raises(Invalid) as refused:
        applications.start("first", region)
    assert set(refused.value.errors) == {"region_code"}


@pytest.mark.parametrize("region", ["460400", "419001"])
def test_x_16_a_city_without_counties_and_a_county_without_city_are_applied_to(
    region: str,
) -> None:
    with acting(profiled.prepared(factories.applicant())):
        assert applications.start("first", region).region_code == region


def test_a_draft_follows_the_policy_of_its_day_until_it_is_submitted() -> None:
    who = factories.applicant()
    draft = case(who)
    with as_system("a test publishes") as session, session.begin():
        row = session.scalars(select(Policy).where(Policy.code == "beijing")).one()
        session.add(
            Policy(
                code="beijing",
                edition=2,
                jurisdiction="110000",
                effective_from=date(2020, 7, 12),
                source=row.source,
                digest="0" * 64,
                published_at=row.published_at,
            )
        )
    with acting(who, "2020-07-15T09:00"):
        assert applications.submit(draft.id, agreed=["truth"]).policy_version == 2


def test_starting_is_recorded_once() -> None:
    with acting(factories.applicant(), IN_WINDOW):
        draft = applications.start("first")
        applications.start("first")
    with as_system("a test looks") as session:
        mine = Event.subject == f"application:{draft.id}"
        events = session.scalars(select(Event).where(mine)).all()
    assert [(e.verb, e.from_state, e.to_state) for e in events] == [("start", None, "draft")]
