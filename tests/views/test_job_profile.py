"""The personal centre's 个人信息, as somebody fills it in on a phone."""

import io
import re
from typing import Any

import pytest
from flask import Flask

from app.rules.profile import LEVELS
from app.scope import as_system
from models.application import Application, Material
from models.profile import Honor, PersonalFile, Profile, WorkExperience
from tests.support import factories, profiled
from tests.support.cases import picture
from tests.support.factories import every
from tests.views.people import Person, applicant, person

NATIONAL = "410105"
BASIC = {name: value for name, value in profiled.BASIC.items() if name != "unit_type"}


def newcomer(app: Flask, region_code: str = NATIONAL, exam_year: int = 2019) -> Person:
    """An applicant who has said nothing of themself yet."""
    worker = factories.worker(region_code)
    factories.qualification(worker, exam_year=exam_year)
    who = person(app, "applicant", region_code, worker_id=worker.id)
    with as_system("a test arranges") as session, session.begin():
        for model in (Profile, WorkExperience):
            for row in session.query(model).filter_by(worker_id=worker.id):
                session.delete(row)
    return who


def sent(who: Person, path: str, **values: Any) -> Any:
    """A page of personal information sent."""
    return who.send(f"/profile/{path}", values, page="/profile/")


def drafts(who: Person) -> list[Application]:
    """The applications of somebody."""
    return every(Application, worker_id=who.actor.worker_id)


def begun(who: Person) -> str:
    """The form of a first registration that was just begun, as a page."""
    answer = who.send("/apply/first", {"region_code": who.actor.region_code})
    assert "/form" in answer.headers["Location"], answer.headers["Location"]
    shown: str = who.client.get(answer.headers["Location"]).text
    return shown


def typed_into(page: str) -> set[str]:
    """The names of the inputs of the form that something can be typed into or chosen in."""
    form = page[page.index("data-autosave") :].split("</form>")[0]
    inputs = re.findall(r"<(?:input|select|textarea)[^>]*>", form)
    names = {re.search(r'name="([^"]+)"', one) for one in inputs if "readonly" not in one}
    return {one[1] for one in names if one} - {"csrf_token", "version"}


def test_hn_39_mc_06_what_is_missing_is_named_and_comes_before_the_form(app: Flask) -> None:
    who = newcomer(app)
    shown = who.page("/centre/")
    assert "先完善个人信息" in shown
    assert "请先完善个人信息，还缺：民族、政治面貌" in shown
    assert "申请表取自个人信息，请先完善个人信息。 完善个人信息" in shown
    assert "填写基础信息 添加工作经历" in who.page("/profile/")
    answer = who.send("/apply/first", {"region_code": NATIONAL})
    assert answer.headers["Location"] == "/profile/"
    assert "工作经历（至少一段）" in who.page("/profile/")
    assert drafts(who) == []


def test_mc_07_mc_10_all_of_it_is_asked_and_part_of_it_is_kept(app: Flask) -> None:
    who = newcomer(app)
    page = who.client.get("/profile/basic").text
    names = (
        "社会工作服务机构",
        "社会团体",
        "基金会",
        "党政机关",
        "事业单位",
        "村（居）委会",
        "企业",
        "其他",
    )
    assert all(name in page for name in names)
    assert sent(who, "basic", education="master", major="社会工作").status_code == 302
    shown = who.page("/profile/")
    assert "硕士研究生" in shown
    assert "民族" in shown.split("还需填写")[1].split("基础信息")[0]
    answer = sent(who, "basic", education="master", phone="12")
    assert answer.status_code == 422
    assert 'value="12"' in answer.text
    assert every(Profile)[0].basic["major"] == "社会工作"


