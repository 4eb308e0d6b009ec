"""The national renewal (再登记): three months, hours of the period, five parts."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.dictionaries import parse_labels
from app.rules.eligibility import outlook, route
from app.rules.fields import FieldSpec
from app.rules.kinds import Kind
from app.rules.policy import Policy
from app.rules.workflow import State, state_label
from tests.rules.conftest import data_of
from tests.rules.people import failing, hours, may, person, registered

EXPIRY = date(2025, 6, 30)
TODAY = date(2025, 5, 10)
WU = person(
    "420106",
    registrations=registered(2022, until=EXPIRY),
    credits=(hours(72, date(2024, 5, 1)),),
)


@pytest.fixture
def renewal(national: Policy) -> Kind:
    return national.kinds["renewal"]


def field(kind: Kind, name: str) -> FieldSpec:
    return next(spec for spec in kind.fields if spec.name == name)


# ---------------------------------------------------------------- when


@pytest.mark.parametrize(
    ("expiry", "first_day"),
    [
        (date(2025, 6, 30), date(2025, 3, 30)),
        (date(2024, 5, 29), date(2024, 2, 29)),
        (date(2025, 5, 31), date(2025, 2, 28)),
        (date(2026, 3, 1), date(2025, 12, 1)),
        (date(2028, 2, 29), date(2027, 11, 29)),
    ],
)
def test_g3_x_33_renewal_begins_three_months_before_the_end(
    national: Policy, expiry: date, first_day: date
) -> None:
    facts = replace(WU, registrations=registered(2020, until=expiry), proofs=(expiry.year,))
    assert may(national, facts, "renewal", first_day)
    assert route(national, facts, first_day) == "renewal"
    before = first_day - timedelta(days=1)
    assert list(failing(national, facts, "renewal", before)) == ["expires_within"]
    assert route(national, facts, before) is None


@given(st.dates(date(2020, 1, 1), date(2090, 12, 31)), st.integers(-200, 2000))
def test_g3_x_33_any_expiry_has_its_first_day_by_the_calendar(
    national: Policy, expiry: date, shift: int
) -> None:
    month, year = (expiry.month - 4) % 12 + 1, expiry.year - (expiry.month <= 3)
    first_day = next(
        date(year, month, day) for day in range(expiry.day, 0, -1) if exists(year, month, day)
    )
    facts = replace(WU, registrations=registered(2019, until=expiry), proofs=(expiry.year,))
    on = expiry + timedelta(days=shift)
    assert may(national, facts, "renewal", on) == (on >= first_day)


def exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("on", [date(2025, 7, 1), date(2026, 6, 30), date(2030, 1, 1)])
def test_x_14_x_33_late_is_allowed_and_counts_from_the_approval(national: Policy, on: date) -> None:
    assert may(national, WU, "renewal", on)
    assert outlook(national, "renewal", WU, on).valid_until == on.replace(year=on.year + 3)


def test_hn_26_x_29_an_early_renewal_counts_from_the_approval_too(national: Policy) -> None:
    found = outlook(national, "renewal", WU, TODAY)
    assert (found.turns, found.valid_until) == ((2025,), date(2028, 5, 10))


# ---------------------------------------------------------------- hours


@pytest.mark.parametrize(
    ("level", "amount", "enough"),
    [
        ("assistant", "71.9", False),
        ("assistant", 72, True),
        ("social_worker", "89.9", False),
        ("social_worker", 90, True),
        ("senior", "89.9", False),
        ("senior", 90, True),
    ],
)
def test_hn_30_g5_x_26_hours_by_level(
    national: Policy, level: str, amount: Any, enough: bool
) -> None:
    facts = replace(WU, level=level, credits=(hours(amount, date(2024, 5, 1)),))
    assert may(national, facts, "renewal", TODAY, "approval") is enough


def test_g5_online_and_accepted_offline_hours_are_one_sum(national: Policy) -> None:
    online = hours(40, date(2023, 1, 1))
    mixed = (online, hours(32, date(2024, 1, 1), "offline", True))
    assert may(national, replace(WU, credits=mixed), "renewal", TODAY, "approval")
    waiting = (online, hours(32, date(2024, 1, 1), "offline", False))
    assert not may(national, replace(WU, credits=waiting), "renewal", TODAY, "approval")


@pytest.mark.parametrize(
    ("on", "day", "counts"),
    [
        (TODAY, date(2022, 6, 29), False),
        (TODAY, date(2022, 6, 30), True),
        (TODAY, TODAY, True),
        (TODAY, date(2025, 5, 11), False),
        (date(2026, 1, 1), EXPIRY, True),
        (date(2026, 1, 1), date(2025, 7, 1), False),
    ],
)
def test_x_27_hours_count_in_the_period_that_is_renewed_also_when_late(
    national: Policy, on: date, day: date, counts: bool
) -> None:
    facts = replace(WU, credits=(hours(72, day),))
    assert may(national, facts, "renewal", on, "approval") is counts


# ---------------------------------------------------------------- the form


def test_mc_21_the_form_has_its_five_parts(renewal: Kind) -> None:
    parts = [section.label.zh for section in renewal.sections]
    assert parts == ["登记信息", "工作经历", "个人荣誉", "继续教育"]
    assert renewal.form_title.zh == "社会工作者再登记信息表"
    assert "继续教育证明" in [slot.label.zh for slot in renewal.materials]


def test_mc_22_the_first_three_parts_ask_what_the_first_registration_asks(
    national: Policy, renewal: Kind
) -> None:
    asked = {spec.name: spec for spec in renewal.fields if spec.name not in HOURS_FIELDS}
    assert asked == {spec.name: spec for spec in national.kinds["first"].fields}


HOURS_FIELDS = {"online_hours", "offline_training", "offline_hours"}


def test_mc_23_mc_36_online_hours_are_filled_in_and_never_typed(renewal: Kind) -> None:
    online = field(renewal, "online_hours")
    assert (online.locked, online.source) == (True, "credit.online")


def test_mc_24_hn_32_offline_hours_are_typed_and_bring_their_proof(renewal: Kind) -> None:
    proof = next(slot for slot in renewal.materials if slot.hours)
    for asked in (field(renewal, "offline_hours"), proof):
        assert asked.needed({"offline_training": "yes"})
        assert not asked.asked({"offline_training": "no"})
    assert not field(renewal, "offline_hours").locked
    assert "结业证书" in proof.hint.zh


def test_mc_13_a_project_of_the_plans_needs_its_proof(national: Policy) -> None:
    for kind in (national.kinds["first"], national.kinds["renewal"]):
        proof = next(slot for slot in kind.materials if slot.name == "plan_proof")
        assert proof.needed({"plan_project": "yes"})
        assert not proof.asked({"plan_project": "no"})
        assert "三区计划或牵手计划" in field(kind, "plan_project").label.zh


def test_mc_06_mc_07_mc_14_experience_is_required_and_honours_are_not(national: Policy) -> None:
    for kind in (national.kinds["first"], national.kinds["renewal"]):
        optional = {spec.name for spec in kind.fields if not spec.required}
        assert optional == {"honors", "honor_levels"}
        assert field(kind, "work_experience").required


def test_mc_15_honours_have_six_levels(renewal: Kind) -> None:
    levels = [choice.label.zh for choice in field(renewal, "honor_levels").choices]
    assert levels == ["村（居）", "街道（乡镇）", "区（县）", "地市", "省", "部"]


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("kind", "states"),
    [
        (
            "first",
            ["未登记", "初审中", "终审中", "初审不通过", "终审不通过", "首次登记已完成", "已出证"],
        ),
        (
            "renewal",
            ["未申请", "初审中", "终审中", "初审不通过", "终审不通过", "再登记已完成", "已出证"],
        ),
    ],
)
def test_mc_18_mc_19_x_18_each_kind_has_its_own_words(
    national: Policy, kind: str, states: list[str]
) -> None:
    texts = parse_labels(data_of("labels"))[national.kinds[kind].labels or national.labels]
    asked = [
        (None, 1),
        (State.in_review, 1),
        (State.in_review, 2),
        (State.rejected, 1),
        (State.rejected, 2),
        (State.approved, 2),
        (State.issued, 2),
    ]
    assert [state_label(texts, state, stage).zh for state, stage in asked] == states


def test_mc_19_mc_33_x_25_a_higher_level_changes_the_word_of_an_issued_case_alone(
    national: Policy,
) -> None:
    texts = parse_labels(data_of("labels"))[national.labels]
    assert state_label(texts, State.issued, 2, upgradable=True).zh == "已出证待升级"
    assert state_label(texts, State.in_review, 1, upgradable=True).zh == "初审中"
    others = parse_labels(data_of("labels"))["beijing"]
    assert state_label(others, State.issued, 1, upgradable=True).zh == "审核通过"


@pytest.mark.parametrize(
    ("state", "stage", "wording"),
    [
        (None, 1, "未申请登记证书"),
        (State.in_review, 1, "待审核"),
        (State.returned, 1, "补正"),
        (State.rejected, 1, "初审未通过"),
        (State.in_review, 2, "初审通过"),
        (State.rejected, 2, "终审未通过"),
        (State.approved, 2, "首次登记已完成"),
        (State.issued, 2, "已出证"),
    ],
)
def test_x_18_the_other_published_wording_is_a_set_of_its_own(
    state: State | None, stage: int, wording: str
) -> None:
    assert state_label(parse_labels(data_of("labels"))["national_v2"], state, stage).zh == wording
