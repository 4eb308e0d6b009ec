"""The notice of Henan and its year, read line by line against the policy and its verdicts."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.eligibility import assess, countdown, outlook, route
from app.rules.facts import Facts
from app.rules.policy import Policy
from app.rules.workflow import reopen_refusal, return_refusal, withdraw_refusal
from tests.rules.people import elsewhere, failing, hours, may, person, registered

TODAY = date(2021, 5, 10)
FIRST, LAST = date(2021, 4, 1), date(2022, 4, 1)
ZHANG = person("410105", exam_year=2010, qualified_on=None)
HELD = replace(ZHANG, registrations=registered(2015, until=date(2018, 9, 1)))
ENOUGH = (hours(72, date(2017, 6, 1)),)


# ---------------------------------------------------------------- when


@pytest.mark.parametrize(
    ("on", "accepted"),
    [
        (date(2021, 3, 31), False),
        (FIRST, True),
        (date(2021, 7, 1), True),
        (date(2022, 1, 1), True),
        (LAST, True),
        (date(2022, 4, 2), False),
    ],
)
def test_hn_23_g4_both_ends_of_the_year_are_inside(henan: Policy, on: date, accepted: bool) -> None:
    assert may(henan, ZHANG, "first", on) is accepted
    assert may(henan, replace(HELD, credits=ENOUGH), "renewal", on) is accepted


@given(st.dates(date(2020, 1, 1), date(2024, 1, 1)))
def test_hn_23_g4_the_window_is_its_days_and_no_others(henan: Policy, on: date) -> None:
    assert may(henan, ZHANG, "first", on) == ("2021-04-01" <= on.isoformat() <= "2022-04-01")


def test_hn_24_the_concentrated_days_are_told_and_are_no_gate(henan: Policy) -> None:
    (window,) = henan.windows
    assert window.concentrated is not None
    assert (window.concentrated.opens_on, window.concentrated.closes_on) == (
        FIRST,
        date(2021, 6, 30),
    )
    after = date(2021, 7, 1)
    assert may(henan, ZHANG, "first", after)
    text = countdown(henan, assess(henan, ZHANG, after), after)
    assert text is not None
    assert "274" in text.zh  # to the end of the window, not of the concentrated days


def test_hn_25_x_28_after_its_year_the_policy_is_over_and_still_answers(henan: Policy) -> None:
    refused = failing(henan, ZHANG, "first", date(2022, 4, 2))
    assert list(refused) == ["in_force", "window_open"]
    assert "2022年4月1日" in refused["in_force"].message.zh


def test_x_28_who_registered_in_the_window_renews_and_who_did_not_is_too_late(
    national: Policy, henan: Policy
) -> None:
    done = outlook(henan, "first", ZHANG, TODAY).valid_until
    assert done == date(2024, 5, 10)
    holder = replace(
        ZHANG, registrations=registered(2021, until=done), credits=(hours(72, date(2023, 1, 1)),)
    )
    assert may(national, holder, "renewal", date(2024, 3, 1))
    late = person("410105", exam_year=2018)
    assert list(failing(national, late, "first", date(2022, 4, 2))) == ["exam_year"]
    assert route(national, late, date(2022, 4, 2)) == "first"


def test_hn_25_a_new_attempt_ends_with_the_window_and_an_answer_does_not(henan: Policy) -> None:
    for kind in henan.kinds.values():
        assert reopen_refusal(kind.resubmit, window_is_open=False) is not None
        assert reopen_refusal(kind.resubmit, window_is_open=True) is None
        assert return_refusal(kind.return_) is None  # HN-34: what is missing comes on line


# ---------------------------------------------------------------- who


@pytest.mark.parametrize(
    ("exam_year", "accepted"), [(2008, True), (2019, True), (2020, True), (2021, False)]
)
def test_hn_11_hn_27_x_30_everybody_up_to_2020_registers_first(
    henan: Policy, exam_year: int, accepted: bool
) -> None:
    facts = replace(ZHANG, exam_year=exam_year)
    assert may(henan, facts, "first", TODAY) is accepted
    assert (route(henan, facts, TODAY) == "first") is accepted
    if not accepted:
        refused = failing(henan, facts, "first", TODAY)
        assert list(refused) == ["exam_year"]
        assert "2020年及以前" in refused["exam_year"].message.zh


@pytest.mark.parametrize("level", ["assistant", "social_worker", "senior"])
def test_hn_11_all_three_levels_are_meant(henan: Policy, level: str) -> None:
    assert may(henan, replace(ZHANG, level=level), "first", TODAY)


@pytest.mark.parametrize(("on", "held"), [(date(2021, 5, 9), False), (date(2021, 5, 10), True)])
def test_hn_11_the_certificate_of_2020_counts_from_its_own_day(
    henan: Policy, on: date, held: bool
) -> None:
    facts = replace(ZHANG, exam_year=2020, qualified_on=date(2021, 5, 10))
    assert may(henan, facts, "first", on) is held


def test_hn_12_who_passed_but_holds_no_certificate_waits_for_it(henan: Policy) -> None:
    facts = replace(ZHANG, exam_year=2020, management_number=None)
    assert list(failing(henan, facts, "first", TODAY)) == ["certificate_in_hand"]


def test_hn_28_the_three_conditions_are_told_and_declared(henan: Policy) -> None:
    kind = henan.kinds["first"]
    told = "".join(text.zh for text in kind.conditions)
    declared = "".join(statement.text.zh for statement in kind.consents)
    for text in ("具有完全民事行为能力", "遵纪守法，恪守职业道德"):
        assert text in told
        assert text in declared
    assert "取得职业水平证书" in told
    minor = [f for f in assess(henan, replace(ZHANG, born_on=date(2005, 1, 1)), TODAY) if not f.ok]
    assert ("adult", True) in {(f.rule, f.warning) for f in minor}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"registrations": (), "credits": ENOUGH}, "expires_within"),
        ({"credits": ()}, "credit_hours"),
        ({"management_number": None}, "certificate_in_hand"),
    ],
)
def test_hn_29_each_condition_of_a_renewal_fails_under_its_own_name(
    henan: Policy, change: dict[str, Any], rule: str
) -> None:
    facts = replace(HELD, **{"credits": ENOUGH, **change})
    assert rule in failing(henan, facts, "renewal", TODAY)
    assert may(henan, replace(HELD, credits=ENOUGH), "renewal", TODAY)


def test_hn_29_capacity_and_law_are_told_and_declared(henan: Policy) -> None:
    kind = henan.kinds["renewal"]
    told = [text.zh for text in kind.conditions]
    assert len(told) == 4
    assert "72小时" in told[2]
    assert "90小时" in told[2]
    assert "adult" in {use.name for use in kind.requires}
    assert "恪守职业道德" in kind.consents[-1].text.zh


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
@pytest.mark.parametrize("at", ["submit", "approval"])
def test_hn_30_g5_hours_of_the_three_years_of_validity(
    henan: Policy, level: str, amount: Any, enough: bool, at: str
) -> None:
    facts = replace(HELD, level=level, credits=(hours(amount, date(2018, 9, 1)),))
    assert may(henan, facts, "renewal", TODAY, at) is enough


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (date(2015, 8, 31), False),
        (date(2015, 9, 1), True),
        (date(2018, 9, 1), True),
        (date(2018, 9, 2), False),
    ],
)
def test_hn_30_x_27_only_hours_of_the_period_that_is_renewed_count(
    henan: Policy, day: date, counts: bool
) -> None:
    facts = replace(HELD, credits=(hours(72, day),))
    assert may(henan, facts, "renewal", TODAY, "approval") is counts


def test_hn_32_hours_online_or_a_proof_of_hours_elsewhere(henan: Policy) -> None:
    assert may(henan, replace(HELD, credits=ENOUGH), "renewal", TODAY)
    proved = replace(HELD, proofs=(2018,))
    assert may(henan, proved, "renewal", TODAY)
    assert not may(henan, proved, "renewal", TODAY, "approval")
    accepted = replace(HELD, credits=(hours(72, date(2017, 1, 1), "offline", True),))
    assert may(henan, accepted, "renewal", TODAY, "approval")


@pytest.mark.parametrize(
    "until", [date(2012, 1, 1), date(2021, 5, 9), date(2021, 12, 31), date(2024, 3, 1)]
)
def test_hn_27_hn_37_holders_renew_whenever_their_certificate_ends(
    henan: Policy, until: date
) -> None:
    facts = replace(ZHANG, certificate=elsewhere(until), proofs=(until.year,))
    assert may(henan, facts, "renewal", TODAY)
    assert route(henan, facts, TODAY) == "renewal"
    assert outlook(henan, "renewal", facts, TODAY).valid_until == date(2024, 5, 10)


def test_hn_27_who_registered_in_this_very_window_has_nothing_to_renew(henan: Policy) -> None:
    done = registered(2021, until=date(2024, 4, 20))
    facts = replace(ZHANG, registrations=(replace(done[0], on=date(2021, 4, 20)),))
    assert list(failing(henan, facts, "renewal", TODAY)) == ["expires_within", "credit_hours"]
    assert route(henan, facts, TODAY) is None


def test_hn_36_x_29_first_registration_counts_from_the_final_approval(henan: Policy) -> None:
    never: Facts = ZHANG
    assert outlook(henan, "first", never, date(2021, 9, 30)).valid_until == date(2024, 9, 30)


# ---------------------------------------------------------------- how


def test_hn_31_x_04_the_two_kinds_have_the_names_of_the_notice(henan: Policy) -> None:
    assert {k.code: k.label.zh for k in henan.kinds.values()} == {
        "first": "社工师登记",
        "renewal": "再登记",
    }


def test_hn_33_county_then_city_and_nothing_is_named_for_single_regions(henan: Policy) -> None:
    for kind in henan.kinds.values():
        assert [s.reviewer for s in kind.review] == ["county_reviewer", "city_reviewer"]
        assert not any(stage.offices for stage in kind.review)


def test_hn_38_x_16_a_county_under_the_province_has_its_final_review_there(henan: Policy) -> None:
    existing = {"000000", "410000", "410100", "410105", "419001"}
    offices = [stage.office("419001", existing) for stage in henan.kinds["first"].review]
    assert offices == ["419001", "410000"]


def test_hn_35_x_46_nothing_is_printed_or_posted(henan: Policy) -> None:
    assert {kind.delivery for kind in henan.kinds.values()} == {("electronic",)}


def test_x_10_withdrawn_until_the_first_decision(henan: Policy) -> None:
    for kind in henan.kinds.values():
        assert withdraw_refusal(kind.withdraw, 0) is None
        assert withdraw_refusal(kind.withdraw, 1) is not None


def test_hn_42_number_issuer_and_day_of_the_document_are_named(henan: Policy) -> None:
    assert any(
        "豫民文〔2021〕37号" in text.zh and "2021年3月8日" in text.zh for text in henan.legal_basis
    )
    notice = henan.windows[0].notice
    assert notice is not None
    assert "豫民文〔2021〕37号" in notice.title.zh
    assert (notice.issuer.zh, notice.dated) == ("河南省民政厅", date(2021, 3, 8))


def test_hn_21_the_administrator_of_the_province_can_be_reached(henan: Policy) -> None:
    (contact,) = henan.contacts
    assert (contact.phone, contact.email) == ("0371-65909129", "hnmz65900110@163.com")


def test_hn_26_it_extends_the_national_policy_and_changes_what_the_notice_changes(
    henan: Policy, national: Policy
) -> None:
    assert henan.extends == national.code
    assert "exchange" not in henan.kinds
    for code, kind in henan.kinds.items():
        same = national.kinds[code]
        assert (kind.layout, kind.materials, kind.review) == (
            same.layout,
            same.materials,
            same.review,
        )
        assert (kind.validity, kind.history, kind.labels) == (
            same.validity,
            same.history,
            same.labels,
        )
