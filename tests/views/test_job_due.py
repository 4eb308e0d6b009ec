"""The working-day clock on screens: for applicant and office, and the console that keeps it."""

from datetime import date

from flask import Flask

from app import clock
from app.scope import as_system
from app.services import outbox
from models.application import Application
from models.holiday import Holiday
from tests.support import cases
from tests.support.cases import decide
from tests.support.factories import stored
from tests.views.people import applicant, person, text

HENAN = "410105"
DAY = "最迟 2020-07-31 办结"


def test_x_43_applicant_and_office_read_by_when_it_is_decided(app: Flask) -> None:
    who, office = applicant(app, HENAN), person(app, "county_reviewer", HENAN)
    key = cases.case(who.actor, region_code=HENAN, submitted=True).id
    for shown in (who.page("/centre/"), who.page(f"/applications/{key}")):
        assert DAY in shown
    assert DAY in office.page(f"/review/{key}")
    assert "已超期" not in who.page(f"/applications/{key}")
    with clock.frozen("2020-08-01T00:00"):
        assert f"{DAY} 已超期" in who.page(f"/applications/{key}")


def test_x_43_a_returned_case_says_that_the_clock_rests(app: Flask) -> None:
    who = applicant(app, HENAN)
    key = cases.case(who.actor, region_code=HENAN, returned=True).id
    shown = who.page(f"/applications/{key}")
    assert "补正期间不计入办理时限" in shown
    assert "最迟" not in shown


def test_x_43_a_day_that_may_still_move_is_called_provisional(app: Flask) -> None:
    late = "2026-12-21T09:00"
    who = applicant(app, HENAN, exam_year=2025)
    with clock.frozen(late):
        key = cases.case(who.actor, region_code=HENAN, submitted=True, at=late).id
        assert "最迟 2027-01-11 办结（暂定）" in who.page(f"/applications/{key}")


def test_x_43_the_console_keeps_the_holidays(app: Flask) -> None:
    platform, who = person(app, "platform_admin", "000000"), applicant(app, HENAN)
    key = cases.case(who.actor, region_code=HENAN, submitted=True).id
    page = "/console/holiday/new/"
    kept = platform.send(page, {"day": "2020-07-13", "name": "放假一天"})
    assert kept.status_code == 302
    outbox.run_due()  # what is kept with a case follows the holidays
    assert "最迟 2020-08-03 办结" in who.page(f"/applications/{key}")
    again = platform.send(page, {"day": "2020-07-13", "name": "又一次"})
    assert "已经存在" in text(again)
    assert 'value="又一次"' in again.text  # what was typed is still there
    assert "2020-07-13 周一 放假一天 放假" in platform.page(
        "/console/holiday/?flt0_0=x&search=放假"
    )
    with as_system("a test looks") as session:
        assert session.query(Holiday).filter_by(day=date(2020, 7, 13)).one().name == "放假一天"


def test_x_43_nobody_else_keeps_them(app: Flask) -> None:
    office = person(app, "province_admin", "410000")
    assert office.client.get("/console/holiday/").status_code == 403
    answer = office.send("/console/holiday/new/", {"day": "2020-07-14", "name": "放假"})
    assert answer.status_code == 403


def test_x_43_the_next_stage_has_its_own_days(app: Flask) -> None:
    who = applicant(app, HENAN)
    key = cases.case(who.actor, region_code=HENAN, submitted=True).id
    with clock.frozen("2020-07-20T09:00"):
        decide(key, "approve", at="2020-07-20T09:00")
        assert stored(Application, key).stage == 2
        assert "最迟 2020-08-10 办结" in who.page("/centre/")
