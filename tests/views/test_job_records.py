"""申请记录, 登记历史 and 电子证书查询, as their owner reads them."""

import re

import pytest
from flask import Flask

from app.services import applications
from models.application import Application, Submission
from models.certificate import Certificate
from tests.support import factories
from tests.support.cases import REASON, case, decide
from tests.support.factories import acting, every, stored
from tests.support.registered import registration, somebody
from tests.views.people import Person, applicant, person, text

NATIONAL, CHENGDU = "410105", "510107"


def tab(who: Person, name: str) -> str:
    """One tab of 申请记录, as it reads."""
    return who.page(f"/applications/mine?tab={name}")


def test_cd_36_cd_06_what_waits_and_what_was_reviewed_have_a_tab_each(app: Flask) -> None:
    who = applicant(app, CHENGDU)
    key = case(who.actor, region_code=CHENGDU, submitted=True).id
    assert "首次登记" in tab(who, "waiting").split("已审核 0")[1]
    assert "暂无内容" in tab(who, "decided")
    decide(key, "reject")
    assert "暂无内容" in tab(who, "waiting")
    assert "已审核 1" in tab(who, "decided")


def test_cd_37_cd_38_it_is_taken_back_edited_and_submitted_again(app: Flask) -> None:
    who = applicant(app, CHENGDU)
    key = case(who.actor, region_code=CHENGDU, submitted=True).id
    assert "撤回" in tab(who, "waiting")
    who.send(f"/applications/{key}/withdrawal", {})
    shown = tab(who, "waiting")
    assert "已撤回" in shown
    assert "编辑" in shown
    answer = who.send(f"/applications/{key}/reopening", {})
    assert answer.headers["Location"] == f"/applications/{key}/form"
    with acting(who.actor):
        applications.submit(key, ["privacy", "truth"])
    assert [row.turn for row in every(Submission)] == [1, 2]


def test_cd_37_after_a_decision_nothing_is_taken_back(app: Flask) -> None:
    who = applicant(app, CHENGDU)
    key = case(who.actor, region_code=CHENGDU, submitted=True).id
    decide(key, "approve")
    assert "/withdrawal" not in who.client.get("/applications/mine").text


def test_cd_41_cd_42_a_refused_attempt_stays_with_its_reason_and_level(app: Flask) -> None:
    who = applicant(app, CHENGDU)
    key = case(who.actor, region_code=CHENGDU, submitted=True).id
    decide(key, "approve")
    decide(key, "reject")
    for shown in (tab(who, "decided"), who.page(f"/applications/{key}")):
        assert REASON in shown
        assert "未通过审批层级" in shown
        assert "市级审核" in shown
        assert "重新申请" in shown
    submitted = stored(Application, key).form["major"]
    who.send(f"/applications/{key}/reopening", {})
    assert submitted in who.client.get(f"/applications/{key}/form").text
    who.send(f"/applications/{key}/form", {"major": "别的专业", "action": "save"})
    assert "编辑" in tab(who, "waiting")
    kept = tab(who, "decided")
    assert REASON in kept
    assert "市级审核" in kept
    former = who.page(f"/applications/{key}?attempt=1")
    assert submitted in former
    assert "别的专业" not in former
    assert REASON in former


def test_cd_39_the_details_stay_as_they_were_submitted(app: Flask) -> None:
    who = applicant(app, NATIONAL)
    key = case(who.actor, region_code=NATIONAL, submitted=True).id
    who.send("/profile/honor/new", {"title": "后来的", "level": "city", "awarded_on": "2019-05"})
    shown = who.page(f"/applications/{key}")
    assert "后来的" not in shown
    assert "等待初审" in shown
    assert re.search(r"郑州市金水区.{0,200}2020-\d\d-\d\d前办结|郑州市金水区", shown)


def test_a_return_leads_to_the_first_of_exactly_what_was_asked(app: Flask) -> None:
    who = applicant(app, NATIONAL)
    key = case(who.actor, region_code=NATIONAL, returned=True).id
    page = who.client.get(f"/applications/{key}").text
    assert f'href="/applications/{key}/form#f-phone"' in page
    assert "退回层级" in text(who.client.get(f"/applications/{key}"))


