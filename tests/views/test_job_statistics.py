"""The page of figures, the list of who is due, and what administrators take away from them."""

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app import clock
from app.services import counting
from models.event import Event
from tests.support import factories
from tests.support.cases import case
from tests.support.factories import IN_WINDOW, every
from tests.support.watching import statements
from tests.views.people import applicant, person

pytestmark = pytest.mark.database("sqlite")  # services and queries are tested on both
HENAN = "410105"


@pytest.fixture(autouse=True)
def counted() -> None:
    case(region_code=HENAN, approved=True)
    case(region_code="410102", submitted=True)
    made = factories.worker("410102", name="郑小雨")
    factories.qualification(made)
    with clock.frozen(IN_WINDOW):
        counting.find_due()
        counting.count()


def test_hn_16_the_province_reads_its_progress_and_goes_down_to_a_city(app: Flask) -> None:
    admin = person(app, "province_admin", "410000")
    shown = admin.page("/statistics/")
    assert "2020 年度登记进展" in shown
    assert "应登记 3 已登记 1 · 33% 审核中 1 应登记未登记 1" in shown
    assert "郑州市 33%" in shown
    assert "办结 2020-07 2 " in shown
    below = admin.page("/statistics/?region_code=410100")
    assert "金水区 100%" in below
    assert "二七区" not in shown
    assert "/statistics/?" in admin.client.get("/statistics/").text
    assert "/statistics/" in admin.client.get("/").text


def test_hn_16_a_page_of_many_regions_asks_no_more_than_one_of_few(
    app: Flask, db: SQLAlchemy
) -> None:
    admin = person(app, "province_admin", "410000")

    def asked() -> list[str]:
        with statements(db) as seen:
            assert admin.client.get("/statistics/").status_code == 200
        return seen.read

    asked()  # what a process reads once
    few = asked()
    for region_code in ("410203", "410303", "410403"):
        factories.qualification(factories.worker(region_code))
    with clock.frozen(IN_WINDOW):
        counting.find_due()
        counting.count()
    assert "410200" in admin.client.get("/statistics/").text
    assert asked() == few


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("region_code=420000", 404),
        ("region_code=x", 404),
        ("region_code=410199", 404),
        ("year=x&kind=x", 200),
        ("year=1", 200),
        ("kind=renewal", 200),
    ],
)
def test_hn_16_other_regions_are_not_there_and_odd_questions_are_harmless(
    app: Flask, query: str, status: int
) -> None:
    admin = person(app, "province_admin", "410000")
    assert admin.client.get(f"/statistics/?{query}").status_code == status


def test_hn_16_the_figures_are_taken_away_as_csv_and_that_is_on_record(app: Flask) -> None:
    admin = person(app, "province_admin", "410000")
    lines = admin.client.get("/statistics/export.csv?year=2020").text.splitlines()
    assert lines[0].lstrip("\ufeff").startswith("地区代码,地区,统计项目,类型,状态,月份,数量")
    assert "410100,河南省郑州市,提交,首次登记,审核中,2020-07,1," in lines
    assert "410100,河南省郑州市,应登记未登记,首次登记,,,1," in lines
    (event,) = every(Event, verb="export")
    assert event.subject == "export:statistics:410000"
    assert person(app, "county_reviewer", HENAN).client.get("/statistics/").status_code == 403
    assert applicant(app).client.get("/statistics/export.csv").status_code == 403


def test_hn_40_who_is_due_is_a_list_for_each_region_with_its_file(app: Flask) -> None:
    admin = person(app, "city_admin", "410100")
    shown = admin.page("/due/list/?region_code=410102")
    assert "郑小雨 首次登记" in shown
    assert "郑小雨" not in admin.page(f"/due/list/?region_code={HENAN}")
    file = admin.client.get("/due/export.csv?region_code=410102").text
    assert "郑小雨" in file
    assert "郑小雨" not in person(app, "city_admin", "410200").client.get("/due/export.csv").text
    assert applicant(app).client.get("/due/list/").status_code == 403


def test_hn_19_the_list_of_administrators_by_region_is_taken_out(app: Flask) -> None:
    factories.account("county_admin", HENAN)
    factories.account("county_admin", "420102")
    admin = person(app, "province_admin", "410000")
    file = admin.client.get("/accounts/export.csv?role=county_admin").text
    assert f"county_admin_{HENAN}" in file
    assert "河南省郑州市金水区" in file
    assert "420102" not in file
    assert "13800" not in file
    (event,) = every(Event, verb="export")
    assert (event.subject, event.reason) == ("export:accounts:410000", "role eq county_admin")
    reviewer = person(app, "county_reviewer", HENAN)
    assert reviewer.client.get("/accounts/export.csv").status_code == 403
