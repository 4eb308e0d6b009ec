"""The manual of Chengdu, read line by line against the policy and its verdicts."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.certificate import valid_until
from app.rules.dictionaries import parse_labels
from app.rules.eligibility import Outlook, outlook, route
from app.rules.fields import FieldSpec, Slot
from app.rules.kinds import Kind
from app.rules.policy import Policy
from app.rules.workflow import State, return_refusal, state_label, withdraw_refusal
from tests.rules.conftest import data_of
from tests.rules.people import elsewhere, failing, here, hours, may, person, registered

TODAY = date(2025, 4, 10)
HE = person("510107", certificate=None)
DUE = replace(HE, registrations=registered(2022, until=date(2025, 6, 30)), proofs=(2025,))
MEBIBYTE = 1024 * 1024


@pytest.fixture
def first(chengdu: Policy) -> Kind:
    return chengdu.kinds["first"]


@pytest.fixture
def renewal(chengdu: Policy) -> Kind:
    return chengdu.kinds["renewal"]


@pytest.fixture
def completion(chengdu: Policy) -> Kind:
    return chengdu.kinds["completion"]


def field(kind: Kind, name: str) -> FieldSpec:
    return next(spec for spec in kind.fields if spec.name == name)


def slot(kind: Kind, name: str) -> Slot:
    return next(slot for slot in kind.materials if slot.name == name)


def labels(kind: Kind, section: str) -> list[str]:
    return [s.label.zh for part in kind.sections if part.name == section for s in part.fields]


# ---------------------------------------------------------------- kinds and who may apply


def test_cd_02_cd_44_x_04_the_kinds_and_their_names(chengdu: Policy) -> None:
    assert {k.code: k.label.zh for k in chengdu.kinds.values()} == {
        "first": "首次登记",
        "renewal": "再次登记",
        "completion": "完善信息",
    }


@pytest.mark.parametrize("exam_year", [2008, 2018, 2024])
def test_cd_01_x_30_who_was_never_registered_registers_first_whatever_the_year(
    chengdu: Policy, exam_year: int
) -> None:
    facts = replace(HE, exam_year=exam_year, qualified_on=None)
    assert failing(chengdu, facts, "first", TODAY) == {}
    assert route(chengdu, facts, TODAY) == "first"


@given(st.dates(date(2010, 1, 1), date(2040, 1, 1)))
def test_cd_01_the_entries_are_open_on_every_day(chengdu: Policy, on: date) -> None:
    assert all(chengdu.is_open(kind, on) for kind in chengdu.kinds)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"service_region_code": "510000"}, "region_in"),
        ({"service_region_code": "511300"}, "region_in"),
        ({"management_number": None}, "certificate_in_hand"),
        ({"level": None}, "level_in"),
        ({"registrations": registered(2022)}, "never_registered"),
        ({"open_application": "renewal"}, "none_in_flight"),
    ],
)
def test_cd_26_each_refusal_of_a_first_registration_names_its_rule(
    chengdu: Policy, change: dict[str, Any], rule: str
) -> None:
    assert list(failing(chengdu, replace(HE, **change), "first", TODAY)) == [rule]


@pytest.mark.parametrize("kind", ["first", "renewal", "completion"])
@pytest.mark.parametrize("other", ["first", "renewal", "completion"])
def test_cd_07_cd_13_j_08_x_39_one_at_a_time_in_the_exact_words(
    chengdu: Policy, kind: str, other: str
) -> None:
    refused = failing(chengdu, replace(DUE, open_application=other), kind, TODAY)
    assert refused["none_in_flight"].message.zh == "已有正在审核流程中的申报，无法再次提交申请"


# ---------------------------------------------------------------- renewal and its gate


@pytest.mark.parametrize(
    ("expiry", "first_day"),
    [
        (date(2025, 6, 30), date(2025, 4, 1)),
        (date(2024, 5, 29), date(2024, 2, 29)),
        (date(2025, 5, 31), date(2025, 3, 2)),
        (date(2026, 3, 1), date(2025, 12, 1)),
        (date(2028, 2, 29), date(2027, 12, 1)),
    ],
)
def test_cd_08_cd_31_g3_renewal_begins_ninety_days_before_the_end(
    chengdu: Policy, expiry: date, first_day: date
) -> None:
    facts = replace(DUE, registrations=registered(2020, until=expiry), proofs=(expiry.year,))
    assert may(chengdu, facts, "renewal", first_day)
    assert route(chengdu, facts, first_day) == "renewal"
    before = first_day - timedelta(days=1)
    refused = failing(chengdu, facts, "renewal", before)
    assert list(refused) == ["expires_within"]
    assert f"{first_day.year}年{first_day.month}月{first_day.day}日" in (
        refused["expires_within"].message.zh
    )
    assert route(chengdu, facts, before) is None


@given(st.dates(date(2012, 1, 1), date(2090, 1, 1)), st.integers(-400, 4000))
def test_cd_04_cd_31_x_14_x_33_any_day_from_ninety_days_before_and_none_too_late(
    chengdu: Policy, expiry: date, shift: int
) -> None:
    held = registered(2009, until=expiry)
    facts = replace(DUE, qualified_on=None, registrations=held, proofs=(expiry.year,))
    on = expiry + timedelta(days=shift)
    assert may(chengdu, facts, "renewal", on) == (expiry.toordinal() - on.toordinal() <= 90)


def test_x_14_two_years_after_the_end_it_is_still_a_renewal(chengdu: Policy) -> None:
    facts = replace(DUE, registrations=registered(2020, until=date(2023, 1, 1)))
    assert may(chengdu, facts, "renewal", date(2025, 1, 1))
    assert route(chengdu, facts, date(2025, 1, 1)) == "renewal"


def test_cd_32_x_34_a_declared_end_counts_and_the_portals_own_wins(chengdu: Policy) -> None:
    declared = replace(DUE, registrations=registered(2022, until=date(2025, 6, 30)))
    assert may(chengdu, declared, "renewal", TODAY)
    own = replace(declared, certificate=here(date(2026, 6, 30)))
    assert list(failing(chengdu, own, "renewal", TODAY)) == ["expires_within"]


def test_x_44_a_revoked_certificate_is_not_renewed(chengdu: Policy) -> None:
    facts = replace(DUE, certificate=here(date(2025, 6, 30), "revoked"))
    refused = failing(chengdu, facts, "renewal", TODAY)
    assert list(refused) == ["not_revoked"]


@pytest.mark.parametrize(
    ("change", "at", "accepted"),
    [
        ({}, "entry", True),
        ({}, "submit", False),
        ({"proofs": (2025,)}, "submit", True),
        ({"proofs": (2025,)}, "approval", True),
        ({"credits": (hours(1, date(2024, 1, 1)),)}, "submit", True),
    ],
)
def test_cd_33_education_is_shown_and_not_counted(
    chengdu: Policy, change: dict[str, Any], at: str, accepted: bool
) -> None:
    facts = replace(DUE, **{"proofs": (), **change})
    assert may(chengdu, facts, "renewal", TODAY, at) is accepted


# ---------------------------------------------------------------- validity


def test_cd_04_x_29_an_early_renewal_keeps_the_full_three_years(chengdu: Policy) -> None:
    expiry = date(2025, 6, 30)
    early = expiry - timedelta(days=80)
    assert outlook(chengdu, "renewal", DUE, early).valid_until == date(2028, 6, 30)
    assert outlook(chengdu, "renewal", DUE, expiry).valid_until == date(2028, 6, 30)
    late = expiry + timedelta(days=1)
    assert outlook(chengdu, "renewal", DUE, late).valid_until == date(2028, 7, 1)
    assert outlook(chengdu, "renewal", DUE, early).turns == (2025,)


@given(st.dates(date(2010, 1, 1), date(2090, 1, 1)), st.integers(-90, 800))
def test_x_29_no_day_of_validity_is_lost_by_coming_early(
    chengdu: Policy, expiry: date, shift: int
) -> None:
    on = expiry + timedelta(days=shift)
    start = max(expiry, on)
    leap = (start.month, start.day) == (2, 29)
    expected = date(start.year + 3, 2, 28) if leap else start.replace(year=start.year + 3)
    assert valid_until(chengdu.kinds["renewal"].validity, on, expiry) == expected


def test_cd_03_x_02_a_first_registration_is_valid_for_three_years(chengdu: Policy) -> None:
    assert outlook(chengdu, "first", HE, date(2020, 7, 15)).valid_until == date(2023, 7, 15)


@pytest.mark.parametrize("expiry", [date(2024, 8, 31), date(2025, 8, 31), date(2026, 1, 1)])
def test_cd_44_x_47_completion_leaves_the_validity_as_it_is(chengdu: Policy, expiry: date) -> None:
    facts = replace(HE, registrations=registered(2022, until=expiry))
    assert may(chengdu, facts, "completion", TODAY)
    assert outlook(chengdu, "completion", facts, TODAY) == Outlook((), expiry, expiry)


def test_cd_44_x_17_completion_is_for_the_registered_without_a_certificate_of_the_portal(
    chengdu: Policy,
) -> None:
    paper = replace(HE, registrations=registered(2022), certificate=elsewhere(date(2025, 12, 31)))
    assert may(chengdu, paper, "completion", TODAY)
    assert list(failing(chengdu, HE, "completion", TODAY)) == ["registered"]
    own = replace(paper, certificate=here(date(2025, 12, 31)))
    assert list(failing(chengdu, own, "completion", TODAY)) == ["no_certificate_here"]
    assert route(chengdu, paper, TODAY) is None  # nobody is sent to it


# ---------------------------------------------------------------- the form


@pytest.mark.parametrize("kind", ["first", "renewal"])
def test_cd_15_the_form_has_the_sections_of_the_manual(chengdu: Policy, kind: str) -> None:
    titles = [section.label.zh for section in chengdu.kinds[kind].sections]
    assert titles == ["基础信息", "工作信息", "证书信息", "邮寄信息"]
    assert chengdu.kinds[kind].materials  # 上传资料


def test_cd_19_base_fields_are_those_of_the_manual_and_all_required(first: Kind) -> None:
    assert labels(first, "person") == (
        [
            "姓名",
            "手机号",
            "身份证号",
            "性别",
            "年龄",
            "民族",
            "政治面貌",
            "学历",
            "所学专业",
            "联系地址",
        ]
    )
    assert all(spec.required and not spec.required_when for spec in first.sections[0].fields)


def test_cd_20_work_fields_are_those_of_the_manual_and_all_required(first: Kind) -> None:
    assert labels(first, "work") == [
        "目前工作单位（或工作地点）的类型",
        "岗位类别",
        "社区岗位",
        "从事社会工作年限（年）",
        "主要从事社会工作领域",
        "是否为“两代表一委员”（党代表、人大代表和政协委员）",
        "本人或主要参与的项目所获荣誉",
    ]
    assert all(spec.required for spec in first.sections[1].fields)


@pytest.mark.parametrize("kind", ["first", "renewal", "completion"])
@pytest.mark.parametrize(
    ("unit_type", "asked"),
    [("village", True), ("enterprise", False), ("public_institution", False)],
)
def test_cd_21_x_20_x_22_the_community_post_is_asked_of_self_governing_bodies_alone(
    chengdu: Policy, kind: str, unit_type: str, asked: bool
) -> None:
    post = field(chengdu.kinds[kind], "community_post")
    assert post.needed({"unit_type": unit_type}) is asked
    unit = field(chengdu.kinds[kind], "unit_type")
    village = unit.choice("village")
    assert village is not None
    assert village.label.zh == "村（居）委会"
    assert "基层自治组织（基层组织）请选择“村（居）委会”" in unit.help.zh


def test_cd_22_one_to_three_fields_of_practice(first: Kind, completion: Kind) -> None:
    for kind in (first, completion):
        practice = field(kind, "practice_fields")
        assert (practice.kind, practice.min, practice.max) == ("choices", 1, 3)


def test_cd_23_the_delegate_question_has_a_no(first: Kind) -> None:
    answers = [choice.label.zh for choice in field(first, "delegate").choices]
    assert answers == ["否", "党代表", "人大代表", "政协委员"]


def test_cd_24_honours_are_required_and_none_is_an_answer(first: Kind) -> None:
    honors = field(first, "project_honors")
    assert honors.required
    assert honors.min is None
    assert "无" in honors.help.zh


def test_cd_25_cd_51_the_certificate_fields_are_those_of_the_highest_level(first: Kind) -> None:
    assert labels(first, "qualification") == [
        "资格证书级别",
        "社工考试通过年度（按资格证书最高级别）",
        "水平证书管理号",
        "资料审核区域（按照审核说明选择单位区域）",
    ]


def test_cd_26_the_region_of_review_is_asked_first_and_locked_on_the_form(first: Kind) -> None:
    region = field(first, "region_code")
    assert (region.locked, region.source) == (True, "application.region_code")


def test_x_21_age_is_derived_and_never_typed(first: Kind) -> None:
    assert (field(first, "age").locked, field(first, "age").source) == (True, "worker.age")


def test_cd_32_a_renewal_begins_with_first_day_and_last_day_of_validity(
    renewal: Kind, first: Kind
) -> None:
    assert renewal.history is not None
    assert renewal.history.ask == ("on", "valid_until")
    assert not renewal.history.several
    assert "首次登记日期" in renewal.history.note.zh
    assert "登记证书最新有效期到期时间" in renewal.history.note.zh
    assert first.history is None


def test_cd_45_x_20_completion_asks_for_what_the_screen_asks(completion: Kind) -> None:
    asked = [spec.name for spec in completion.fields if not spec.locked]
    assert asked == ["unit_type", "community_post", "practice_fields", "delegate", "project_honors"]
    assert [slot.name for slot in completion.materials] == ["portrait", "community_proof"]
    assert completion.history is not None
    assert "valid_until" in completion.history.ask
    hospital = {"unit_type": "public_institution"}
    assert not field(completion, "community_post").asked(hospital)
    assert not slot(completion, "community_proof").asked(hospital)


# ---------------------------------------------------------------- the materials


def test_cd_12_cd_27_materials_of_a_first_registration(first: Kind) -> None:
    required = {slot.name for slot in first.materials if slot.required and not slot.required_when}
    assert required == {"id_front", "id_back", "portrait", "qualification", "stamped_form"}
    assert slot(first, "stamped_form").label.zh == "社会工作者首次登记申请表"
    assert "盖章" in slot(first, "stamped_form").hint.zh


@pytest.mark.parametrize(
    ("post", "needed"), [("chief", True), ("committee", True), ("staff", False), ("other", False)]
)
@pytest.mark.parametrize("kind", ["first", "renewal", "completion"])
def test_cd_28_members_of_the_committees_show_their_election(
    chengdu: Policy, kind: str, post: str, needed: bool
) -> None:
    proof = slot(chengdu.kinds[kind], "community_proof")
    assert proof.needed({"unit_type": "village", "community_post": post}) is needed


def test_cd_30_cd_33_x_19_materials_of_a_renewal_are_those_of_the_screen(renewal: Kind) -> None:
    assert {s.name: s.label.zh for s in renewal.materials if not s.required_when} == {
        "id_front": "身份证正面照片",
        "id_back": "身份证反面照片",
        "portrait": "证件照（用于电子登记证书）",
        "qualification": "社工证书（纸质照片或电子证书）",
        "certificate": "登记证书（上次登记证书照片）",
        "stamped_form": "社会工作者再登记申请表",
        "credit_proof": "社会工作者继续教育学时证明",
    }
    assert all(slot.required for slot in renewal.materials)


def test_cd_50_the_qualification_may_come_as_the_electronic_certificate(first: Kind) -> None:
    assert [slot.name for slot in first.materials if slot.pdf] == ["qualification"]


def test_x_06_five_mebibytes_are_the_most(chengdu: Policy) -> None:
    slots = [slot for kind in chengdu.kinds.values() for slot in kind.materials]
    assert {slot.max_bytes for slot in slots} == {5 * MEBIBYTE}


def test_cd_52_a_form_without_a_stamp_has_a_reason_of_its_own() -> None:
    assert data_of("chengdu")["reasons"]["form_unstamped"]["label"]["zh"] == "未盖章"


# ---------------------------------------------------------------- post


@pytest.mark.parametrize("kind", ["first", "renewal"])
def test_cd_16_cd_29_cd_48_the_address_is_asked_for_after_a_yes(chengdu: Policy, kind: str) -> None:
    form = chengdu.kinds[kind]
    answers = {c.label.zh: c.code for c in field(form, "delivery").choices}
    assert answers == {"否": "electronic", "是": "post"}
    assert labels(form, "delivery") == [
        "是否邮寄登记证书纸质档",
        "收件人姓名",
        "收件人电话",
        "所在地区",
        "详细地址",
    ]
    for spec in form.sections[-1].fields[1:]:
        assert spec.needed({"delivery": answers["是"]})
        assert not spec.asked({"delivery": answers["否"]})
    assert field(form, "delivery_region").kind == "region"


def test_cd_35_j_10_the_note_on_postage_is_exact(first: Kind, renewal: Kind) -> None:
    for kind in (first, renewal):
        assert field(kind, "delivery").help.zh == (
            "纸质档登记证书按照自愿自费原则申请办理, 邮费用到付, 由申请人全额支付。"
        )


# ---------------------------------------------------------------- words


@pytest.mark.parametrize("kind", ["first", "renewal", "completion"])
def test_cd_17_cd_34_j_09_two_consents_make_the_exact_text(chengdu: Policy, kind: str) -> None:
    privacy, truth = chengdu.kinds[kind].consents
    assert privacy.text.zh + truth.text.zh == (
        "我已知晓《隐私政策》并授权本表单收集信息。本人承诺填报、提交的所有信息(证明)均真实、"
        "准确、完整、有效, 并自愿承担因不实承诺应承担的相关责任、接受相应处理。"
    )


def test_cd_46_j_12_j_13_the_sentences_of_the_manual_are_exact(chengdu: Policy) -> None:
    said = {text.zh for kind in chengdu.kinds.values() for text in kind.conditions}
    assert (
        "若您还未获得电子登记证书, 则可根据情况, 点击【首次登记】或【再次登记】进行证书登记。"
        in said
    )
    assert "再次登记最早可在登记证书过期前 90 天起开始提交，否则会提交不成功。" in said


@pytest.mark.parametrize(
    ("kind", "form"), [("first", "首次登记申请表"), ("renewal", "再登记申请表")]
)
def test_cd_10_cd_11_the_guide_has_its_four_parts(chengdu: Policy, kind: str, form: str) -> None:
    current = chengdu.kinds[kind]
    assert current.summary.zh  # 基本信息
    assert current.conditions  # 申请条件
    assert len(current.guide) >= 5  # 办理流程
    assert f"下载办事附件中的{form}" in current.guide[0].zh  # 办事附件


@pytest.mark.parametrize(
    ("state", "stage", "wording"),
    [
        (State.draft, 1, "编辑中"),
        (State.in_review, 1, "待审核"),
        (State.in_review, 2, "待审核"),
        (State.rejected, 1, "已审核·未通过（层级1）"),
        (State.rejected, 2, "未通过（层级2）"),
        (State.approved, 2, "审核通过"),
        (State.issued, 2, "已发放"),
        (State.withdrawn, 1, "已撤回"),
    ],
)
def test_x_18_cd_42_each_state_has_its_word_and_a_refusal_names_its_level(
    chengdu: Policy, state: State, stage: int, wording: str
) -> None:
    assert state_label(parse_labels(data_of("labels"))[chengdu.labels], state, stage).zh == wording


# ---------------------------------------------------------------- review


def test_cd_18_cd_49_x_15_the_county_reviews_first_and_the_city_last(chengdu: Policy) -> None:
    for kind in chengdu.kinds.values():
        assert [stage.reviewer for stage in kind.review] == ["county_reviewer", "city_reviewer"]


def test_cd_37_x_10_withdrawn_until_the_first_decision_and_never_returned(chengdu: Policy) -> None:
    for kind in chengdu.kinds.values():
        assert withdraw_refusal(kind.withdraw, 0) is None
        assert withdraw_refusal(kind.withdraw, 1) is not None
        assert return_refusal(kind.return_) is not None
        assert kind.resubmit == "any_time"
