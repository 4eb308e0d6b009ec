"""The home page, the guide, what is published, and where a sign-in leads."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from app import clock
from app.documents import manual
from app.documents.manual import TEXT as MANUAL
from models.publication import Document, Notice
from tests.support import factories, registered
from tests.support.cases import case
from tests.support.portal import Client
from tests.views.people import applicant, person, text

FOUR = ("首登记", "再登记", "补登记", "补证")


def test_bj_14_visitors_see_every_entry_the_open_window_and_its_last_days(client: Client) -> None:
    shown = text(client.get("/"))
    assert all(kind in shown for kind in FOUR)
    assert "2020年首次登记：2020年7月1日至2020年7月31日" in shown
    assert "还有 21 天" in shown
    assert shown.count("另行通知") == 3


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2020-06-30T23:59:59", "2020-07-01 开始受理"),
        ("2020-07-31T23:59:59", "今天截止"),
        ("2020-08-01T00:00:00", "已截止"),
    ],
)
def test_ba_03_the_entry_follows_the_window(client: Client, at: str, said: str) -> None:
    with clock.frozen(at):
        shown = text(client.get("/"))
    assert said in shown
    assert "还有" not in shown


def test_bj_13_the_countdown_is_for_those_who_may_apply(app: Flask) -> None:
    sentence = "距本次登记截止日期还有 21天，请您及时填写登记申请表。"
    assert sentence in applicant(app).page("/centre/")
    assert sentence not in applicant(app, exam_year=2018).page("/centre/")


def test_the_kind_that_is_always_open_is_offered_before_all_else(app: Flask) -> None:
    who = applicant(app, "510107")
    assert "您现在可以办理：首次登记" in who.page("/centre/")
    case(who.actor, region_code="510107", submitted=True)
    assert "您现在可以办理" not in who.page("/centre/")


def test_bj_13_nobody_who_has_submitted_is_reminded(app: Flask) -> None:
    who = applicant(app)
    case(who.actor, submitted=True)
    shown = who.page("/centre/")
    assert "距本次登记截止日期" not in shown
    assert "待审核" in shown
    assert "等待审核 2020-07-10 09:00 · 北京社会工作者协会" in shown


def test_bj_14_a_closed_entry_gives_each_failing_rule_with_its_numbers(app: Flask) -> None:
    shown = applicant(app, exam_year=2018).page("/centre/")
    assert "您于2018年通过考试；本次登记面向2019年通过考试的人员，请待补证通知。" in shown
    assert shown.count("另行通知，目前尚未开放") == 3


def test_bj_15_the_guide_tells_the_way_and_leads_back_to_the_entries(client: Client) -> None:
    answer = client.get("/guide")
    shown = text(answer)
    assert "我要登记" in shown
    assert "勾选“我保证上述所填信息均真实有效”后提交" in shown
    assert 'href="/start"' in answer.text
    assert client.get("/start").headers["Location"].startswith("/login/")


@pytest.mark.parametrize(
    ("role", "region_code", "desk"),
    [
        ("body_reviewer", "110000", "/review/"),
        ("county_reviewer", "410105", "/review/"),
        ("county_admin", "410105", "/workers/list/"),
        ("auditor", "410000", "/events/list/"),
        ("platform_admin", "000000", "/accounts/list/"),
        ("organization", "410105", "/"),
    ],
)
def test_a_sign_in_leads_to_the_desk_of_the_role(
    app: Flask, role: str, region_code: str, desk: str
) -> None:
    who = person(app, role, region_code)
    assert who.client.get("/start").headers["Location"] == desk
    assert who.client.get(desk).status_code == 200


def test_bj_12_an_applicant_lands_in_the_personal_centre(app: Flask, client: Client) -> None:
    worker = factories.worker()
    account = factories.account("applicant", "110105", worker_id=worker.id)
    data = {"username": account.username, "password": factories.PASSWORD}
    landed = client.submit("/login/", data)
    assert landed.headers["Location"] == "/start"
    assert client.get("/start").headers["Location"] == "/centre/"


def test_bj_08_a_deep_link_goes_on_after_the_sign_in(app: Flask, client: Client) -> None:
    asked = client.get("/apply/first").headers["Location"]
    assert asked == "/login/?next=/apply/first"


@pytest.fixture
def notice() -> Callable[..., Notice]:
    """A notice of an office in a state."""

    def made(region_code: str, state: str) -> Notice:
        facts = {"title": f"{region_code} {state}", "issuer": "民政局", "body": "正文\n第二段"}
        row = Notice(region_code=region_code, state=state, issued_on=clock.today(), **facts)
        return factories.keep(row)

    return made


def test_bj_60_only_what_is_published_for_the_region_is_read(
    app: Flask, client: Client, notice: Callable[..., Notice]
) -> None:
    drafted, out = notice("110000", "draft"), notice("110000", "published")
    elsewhere = notice("410000", "published")
    who = applicant(app)
    shown = who.page("/notices/")
    assert out.title in shown
    assert drafted.title not in shown
    assert elsewhere.title not in shown
    assert elsewhere.title in text(client.get("/notices/"))
    assert "第二段" in who.page(f"/notice/{out.id}")
    assert who.client.get(f"/notice/{elsewhere.id}").status_code == 404
    assert client.get(f"/notice/{drafted.id}").status_code == 404


def test_ba_28_the_announcement_is_dated_signed_and_linked(client: Client) -> None:
    answer = client.get("/notice/1")
    assert "北京市民政局 · 2020-06-29" in text(answer)
    assert 'href="http://link.233.com/14549/art/2020/6/29/art_371_523184.html"' in answer.text


def test_a_link_that_is_no_address_is_not_followed(client: Client) -> None:
    facts = {"title": "公告", "issuer": "民政局", "body": "正文", "link": "javascript:alert(1)"}
    row = Notice(region_code="110000", state="published", issued_on=clock.today(), **facts)
    assert "javascript:" not in client.get(f"/notice/{factories.keep(row).id}").text


def test_an_office_is_led_from_the_entries_to_the_guide_and_a_visitor_to_the_form(
    app: Flask, client: Client
) -> None:
    office = person(app, "county_reviewer", "110105").client.get("/").text
    assert 'href="/guide/beijing/first"' in office
    assert "/apply/first" not in office
    assert "/apply/first" in client.get("/").text


def test_bj_53_ba_24_x_08_help_names_the_browsers_and_shuts_none_out(client: Client) -> None:
    shown = text(client.get("/help", headers={"User-Agent": "MSIE 11.0"}))
    for browser in ("Chrome", "Firefox", "微信"):
        assert browser in shown
    assert "/manual.pdf" in client.get("/help").text


def test_cd_54_the_manual_tells_its_versions() -> None:
    kinds = [(block["kind"], block["text"]) for block in manual.blocks(MANUAL.read_text("utf-8"))]
    versions = kinds[kinds.index(("heading", "修订记录")) + 1 :]
    assert versions
    assert all(re.match(r"\d{4}-\d\d-\d\d V\d+\.\d+ \S+", text) for _, text in versions)


def test_ba_27_help_names_whom_to_ask_about_what(client: Client) -> None:
    shown = text(client.get("/help"))
    assert "北京北大软件工程股份有限公司" in shown
    assert "4000121860" in shown
    assert "刘主任" in shown
    assert "bjshgzzxh@163.com" in shown


@pytest.mark.parametrize("page", ["0", "-1", "999999999999", "x", "2"])
def test_a_page_number_that_is_none_is_the_first_or_an_empty_one(client: Client, page: str) -> None:
    answer = client.get(f"/notices/?page={page}")
    assert answer.status_code == 200
    assert ("首次登记工作的公告" in answer.text) == (page != "2")


def test_the_probes_say_whether_the_portal_can_work(app: Flask, client: Client) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json() == {"status": "ok", "database": True, "storage": True}


def test_a_portal_without_its_storage_is_not_ready(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.extensions["files"], "healthy", lambda: False)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json() == {"status": "not ready", "database": True, "storage": False}


def test_bj_01_the_six_modules_stand_in_the_order_of_the_manual(client: Client) -> None:
    menu = re.search(r"<nav[^>]*>.*?</nav>", client.get("/").text, re.S)
    assert menu
    labels = re.findall(r'<a[^>]*href="/[^"#]*"[^>]*>\s*([^<]+?)\s*<', menu[0])
    six = ["首页", "通知公告", "政策文件", "继续教育", "社会服务项目", "个人中心"]
    assert [label for label in labels if label in six] == six


MODULES = {"policy": "/documents/", "education": "/education/", "project": "/projects/"}


@pytest.mark.parametrize("module", MODULES)
def test_bj_60_a_document_stands_in_its_module_alone_and_a_draft_in_none(
    client: Client, module: str
) -> None:
    facts = {"region_code": "110000", "issued_on": clock.today(), "body": "正文"}
    for state in ("published", "draft"):
        title = f"甲 {state}"
        factories.keep(Document(title=title, module=module, state=state, **facts))
    for other, path in MODULES.items():
        shown = text(client.get(path))
        assert ("甲 published" in shown) == (other == module)
        assert "甲 draft" not in shown


def test_bj_59_a_course_leads_to_where_it_is_taken_beside_one_s_own_hours(
    app: Flask, client: Client
) -> None:
    facts = {"region_code": "000000", "issued_on": clock.today(), "body": "在线学习"}
    course = Document(
        title="职业伦理", module="education", state="published", link="https://x.test/a", **facts
    )
    key = factories.keep(course).id
    assert 'href="https://x.test/a"' in client.get(f"/document/{key}").text
    assert "职业伦理" in text(client.get("/education/"))
    assert "本周期学时" not in text(client.get("/education/"))
    worker = registered.somebody(region_code="410105")
    registered.registration(worker, 2017, valid_until=date(2020, 9, 30))
    registered.hours(worker, date(2019, 5, 6), 12)
    who = person(app, "applicant", "410105", worker_id=worker.id)
    shown = who.page("/education/")
    assert "职业伦理" in shown
    assert "本周期学时 12 / " in shown


def test_the_hours_that_are_missing_are_told_with_the_day_by_which_they_count(app: Flask) -> None:
    worker = registered.somebody(region_code="410105")
    registered.registration(worker, 2018, valid_until=date(2021, 9, 30))
    registered.hours(worker, date(2019, 5, 6), 12)
    who = person(app, "applicant", "410105", worker_id=worker.id)
    assert "还差60学时，请于2021年9月30日前完成" in who.page("/centre/")


@pytest.mark.parametrize(("last", "meter"), [(2017, True), (2014, False)])
def test_bj_44_the_meter_shows_one_turn_and_leaves_several_to_the_words(
    app: Flask, last: int, meter: bool
) -> None:
    worker = registered.somebody(last - 1)
    registered.registration(worker, last)
    who = person(app, "applicant", "110105", worker_id=worker.id)
    assert ("本周期学时 0 / 72" in who.page("/education/")) is meter


def test_bj_60_every_edition_of_a_manual_stays_to_be_read_with_its_day(client: Client) -> None:
    for edition, day in (("V1.1", "2024-06-01"), ("V1.2", "2025-01-10")):
        factories.keep(
            Document(
                title="操作手册",
                edition=edition,
                issued_on=date.fromisoformat(day),
                body=f"{edition} 的变化",
                state="published",
                region_code="510100",
            )
        )
    shown = text(client.get("/documents/"))
    assert shown.index("V1.2 2025-01-10") < shown.index("V1.1 2024-06-01")
