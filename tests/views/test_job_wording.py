"""What pages say to people: names instead of keys, words instead of codes, numbers as one writes
them."""

import re
from datetime import date

from flask import Flask

from app import clock
from models.codes import (
    CERTIFICATE_STATES,
    DELIVERY_STATES,
    REGISTRATION_STATES,
    REQUEST_STATES,
)
from models.event import STATES, Event
from models.publication import Contact
from tests.support import factories, registered
from tests.support.cases import case
from tests.support.factories import every
from tests.support.portal import Client
from tests.views.people import applicant, person

HENAN = "410105"


def test_each_telephone_of_a_contact_is_dialled_by_itself(client: Client) -> None:
    facts = {"title": "协会", "position": 1, "state": "published", "region_code": "110000"}
    factories.keep(Contact(telephone="58163934、58163924， 010-5816", **facts))
    page = client.get("/help").text
    for number in ("58163934", "58163924", "010-5816"):
        assert f'href="tel:{number}"' in page


def test_a_registration_is_called_by_its_worker_and_its_kind(app: Flask) -> None:
    worker = registered.somebody(region_code=HENAN)
    key = registered.registration(worker, 2019).id
    page = person(app, "county_reviewer", HENAN).client.get(f"/registrations/show/{key}")
    assert f"{worker.name} · 首次登记" in page.text.partition("<title>")[2].partition("</title>")[0]


def test_hours_are_written_without_a_needless_zero(app: Flask) -> None:
    worker = registered.somebody(region_code=HENAN)
    registered.hours(worker, date(2019, 5, 6), 12)
    shown = person(app, "county_reviewer", HENAN).page("/credits/list/")
    assert "2019-05-06 12 " in shown
    assert "12.0" not in shown


def test_a_list_without_rows_counts_nothing_and_one_that_takes_more_offers_it(app: Flask) -> None:
    office = person(app, "county_admin", HENAN)
    assert 'class="table-foot"' not in office.client.get("/corrections/").text
    assert office.client.get("/credits/list/").text.count('href="/credits/add"') == 2


def test_the_filters_of_a_list_that_was_taken_away_are_said_in_words(app: Flask) -> None:
    office = person(app, "county_admin", HENAN)
    worker = factories.worker(HENAN)
    office.client.get(f"/credits/export.csv?worker_id={worker.id}&state=accepted")
    [event] = every(Event, verb="export")
    shown = person(app, "auditor", HENAN).page("/events/list/")
    assert f"社会工作者 = {worker.id}" in shown
    assert "已认定" in shown
    assert event.reason not in shown


def test_the_console_speaks_in_words(app: Flask) -> None:
    platform = person(app, "platform_admin", "000000")
    assert "短信" in platform.page("/console/messagetemplate/?page_size=50")
    assert "110000 北京市 省 000000" in platform.page("/console/region/?page_size=50")
    assert "Created At" not in platform.page("/console/dictionary/details/?id=1")
    entries = platform.page("/console/dictionary/edit/?id=1")
    assert "条目 1" in entries
    assert "Position" not in entries
    region = platform.client.get("/console/region/edit/?id=110000").text
    assert '<option selected value="province">省</option>' in region
    assert 'data-role="select2"' not in region
    new = {"code": "119100", "name": "某市", "level": "city", "parent_code": "110000"}
    assert platform.send("/console/region/new/", new).status_code == 302
    assert "119100 某市 市 110000" in platform.page("/console/region/?search=某市")
    template = platform.client.get("/console/messagetemplate/edit/?id=1").text
    assert '<textarea class="form-control" id="body_zh"' in template


def test_the_ways_of_an_account_lead_back_to_it(app: Flask) -> None:
    who = person(app, "applicant", HENAN, worker_id=factories.worker(HENAN).id)
    for path in ("/account/password", "/account/phone", "/account/identity"):
        assert '<a href="/account/">' in who.client.get(path).text
    assert '<a href="/centre/">' in who.client.get("/account/").text


def test_nobody_is_offered_to_confirm_what_is_their_own(app: Flask) -> None:
    first, second = person(app, "province_admin", "410000"), person(app, "province_admin", "410000")
    facts = {"title": "通知", "issuer": "民政厅", "issued_on": "2020-07-01", "body": "正文"}
    made = first.send("/notices/add", {**facts, "region_code": "410000"})
    page = made.location
    key = page.rpartition("/")[2]
    first.send(f"/notices/act?ids={key}", {"action": "propose"})
    assert "确认并发布" not in first.page(page)
    assert "撤回" in first.page(page)
    assert "确认并发布" in second.page(page)


def test_a_form_begins_with_one_s_own_region_and_leads_back_to_the_row(app: Flask) -> None:
    office = person(app, "county_admin", HENAN)
    worker = factories.worker(HENAN)
    assert (
        f'name="region_code" type="text" value="{HENAN}"' in office.client.get("/workers/add").text
    )
    page = office.client.get(f"/workers/edit/{worker.id}").text
    assert page.count(f'href="/workers/show/{worker.id}"') == 2


def test_bj_13_the_countdown_on_the_page_of_a_kind_is_that_kind_s(app: Flask) -> None:
    who = applicant(app)
    assert "距本次登记截止日期" in who.page("/apply/first")
    assert "距本次登记截止日期" not in who.page("/apply/renewal?region=other")


def test_every_state_that_the_log_keeps_has_a_word() -> None:
    kept = {*REQUEST_STATES, *DELIVERY_STATES, *REGISTRATION_STATES, *CERTIFICATE_STATES}
    assert kept <= set(STATES)


def test_what_a_return_leaves_locked_is_read_in_words(app: Flask) -> None:
    who = applicant(app, HENAN)
    key = case(who.actor, region_code=HENAN, returned=True).id
    locked = re.findall(
        r'value="([^"]*)" readonly', who.client.get(f"/applications/{key}/form").text
    )
    assert locked
    assert not [
        value for value in locked if "[" in value or re.fullmatch(r"[a-z_]+|True|False", value)
    ]


def test_what_a_return_leaves_locked_is_read_whole_and_not_explained(app: Flask) -> None:
    who = applicant(app, HENAN)
    key = case(who.actor, region_code=HENAN, returned=True).id
    page = who.client.get(f"/applications/{key}/form").text
    assert re.search(r'id="f-work_experience"[^>]*readonly[^>]*>2015-03至今.*</textarea>', page)
    assert "每行一段" not in page
    assert page.count("需补正</small>") == 2  # the part of a field, and the materials


def test_the_region_of_a_draft_is_changed_from_where_it_stands(app: Flask) -> None:
    who = applicant(app)
    page = who.client.get(f"/applications/{case(who.actor).id}/form").text
    box = page.partition('data-field="region_code"')[2].partition("data-field=")[0]
    assert "/apply/first?region=other" in box
    assert "不可修改" not in box


def test_the_form_of_a_new_row_begins_with_what_the_row_would_be_given(app: Flask) -> None:
    office = person(app, "province_admin", "410000")
    notice = office.client.get("/notices/add").text
    assert f'type="date" value="{clock.today()}"' in notice
    unit = office.client.get("/organizations/add?active=false").text
    assert re.search(r'name="active" value="false"[^>]* checked', unit)
    credit = person(app, "county_admin", HENAN).client.get("/credits/add").text
    assert re.search(r'value="pending"[^>]* checked', credit)
    assert re.search(r'name="hours" type="text" value=""', credit)  # a figure is its writer's
