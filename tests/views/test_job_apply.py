"""Filling in and submitting, in a browser without and with a script."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.scope import as_system
from app.services import applications
from models.application import Application, Material, Submission
from tests.support import profiled
from tests.support.cases import answers, case, filled, picture
from tests.support.factories import acting, stored
from tests.views.people import Person, applicant, person, text

SUBMITTED = "您的登记申请表已提交，请耐心等待审核结果..."


def begun(who: Person) -> int:
    """The key of a draft that the person began at the entry."""
    answer = who.send("/apply/first", {"region_code": "110105"})
    return int(answer.headers["Location"].split("/")[2])


def sent(who: Person, key: int, files: dict[str, bytes], **data: Any) -> Any:
    """The form posted as a browser without a script does it: fields and pictures together."""
    attached = {name: (io.BytesIO(blob), f"{name}.jpg") for name, blob in files.items()}
    return who.send(f"/applications/{key}/form", {**data, **attached})


def agreed(who: Person, key: int, **data: Any) -> Any:
    """The last look sent off, with the declaration ticked unless it is said otherwise."""
    return who.send(f"/applications/{key}/check", {"consent_truth": "yes", **data})


def typed(who: Person, key: int, **changed: Any) -> dict[str, Any]:
    """Right answers to every open question."""
    with acting(who.actor):
        return answers(applications.form_of(stored(Application, key)), **changed)


def pictures(who: Person, key: int) -> dict[str, bytes]:
    """A picture for every slot."""
    with acting(who.actor):
        form = applications.form_of(stored(Application, key))
    return {one.slot.name: picture() for one in form.slots}


def test_ba_29_looking_at_the_entry_begins_nothing(app: Flask) -> None:
    who = applicant(app)
    shown = who.page("/apply/first")
    assert "两寸免冠照片" in shown
    assert "尚未提交" not in who.page("/applications/mine")
    assert who.page("/apply/first") == shown


def test_ba_18_the_entry_leads_back_to_the_same_draft(app: Flask) -> None:
    who = applicant(app)
    key = begun(who)
    assert begun(who) == key
    assert who.client.get("/apply/first").headers["Location"] == f"/applications/{key}/form"


def test_bj_10_a_phone_and_a_computer_get_the_same_form(app: Flask) -> None:
    who = applicant(app)
    key = case(who.actor).id
    agents = ("Mozilla/5.0 (iPhone) MicroMessenger/8.0", "Mozilla/5.0 (X11; Linux x86_64)")
    asked = [
        re.findall(
            r'name="([a-z_]+)"',
            who.client.get(f"/applications/{key}/form", headers={"User-Agent": agent}).text,
        )
        for agent in agents
    ]
    assert asked[0] == asked[1]
    assert {"major", "id_front", "action"} <= set(asked[0])


def test_ba_13_identity_and_management_number_are_shown_locked(app: Flask) -> None:
    who = applicant(app)
    key = begun(who)
    page = who.client.get(f"/applications/{key}/form").text
    assert 'name="id_number"' not in page
    assert 'name="management_number"' not in page
    sent(who, key, {}, id_number="110105199001010000", management_number="1", action="save")
    assert stored(Application, key).form["management_number"] != "1"


def test_ba_18_an_incomplete_draft_is_saved_and_read_again(app: Flask) -> None:
    who = applicant(app)
    key = begun(who)
    answer = sent(who, key, {"id_front": picture()}, major="社会工作", action="save")
    assert answer.headers["Location"] == f"/applications/{key}/form?saved=1"
    page = who.client.get(answer.headers["Location"]).text
    assert 'value="社会工作"' in page
    assert "已于 09:00 保存" in page
    assert page.count('src="/materials/') == 1
    assert "已保存" in who.page("/centre/")


def test_a_refused_picture_names_its_rule_and_loses_nothing_else(app: Flask) -> None:
    who = applicant(app)
    key = begun(who)
    files = {"id_front": picture(), "portrait": picture(200, 200)}
    answer = sent(who, key, files, major="社会工作", action="save")
    assert answer.status_code == 422
    assert "宽413×高626" in text(answer)
    assert 'value="社会工作"' in answer.text
    assert stored(Application, key).form["major"] == "社会工作"
    again = who.client.get(f"/applications/{key}/form").text
    assert again.count('src="/materials/') == 1


def test_bj_25_a_submission_names_every_missing_field_and_picture(app: Flask) -> None:
    who = applicant(app)
    key = begun(who)
    answer = sent(who, key, {}, major="社会工作", action="submit")
    assert answer.status_code == 422
    shown = text(answer)
    assert re.search("联系地址[:：]", shown)
    assert "请上传身份证反面照片" in shown
    assert 'href="#f-address"' in answer.text
    assert 'value="社会工作"' in answer.text
    assert stored(Application, key).state == "draft"


def test_ba_20_the_whole_form_in_one_post_one_look_and_the_exact_words_after_it(
    app: Flask,
) -> None:
    who = applicant(app)
    key = begun(who)
    answer = sent(who, key, pictures(who, key), **typed(who, key), action="submit")
    assert answer.headers["Location"] == f"/applications/{key}/check"
    assert stored(Application, key).state == "draft"
    assert agreed(who, key).headers["Location"] == f"/applications/{key}"
    assert SUBMITTED in who.client.get(f"/applications/{key}").text
    assert stored(Application, key).state == "in_review"


def test_ba_17_without_the_tick_nothing_is_submitted(app: Flask) -> None:
    who = applicant(app)
    key = whole(who)
    answer = agreed(who, key, consent_truth="")
    assert answer.status_code == 422
    assert "请阅读并勾选声明" in text(answer)
    assert 'href="#f-consent_truth"' in answer.text
    assert stored(Application, key).state == "draft"


def whole(who: Person) -> int:
    """The key of a draft that lacks nothing but the last look."""
    key = begun(who)
    sent(who, key, pictures(who, key), **typed(who, key), action="save")
    return key


def test_ba_26_the_last_look_shows_everything_as_it_will_be_sent(app: Flask) -> None:
    who = applicant(app)
    key = whole(who)
    page = who.client.get(f"/applications/{key}/check").text
    shown = who.page(f"/applications/{key}/check")
    for said in ("社会工作", "建国路", "身份证反面照片", "提交后不可修改和撤回"):
        assert said in shown
    assert page.count('<img src="/materials/') == 4
    assert f'href="/applications/{key}/form#s-person"' in page
    assert f'href="/applications/{key}/form#s-materials"' in page
    assert 'name="consent_truth"' in page
    assert '<input type="file"' not in page


def test_bj_25_the_last_look_of_what_is_incomplete_leads_back_to_what_is_missing(
    app: Flask,
) -> None:
    who = applicant(app)
    key = begun(who)
    for answer in (who.client.get(f"/applications/{key}/check"), agreed(who, key)):
        assert answer.headers["Location"] == f"/applications/{key}/form?check=1"
    page = who.client.get(f"/applications/{key}/form?check=1").text
    assert 'href="#f-address"' in page
    assert 'href="#f-id_back"' in page
    assert "summary" not in who.client.get(f"/applications/{key}/form").text.split("<main")[1]


def test_what_another_window_changed_is_looked_over_again_before_it_is_sent(app: Flask) -> None:
    who = applicant(app)
    key = whole(who)
    version = stored(Application, key).version
    changed = typed(who, key, major="另一窗口")
    who.send(f"/applications/{key}/draft", {**changed, "version": version})
    late = agreed(who, key, version=version)
    assert late.status_code == 409
    assert "另一窗口" in text(late)
    assert stored(Application, key).state == "draft"
    assert agreed(who, key, version=version + 1).status_code == 302
    assert stored(Application, key).form["major"] == "另一窗口"


def test_a_second_click_submits_once_and_arrives_at_the_same_page(app: Flask) -> None:
    who = applicant(app)
    key = whole(who)
    version = stored(Application, key).version
    places = [agreed(who, key, version=version).headers["Location"] for _ in range(2)]
    assert places == [f"/applications/{key}"] * 2
    with as_system("a test looks") as session:
        assert session.scalars(select(Submission.turn).filter_by(application_id=key)).all() == [1]
    assert who.client.get(f"/applications/{key}/check").headers["Location"] == places[0]


def test_nobody_looks_over_or_submits_another_person_s_form(app: Flask) -> None:
    mine, other = applicant(app), applicant(app)
    key = whole(mine)
    assert other.client.get(f"/applications/{key}/check").status_code == 404
    assert agreed(other, key).status_code == 404
    assert stored(Application, key).state == "draft"


def test_ba_19_after_the_submission_nothing_can_be_typed_uploaded_or_taken_back(
    app: Flask,
) -> None:
    who = applicant(app)
    key = case(who.actor, submitted=True).id
    before = stored(Application, key)
    assert who.client.get(f"/applications/{key}/form").headers["Location"] == f"/applications/{key}"
    sent(who, key, {}, major="别的", action="save")
    who.send(f"/applications/{key}/withdrawal", {})
    late = who.send(
        f"/applications/{key}/materials/id_front", {"id_front": (io.BytesIO(picture()), "a.jpg")}
    )
    assert late.status_code == 409
    assert "提交后信息不可修改和撤回" in late.get_json()["message"]
    after = stored(Application, key)
    assert (after.state, after.form, after.version) == ("in_review", before.form, before.version)


def test_ba_18_autosave_answers_the_version_to_go_on_with(app: Flask) -> None:
    who = applicant(app)
    key = begun(who)
    version = stored(Application, key).version
    data = {"major": "社会工作", "version": version}
    answer = who.send(f"/applications/{key}/draft", data).get_json()
    assert (answer["version"], answer["saved"]) == (version + 1, "已于 09:00 保存")
    assert (answer["missing"]["person"], answer["missing"]["materials"]) == (4, 4)
    stale = who.send(f"/applications/{key}/draft", {"major": "旧", "version": version})
    assert stale.status_code == 409
    assert stale.get_json()["code"] == "stale"
    assert "另一窗口保存过" in stale.get_json()["message"]
    assert stored(Application, key).form["major"] == "社会工作"


def test_a_form_that_is_stale_keeps_what_was_typed_on_the_screen(app: Flask) -> None:
    who = applicant(app)
    key = begun(who)
    version = stored(Application, key).version
    sent(who, key, {}, major="第一", action="save", version=version)
    answer = sent(who, key, {}, major="第二", action="save", version=version)
    assert answer.status_code == 409
    assert 'value="第二"' in answer.text
    assert "另一窗口已保存：第一" in text(answer)
    assert "仍在本页" in text(answer)
    assert 'href="#f-major"' in answer.text
    assert f'name="version" value="{version + 1}"' in answer.text
    assert stored(Application, key).form["major"] == "第一"


def test_ba_16_a_picture_is_uploaded_at_once_and_replaced(app: Flask) -> None:
    who = applicant(app)
    key = begun(who)
    path = f"/applications/{key}/materials/portrait"
    first = who.send(path, {"portrait": (io.BytesIO(picture()), "我.jpg")}).get_json()
    swapped = who.send(path, {"portrait": (io.BytesIO(picture(626, 413)), "b.jpg")}).get_json()
    assert first["url"] != swapped["url"]
    assert (first["width"], first["height"], first["warnings"]) == (413, 626, [])
    assert "413" in swapped["warnings"][0]
    page = who.client.get(f"/applications/{key}/form").text
    assert swapped["url"] in page
    assert first["url"] not in page


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", 422), (b"GIF89a" + b"0" * 50, 422), (picture()[:-200], 422)],
    ids=["empty", "no picture", "truncated"],
)
def test_a_file_that_is_no_picture_is_refused_with_a_sentence(
    app: Flask, data: bytes, code: int
) -> None:
    who = applicant(app)
    key = begun(who)
    path = f"/applications/{key}/materials/id_front"
    answer = who.send(path, {"id_front": (io.BytesIO(data), "a.jpg")})
    assert answer.status_code == code
    assert answer.get_json()["message"].endswith("。")
    assert 'src="/materials/' not in who.client.get(f"/applications/{key}/form").text


def test_ba_07_a_megabyte_is_in_and_one_byte_more_is_out(app: Flask) -> None:
    who = applicant(app)
    key = begun(who)
    path = f"/applications/{key}/materials/id_front"
    whole = picture() + b"\0" * (1_048_576 - len(picture()))
    assert who.send(path, {"id_front": (io.BytesIO(whole), "a.jpg")}).status_code == 200
    over = who.send(path, {"id_front": (io.BytesIO(whole + b"\0"), "a.jpg")})
    assert over.status_code == 422
    assert "1,048,576" in over.get_json()["message"].replace(" ", "")


def test_a_body_beyond_all_limits_is_refused_in_words(app: Flask) -> None:
    who = applicant(app)
    key = begun(who)
    answer = who.send(f"/applications/{key}/form", {"major": "x" * 70_000_000})
    assert answer.status_code == 413
    assert stored(Application, key).form.get("major") is None


def test_a_field_that_nobody_types_so_long_is_not_kept(app: Flask) -> None:
    who = applicant(app)
    key = begun(who)
    assert sent(who, key, {}, major="x" * 5001, action="save").status_code == 413
    assert sent(who, key, {}, address="x" * 5000, action="save").status_code == 302
    assert len(stored(Application, key).form["address"]) == 5000


def test_a_region_that_is_none_is_shown_back_and_breaks_nothing(app: Flask) -> None:
    who = applicant(app)
    key = begun(who)
    data = typed(who, key, delivery_region="zz") | {"action": "submit"}
    answer = sent(who, key, pictures(who, key), **data)
    assert answer.status_code == 422
    assert "delivery_region" in answer.text
    assert 'value="zz"' in who.client.get(f"/applications/{key}/form").text


def test_another_person_reaches_neither_form_nor_pictures(app: Flask) -> None:
    mine, other = applicant(app), applicant(app)
    with acting(mine.actor):
        key = filled("110105").id
    url = stored_picture(key)
    assert mine.client.get(url).status_code == 200
    for path in (f"/applications/{key}/form", f"/applications/{key}", url):
        assert other.client.get(path).status_code == 404
    assert other.client.get(f"/applications/{key}/form.pdf").status_code == 404
    assert sent(other, key, {}, major="别人", action="save").status_code == 404
    assert stored(Application, key).form["major"] == "社会工作"


def stored_picture(key: int) -> str:
    """The address of one picture of a case."""
    with as_system("a test looks") as session:
        return f"/materials/{session.scalar(select(Material.id).filter_by(application_id=key))}"


def test_pictures_are_for_the_offices_of_the_region_alone_and_never_cached_by_others(
    app: Flask,
) -> None:
    key = case(submitted=True).id
    url = stored_picture(key)
    inside = person(app, "body_reviewer", "110000").client.get(url)
    assert inside.headers["Content-Type"] == "image/jpeg"
    assert inside.headers["X-Content-Type-Options"] == "nosniff"
    assert inside.headers["Cache-Control"].startswith("private")
    assert person(app, "county_reviewer", "410105").client.get(url).status_code == 404
    assert person(app, "auditor", "110000").client.get(url).status_code == 403
    assert app.test_client().get(url).status_code == 302


def test_an_office_has_no_form_to_fill_in(app: Flask) -> None:
    key = case(submitted=True).id
    office = person(app, "body_reviewer", "110000")
    assert office.client.get("/apply/first").status_code == 403
    assert office.client.get(f"/applications/{key}/form").status_code == 403
    assert sent(office, key, {}, major="x", action="save").status_code == 403


def test_ba_06_a_kind_that_is_to_be_announced_says_so(app: Flask) -> None:
    who = applicant(app)
    assert "再登记工作另行通知，目前尚未开放。" in who.page("/apply/renewal")
    assert who.client.get("/apply/unheard").status_code == 404
    refused = who.send("/apply/renewal", {})
    assert refused.status_code == 422
    assert "另行通知" in text(refused)


def test_ba_03_the_day_after_the_window_the_entry_is_closed_to_new_and_begun(app: Flask) -> None:
    who = applicant(app)
    key = begun(who)
    with clock.frozen("2020-08-01T00:00:00"):
        data = typed(who, key) | {"action": "submit"}
        answer = sent(who, key, pictures(who, key), **data)
        late = applicant(app)
        assert "2020年7月1日至2020年7月31日" in late.page("/apply/first")
    assert answer.status_code == 422
    assert "不在登记时间内" in text(answer)
    assert stored(Application, key).state == "draft"


def test_the_region_decides_the_policy_and_a_wrong_one_is_said(app: Flask) -> None:
    who = applicant(app)
    key = begun(who)
    assert "请选择到县" in text(who.send("/apply/first", {"region_code": "110000"}))
    assert who.send("/apply/first", {"region_code": "zz"}).status_code == 422
    profiled.prepared(who.actor)
    who.send("/apply/first", {"region_code": "410105"})
    moved = stored(Application, key)
    assert (moved.region_code, moved.policy_code) == ("410105", "national")
    assert "退回补正" not in who.page(f"/applications/{key}/form")


def test_ba_10_the_application_form_prints(app: Flask) -> None:
    who = applicant(app)
    key = case(who.actor, submitted=True).id
    answer = who.client.get(f"/applications/{key}/form.pdf")
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Content-Type"] == "application/pdf"
    office = person(app, "body_reviewer", "110000")
    assert office.client.get(f"/applications/{key}/form.pdf").data == answer.data


def test_an_account_without_a_person_has_no_centre(app: Flask) -> None:
    nobody = person(app, "applicant", "110105")
    assert nobody.client.get("/centre/").status_code == 403
    assert "首登记" not in nobody.page("/applications/mine")


def test_x_21_a_return_lists_what_it_opened_with_a_way_to_each(app: Flask) -> None:
    who = applicant(app, "410105")
    key = case(who.actor, region_code="410105", returned=True).id
    form, result = f"/applications/{key}/form", f"/applications/{key}"
    for name in ("phone", "id_front"):
        assert f'class="chip" href="#f-{name}"' in who.client.get(form).text
        assert f'class="chip" href="{form}#f-{name}"' in who.client.get(result).text
    assert 'href="#f-major"' not in who.client.get(form).text


def test_x_21_the_last_look_names_what_is_still_as_it_was_returned(app: Flask) -> None:
    who = applicant(app, "410105")
    key = case(who.actor, region_code="410105", returned=True).id
    warned = "以下内容被要求补正，但尚未修改： 手机号 · 身份证正面照片 返回填写"
    assert warned in who.page(f"/applications/{key}/check")
    picture_of = {"id_front": (io.BytesIO(picture(1200, 800)), "c.jpg")}
    who.send(f"/applications/{key}/materials/id_front", picture_of)
    who.send(f"/applications/{key}/form", {"phone": "13812345678", "action": "save"})
    assert "尚未修改" not in who.page(f"/applications/{key}/check")


def test_no_sentence_speaks_to_an_applicant_of_a_region_to_administer(app: Flask) -> None:
    who = applicant(app)
    for path, status in (("/nothing", 404), ("/workers/list/", 403)):
        page = who.page(path, status)
        assert "辖区" not in page
        assert "region" not in page
