"""The history step and the case of a replacement, in a browser without a script."""

import re
from typing import Any

import pytest
from flask import Flask

from models.registration import Registration
from tests.support.factories import every
from tests.support.registered import registration, somebody, windows
from tests.views.people import Person, person, text

STEP = "/apply/renewal/history"
COMPLETE = "登记记录已填写完整，进入登记"


def someone(app: Flask, *verified: int, exam_year: int = 2013) -> Person:
    """An applicant who passed the examination years ago, with verified registrations."""
    windows()
    worker = somebody(exam_year)
    for number, year in enumerate(verified):
        registration(worker, year, kind="renewal" if number else "first")
    return person(app, "applicant", "110105", worker_id=worker.id)


def stated(who: Person, *years: Any, action: str = "complete", path: str = STEP) -> Any:
    """The history step sent with these years."""
    lines = {f"year_{number}": str(year) for number, year in enumerate(years)}
    data = {**lines, "lines": str(len(years)), "region_code": "110105", "action": action}
    return who.send(path, data)


def years_shown(page: str) -> list[str]:
    return re.findall(r'name="year_\d+"[^>]*value="(\d*)"', page)


def test_bj_19_the_entry_leads_to_one_blank_line(app: Flask) -> None:
    who = someone(app)
    assert "先补充登记记录" in who.page("/centre/")
    assert "填写登记申请表" in who.page("/apply/renewal")
    answer = who.send("/apply/renewal", {"region_code": "110105"})
    assert answer.headers["Location"] == f"{STEP}?region_code=110105"
    page = who.client.get(answer.headers["Location"]).text
    assert "历史登记记录补充表" in page
    assert "请务必按照您登记证书上的实际登记情况进行填写。" in page
    assert "首登记" in page
    assert years_shown(page) == [""]
    assert every(Registration) == []


def test_bj_19_a_blank_year_does_not_go_on(app: Flask) -> None:
    who = someone(app)
    answer = stated(who, "")
    assert answer.status_code == 422
    assert 'href="#f-year_0"' in answer.text
    assert every(Registration) == []


def test_bj_20_a_line_is_added_and_taken_out_and_nothing_typed_is_lost(app: Flask) -> None:
    who = someone(app)
    assert "添加登记记录" in who.client.get(STEP).text
    page = stated(who, 2014, action="add").text
    assert years_shown(page) == ["2014", ""]
    assert "再登记" in page
    page = stated(who, 2014, 2015, 2017, action="leave_1").text
    assert years_shown(page) == ["2014", "2017"]
    assert every(Registration) == []
    page = stated(who, 2014, 2031).text
    assert years_shown(page) == ["2014", "2031"]
    assert "2031年还没有到" in page


def test_bj_21_completing_goes_on_to_the_form(app: Flask) -> None:
    who = someone(app)
    assert COMPLETE in who.client.get(STEP).text
    answer = stated(who, 2014, 2017)
    assert re.fullmatch(r"/applications/\d+/form", answer.headers["Location"])
    page = who.page(answer.headers["Location"])
    assert "历史登记记录补充表" in page
    assert "继续教育证明（2020年登记）" in page
    assert years_shown(who.client.get(STEP).text) == ["2014", "2017"]


def test_bj_21_bj_42_who_has_missed_a_turn_is_led_to_late_renewal(app: Flask) -> None:
    who = someone(app)
    answer = stated(who, 2016)
    assert answer.headers["Location"] == "/apply/renewal"
    shown = who.client.get("/apply/renewal").text
    assert "请办理补登记" in shown
    assert 'href="/apply/late_renewal"' in shown
    assert "建议办理" in shown
    answer = stated(who, 2016, path="/apply/late_renewal/history")
    assert "/form" in answer.headers["Location"]


def test_bj_23_what_is_verified_is_shown_locked(app: Flask) -> None:
    who = someone(app, 2014)
    page = who.client.get(STEP)
    assert "已审核通过，不可修改" in text(page)
    assert years_shown(page.text) == []
    answer = stated(who, 2014)
    assert answer.status_code == 422
    assert [row.state for row in every(Registration)] == ["verified"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_bj_23_no_program_changes_a_registration(app: Flask, method: str) -> None:
    who = someone(app, 2014)
    key = every(Registration)[0].id
    answer = who.client.open(
        f"/api/v1/registration/{key}", method=method, json={"cycle_year": 2017}
    )
    assert answer.status_code in (400, 403, 404, 405)
    assert [row.cycle_year for row in every(Registration)] == [2014]


def test_a_person_whose_last_registration_is_verified_goes_straight_to_the_form(
    app: Flask,
) -> None:
    who = someone(app, 2017)
    answer = who.send("/apply/renewal", {"region_code": "110105"})
    assert "/form" in answer.headers["Location"]


def test_nobody_else_sees_the_step(app: Flask) -> None:
    windows()
    office = person(app, "body_reviewer", "110000")
    assert office.client.get(STEP).status_code == 403
    assert someone(app).client.get("/apply/first/history").status_code == 404


def replaced(who: Person, case: str | None) -> Any:
    """The start page of a replacement, sent with a case."""
    given = {"replacement_case": case} if case else {}
    return who.send("/apply/replacement", {"region_code": "110105", **given})


def test_bj_46_the_case_is_chosen_first(app: Flask) -> None:
    who = someone(app, exam_year=2018)
    assert "补证情况" in who.page("/apply/replacement")
    answer = replaced(who, None)
    assert answer.status_code == 422
    assert "请先选择补证情况" in text(answer)
    assert "/form" in replaced(who, "never_registered").headers["Location"]


def test_bj_46_the_case_is_checked_against_the_history(app: Flask) -> None:
    never, known = someone(app, exam_year=2018), someone(app, 2018)
    assert "没有您的登记记录" in text(replaced(never, "lost"))
    assert "您已有登记记录" in text(replaced(known, "never_registered"))
    assert "/form" in replaced(known, "lost").headers["Location"]


def test_bj_49_a_replacement_has_no_history_step_and_comes_by_post(app: Flask) -> None:
    who = someone(app, exam_year=2018)
    key = int(replaced(who, "never_registered").headers["Location"].split("/")[2])
    page = who.page(f"/applications/{key}/form")
    assert "历史登记记录补充表" not in page
    assert "邮寄" in page
    assert "电子证书" not in page
