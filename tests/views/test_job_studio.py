"""政策规则: two administrators at the studio's pages."""

import io
import re

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app.queries.policies import SEEDS, policy_of
from app.services.outbox import run_due
from models.draft import PolicyDraft
from models.publication import Window
from tests.support.factories import every, stored
from tests.support.watching import statements
from tests.views.people import Person, applicant, person, text

SHIPPED = (SEEDS / "beijing.yaml").read_text("utf-8")
CHANGED = SHIPPED.replace("您的登记申请表已提交", "材料已收到")
BROKEN = SHIPPED.replace("opens: window", "opns: window", 1)
LINE = next(n for n, line in enumerate(BROKEN.splitlines(), 1) if "opns" in line)


def admin(app: Flask) -> Person:
    """A platform administrator, signed in."""
    return person(app, "platform_admin", "000000")


def begun(who: Person, code: str = "beijing") -> tuple[str, PolicyDraft]:
    """A draft that somebody begins on the list, and the address of its editor."""
    answer = who.send("/console/studio/begin", {"code": code})
    url = answer.headers["Location"]
    assert re.fullmatch(r"/console/studio/\d+/", url), url
    return url, stored(PolicyDraft, int(url.split("/")[-2]))


def lines(typed: str) -> str:
    """A text as a browser sends it."""
    return typed.replace("\n", "\r\n")


def test_two_people_take_a_change_from_the_list_to_an_edition(app: Flask, db: SQLAlchemy) -> None:
    one, two = admin(app), admin(app)
    assert "第 1 版" in one.page("/console/studio/")
    url, draft = begun(one)
    with statements(db) as asked:
        shown = one.page(url)
    assert "第 2 版草稿" in shown
    assert "由第 1 版起草" in shown
    assert sum("policy.source" in sql for sql in asked.sent) <= 2, "read once"
    sent = {"text": lines(CHANGED), "version": draft.version, "effective_from": "2020-08-01"}
    assert one.send(f"{url}proposal", sent).status_code == 302
    shown = one.page(url)
    assert "自 2020-08-01 起发布" not in shown
    draft = stored(PolicyDraft, draft.id)
    assert (draft.state, draft.text) == ("proposed", CHANGED)
    assert one.send(f"{url}publication", {"version": draft.version}).status_code == 302
    assert stored(PolicyDraft, draft.id).state == "proposed"
    assert "须由" in one.page(url)  # the refusal is said

    assert "自 2020-08-01 起发布" in two.page(url)
    assert two.send(f"{url}publication", {"version": draft.version}).status_code == 302
    assert stored(PolicyDraft, draft.id).edition == 2
    listed = one.page("/console/studio/")
    assert "第 1 版" in listed
    assert "第 2 版" in listed


def test_faults_are_shown_by_line_and_what_was_typed_is_kept(app: Flask) -> None:
    who = admin(app)
    url, draft = begun(who)
    sent = {"text": lines(BROKEN), "version": draft.version, "effective_from": "2020-08-01"}
    refused = who.send(f"{url}proposal", sent)
    assert refused.status_code == 422
    assert f"第 {LINE} 行" in text(refused)
    assert "opns: window" in text(refused)
    assert stored(PolicyDraft, draft.id).text == BROKEN  # saved, and not proposed
    assert stored(PolicyDraft, draft.id).state == "draft"


def test_checking_keeps_nothing_and_says_the_faults_in_json_too(app: Flask) -> None:
    who = admin(app)
    url, draft = begun(who)
    checked = who.send(url, {"action": "check", "text": lines(BROKEN), "version": draft.version})
    assert f"第 {LINE} 行" in text(checked)
    assert stored(PolicyDraft, draft.id).text == SHIPPED
    found = who.send(f"{url}check", {"text": lines(BROKEN)}).get_json()
    assert LINE in {fault["line"] for fault in found["faults"]}
    assert found["changed"] == [LINE]
    assert who.send(f"{url}check", {"text": SHIPPED}).get_json() == {"faults": [], "changed": []}


def test_the_slower_of_two_editors_keeps_the_text_and_sees_the_other_s(app: Flask) -> None:
    one, two = admin(app), admin(app)
    url, draft = begun(one)
    saved = two.send(url, {"text": SHIPPED + "# theirs\n", "version": draft.version})
    assert saved.status_code == 302
    late = one.send(url, {"text": SHIPPED + "# mine\n", "version": draft.version})
    assert late.status_code == 409
    assert "# mine" in text(late)
    assert "- # theirs" in text(late)
    assert stored(PolicyDraft, draft.id).text.endswith("# theirs\n")
    version = re.search(r'name="version" value="(\d+)"', late.text)
    assert version
    assert one.send(url, {"text": SHIPPED + "# ours\n", "version": version[1]}).status_code == 302
    assert stored(PolicyDraft, draft.id).text.endswith("# ours\n")


