"""The auditor's desk: what happened in the region, who did it, and whether the record is whole."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app import clock
from app.services import measures
from models.application import Material
from models.certificate import Certificate
from models.event import Event
from tests.support import factories, tampering
from tests.support.cases import case, decide
from tests.support.factories import acting, every
from tests.support.tampering import act, change, remove
from tests.views.people import Person, person

HERE, THERE = "application:7", "application:8"


@pytest.fixture(autouse=True)
def _log(db: SQLAlchemy) -> Iterator[None]:
    act(HERE, "submit", "approve", region_code="410105")
    act(THERE, "submit", region_code="510107")
    with clock.frozen("2020-07-10T12:00"):
        yield


@pytest.fixture
def auditor(app: Flask) -> Person:
    return person(app, "auditor", "410000")


def test_an_auditor_sees_the_log_of_the_region_and_nothing_of_another(auditor: Person) -> None:
    shown = auditor.page("/events/list/")
    assert HERE in shown
    assert THERE not in shown
    assert "金水区" in shown
    assert "审核中 → 审核通过" in shown
    assert auditor.page(f"/events/chain/{THERE}", 404)
    csv = auditor.client.get("/events/export.csv").text
    assert HERE in csv
    assert THERE not in csv


def test_a_county_sees_less_and_the_nation_all(app: Flask) -> None:
    assert HERE not in person(app, "auditor", "410102").page("/events/list/")
    nation = person(app, "platform_admin", "000000").page("/events/list/")
    assert HERE in nation
    assert THERE in nation


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("subject=application:7", 2),
        ("subject=application:9", 0),
        ("verb=approve", 1),
        ("actor_name=张", 2),
        ("actor_name=李", 0),
        ("region_code=410105", 2),
        ("region_code=410100", 2),
        ("region_code=410102", 0),
        ("first=2020-07-10", 2),
        ("first=2020-07-11", 0),
        ("last=2020-07-10", 2),
        ("last=2020-07-09", 0),
        ("first=2020-07-10&last=2020-07-10&verb=submit", 1),
        ("reason=齐全", 2),
        ("reason=other", 2),
        ("reason=没有", 0),
    ],
)
def test_the_log_is_filtered(query: str, found: int, auditor: Person) -> None:
    answer = auditor.client.get(f"/events/list/?{query}")
    assert answer.status_code == 200
    assert answer.text.count(f'href="/events/chain/{HERE}"') == found
    rows = auditor.client.get(f"/events/export.csv?{query}").text.splitlines()[1:]
    assert len([line for line in rows if HERE in line]) == found


def test_a_case_and_a_certificate_are_found_by_their_number(app: Flask, auditor: Person) -> None:
    made = case(region_code="410105", approved=True)
    issued = every(Certificate)[0]
    for number, subject in (
        (made.reference.lower(), f"application:{made.id}"),
        (issued.number, f"certificate:{issued.id}"),
    ):
        assert subject in auditor.page(f"/events/list/?subject={number}")
    other = case(region_code="510107", submitted=True)
    assert "没有找到" in auditor.page(f"/events/list/?subject={other.reference}")
    assert "没有找到" in auditor.page("/events/list/?subject=2026-41-AAAA-AAAA")


def test_why_a_certificate_was_to_end_is_read_in_words(app: Flask, auditor: Person) -> None:
    case(region_code="410105", approved=True)
    with acting(factories.actor("province_admin", "410000")):
        given = {"reason_code": "fraud", "note": "代考，调查属实"}
        measures.propose(every(Certificate)[0].number, "revoke", given)
    shown = auditor.page("/events/list/?verb=propose_measure")
    assert "撤销: 代考，调查属实 以欺骗等不正当手段或虚假材料取得登记" in shown


def test_the_filters_that_hold_are_said_in_words(auditor: Person) -> None:
    shown = auditor.page("/events/list/?region_code=410105&verb=approve&first=2020-07-10")
    assert "地区: 河南省郑州市金水区" in shown
    assert "操作: 通过" in shown
    assert "起始日期: 2020-07-10" in shown


def test_a_word_alone_is_looked_for_in_the_last_days_and_the_page_says_so(
    auditor: Person,
) -> None:
    with clock.frozen("2020-09-10T12:00"):
        shown = auditor.page("/events/list/?reason=齐全")
        assert "只在最近 30 天的事由中查找" in shown
        assert HERE not in shown
        assert HERE in auditor.page("/events/list/?reason=齐全&first=2020-07-01")


@pytest.mark.parametrize("query", ["first=tomorrow", "region_code=4101", "digest=x"])
def test_what_is_no_filter_is_said(query: str, auditor: Person) -> None:
    assert auditor.client.get(f"/events/list/?{query}").status_code == 400


def test_long_lists_have_pages(app: Flask, auditor: Person) -> None:
    act("worker:1", *["update"] * 60)
    first = auditor.client.get("/events/list/")
    assert first.text.count("/events/chain/") == 50
    assert 'rel="next"' in first.text
    assert "共 62 条" in auditor.page("/events/list/")
    act("worker:2", *["update"] * 201)
    whole = auditor.client.get("/events/chain/worker:2").text
    assert 'rel="next" href="/events/chain/worker:2?after=200"' in whole
    last = auditor.client.get("/events/chain/worker:2?after=200").text
    assert 'rel="prev" href="/events/chain/worker:2"' in last
    assert 'rel="next"' not in last


def test_a_chain_tells_who_did_what_and_that_it_is_whole(auditor: Person) -> None:
    shown = auditor.page(f"/events/chain/{HERE}")
    for text in (
        "完整",
        "县（区）审核员",
        "192.0.2.1",
        "national@1",
        "材料齐全",
        "张三",
        "审核中 → 审核通过",
    ):
        assert text in shown, text


def test_a_broken_chain_says_which_row(auditor: Person, db: SQLAlchemy) -> None:
    change(db, HERE, 1, reason="另一个理由")
    shown = auditor.page(f"/events/chain/{HERE}")
    row = tampering.event(HERE, 1).id
    assert f"{HERE} 第 1 条（行 {row}）：内容与其封印不符，已被改动。" in shown
    assert "完整" not in shown
    assert shown.count("异常") == 1
    remove(db, HERE, 2)
    assert "最新的事件被删除或改动" in auditor.page(f"/events/chain/{HERE}")


def test_what_happened_elsewhere_is_counted_and_not_shown(app: Flask) -> None:
    act(HERE, "move_in", region_code="510107")
    shown = person(app, "auditor", "410000").page(f"/events/chain/{HERE}")
    assert "1 条发生在其他区域" in shown
    assert "完整" in shown
    assert "武侯" not in shown


def test_looks_at_a_case_lead_to_it_and_back(auditor: Person) -> None:
    assert "谁看过材料" not in auditor.page(f"/events/chain/{HERE}")
    act(f"looks:{HERE}", "look")
    assert f'href="/events/chain/looks:{HERE}"' in auditor.client.get(f"/events/chain/{HERE}").text
    back = auditor.client.get(f"/events/chain/looks:{HERE}")
    assert f'href="/events/chain/{HERE}"' in back.text


def test_taking_the_log_away_is_on_record_too(auditor: Person) -> None:
    assert auditor.client.get("/events/export.csv?verb=submit").status_code == 200
    (told,) = factories.every(Event, verb="export")
    assert (told.subject, told.reason) == ("export:events:410000", "verb eq submit")
    assert told.actor_id == auditor.actor.account_id


def test_a_list_that_is_taken_away_is_on_record(app: Flask) -> None:
    admin = person(app, "county_admin", "410105")
    assert admin.client.get("/workers/export.csv?name=王").status_code == 200
    (told,) = factories.every(Event, verb="export")
    assert (told.subject, told.reason) == ("export:workers:410105", "name sw 王")
    assert admin.client.get("/workers/export.csv?phone=1").status_code == 400
    assert len(factories.every(Event, verb="export")) == 1


@pytest.mark.parametrize("role", ["county_admin", "county_reviewer", "province_admin"])
def test_whoever_is_on_record_does_not_read_it(role: str, app: Flask) -> None:
    region = "410000" if role == "province_admin" else "410105"
    who = person(app, role, region)
    for path in ("/events/list/", f"/events/chain/{HERE}", "/events/export.csv"):
        assert who.client.get(path).status_code == 403


def test_materials_and_codes_of_reasons_are_read_in_words(app: Flask, auditor: Person) -> None:
    made = case(region_code="410105", submitted=True)
    decide(made.id, "reject", reason_code="picture_unclear")
    shown = auditor.page(f"/events/chain/application:{made.id}")
    assert f"申请 {made.id} 完整 application:{made.id}" in shown
    assert "身份证正面照片" in shown
    assert "图片不清晰" in shown
    assert "id_front" not in shown
    assert "picture_unclear" not in shown
    reviewer = person(app, "county_reviewer", "410105")
    (card,) = every(Material, application_id=made.id, slot="id_front")
    reviewer.client.get(f"/materials/{card.id}")
    assert f"身份证正面照片 · 文件 {card.id}" in auditor.page("/events/list/?verb=look")
