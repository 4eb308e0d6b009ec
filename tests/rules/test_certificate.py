"""Certificates: numbers with their check digit, the end of validity, the state on a day."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.rules.certificate import (
    ValidityRule,
    check_legacy_number,
    check_number,
    mod_11_10,
    number,
    state_on,
    steady,
    valid_until,
)

BATCH = ValidityRule("fixed_month_day", years=3, month_day="05-31")
ANNIVERSARY = ValidityRule("anniversary", years=3)
DAY_BEFORE = ValidityRule("anniversary", years=3, minus_one_day=True)

SERIALS = st.from_regex(r"[0-9]{8}", fullmatch=True)


@pytest.mark.parametrize(
    "published",
    [
        "07945",  # the example of ISO 7064
        "36574261809",  # German tax identification number, published test value
        "86095742719",  # another
        "69435151530",  # Croatian personal number, published test value
        "136695976",  # German VAT number, published test value
    ],
)
def test_x_41_iso_7064_mod_11_10_agrees_with_published_vectors(published: str) -> None:
    assert mod_11_10(published[:-1]) == published[-1]


@given(SERIALS, st.integers(2015, 2099))
def test_x_41_a_number_is_province_year_serial_and_check_digit(serial: str, year: int) -> None:
    made = number("110000", year, serial)
    assert made[:-1] == f"11{year}{serial}"
    assert len(made) == 15
    assert check_number(made)


@given(SERIALS, st.integers(0, 14), st.integers(1, 9))
def test_x_41_any_single_wrong_digit_is_found(serial: str, place: int, shift: int) -> None:
    made = number("410000", 2020, serial)
    wrong = str((int(made[place]) + shift) % 10)
    assert not check_number(made[:place] + wrong + made[place + 1 :])


PROVINCE_CODES = [
    *map(str, [*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55)]),
    *map(str, [*range(61, 66), 71]),
]


@given(st.sampled_from(PROVINCE_CODES), st.integers(2015, 2031), SERIALS, st.integers(0, 13))
@example("42", 2016, "50000000", 5)  # the year's last digit and the serial's first
def test_x_41_any_two_exchanged_neighbours_of_an_issued_number_are_found(
    province: str, year: int, serial: str, place: int
) -> None:
    made = number(f"{province}0000", year, serial)
    assume(steady(made))
    other = made[:place] + made[place + 1] + made[place] + made[place + 2 :]
    assert other == made or not check_number(other, 2031)


@given(st.sampled_from(PROVINCE_CODES), st.integers(2015, 2099))
@pytest.mark.slow
def test_x_41_every_province_has_steady_numbers_in_every_year(province: str, year: int) -> None:
    serials = (f"{turn * 7_368_787 % 10**8:08d}" for turn in range(1, 201))
    made = [number(f"{province}0000", year, serial) for serial in serials]
    assert sum(map(steady, made)) > 120


def test_x_41_not_every_serial_is_steady_which_is_why_it_is_asked() -> None:
    made = [number("110000", 2020, f"{serial:08d}") for serial in range(200)]
    assert not all(map(steady, made))


@pytest.mark.parametrize("value", ["00", "18", "24", "38", "47", "90"])
def test_x_41_a_number_begins_with_a_province(value: str) -> None:
    payload = f"{value}202000000042"
    assert not check_number(payload + mod_11_10(payload))


@pytest.mark.parametrize("year", [1999, 2014, 2021])
def test_x_41_a_year_before_the_register_or_after_today_is_mistyped(year: int) -> None:
    payload = f"11{year}00000042"
    assert not check_number(payload + mod_11_10(payload), 2020)


def test_x_41_leading_zeros_of_a_serial_are_kept() -> None:
    assert number("110000", 2020, "00000042").startswith("11202000000042")


@pytest.mark.parametrize("serial", ["", "1234567", "123456789", "1234567a", "１２３４５６７８"])
def test_x_41_a_serial_is_eight_digits(serial: str) -> None:
    with pytest.raises(ValueError, match="eight digits"):
        number("110000", 2020, serial)


@pytest.mark.parametrize(
    ("value", "sound"),
    [("00417733", True), ("0041773", False), ("004177331", False), ("0041773x", False)],
)
def test_mc_31_a_paper_certificate_has_eight_digits_and_keeps_its_zeros(
    value: str, sound: bool
) -> None:
    assert check_legacy_number(value) is sound
    assert not check_number(value)


@pytest.mark.parametrize(
    ("rule", "approved", "last"),
    [
        (BATCH, date(2020, 7, 15), date(2023, 5, 31)),
        (BATCH, date(2020, 12, 31), date(2023, 5, 31)),
        (BATCH, date(2017, 7, 1), date(2020, 5, 31)),
        (ANNIVERSARY, date(2020, 7, 15), date(2023, 7, 15)),
        (ANNIVERSARY, date(2025, 6, 30), date(2028, 6, 30)),
        (DAY_BEFORE, date(2025, 6, 30), date(2028, 6, 29)),
        (ANNIVERSARY, date(2020, 2, 29), date(2023, 2, 28)),
        (ValidityRule("anniversary", years=4), date(2020, 2, 29), date(2024, 2, 29)),
        (ValidityRule("fixed_month_day", 3, "02-29"), date(2020, 7, 1), date(2023, 2, 28)),
    ],
)
def test_x_02_validity_ends_on_the_batch_day_or_the_anniversary(
    rule: ValidityRule, approved: date, last: date
) -> None:
    assert valid_until(rule, approved) == last


@given(st.dates(date(2009, 1, 1), date(2100, 1, 1)), st.dates(date(2009, 1, 1), date(2100, 1, 1)))
def test_x_02_a_later_approval_never_ends_earlier(one: date, other: date) -> None:
    assume(one <= other)
    for rule in (BATCH, ANNIVERSARY, DAY_BEFORE):
        assert valid_until(rule, one) <= valid_until(rule, other)


@pytest.mark.parametrize(
    ("days_to_the_last", "state"),
    [(91, "valid"), (90, "due"), (0, "due"), (-1, "expired")],
)
def test_h_due_and_expired_follow_from_the_date(days_to_the_last: int, state: str) -> None:
    last = date(2023, 5, 31)
    assert state_on("valid", last, last - timedelta(days=days_to_the_last)) == state


@pytest.mark.parametrize("stored", ["replaced", "lost", "revoked", "cancelled"])
def test_h_other_stored_states_stay_what_they_are(stored: str) -> None:
    assert state_on(stored, date(2023, 5, 31), date(2030, 1, 1)) == stored
