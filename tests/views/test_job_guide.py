"""The guide to one kind, and the empty form to print."""

from flask import Flask

from tests.conftest import new_client
from tests.documents.reading import whole_text
from tests.views.people import applicant, text

BLOCKS = ("基本信息", "申请条件", "办理流程", "办事附件")


def test_cd_10_everybody_reads_the_four_blocks(app: Flask) -> None:
    page = new_client(app).get("/guide/beijing/renewal")
    assert page.status_code == 200
    shown = text(page)
    assert [block for block in BLOCKS if block in shown] == list(BLOCKS)
    assert "每三年办理一次" in shown
    assert "补充历史登记记录" in shown
    assert "第 1 版" in shown


def test_cd_10_who_is_signed_in_reads_what_it_means_for_them(app: Flask) -> None:
    who = applicant(app)
    assert "您于2019年通过考试" in who.page("/guide/beijing/first")
    assert "您于2019年通过考试" not in who.page("/guide/national/first")
    assert "办事指南与附件下载" in who.page("/apply/first")


def test_cd_11_the_form_of_a_kind_is_a_file_with_its_edition(app: Flask) -> None:
    answer = new_client(app).get("/guide/beijing/renewal/form.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    printed = whole_text(answer.data)
    assert "北京市社会工作者登记申请表" in printed
    assert "第1版" in printed
    assert "盖章" in printed
    assert "□汉族" not in printed  # fifty-six of them are written in by hand
    assert "□大学本科" in printed
    assert "申请编号" not in printed


def test_a_kind_or_a_policy_that_does_not_exist_is_missing(app: Flask) -> None:
    client = new_client(app)
    for path in ("/guide/beijing/upgrade", "/guide/nowhere/first", "/guide/x/y/form.pdf"):
        assert client.get(path).status_code == 404