def test_bj_52_the_history_has_every_registration_with_its_certificate(app: Flask) -> None:
    who = applicant(app)
    other = applicant(app)
    case(who.actor, approved=True)
    number = every(Certificate)[0].number
    page = who.client.get("/applications/registered")
    assert number in page.text
    assert "2020" in text(page)
    assert "2023-05-31" in text(page)
    assert number not in other.client.get("/applications/registered").text


def test_cd_05_cd_43_the_newest_valid_certificate_is_downloaded(app: Flask) -> None:
    who = applicant(app)
    case(who.actor, approved=True)
    number = every(Certificate)[0].number
    page = who.client.get("/my-certificate/").text
    assert f"/certificates/{number}.pdf" in page
    assert "还没有电子登记证书" not in page


def test_cd_05_cd_44_whose_data_are_incomplete_completes_them_first(app: Flask) -> None:
    worker = somebody(2015, region_code=CHENGDU)
    registration(worker, 2019, kind="first")
    who = person(app, "applicant", CHENGDU, worker_id=worker.id)
    page = who.client.get("/my-certificate/")
    assert "完善信息" in text(page)
    assert 'href="/apply/completion"' in page.text
    assert ".pdf" not in page.text


def test_cd_05_cd_46_who_has_none_goes_and_registers(app: Flask) -> None:
    page = applicant(app, CHENGDU).client.get("/my-certificate/")
    told = "若您还未获得电子登记证书, 则可根据情况, 点击【首次登记】或【再次登记】进行证书登记。"
    assert told in text(page)
    assert 'href="/apply/first"' in page.text
    assert 'href="/apply/renewal"' in page.text


def test_mc_16_the_certificate_is_viewed_only_while_the_data_agree(app: Flask) -> None:
    who = applicant(app, NATIONAL)
    assert "查看证书" not in who.page("/profile/")
    case(who.actor, region_code=NATIONAL, approved=True)
    assert "查看证书" in who.page("/profile/")
    with factories.changing(every(Certificate)[0]) as row:
        row.name = "别的名字"
    assert "查看证书" not in who.page("/profile/")


def test_mc_20_mc_29_the_certificate_stands_in_the_module_of_its_kind(app: Flask) -> None:
    who = applicant(app, NATIONAL)
    case(who.actor, region_code=NATIONAL, approved=True)
    number = every(Certificate)[0].number
    entries = who.client.get("/centre/").text.split('id="entries"')[1].split("</section>")[0]
    first = entries.split("/apply/renewal")[0]
    assert f'href="/certificates/view/{number}"' in first
    assert entries.count("/certificates/view/") == 1


@pytest.mark.parametrize("label", ["保存", "登记指南", "我要登记"])
def test_j_14_the_buttons_say_what_the_manuals_say(app: Flask, label: str) -> None:
    who = applicant(app)
    case(who.actor)
    pages = ("/guide", "/applications/mine", f"/applications/{every(Application)[0].id}/form")
    assert any(label in who.page(path) for path in pages)


def test_what_was_typed_into_a_draft_that_its_window_closed_begins_the_next_one(
    app: Flask,
) -> None:
    who = applicant(app)
    key = case(who.actor).id
    with factories.changing(stored(Application, key)) as row:
        row.state = "closed"
    answer = who.send("/apply/first", {"region_code": "110105"})
    again = next(row for row in every(Application) if row.id != key)
    assert answer.headers["Location"] == f"/applications/{again.id}/form"
    assert again.form["major"] == stored(Application, key).form["major"]
    page = who.client.get(f"/applications/{again.id}/form").text
    assert page.count('<span class="tag good">已上传</span>') == page.count("data-upload-state")


def test_x_09_a_sign_in_lands_in_the_personal_centre_which_repeats_the_entries(app: Flask) -> None:
    who = applicant(app)
    assert who.client.get("/start").headers["Location"] == "/centre/"
    entries = who.page("/centre/")
    assert all(kind in entries for kind in ("首登记", "再登记", "补登记", "补证"))
