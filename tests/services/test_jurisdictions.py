"""Cases of the other jurisdictions, led from the form to the certificate by everybody's verbs."""

from datetime import date

import pytest

from app.queries import own
from app.services import applications, materials, review
from app.services.refusals import Invalid
from models.application import Application
from models.certificate import Certificate, Delivery
from models.message import Message
from tests.support import factories
from tests.support.cases import answers, case, picture, reviewer_of
from tests.support.factories import acting, every, stored
from tests.support.registered import hours, registration, somebody

pytestmark = pytest.mark.usefixtures("db")

ON = "2025-04-10T09:00"
CHENGDU, NATIONAL = "510107", "430102"


def wording(application: Application) -> str:
    """What the case's own policy calls its state."""
    return own.wording(application).state.zh


def test_cd_01_cd_03_cd_18_from_the_form_to_the_certificate_in_chengdu() -> None:
    who = factories.applicant(somebody(2012, CHENGDU))
    made = case(who, region_code=CHENGDU, submitted=True, at=ON, delivery="electronic")
    assert (made.policy_code, made.stage, wording(made)) == ("chengdu", 1, "待审核")
    for office in ("510107", "510100"):
        reviewer = reviewer_of(made.id)
        assert reviewer.region_code == office
        with acting(reviewer, ON):
            review.decide(made.id, "approve")
    issued = stored(Application, made.id)
    assert wording(issued) == "已发放"
    (certificate,) = every(Certificate)
    assert certificate.valid_until == date(2028, 4, 10)
    assert every(Delivery) == []


def test_cd_16_a_yes_to_the_post_brings_a_parcel_after_the_approval() -> None:
    made = case(region_code=CHENGDU, approved=True, delivery="post")
    assert stored(Application, made.id).state == "issued"
    (parcel,) = every(Delivery)
    assert parcel.method == "post"


def test_cd_42_a_refusal_names_its_level_in_its_wording() -> None:
    made = case(region_code=CHENGDU, submitted=True)
    with acting(reviewer_of(made.id)):
        review.decide(made.id, "approve")
    with acting(reviewer_of(made.id)):
        review.decide(made.id, "reject", reason="登记申请表未盖章", reason_code="form_unstamped")
    assert wording(stored(Application, made.id)) == "未通过（层级2）"
    assert any("未盖章" in one.body for one in every(Message))


@pytest.mark.parametrize("left_out", ["privacy", "truth"])
def test_cd_17_both_statements_are_ticked(left_out: str) -> None:
    who = factories.applicant(region_code=CHENGDU)
    draft = case(who, region_code=CHENGDU)
    with acting(who), pytest.raises(Invalid):
        applications.submit(draft.id, agreed=list({"privacy", "truth"} - {left_out}))


def test_x_21_the_age_stands_on_the_form_and_is_not_taken_from_the_request() -> None:
    worker = somebody(2018, CHENGDU, level="assistant")
    who = factories.applicant(worker)
    with acting(who, ON):
        draft = applications.start("first", CHENGDU)
        applications.save(draft.id, {"age": "20"})
        form = applications.form_of(stored(Application, draft.id))
        assert form.values["age"] == 2025 - 1990 - (("04", "10") < ("05", "17"))


@pytest.mark.parametrize(
    ("width", "height", "kept"), [(413, 626, (413, 626)), (295, 413, (295, 413)), (590, 826, None)]
)
def test_mc_09_one_inch_and_two_inches_will_do_nationally(
    width: int, height: int, kept: tuple[int, int] | None
) -> None:
    who = factories.applicant(region_code=NATIONAL)
    with acting(who):
        draft = applications.start("first", NATIONAL)
        row = materials.attach(draft.id, "portrait", "p.jpg", picture(width, height))
    assert (row.width, row.height) == (kept or (295, 413))


def test_mc_09_another_shape_is_told_the_size_of_two_inches() -> None:
    with acting(factories.applicant(region_code=NATIONAL)):
        draft = applications.start("first", NATIONAL)
        with pytest.raises(Invalid) as refused:
            materials.attach(draft.id, "portrait", "p.jpg", picture(600, 600))
    assert "413" in str(refused.value.sentence)


def test_mc_23_online_hours_are_filled_in_and_what_is_typed_is_left_alone() -> None:
    worker = somebody(2013, NATIONAL)
    registration(worker, 2022, registered_on=date(2022, 6, 30), valid_until=date(2025, 6, 30))
    hours(worker, date(2024, 1, 1), 30)
    hours(worker, date(2025, 1, 1), 12)
    hours(worker, date(2022, 6, 29), 50)
    hours(worker, date(2024, 1, 1), 20, "offline")
    with acting(factories.applicant(worker), ON):
        draft = applications.start("renewal", NATIONAL)
        form = applications.form_of(draft)
        applications.save(draft.id, {**answers(form), "online_hours": "500"})
        kept = stored(Application, draft.id).form["online_hours"]
    assert float(kept) == 42


@pytest.mark.slow
def test_x_25_mc_33_a_higher_certificate_changes_the_word_and_no_data() -> None:
    worker = somebody(2019, NATIONAL)
    who = factories.applicant(worker)
    made = case(who, region_code=NATIONAL, approved=True)
    before = stored(Application, made.id)
    assert wording(before) == "已出证"
    factories.qualification(worker, level="social_worker", exam_year=2020)
    after = stored(Application, made.id)
    assert (after.state, after.version, after.level) == (before.state, before.version, "assistant")
    with acting(who):
        assert wording(after) == "已出证待升级"
        assert own.wordings(own.applications())[made.id].state.zh == "已出证待升级"