def test_the_difference_the_form_and_the_wording_are_shown(app: Flask) -> None:
    who = admin(app)
    url, draft = begun(who)
    who.send(url, {"text": lines(CHANGED), "version": draft.version})
    page = who.client.get(url).text
    assert re.search(r'class="removed".*?您的登记申请表已提交', page, re.S)
    assert re.search(r'class="added".*?材料已收到', page, re.S)
    assert "待审核" in who.page(url)
    preview = who.client.get(f"{url}preview/first")
    assert "frame-ancestors 'self'" in preview.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in who.client.get(url).headers["Content-Security-Policy"]
    assert "北京市社会工作者登记申请表" in text(preview)
    assert 'name="phone"' in preview.text
    assert who.client.get(f"{url}preview/nothing").status_code == 404


def test_a_file_goes_out_and_comes_back_to_the_byte(app: Flask) -> None:
    who = admin(app)
    url, draft = begun(who)
    file = who.client.get(f"{url}draft.yaml").data
    assert file == (SEEDS / "beijing.yaml").read_bytes()
    edited = file + "# 备注\r\n".encode()
    sent = {"file": (io.BytesIO(edited), "b.yaml"), "version": draft.version}
    assert who.send(f"{url}file", sent).status_code == 302
    assert who.client.get(f"{url}draft.yaml").data == edited
    listed = who.client.get("/console/studio/").text
    edition = re.search(r'href="(/console/studio/edition/\d+\.yaml)"', listed)
    assert edition
    assert who.client.get(edition[1]).data == file
    new = {"file": (io.BytesIO(b"code: hunan\n"), "h.yaml")}
    answer = who.send("/console/studio/import", new)
    assert who.client.get(f"{answer.headers['Location']}draft.yaml").data == b"code: hunan\n"


def test_the_impact_is_asked_for_followed_and_shown(app: Flask) -> None:
    who = admin(app)
    applicant(app)
    url, draft = begun(who)
    older = SHIPPED.replace(
        "      real_name: {}\n", "      real_name: {}\n      adult: {age: 60}\n", 1
    )
    who.send(url, {"text": lines(older), "version": draft.version})
    assert "计算影响" in who.page(url)
    assert who.send(f"{url}impact", {"as_of": "2020-07-09"}).status_code == 302
    assert "请选择今天或之后的日期" in who.page(url)
    assert who.send(f"{url}impact", {"as_of": "2020-07-10"}).status_code == 302
    assert "等待后台处理" in who.page(f"{url}impact")
    assert "data-under-way" in who.client.get(url).text
    run_due()
    panel = who.page(f"{url}impact")
    assert "符合 → 不符合 首登记" in panel
    assert "adult" in panel
    assert "朝阳区 1" in panel
    assert "计算完成： 2020-07-10" in panel
    assert f"· {who.actor.name}" in panel
    assert "符合 → 不符合 首登记" in who.page(url)
    version = stored(PolicyDraft, draft.id).version
    who.send(url, {"text": lines(older + "# 再改\n"), "version": version})
    assert "此后文本已修改" in who.page(f"{url}impact")


def test_a_draft_is_sent_back_with_a_reason_and_given_up(app: Flask) -> None:
    one, two = admin(app), admin(app)
    url, draft = begun(one)
    sent = {"text": lines(CHANGED), "version": draft.version, "effective_from": "2020-08-01"}
    one.send(f"{url}proposal", sent)
    version = stored(PolicyDraft, draft.id).version
    two.send(f"{url}return", {"version": version, "reason": "措辞请再斟酌"})
    assert "措辞请再斟酌" in one.page(url)
    version = stored(PolicyDraft, draft.id).version
    assert one.send(f"{url}discard", {"version": version}).headers["Location"] == "/console/studio/"
    assert stored(PolicyDraft, draft.id).state == "discarded"
    assert begun(one)[1].id != draft.id


@pytest.mark.parametrize("role", ["province_admin", "province_reviewer", "auditor"])
def test_the_pages_are_shut_to_everybody_else(app: Flask, role: str) -> None:
    url, _draft = begun(admin(app))
    who = person(app, role, "110000")
    for page in ("/console/studio/", url, f"{url}preview/first", f"{url}draft.yaml"):
        assert who.client.get(page).status_code == 403
    assert who.send("/console/studio/begin", {"code": "hunan"}).status_code == 403
    assert len(every(PolicyDraft)) == 1


def test_policies_are_read_by_their_titles(app: Flask) -> None:
    shelf = person(app, "platform_admin", "000000").page("/console/studio/")
    assert "社会工作者职业水平证书登记 national" in shelf
    (window,) = every(Window, policy_code="beijing")
    shown = person(app, "province_admin", "110000").page(f"/windows/show/{window.id}")
    assert policy_of("beijing", 1).title.zh in shown
    assert "beijing" not in shown