def test_mc_11_an_agency_is_looked_up_and_any_other_employer_typed(app: Flask) -> None:
    agency = factories.organization("110105", name="晨光社会工作事务所")
    factories.organization("110105", name="晨曦社会工作协会", kind="association")
    who = newcomer(app)
    found = who.client.get("/lookup/units?q=晨").get_json()
    assert found == {"results": [{"id": agency.id, "text": "晨光社会工作事务所"}]}
    answer = sent(who, "basic", unit_type="social_work_agency", unit_id="没有这个机构")
    assert answer.status_code == 422
    assert "请从列表中选择机构" in answer.text
    sent(who, "basic", unit_type="social_work_agency", unit_id=str(agency.id))
    kept = every(Profile)[0]
    assert (kept.basic["unit_id"], kept.carried["unit_name"]) == (agency.id, agency.name)
    sent(who, "basic", unit_type="enterprise", unit_name="某某公司")
    kept = every(Profile)[0]
    assert kept.carried["unit_name"] == "某某公司"
    assert "unit_id" not in kept.basic


@pytest.mark.parametrize("typed", [True, False])
def test_mc_12_the_employer_of_an_experience_is_typed_or_chosen(app: Flask, typed: bool) -> None:
    agency = factories.organization("110105", name="晨光社会工作事务所")
    who = newcomer(app)
    unit = {"unit_name": "某某社区"} if typed else {"unit_id": "晨光社会工作事务所"}
    data = {"started": "2015-03", "post": "社工", "plan": "no"}
    assert sent(who, "experience/new", **data).status_code == 422
    assert sent(who, "experience/new", **data, **unit).status_code == 302
    row = every(WorkExperience)[0]
    assert row.unit_name == ("某某社区" if typed else agency.name)
    assert row.unit_id == (None if typed else agency.id)
    assert every(Profile)[0].carried["work_experience"] == f"2015-03至今，{row.unit_name}，社工"


def test_mc_13_a_project_of_the_plans_needs_its_proof_and_nothing_typed_is_lost(
    app: Flask,
) -> None:
    who = newcomer(app)
    data = {"started": "2015-03", "unit_name": "社区", "post": "社工", "plan": "three_areas"}
    answer = sent(who, "experience/new", **data)
    assert answer.status_code == 422
    assert "须上传证明材料" in answer.text
    assert 'value="社区"' in answer.text
    broken = {"proof": (io.BytesIO(b"GIF89a not a picture"), "x.jpg")}
    assert sent(who, "experience/new", **data, **broken).status_code == 422
    assert every(PersonalFile) == []
    bad = {**data, "started": "2999-01", "proof": (io.BytesIO(picture()), "证明.jpg")}
    assert sent(who, "experience/new", **bad).status_code == 422
    assert sent(who, "experience/new", **data).status_code == 302  # the proof was kept
    row = every(WorkExperience)[0]
    assert every(PersonalFile)[0].slot == f"experience_{row.id}"
    assert every(Profile)[0].carried["plan_project"] == "yes"


def test_mc_14_mc_15_honours_are_optional_and_of_six_levels(app: Flask) -> None:
    who = newcomer(app)
    page = who.page("/profile/honor/new")
    assert all(level in page for level in LEVELS.values())
    assert len(LEVELS) == 6
    data = {"title": "优秀社工", "level": "city", "awarded_on": "2019-05"}
    assert sent(who, "honor/new", **data).status_code == 302
    assert every(Profile)[0].carried["honors"] == "2019-05，优秀社工（地市）"
    key = every(Honor)[0].id
    sent(who, f"honor/{key}", **{**data, "level": "ministry"})
    assert every(Profile)[0].carried["honor_levels"] == ["ministry"]
    sent(who, f"honor/{key}/removal")
    assert every(Honor) == []
    assert every(Profile)[0].carried["honors"] == ""


def test_mc_17_the_first_registration_asks_for_nothing_but_the_declaration(app: Flask) -> None:
    who = newcomer(app)
    sent(who, "basic", unit_type="enterprise", **BASIC)
    sent(who, "experience/new", **profiled.ENGAGEMENT)
    for slot in ("portrait", "id_front", "id_back", "qualification"):
        sent(who, f"pictures/{slot}", **{slot: (io.BytesIO(picture()), "x.jpg")})
    page = begun(who)
    assert typed_into(page) == set()
    key = drafts(who)[0].id
    look = who.send(f"/applications/{key}/form", {"action": "submit"}).headers["Location"]
    assert 'name="consent_truth"' in who.client.get(look).text
    assert "申请登记证书" in who.page(look)
    answer = who.send(look, {"consent_truth": "yes"})
    assert answer.headers["Location"] == f"/applications/{key}"
    assert drafts(who)[0].state == "in_review"
    assert drafts(who)[0].form["work_experience"].startswith("2015-03至今")


