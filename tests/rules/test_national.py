"""The national policy: always open, county then city, within a year of the examination."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.certificate import valid_until
from app.rules.conditions import age_on
from app.rules.eligibility import assess, countdown, eligible
from app.rules.facts import Facts
from app.rules.policy import Policy
from app.rules.workflow import reopen_refusal, return_refusal, withdraw_refusal

TODAY = date(2020, 7, 10)
REGIONS = {"000000", "410000", "410100", "410105", "419001", "440000", "441900", "110000", "110105"}

WANG = Facts(
    region_code="410105",
    level="senior",
    exam_year=2019,
    management_number="20190124101019410001",
    born_on=date(1990, 1, 1),
)


@pytest.mark.parametrize(
    ("exam_year", "on", "accepted"),
    [
        (2018, date(2019, 12, 31), True),
        (2018, date(2020, 1, 1), False),
        (2019, date(2020, 1, 1), True),
        (2020, date(2020, 12, 31), True),
        (2021, date(2020, 12, 31), False),
    ],
)
def test_x_32_registration_ends_with_the_year_after_the_examination(
    national: Policy, exam_year: int, on: date, accepted: bool
) -> None:
    findings = assess(national, replace(WANG, exam_year=exam_year), on)
    assert eligible(findings, "first") is accepted


def test_g2_who_passed_earlier_is_overdue(national: Policy) -> None:
    findings = assess(national, replace(WANG, exam_year=2018), TODAY, ["first"])
    (failing,) = [f for f in findings if not f.ok]
    assert (failing.expected, failing.actual) == ("2019,2020", "2018")
    assert "逾期" in failing.message.zh
    assert "2019、2020年" in failing.message.zh
    assert "2019 or 2020" in failing.message.en


def test_hn_12_who_passed_but_holds_no_certificate_waits_for_it(national: Policy) -> None:
    findings = assess(national, replace(WANG, management_number=""), TODAY, ["first"])
    assert [f.rule for f in findings if not f.ok] == ["certificate_in_hand"]


@pytest.mark.parametrize(
    ("on", "held"), [(date(2020, 5, 9), False), (date(2020, 5, 10), True), (TODAY, True)]
)
def test_hn_11_the_certificate_is_held_from_its_own_day(
    national: Policy, on: date, held: bool
) -> None:
    findings = assess(national, replace(WANG, qualified_on=date(2020, 5, 10)), on)
    assert eligible(findings, "first") is held
    assert ("2020年5月10日" in "".join(f.message.zh for f in findings)) is not held


@given(st.dates(date(2020, 1, 1), date(2020, 12, 31)))
def test_the_kind_is_open_all_year_and_hurries_nobody(national: Policy, on: date) -> None:
    findings = assess(national, WANG, on)
    assert eligible(findings, "first")
    assert national.is_open("first", on)
    assert countdown(national, findings, on) is None


def test_hn_28_a_minor_is_flagged_and_not_refused(national: Policy) -> None:
    findings = assess(national, replace(WANG, born_on=date(2002, 7, 11)), TODAY, ["first"])
    (flagged,) = [f for f in findings if not f.ok]
    assert flagged.warning
    assert "17周岁" in flagged.message.zh
    assert eligible(findings, "first")
    assert all(
        f.ok for f in assess(national, replace(WANG, born_on=date(2002, 7, 10)), TODAY, ["first"])
    )
    unknown = assess(national, replace(WANG, born_on=None), TODAY, ["first"])
    assert [(f.rule, f.warning) for f in unknown if not f.ok] == [("adult", True)]


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(2002, 7, 10), TODAY, 18),
        (date(2002, 7, 11), TODAY, 17),
        (date(2004, 2, 29), date(2022, 2, 28), 17),
        (date(2004, 2, 29), date(2022, 3, 1), 18),
    ],
)
def test_x_21_age_is_counted_in_completed_years(born: date, on: date, age: int) -> None:
    assert age_on(born, on) == age


def test_mc_32_hn_33_the_county_reviews_first_and_the_city_last(national: Policy) -> None:
    county, city = national.kinds["first"].review
    assert (county.reviewer, city.reviewer) == ("county_reviewer", "city_reviewer")
    assert (county.label.zh, city.label.zh) == ("初审", "终审")


@pytest.mark.parametrize(
    ("region", "offices"),
    [
        ("410105", ["410105", "410100"]),
        ("419001", ["419001", "410000"]),
        ("441900", ["441900", "441900"]),
        ("110105", ["110105", "110000"]),
    ],
)
def test_x_16_hn_38_each_stage_finds_its_office(
    national: Policy, region: str, offices: list[str]
) -> None:
    assert [s.office(region, REGIONS) for s in national.kinds["first"].review] == offices


def test_x_10_x_35_withdrawal_return_and_resubmission(national: Policy) -> None:
    kind = national.kinds["first"]
    assert withdraw_refusal(kind.withdraw, 0) is None
    assert withdraw_refusal(kind.withdraw, 1) is not None
    assert return_refusal(kind.return_) is None
    assert reopen_refusal(kind.resubmit, window_is_open=False) is None


def test_mc_09_x_06_the_portrait_takes_500k_and_no_other_picture_has_a_limit(
    national: Policy,
) -> None:
    limits = {slot.name: slot.max_bytes for slot in national.kinds["first"].materials}
    assert limits == {
        "id_front": None,
        "id_back": None,
        "qualification": None,
        "portrait": 500 * 1024,
        "plan_proof": None,
    }
    portrait = national.kinds["first"].materials[-2].portrait
    assert portrait is not None
    assert (portrait.width, portrait.height) == (413, 626)


def test_hn_26_hn_35_x_02_the_certificate_is_electronic_and_valid_for_three_years(
    national: Policy,
) -> None:
    kind = national.kinds["first"]
    assert kind.delivery == ("electronic",)
    assert valid_until(kind.validity, date(2020, 7, 15)) == date(2023, 7, 15)


def test_mc_08_mc_35_the_declaration_quotes_the_ethical_guide(national: Policy) -> None:
    assert "《社会工作者职业道德指引》" in national.kinds["first"].consents[0].text.zh
