"""Earlier registrations as they are stated: what cannot be, and what a reviewer should compare."""

from datetime import date

import pytest

from app.rules.earlier import Earlier, faults, meant, remarks
from app.rules.facts import RegistrationFact

TODAY = date(2020, 7, 10)


def wrong(*years: int, verified: tuple[int, ...] = ()) -> list[tuple[int, str]]:
    return [(i, name) for i, name, _ in faults([{"year": y} for y in years], TODAY, verified)]


def rows(*years: int) -> list[RegistrationFact]:
    return [RegistrationFact("first", year) for year in years]


def test_bj_20_years_to_come_and_decreasing_years_are_refused() -> None:
    assert wrong(2014, 2017) == []
    assert wrong(2014, 2021) == [(1, "year")]
    assert wrong(2017, 2014) == [(1, "year")]
    assert wrong(2014, 2014) == []  # a remark for the reviewer, no refusal


def test_bj_23_a_verified_year_is_not_stated_again() -> None:
    assert wrong(2014, 2017, verified=(2014,)) == [(0, "year")]


@pytest.mark.parametrize(
    ("years", "said"),
    [
        ((2014, 2017), []),
        ((2014,), []),
        ((2014, 2014), ["2014年填写了两次登记"]),
        ((2014, 2016), ["2014年与2016年的登记相隔2年"]),
        ((2011, 2017, 2020), ["2011年与2017年的登记相隔6年"]),
    ],
)
def test_bj_20_equal_years_and_another_spacing_are_remarks(
    years: tuple[int, ...], said: list[str]
) -> None:
    found = [text.zh for text in remarks(rows(*years), 3)]
    assert len(found) == len(said)
    assert all(text.startswith(begin) for text, begin in zip(found, said, strict=True))


def test_bj_19_the_first_line_is_a_first_registration_and_the_others_are_renewals() -> None:
    lines = [{"year": 2014}, {"year": 2017}]
    assert meant(lines, 3) == (Earlier("first", 2014), Earlier("renewal", 2017))
    assert meant(lines, 3, first=False)[0].kind == "renewal"


@pytest.mark.parametrize(
    ("on", "until", "found"),
    [
        (
            date(2019, 6, 30),
            date(2022, 6, 30),
            (Earlier("first", 2019, date(2019, 6, 30), date(2022, 6, 30)),),
        ),
        (
            date(2019, 6, 30),
            date(2025, 6, 30),
            (
                Earlier("first", 2019, date(2019, 6, 30)),
                Earlier("renewal", 2022, None, date(2025, 6, 30)),
            ),
        ),
        (
            date(2019, 6, 30),
            date(2022, 8, 1),
            (Earlier("first", 2019, date(2019, 6, 30), date(2022, 8, 1)),),
        ),
    ],
)
def test_cd_32_a_day_and_a_validity_mean_one_registration_or_two(
    on: date, until: date, found: tuple[Earlier, ...]
) -> None:
    assert meant([{"on": on, "valid_until": until}], 3) == found


def test_cd_32_validity_does_not_end_before_the_first_registration() -> None:
    lines = [{"on": date(2019, 6, 30), "valid_until": date(2019, 6, 29)}]
    assert [(i, name) for i, name, _ in faults(lines, TODAY)] == [(0, "valid_until")]
    lines = [{"on": date(2019, 6, 30), "valid_until": date(2019, 6, 30)}]
    assert list(faults(lines, TODAY)) == []
    lines = [{"on": date(2020, 7, 11), "valid_until": date(2023, 7, 11)}]
    assert [(i, name) for i, name, _ in faults(lines, TODAY)] == [(0, "on")]


@pytest.mark.parametrize(
    ("until", "told"),
    [
        (date(2022, 6, 30), False),
        (date(2022, 6, 29), False),  # some issuers count the day before the anniversary
        (date(2025, 6, 30), False),
        (date(2024, 6, 30), True),
        (date(2022, 7, 1), True),
    ],
)
def test_cd_32_a_span_that_is_no_multiple_of_the_cycle_is_a_remark(until: date, told: bool) -> None:
    found = meant([{"on": date(2019, 6, 30), "valid_until": until}], 3)
    facts = [RegistrationFact(o.kind, o.cycle_year, o.on, o.valid_until) for o in found]
    assert [text.zh[:4] for text in remarks(facts, 3)] == (["首次登记"] if told else [])


@pytest.mark.parametrize("number", ["1234567", "123456789", "1234567a", "１２３４５６７８"])
def test_mc_31_the_number_is_eight_digits(number: str) -> None:
    line = {"kind": "first", "valid_until": date(2022, 1, 1), "number": number}
    assert [(i, name) for i, name, _ in faults([line], TODAY)] == [(0, "number")]


def test_mc_31_leading_zeros_stay() -> None:
    line = {"kind": "renewal", "valid_until": date(2022, 1, 1), "number": "00123456"}
    assert list(faults([line], TODAY)) == []
    line = {"kind": "renewal", "on": date(2019, 1, 2), "valid_until": date(2028, 1, 1)}
    assert [one.kind for one in meant([line], 3)] == ["renewal"]


def test_mc_26_what_the_certificate_says_is_one_registration() -> None:
    line = {"kind": "renewal", "valid_until": date(2022, 1, 1), "number": "00123456"}
    assert meant([line], 3) == (Earlier("renewal", 2019, None, date(2022, 1, 1), "00123456"),)
