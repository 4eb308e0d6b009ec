"""Many cases at once, and who would review: the pages."""

import re

import pytest
from flask import Flask

from app import clock
from app.extensions import db
from app.scope import acting_as
from app.services import outbox
from models.application import Application
from models.batch import BatchItem
from tests.support import factories
from tests.support.cases import case, decide
from tests.support.factories import IN_WINDOW, every, stored
from tests.views.people import applicant, person, text

HENAN = "410105"


def work() -> None:
    db.session.rollback()
    with acting_as(None), clock.frozen(IN_WINDOW):
        outbox.run_due()


def test_a_batch_from_the_queue_to_its_results(app: Flask) -> None:
    clear, other, moved = (case(region_code=HENAN, submitted=True) for _ in range(3))
    office = person(app, "county_reviewer", HENAN)
    assert f'name="ids" value="{clear.id}"' in office.client.get("/review/").text
    decide(other.id, "reject")
    ids = [str(one.id) for one in (clear, other, moved)]
    checked = office.send("/review/batches/check", {"ids": ids, "action": "approve"})
    assert "可直接通过 2" in text(checked)
    assert "不归您办 1" in text(checked)
    assert every(BatchItem) == [], "nothing is decided before it is confirmed"
    cases = re.findall(r'name="cases" value="([^"]+)"', checked.text)
    name = re.search(r'name="batch" value="([^"]+)"', checked.text)
    assert name is not None
    assert cases == [f"{one.id}:{one.version}" for one in (clear, moved)]
    data = {"cases": cases, "batch": name[1]}
    started = office.send("/review/batches/", data)
    address = started.headers["Location"]
    assert office.send("/review/batches/", data).headers["Location"] == address, "a double click"
    assert "已办 0 / 2 件" in office.page(address)
    assert "data-poll" in office.client.get(address).text
    decide(moved.id, "reject")
    work()
    shown = office.page(address)
    assert "已办 2 / 2 件" in shown
    assert "通过 1 件" in shown
    assert "未通过 1 件" in shown
    assert "data-poll" not in office.client.get(address).text
    assert stored(Application, clear.id).stage == 2
    colleague = person(app, "county_reviewer", HENAN)
    assert colleague.client.get(address).status_code == 404


def test_several_are_returned_with_one_reason_and_what_was_typed_stays(app: Flask) -> None:
    made = [case(region_code=HENAN, submitted=True) for _ in range(2)]
    office = person(app, "county_reviewer", HENAN)
    assert 'value="return"' in office.client.get("/review/").text
    ids = [str(one.id) for one in made]
    checked = office.send("/review/batches/check", {"ids": ids, "action": "return"})
    assert "统一的审核意见" in text(checked)
    assert 'value="picture_unclear"' in checked.text
    assert 'value="form_unstamped"' not in checked.text, "another policy's"
    assert 'name="items" value="phone"' in checked.text
    cases = [f"{one.id}:{one.version}" for one in made]
    data = {"verdict": "return", "batch": "b" * 22, "reason_code": "form_incomplete"}
    lacking = office.send("/review/batches/", {**data, "cases": cases[:1]})
    assert lacking.status_code == 422
    assert "请选择需要补正的项目或材料" in text(lacking)
    assert 'value="form_incomplete" checked' in lacking.text
    started = office.send("/review/batches/", {**data, "cases": cases, "items": ["phone"]})
    work()
    shown = office.page(started.headers["Location"])
    assert "批量退回补正" in shown
    assert "退回 2 件" in shown
    assert [stored(Application, one.id).state for one in made] == ["returned"] * 2


def test_an_office_whose_policies_know_no_return_is_not_offered_one(app: Flask) -> None:
    case(submitted=True)
    page = person(app, "body_reviewer", "110000").client.get("/review/").text
    assert 'value="reject"' in page
    assert 'value="return"' not in page


@pytest.mark.parametrize("ids", [[], ["x", "-1", "9" * 12]])
def test_nothing_chosen_goes_back_to_the_queue(app: Flask, ids: list[str]) -> None:
    office = person(app, "county_reviewer", HENAN)
    for path in ("/review/batches/check?kind=first", "/review/batches/?kind=first"):
        answer = office.send(path, {"ids": ids, "cases": ids})
        assert answer.headers["Location"] == "/review/?kind=first"


@pytest.mark.parametrize("role", ["county_admin", "auditor", "organization"])
def test_who_does_not_decide_has_no_batches(app: Flask, role: str) -> None:
    made = case(region_code=HENAN, submitted=True)
    who = person(app, role, HENAN)
    for path in ("/review/batches/check", "/review/batches/"):
        data = {"ids": made.id, "cases": f"{made.id}:{made.version}"}
        assert who.send(path, data).status_code == 403
    assert applicant(app, HENAN).client.get("/review/batches/x").status_code == 403
    assert every(BatchItem) == []


def test_hn_38_an_administrator_sees_who_would_review(app: Flask) -> None:
    factories.account("county_reviewer", "419001")
    admin = person(app, "province_admin", "410000")
    shown = admin.page("/review/simulator/?region_code=419001&kind=first")
    assert "河南省济源市 · 首次登记" in shown
    assert "该地区没有这一级，由上一级机构审核" in shown
    assert "请为该机构开通“省级审核员”账号" in shown
    assert "张三" in shown
    assert "该地区不受理申请" in admin.page("/review/simulator/?region_code=410100")
    for odd in ("", "?region_code=%27", "?region_code=410105&kind=x", "?kind=first"):
        assert admin.client.get(f"/review/simulator/{odd}").status_code == 200
    assert "/review/simulator/" in admin.client.get("/").text


@pytest.mark.parametrize(
    ("role", "region"), [("city_reviewer", "510100"), ("city_admin", "510100")]
)
def test_every_office_may_ask_who_would_review(app: Flask, role: str, region: str) -> None:
    office = person(app, role, region)
    shown = office.page("/review/simulator/?region_code=510107&kind=first")
    assert "四川省成都市武侯区" in shown
    assert "/review/simulator/" in office.client.get("/").text


@pytest.mark.parametrize("role", ["auditor", "organization"])
def test_the_simulator_is_for_offices(app: Flask, role: str) -> None:
    assert person(app, role, HENAN).client.get("/review/simulator/").status_code == 403
