"""The second look on its pages: worklist, verdict, figures; and pictures that are gone."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.queries.policies import policy_of_case
from app.services import outbox, rechecks, retention
from models.application import Application, Material
from models.recheck import Recheck
from tests.support import factories
from tests.support.cases import case
from tests.support.factories import acting, every, stored
from tests.views.people import person, text

pytestmark = pytest.mark.database("sqlite")  # services and queries are tested on both
HENAN = "410105"


@pytest.fixture(autouse=True)
def all_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    def policy(application: Application) -> Any:
        return replace(policy_of_case(application), recheck_percent=100)

    monkeypatch.setattr(rechecks, "policy_of_case", policy)


def drawn() -> Recheck:
    made = case(region_code=HENAN, approved=True)
    rows: list[Recheck] = every(Recheck, application_id=made.id)
    assert len(rows) == 1
    return rows[0]


def test_the_office_above_finds_looks_and_agrees(app: Flask) -> None:
    found, office = drawn(), person(app, "province_reviewer", "410000")
    reference = stored(Application, found.application_id).reference
    assert reference in office.page("/rechecks/")
    shown = office.page(f"/rechecks/{found.id}")
    assert "申报与库内信息对照" in shown
    assert "审核机构 河南省郑州市" in shown
    answer = office.send(f"/rechecks/{found.id}", {"verdict": "agree"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/rechecks/")
    assert reference not in office.page("/rechecks/")
    assert reference in office.page("/rechecks/?show=checked")
    assert "同意" in office.page(f"/rechecks/{found.id}")


def test_what_was_typed_stays_when_a_reason_is_missing(app: Flask) -> None:
    found, office = drawn(), person(app, "province_reviewer", "410000")
    typed = {"verdict": "disagree", "note": "只有68学时"}
    answer = office.send(f"/rechecks/{found.id}", typed)
    assert answer.status_code == 422
    assert "请选择不同意的原因" in text(answer)
    assert "只有68学时" in answer.text
    answer = office.send(f"/rechecks/{found.id}", typed | {"reason_code": "hours"})
    assert answer.status_code == 302
    again = office.send(f"/rechecks/{found.id}", {"verdict": "agree"})
    assert again.status_code == 409


def test_the_office_below_reads_what_was_found_and_says_nothing(app: Flask) -> None:
    found = drawn()
    with acting(factories.actor("province_reviewer", "410000")):
        rechecks.check(found.id, "disagree", reason_code="hours", note="只有68学时")
    below = person(app, "city_reviewer", "410100")
    shown = below.page("/rechecks/?show=notes")
    assert "学时认定有误 只有68学时" in shown
    assert below.send(f"/rechecks/{found.id}", {"verdict": "agree"}).status_code == 409
    county = person(app, "county_reviewer", HENAN)
    assert "上级不同意的审核" in county.page("/rechecks/")
    assert county.client.get(f"/rechecks/{found.id}").status_code == 403


def test_administrators_above_read_the_figures(app: Flask) -> None:
    found = drawn()
    with acting(factories.actor("province_reviewer", "410000")):
        rechecks.check(found.id, "disagree", reason_code="materials")
    admin = person(app, "province_admin", "410000")
    shown = admin.page("/rechecks/figures")
    assert "河南省郑州市 1 1 1 100.0% 1" in shown
    assert "材料缺失或不清晰 1 100.0%" in shown
    assert "该时段没有抽中的申请" in admin.page("/rechecks/figures?first=2020-07-11")
    assert "/rechecks/figures" in admin.client.get("/").text
    assert admin.client.get("/rechecks/figures?first=x").status_code == 400
    turned = admin.page(f"/rechecks/figures?first={found.drawn_on}&last=2020-01-01")
    assert "河南省郑州市 1 1 1 100.0% 1" in turned, "two days are a span in either order"
    assert person(app, "county_admin", HENAN).client.get("/rechecks/figures").status_code == 403


def test_where_a_deleted_picture_was_stands_since_when(app: Flask) -> None:
    worker = factories.worker(HENAN)
    factories.qualification(worker)
    who = person(app, "applicant", HENAN, worker_id=worker.id)
    made = case(who.actor, region_code=HENAN, approved=True)
    card = every(Material, application_id=made.id, slot="id_front")[0].id
    with clock.frozen("2021-01-06T08:00"):
        assert retention.erase_due() == 1
        outbox.run_due()
    gone = "身份证正面照片 已按规定于2021-01-06删除"
    office = person(app, "city_reviewer", "410100")
    for page in (who.page(f"/applications/{made.id}"), office.page(f"/review/{made.id}")):
        assert gone in page
    for client in (who.client, office.client):
        answer = client.get(f"/materials/{card}")
        assert answer.status_code == 404
        assert "已按规定于2021-01-06删除" in text(answer)
        assert f"/materials/{card}" not in client.get(f"/review/{made.id}").text
    assert office.client.get(f"/applications/{made.id}/form.pdf").status_code == 200
