"""The announcement of 2020, read line by line against the policy and its verdicts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.certificate import valid_until
from app.rules.eligibility import Finding, assess, countdown, days_left, eligible, entry_summary
from app.rules.facts import CertificateFact, Facts, RegistrationFact
from app.rules.fields import Portrait
from app.rules.kinds import Kind, WindowFact
from app.rules.policy import Policy
from app.rules.words import Words
from app.rules.workflow import reopen_refusal, return_refusal, withdraw_refusal

INSIDE = date(2020, 7, 10)
SHANGHAI = ZoneInfo("Asia/Shanghai")

LI = Facts(
    region_code="110105",
    service_region_code="110105",
    level="assistant",
    exam_year=2019,
    qualified_on=date(2019, 12, 20),
    management_number="20190121101019110001",
    born_on=date(1990, 1, 1),
)


@pytest.fixture
def first(beijing: Policy) -> Kind:
    """首登记 as the window of 2020 has it."""
    return beijing.kind_on("first", INSIDE)


def found(
    policy: Policy, facts: Facts, rule: str, on: date = INSIDE, kind: str = "first"
) -> Finding:
    """The finding of one rule."""
    return next(f for f in assess(policy, facts, on, [kind]) if f.rule == rule)


def may_apply(policy: Policy, facts: Facts, on: date = INSIDE) -> bool:
    return eligible(assess(policy, facts, on), "first")


# ---------------------------------------------------------------- time


@pytest.mark.parametrize(
    ("moment", "accepted"),
    [
        ("2020-06-30T23:59:59", False),
        ("2020-07-01T00:00:00", True),
        ("2020-07-31T23:59:59", True),
        ("2020-08-01T00:00:00", False),
    ],
)
def test_ba_03_window_boundaries(beijing: Policy, moment: str, accepted: bool) -> None:
    today = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI).date()
    assert may_apply(beijing, LI, today) is accepted
    assert beijing.is_open("first", today) is accepted
    message = found(beijing, LI, "window_open", today).message
    assert "2020年7月1日至2020年7月31日" in message.zh
    assert ("不在登记时间内" in message.zh) is not accepted


@given(st.dates(date(2019, 1, 1), date(2022, 1, 1)))
def test_ba_03_g4_only_the_days_of_july_are_inside(beijing: Policy, on: date) -> None:
    assert may_apply(beijing, LI, on) == ((on.year, on.month) == (2020, 7))


def test_bj_63_without_any_window_an_entry_is_closed(beijing: Policy) -> None:
    finding = found(replace(beijing, windows=()), LI, "window_open")
    assert not finding.ok
    assert "不在登记时间内" in finding.message.zh


@pytest.mark.parametrize("kind", ["renewal", "late_renewal", "replacement"])
def test_ba_06_the_other_kinds_are_to_be_announced(beijing: Policy, kind: str) -> None:
    findings = assess(beijing, LI, INSIDE, [kind])
    assert findings[0].rule == "window_open"
    assert not findings[0].ok
    assert not eligible(findings, kind)
    assert "另行通知" in entry_summary(findings, kind).zh
    assert "separate notice" in entry_summary(findings, kind).en


def test_bj_02_the_four_kinds_are_listed_in_their_order(beijing: Policy) -> None:
    assert [k.label.zh for k in beijing.kinds.values()] == ["首登记", "再登记", "补登记", "补证"]


@pytest.mark.parametrize(
    ("on", "days"),
    [
        (date(2020, 7, 21), 10),
        (date(2020, 7, 31), 0),
        (date(2020, 6, 30), None),
        (date(2020, 8, 1), None),
    ],
)
def test_bj_13_x_07_j_01_days_left_until_the_closing_date(
    beijing: Policy, on: date, days: int | None
) -> None:
    assert days_left(beijing.windows[0], on) == days
    text = countdown(beijing, assess(beijing, LI, on), on)
    assert (text.zh if text else None) == (
        None if days is None else f"距本次登记截止日期还有 {days}天，请您及时填写登记申请表。"
    )


def test_x_07_nobody_is_hurried_who_has_nothing_to_do(beijing: Policy) -> None:
    late = replace(LI, exam_year=2018)
    assert countdown(beijing, assess(beijing, late, INSIDE), INSIDE) is None
    assert days_left(None, INSIDE) is None


# ---------------------------------------------------------------- who


def test_ba_04_the_worker_of_the_announcement_may_apply(beijing: Policy) -> None:
    findings = assess(beijing, LI, INSIDE, ["first"])
    assert [f.rule for f in findings if not f.ok] == []
    assert {f.rule for f in findings} == {
        "window_open",
        "real_name",
        "region_in",
        "exam_year",
        "level_in",
        "certificate_in_hand",
        "never_registered",
        "none_in_flight",
    }
    assert entry_summary(findings, "first").zh == "您符合条件，可以办理。"


@pytest.mark.parametrize(
    ("change", "rule", "words"),
    [
        ({"exam_year": 2018}, "exam_year", ("2018", "2019", "请待补证通知")),
        ({"exam_year": 2020}, "exam_year", ("2020", "2019", "暂不受理")),
        ({"exam_year": None}, "exam_year", ("考试", "年度")),
        ({"level": "senior"}, "level_in", ("高级社会工作师", "助理社会工作师、社会工作师")),
        ({"level": None}, "level_in", ("级别",)),
        ({"service_region_code": "130102"}, "region_in", ("130102", "北京市")),
        ({"management_number": None}, "certificate_in_hand", ("管理号",)),
        ({"qualified_on": date(2020, 7, 11)}, "certificate_in_hand", ("2020年7月11日",)),
        (
            {"registrations": (RegistrationFact("first", 2014), RegistrationFact("renewal", 2017))},
            "never_registered",
            ("2017",),
        ),
        (
            {"certificate": CertificateFact("112017000000014", date(2020, 5, 31))},
            "never_registered",
            ("112017000000014", "2020年5月31日"),
        ),
        (
            {"open_application": "17"},
            "none_in_flight",
            ("已有正在审核流程中的申报，无法再次提交申请",),
        ),
        ({"real_name": False}, "real_name", ("实名认证",)),
    ],
)
def test_ba_04_each_refusal_is_one_sentence_with_its_numbers(
    beijing: Policy, change: dict[str, Any], rule: str, words: tuple[str, ...]
) -> None:
    findings = assess(beijing, replace(LI, **change), INSIDE, ["first"])
    assert [f.rule for f in findings if not f.ok] == [rule]
    assert not eligible(findings, "first")
    summary = entry_summary(findings, "first")
    assert all(word in summary.zh for word in words), summary.zh
    assert summary.en
    assert not any("\u4e00" <= char <= "\u9fff" for char in summary.en)


def test_ba_04_who_is_registered_is_sent_nowhere_by_the_year_of_the_examination(
    beijing: Policy,
) -> None:
    facts = replace(LI, exam_year=2013, registrations=(RegistrationFact("first", 2014),))
    message = found(beijing, facts, "exam_year").message
    assert "2013" in message.zh
    assert "补证" not in message.zh


def test_ba_04_social_workers_of_the_middle_level_may_apply_too(beijing: Policy) -> None:
    assert may_apply(beijing, replace(LI, level="social_worker"))


def test_x_03_the_window_alone_leaves_the_senior_level_out(beijing: Policy) -> None:
    senior = replace(LI, level="senior")
    window = replace(beijing.windows[0], overrides={"delivery": ["post"]})
    assert not may_apply(beijing, senior)
    assert may_apply(replace(beijing, windows=(window,)), senior)


@pytest.mark.parametrize(
    ("exam_year", "route"),
    [(2020, None), (2019, "first"), (2018, "补证"), (2017, "补证"), (2008, "补证")],
)
def test_g2_routes_by_exam_year_for_those_who_were_never_registered(
    beijing: Policy, exam_year: int, route: str | None
) -> None:
    finding = found(beijing, replace(LI, exam_year=exam_year), "exam_year")
    assert finding.ok == (route == "first")
    assert ("补证" in finding.message.zh) == (route == "补证")


def test_bj_47_once_replacement_is_open_the_sentence_sends_people_there(beijing: Policy) -> None:
    open_now = replace(beijing.kinds["replacement"], opens="always")
    policy = replace(beijing, kinds={**beijing.kinds, "replacement": open_now})
    message = found(policy, replace(LI, exam_year=2018), "exam_year").message
    assert "请办理补证" in message.zh
    assert "通知" not in message.zh


@given(st.integers(2009, 2100), st.integers(-3, 3))
def test_ba_04_the_exam_year_follows_the_year_of_the_window(
    beijing: Policy, year: int, shift: int
) -> None:
    window = WindowFact(Words("批次", "Window"), ("first",), date(year, 1, 1), date(year, 12, 31))
    policy = replace(beijing, windows=(window,))
    facts = replace(LI, exam_year=year - 1 + shift, qualified_on=None)
    assert may_apply(policy, facts, date(year, 7, 10)) == (shift == 0)


def test_a_window_over_new_year_counts_by_the_business_year_unless_it_says_otherwise(
    beijing: Policy,
) -> None:
    window = WindowFact(Words("批次", "Window"), ("first",), date(2020, 12, 1), date(2021, 1, 31))
    policy = replace(beijing, windows=(window,))
    said = replace(beijing, windows=(replace(window, overrides={"exam_year": 2019}),))
    assert [may_apply(policy, LI, day) for day in (date(2020, 12, 31), date(2021, 1, 1))] == [
        True,
        False,
    ]
    assert may_apply(said, LI, date(2021, 1, 1))


@given(st.dates(date(2015, 1, 1), date(2025, 1, 1)), st.booleans(), st.sampled_from([2018, 2019]))
def test_eligible_means_that_no_finding_fails_and_every_failure_has_words(
    beijing: Policy, on: date, real_name: bool, exam_year: int
) -> None:
    findings = assess(beijing, replace(LI, real_name=real_name, exam_year=exam_year), on)
    mine = [f for f in findings if f.kind == "first"]
    assert eligible(findings, "first") == all(f.ok for f in mine)
    assert all("{" not in f.message.zh + f.message.en for f in findings)
    assert mine == assess(
        beijing, replace(LI, real_name=real_name, exam_year=exam_year), on, ["first"]
    )


def test_a_kind_that_was_not_assessed_is_not_eligible(beijing: Policy) -> None:
    assert not eligible(assess(beijing, LI, INSIDE, ["renewal"]), "first")
    with pytest.raises(KeyError):
        assess(beijing, LI, INSIDE, ["exchange"])


# ---------------------------------------------------------------- the form and the materials


def test_ba_10_ba_13_the_form_asks_for_everything_and_locks_what_is_known(first: Kind) -> None:
    assert first.form_title.zh == "北京市社会工作者登记申请表"
    assert all(spec.required for spec in first.fields)
    locked = {spec.name: spec.source for spec in first.fields if spec.locked}
    assert locked == {
        "name": "worker.name",
        "id_type": "worker.id_type",
        "id_number": "worker.id_number",
        "sex": "worker.sex",
        "born_on": "worker.born_on",
        "region_code": "application.region_code",
        "level": "qualification.level",
        "exam_year": "qualification.exam_year",
        "management_number": "qualification.management_number",
    }
    names = [spec.name for spec in first.fields]
    assert len(names) == len(set(names))
    fields = next(spec for spec in first.fields if spec.name == "practice_fields")
    assert (fields.kind, fields.min, fields.max) == ("choices", 1, 3)


def test_ba_14_an_address_is_needed_for_post_and_only_then(first: Kind) -> None:
    by_post = {spec.name for spec in first.fields if spec.required_when}
    assert by_post == {"recipient", "recipient_phone", "delivery_region", "delivery_address"}
    for spec in first.fields:
        if spec.required_when:
            assert spec.needed({"delivery": "post"})
            assert not spec.needed({"delivery": "pickup"})


def offered(kind: Kind) -> list[str]:
    delivery = next(spec for spec in kind.fields if spec.name == "delivery")
    return [choice.code for choice in delivery.choices]


def test_ba_14_ba_25_delivery_is_post_only_in_the_2020_window(beijing: Policy, first: Kind) -> None:
    default = beijing.kinds["first"]
    assert set(default.delivery) == {"pickup", "post"}
    assert set(offered(default)) == {"pickup", "post"}
    assert first.delivery == ("post",)
    assert offered(first) == ["post"]


def test_ba_08_ba_15_x_05_x_06_materials_and_their_limits(first: Kind) -> None:
    slots = {slot.name: slot for slot in first.materials}
    assert list(slots) == ["id_front", "id_back", "qualification", "portrait"]
    assert all(slot.required for slot in slots.values())
    limits = {name: slot.max_bytes for name, slot in slots.items()}
    mebibyte = 1024 * 1024
    assert limits == {
        "id_front": mebibyte,
        "id_back": mebibyte,
        "qualification": mebibyte,
        "portrait": None,
    }
    assert slots["portrait"].portrait == Portrait(413, 626, tolerance=0.02, accept_swapped=True)
    assert "宽413×高626" in slots["portrait"].hint.zh
    assert {name for name, slot in slots.items() if slot.portrait} == {"portrait"}


def test_ba_05_nothing_is_handed_in_on_paper(first: Kind) -> None:
    """Given the announcement: every answer is typed and every paper is a picture, none stamped."""
    assert {stage.level for stage in first.review} == {"province"}
    texts = "".join(slot.label.zh + slot.hint.zh for slot in first.materials)
    assert not any(word in texts for word in ("盖章", "现场", "纸质"))
    assert all(slot.pages == 1 and not slot.pdf for slot in first.materials)


# ---------------------------------------------------------------- the exact words


def test_ba_17_j_4_the_declaration_is_the_announcements(first: Kind) -> None:
    assert first.consents[0].text.zh == "我保证上述所填信息均真实有效"


def test_ba_20_j_05_the_text_after_submit_is_exact(first: Kind) -> None:
    assert first.submitted.zh == "您的登记申请表已提交，请耐心等待审核结果..."


# ---------------------------------------------------------------- the office and the course


def test_ba_01_ba_02_the_bureau_is_in_charge_and_the_association_acts_for_it(
    beijing: Policy, first: Kind
) -> None:
    ministry, bureau = beijing.legal_basis
    assert "民发〔2009〕44号" in ministry.zh
    assert "京民组发〔2014〕90号" in bureau.zh
    assert beijing.authority.zh == "北京市民政局"
    assert beijing.handling_body is not None
    assert beijing.handling_body.zh == "北京社会工作者协会"
    (stage,) = first.review
    assert stage.reviewer == "body_reviewer"
    assert stage.office("110105", {"000000", "110000", "110105"}) == "110000"


@pytest.mark.parametrize(
    "refusal",
    [
        lambda kind: withdraw_refusal(kind.withdraw, 0),
        lambda kind: return_refusal(kind.return_),
        lambda kind: reopen_refusal(kind.resubmit, False),
    ],
    ids=["bj_36_ba_19_withdraw", "return", "ba_22_x_35_resubmit_after_the_window"],
)
def test_what_this_policy_never_allows(
    first: Kind, refusal: Callable[[Kind], Exception | None]
) -> None:
    assert refusal(first) is not None


def test_ba_22_a_rejected_form_may_come_again_inside_the_window(first: Kind) -> None:
    assert reopen_refusal(first.resubmit, True) is None


@given(st.integers(0, 30))
def test_x_02_whoever_is_approved_in_the_batch_is_valid_to_31_may_2023(
    beijing: Policy, day: int
) -> None:
    approved = date(2020, 7, 1) + timedelta(days=day)
    assert valid_until(beijing.kinds["first"].validity, approved) == date(2023, 5, 31)


def test_ba_27_contacts_are_those_of_the_announcement(beijing: Policy) -> None:
    software, _support, association = beijing.contacts
    assert software.phone == "4000121860"
    assert association.email == "bjshgzzxh@163.com"
    assert association.person is not None
    assert association.person.zh == "刘主任"


def test_ba_28_ba_30_the_notice_is_signed_dated_linked_and_precedes_the_window(
    beijing: Policy,
) -> None:
    (window,) = beijing.windows
    assert window.notice is not None
    assert window.notice.issuer == beijing.authority
    assert window.notice.dated == date(2020, 6, 29) < window.opens_on
    assert "2020年北京市社会工作者职业水平证书首次登记" in window.notice.title.zh
    assert window.notice.link is not None
    assert "2020年7月1日-2020年7月31日" in window.notice.body.zh


def test_bj_37_results_go_out_by_sms_and_inbox_and_the_guide_has_its_steps(first: Kind) -> None:
    assert set(first.notify) == {"sms", "inbox"}
    assert len(first.guide) >= 5
