"""Earlier registrations as somebody states them: what cannot be, and what a reviewer should see."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from app.rules.certificate import check_legacy_number, shifted
from app.rules.facts import RegistrationFact
from app.rules.words import Words

FIRST_YEAR = 2008
"""The year of the first national examination: nobody was registered before (CD-25)."""

FUTURE_YEAR = Words("{year}年还没有到，请核对登记年度。", "The year {year} has not come yet.")
FUTURE_DAY = Words("{on}还没有到，请核对登记日期。", "{on} has not come yet.")
DECREASING = Words(
    "登记年度应从早到晚填写：{year}年早于上一条的{before}年。",
    "Enter the registrations from the first to the last: {year} is before {before}.",
)
KNOWN = Words(
    "{year}年的登记已经审核通过，不需要再填写。",
    "The registration of {year} is verified already; leave it out here.",
)
ENDS_FIRST = Words(
    "有效期至{until}早于首次登记日期{on}，请按登记证书核对。",
    "The validity until {until} ends before the first registration on {on}.",
)
NOT_EIGHT = Words(
    "请填写登记证书第一页下方的八位数字，开头的0也要填写。",
    "Enter the eight digits at the bottom of the certificate's first page, leading zeros included.",
)
SAME_YEAR = Words(
    "{year}年填写了两次登记，请与登记证书核对。",
    "Two registrations of {year} are stated; compare the registration certificate.",
)
SPACING = Words(
    "{before}年与{year}年的登记相隔{gap}年，登记周期为{years}年，请与登记证书核对。",
    "{gap} years lie between the registrations of {before} and {year}, while a cycle has {years}; "
    "compare the registration certificate.",
)
SPAN = Words(
    "首次登记日期{on}至有效期{until}不是{years}年的整数倍，请与登记证书核对。",
    "From the first registration on {on} to the last day of validity, {until}, is no multiple of "
    "{years} years; compare the registration certificate.",
)

Stated = Mapping[str, Any]
"""What one line says, by what the history step asks: kind, year, on, valid_until, number."""


@dataclass(frozen=True)
class Earlier:
    """One registration that the lines mean."""

    kind: str
    cycle_year: int
    on: date | None = None
    valid_until: date | None = None
    number: str | None = None


def meant(lines: Sequence[Stated], years: int, first: bool = True) -> tuple[Earlier, ...]:
    """The registrations that sound lines mean, in their order; without `first` an earlier one is
    on record already.

    A line without a year names the day of the first registration and the last day of validity
    (CD-32), which become two when the validity goes beyond one cycle. A line that says its kind
    is that registration alone, from its day to its last day (MC-26).
    """
    found: list[Earlier] = []
    for line in lines:
        kind = line.get("kind") or ("first" if first and not found else "renewal")
        on: Any = line.get("on")
        until: Any = line.get("valid_until")
        number = line.get("number")
        year = line.get("year") or (on.year if on else until.year - years)
        later = (
            not line.get("kind")
            and until
            and on
            and until.year - years > on.year
            and until > shifted(on, years)
        )
        if later:
            found.append(Earlier(kind, year, on))
            found.append(Earlier("renewal", until.year - years, None, until, number))
        else:
            found.append(Earlier(kind, year, on, until, number))
    return tuple(found)


def faults(
    lines: Sequence[Stated], today: date, verified: Sequence[int] = ()
) -> Iterator[tuple[int, str, Words]]:
    """What cannot be, by line and answer (BJ-20): years and days to come, years that decrease or
    are verified already, a validity that ends before it begins, a number of another form."""
    before: int | None = None
    for index, line in enumerate(lines):
        year, on, until, number = (line.get(n) for n in ("year", "on", "valid_until", "number"))
        if year and year > today.year:
            yield index, "year", FUTURE_YEAR.fill(year=year)
        elif year and year in verified:
            yield index, "year", KNOWN.fill(year=year)
        elif year and before and year < before:
            yield index, "year", DECREASING.fill(year=year, before=before)
        before = year or before
        if on and on > today:
            yield index, "on", FUTURE_DAY.fill(on=on)
        elif on and until and until < on:
            yield index, "valid_until", ENDS_FIRST.fill(until=until, on=on)
        if number and not check_legacy_number(number):
            yield index, "number", NOT_EIGHT


def remarks(rows: Sequence[RegistrationFact], years: int) -> Iterator[Words]:
    """What a reviewer should compare with the certificate (BJ-20, CD-32): equal years, a spacing
    other than the cycle, or days that no number of cycles lies between."""
    first, last = (rows[0], rows[-1]) if rows else (None, None)
    if first and last and first.on and last.valid_until:
        cycles = range(1, (last.valid_until.year - first.on.year) // max(years, 1) + 2)
        ends = {shifted(first.on, years * n) for n in cycles}
        if not ends & {last.valid_until, last.valid_until + timedelta(days=1)}:
            yield SPAN.fill(on=first.on, until=last.valid_until, years=years)
        return
    for one, two in pairwise(rows):
        gap = two.cycle_year - one.cycle_year
        if gap == 0:
            yield SAME_YEAR.fill(year=two.cycle_year)
        elif gap != years:
            yield SPACING.fill(before=one.cycle_year, year=two.cycle_year, gap=gap, years=years)