def test_mc_22_mc_34_what_is_added_flows_into_the_draft_and_not_into_what_was_submitted(
    app: Flask,
) -> None:
    who = newcomer(app)
    sent(who, "basic", unit_type="enterprise", **BASIC)
    sent(who, "experience/new", **profiled.ENGAGEMENT)
    begun(who)
    key = drafts(who)[0].id
    who.send(f"/applications/{key}/form", {"major": "哲学", "honors": "自填", "action": "save"})
    sent(who, "honor/new", title="优秀社工", level="city", awarded_on="2019-05")
    assert "优秀社工（地市）" in who.page(f"/applications/{key}/form")
    assert every(Profile)[0].basic["major"] == "社会工作"


def test_a_draft_of_another_policy_follows_where_nobody_typed(app: Flask) -> None:
    who = newcomer(app, "110105")
    sent(who, "basic", education="master", major="社会工作")
    begun(who)
    key = drafts(who)[0].id
    assert drafts(who)[0].form["education"] == "master"
    who.send(f"/applications/{key}/form", {"major": "哲学", "action": "save"})
    sent(who, "basic", education="doctor", major="法学", ethnicity="01")
    form = drafts(who)[0].form
    assert (form["education"], form["major"], form["ethnicity"]) == ("doctor", "哲学", "01")


def test_mc_09_the_portrait_goes_into_open_drafts_and_a_newer_one_after_it(app: Flask) -> None:
    who = newcomer(app)
    wide = {"portrait": (io.BytesIO(picture(600, 400)), "x.jpg")}
    answer = sent(who, "pictures/portrait", **wide)
    assert answer.status_code == 422
    assert "413" in answer.get_json()["message"]
    sent(who, "basic", unit_type="enterprise", **BASIC)
    sent(who, "experience/new", **profiled.ENGAGEMENT)
    sent(who, "pictures/portrait", portrait=(io.BytesIO(picture()), "x.jpg"))
    begun(who)
    first = who.client.get(f"/applications/{drafts(who)[0].id}/form").text
    assert typed_into(first) == {"id_front", "id_back", "qualification"}
    sent(who, "pictures/portrait", portrait=(io.BytesIO(picture(color="navy")), "y.jpg"))
    now = every(Material, slot="portrait", active=True)
    assert [row.digest for row in now] == [
        row.digest for row in every(PersonalFile, slot="portrait")
    ]


def test_nobody_reads_or_changes_anothers_personal_information(app: Flask) -> None:
    owner, other = newcomer(app), newcomer(app)
    sent(owner, "experience/new", **profiled.ENGAGEMENT)
    sent(owner, "pictures/id_front", id_front=(io.BytesIO(picture()), "x.jpg"))
    row, held = every(WorkExperience)[0], every(PersonalFile)[0]
    assert other.client.get(f"/profile/experience/{row.id}").status_code == 404
    assert other.client.get(f"/profile/pictures/{held.id}").status_code == 404
    assert sent(other, f"experience/{row.id}/removal").status_code == 404
    assert (
        sent(other, f"pictures/experience_{row.id}", x=(io.BytesIO(picture()), "x.jpg")).status_code
        == 404
    )
    assert owner.client.get(f"/profile/pictures/{held.id}").data
    office = person(app, "county_reviewer", NATIONAL)
    assert office.client.get("/profile/").status_code == 403


def test_whoever_has_said_all_is_led_on_to_the_registration(app: Flask) -> None:
    assert "个人信息已完善。 去办理登记" in applicant(app, NATIONAL).page("/profile/")
