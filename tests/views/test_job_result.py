"""What an applicant sees of a case: its result, its history, taking it back and up again."""

import re

import pytest
from flask import Flask

from app import clock
from models.application import Application
from tests.support.cases import REASON, case, decide
from tests.support.factories import stored
from tests.views.people import applicant, person, text


def test_ba_22_bj_39_a_rejection_is_read_with_its_reason_in_result_history_and_messages(
    app: Flask,
) -> None:
    who = applicant(app)
    key = case(who.actor, rejected=True).id
    for path in (f"/applications/{key}", "/applications/mine", "/messages/"):
        shown = who.page(path)
        assert "审核不通过" in shown
        assert REASON in shown


def test_cd_39_the_details_are_what_was_submitted_and_how_far_it_is(app: Flask) -> None:
    who = applicant(app)
    made = case(who.actor, submitted=True)
    shown = who.page(f"/applications/{made.id}")
    assert made.form["major"] in shown
    assert made.form["unit_name"] in shown
    assert "待审核" in shown
    assert "提交" in shown


def test_ba_22_a_rejected_case_is_taken_up_again_inside_the_window(app: Flask) -> None:
    who = applicant(app)
    key = case(who.actor, rejected=True).id
    assert "重新申请" in who.page(f"/applications/{key}")
    assert "查看原因并重新申请" in who.page("/centre/")
    answer = who.send(f"/applications/{key}/reopening", {})
    assert answer.headers["Location"] == f"/applications/{key}/form"
    again = stored(Application, key)
    assert (again.state, again.attempt) == ("draft", 2)
    shown = who.page(f"/applications/{key}/form")
    assert REASON in shown


def test_ba_22_and_not_after_the_window(app: Flask) -> None:
    who = applicant(app)
    key = case(who.actor, rejected=True).id
    with clock.frozen("2020-08-01T00:00:00"):
        shown = who.page(f"/applications/{key}")
        assert "登记时间已过，不能再次提交" in shown
        assert "重新申请" not in who.page("/centre/")
        assert "/reopening" not in who.client.get(f"/applications/{key}").text
        who.send(f"/applications/{key}/reopening", {})
    assert stored(Application, key).state == "rejected"


def test_x_10_where_the_policy_allows_it_a_case_is_taken_back_before_a_decision(
    app: Flask,
) -> None:
    who = applicant(app, "410105")
    key = case(who.actor, region_code="410105", submitted=True).id
    assert "撤回" in who.page(f"/applications/{key}")
    who.send(f"/applications/{key}/withdrawal", {})
    assert stored(Application, key).state == "withdrawn"
    assert "您已撤回这份申请" in who.page(f"/applications/{key}")


def test_x_10_and_not_after_one(app: Flask) -> None:
    who = applicant(app, "410105")
    key = case(who.actor, region_code="410105", submitted=True).id
    decide(key, "approve")
    page = who.client.get(f"/applications/{key}")
    assert "/withdrawal" not in page.text
    assert "初审：通过" in text(page)
    assert "等待终审" in text(page)
    who.send(f"/applications/{key}/withdrawal", {})
    assert stored(Application, key).state == "in_review"


def test_a_returned_case_opens_only_what_the_reviewer_named(app: Flask) -> None:
    who = applicant(app, "410105")
    key = case(who.actor, region_code="410105", returned=True).id
    page = who.client.get(f"/applications/{key}/form").text
    assert 'name="phone"' in page
    assert 'name="major"' not in page
    assert page.count("data-upload=") == 1
    who.send(f"/applications/{key}/form", {"major": "别的", "phone": "13912345678"})
    form = stored(Application, key).form
    assert (form["major"], form["phone"]) == ("社会工作", "13912345678")


def test_bj_52_an_approved_case_offers_its_certificate_and_its_way_by_post(app: Flask) -> None:
    who = applicant(app)
    key = case(who.actor, approved=True).id
    for path in (f"/applications/{key}", "/applications/mine", "/centre/"):
        page = who.client.get(path)
        assert page.text.count(".pdf") >= 1
        assert page.text.count(".png") >= 1
    shown = who.page(f"/applications/{key}")
    assert "审核通过" in shown
    assert "邮寄" in shown
    assert "待寄出" in shown
    assert "2023-05-31" in shown


@pytest.mark.parametrize("key", ["999999", "99999999999999999999", "abc"])
def test_a_case_that_is_not_there_is_a_404(app: Flask, key: str) -> None:
    who = applicant(app)
    assert who.client.get(f"/applications/{key}").status_code == 404
    assert who.client.get(f"/materials/{key}").status_code == 404
    assert who.send(f"/applications/{key}/reopening", {}).status_code == 404


def test_the_history_holds_only_ones_own(app: Flask) -> None:
    mine, other = applicant(app), applicant(app)
    reference = case(mine.actor, submitted=True).reference
    key = case(other.actor, submitted=True).id
    assert "首登记" in mine.page("/applications/mine")
    assert f"/applications/{key}" not in mine.client.get("/applications/mine").text
    assert reference not in other.page("/centre/")


def test_an_office_cannot_take_an_applicants_case_back(app: Flask) -> None:
    key = case(region_code="410105", submitted=True).id
    office = person(app, "county_reviewer", "410105")
    assert office.send(f"/applications/{key}/withdrawal", {}).status_code == 403
    assert stored(Application, key).state == "in_review"


def test_cd_38_the_entry_leads_to_what_was_taken_back(app: Flask) -> None:
    who = applicant(app, "410105")
    key = case(who.actor, region_code="410105", submitted=True).id
    who.send(f"/applications/{key}/withdrawal", {})
    assert who.client.get("/apply/first").headers["Location"] == f"/applications/{key}"
    assert re.search("已撤回，尚未再次提交 .* 查看并再次提交", who.page("/centre/"))
