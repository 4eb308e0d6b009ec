"""BA-10: the application form prints, generated from the data of any kind of registration."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.application_form import (
    ApplicationFormFacts,
    FormSection,
    ReviewLine,
    application_form_pdf,
    packed,
)
from tests.documents.reading import page_texts, rendered, share_of, squeezed, whole_text
from tests.documents.samples import BLUE, plain

pytestmark = pytest.mark.slow  # drawing takes its time

IDENTITY = FormSection(
    "基本信息",
    (
        ("姓名", "欧阳静怡"),
        ("证件号码", "110105199003074514"),
        ("出生日期", "1990-03-07"),
        ("手机号码", "13800138000"),
        ("电子邮箱", "ouyang@example.org"),
        ("政治面貌", "群众"),
    ),
)
WORK = FormSection(
    "工作单位",
    (
        ("单位名称", "某某街道社会工作服务中心"),
        ("职务", ""),
        ("工作经历", "2014年起从事社区社会工作。\n2017年起从事个案管理。"),
    ),
)
REJECTED = ReviewLine(
    stage="终审",
    office="北京社会工作者协会",
    result="不通过",
    opinion="照片不清晰，请重新上传。",
    decided_at=datetime(2020, 7, 12, 16, 30, tzinfo=UTC),
)


def form(**changes: Any) -> ApplicationFormFacts:
    facts: dict[str, Any] = {
        "title": "北京市社会工作者登记申请表",
        "reference": "2020-000123",
        "state": "审核中",
        "applicant": "欧阳静怡",
        "sections": (IDENTITY, WORK),
        "portrait": plain(BLUE),
        "declaration": "我保证上述所填信息均真实有效",
        "declared_at": datetime(2020, 7, 10, 1, 0, tzinfo=UTC),
    }
    return ApplicationFormFacts(**(facts | changes))


def test_ba_10_every_section_label_and_value_is_on_the_form_in_order() -> None:
    text = whole_text(application_form_pdf(form()))
    wanted = ["北京市社会工作者登记申请表", "2020-000123", "审核中"]
    for section in (IDENTITY, WORK):
        wanted.append(section.title)
        wanted += [squeezed(part) for field in section.fields for part in field]
    position = 0
    for part in wanted:
        position = text.find(part, position)
        assert position >= 0, part


def test_ba_09_the_portrait_is_on_the_form_at_its_size_on_paper() -> None:
    expected = 35 * 53 / (210 * 297)
    page = rendered(application_form_pdf(form()))
    assert share_of(page, BLUE) == pytest.approx(expected, rel=0.03)
    assert share_of(rendered(application_form_pdf(form(portrait=None))), BLUE) == 0


@pytest.mark.parametrize("count", [0, 1, 2, 5, 9])
def test_the_portrait_fits_beside_any_number_of_fields(count: int) -> None:
    fields = tuple((f"项目{index}", f"内容{index}") for index in range(count))
    pdf = application_form_pdf(form(sections=(FormSection("基本信息", fields), WORK)))
    assert all(f"内容{index}" in whole_text(pdf) for index in range(count))
    assert (share_of(rendered(pdf), BLUE) > 0.02) == (count > 0)


def test_ba_17_ba_23_the_declaration_stands_with_its_name_and_time() -> None:
    text = whole_text(application_form_pdf(form()))
    assert "我保证上述所填信息均真实有效" in text
    assert "申请人欧阳静怡声明时间2020-07-1009:00" in text


def test_a_draft_says_that_nothing_was_declared() -> None:
    text = whole_text(application_form_pdf(form(declared_at=None)))
    assert "尚未声明" in text
    assert "声明时间" not in text


def test_ba_22_review_results_are_printed_with_their_reason_on_the_day_of_the_portal() -> None:
    passed = dataclasses.replace(REJECTED, result="通过", opinion="")
    text = whole_text(application_form_pdf(form(review=(REJECTED, passed))))
    # 16:30 UTC is half past midnight of the next day in Asia/Shanghai.
    assert "终审北京社会工作者协会不通过照片不清晰，请重新上传。2020-07-1300:30" in text
    assert "终审北京社会工作者协会通过—2020-07-1300:30" in text
    assert "尚无审核结果" in whole_text(application_form_pdf(form()))


def test_an_address_is_copied_without_added_spaces() -> None:
    section = FormSection("取证方式", (("邮寄地址", "某某路1号院3号楼2单元201室B座"),))
    text = "".join(page_texts(application_form_pdf(form(sections=(section,), portrait=None))))
    assert "某某路1号院3号楼2单元201室B座" in text


def test_a_long_form_goes_on_and_every_page_names_the_application() -> None:
    story = FormSection("工作经历", (("经历", "从事社区社会工作，负责困境儿童个案管理。" * 200),))
    pages = [
        squeezed(text) for text in page_texts(application_form_pdf(form(sections=(story,) * 2)))
    ]
    assert len(pages) >= 3
    for index, page in enumerate(pages, 1):
        assert "申请编号2020-000123" in page
        assert f"第{index}页，共{len(pages)}页" in page
    assert "".join(pages).count("困") == 400


@pytest.mark.parametrize("typed", ["#panic()", '"]#panic("x")', "$x$ *a* _b_ \\ // @c <d>"])
def test_what_a_person_typed_is_shown_and_never_run(typed: str) -> None:
    section = FormSection(typed, ((typed, typed),))
    review = (dataclasses.replace(REJECTED, opinion=typed, stage=typed),)
    facts = form(sections=(section, section), review=review, title=typed, declaration=typed)
    assert whole_text(application_form_pdf(facts)).count(squeezed(typed)) >= 9


def test_the_same_facts_give_the_same_bytes() -> None:
    assert application_form_pdf(form()) == application_form_pdf(form())


def test_short_neighbours_share_a_row_and_long_ones_have_it_alone() -> None:
    fields = (
        ("级别", "社会工作师"),
        ("管理号", "20190410500000177"),
        ("考试年度", "2019"),
        ("单位地址", "某某路1号院3号楼2单元201室社会工作服务中心"),
        ("统一社会信用代码", "91110105MA01ABCD2X"),
        ("职务", "主任\n书记"),
        ("电话", "13800138000"),
    )
    assert [[label for label, _ in row] for row in packed(fields)] == [
        ["级别", "管理号"],
        ["考试年度"],
        ["单位地址"],
        ["统一社会信用代码"],
        ["职务"],
        ["电话"],
    ]


@given(st.lists(st.tuples(st.text(max_size=9), st.text(max_size=40)), max_size=12))
def test_packing_keeps_every_field_in_its_order(fields: list[tuple[str, str]]) -> None:
    rows = packed(tuple(fields))
    assert [field for row in rows for field in row] == fields
    assert all(len(row) in (1, 2) for row in rows)
