"""The working-day clock: holidays, worked weekends, unknown years, the applicant's own time."""

from datetime import date, timedelta

import pytest
from chinese_calendar import is_workday
from chinese_calendar.constants import holidays, workdays
from hypothesis import given
from hypothesis import strategies as st

from app.rules.workdays import (
    Calendar,
    DueDay,
    Held,
    add_working_days,
    due_day,
    working_days_between,
)

FREE = {date(2020, 10, 1) + timedelta(days=turn): False for turn in range(8)}
WORKED = {date(2020, 9, 27): True, date(2020, 10, 10): True}
AUTUMN = Calendar({**FREE, **WORKED})
KNOWN = Calendar({**dict.fromkeys(holidays, False), **dict.fromkeys(workdays, True)})
EMPTY = Calendar({})

DAYS = st.dates(date(2019, 1, 1), date(2022, 12, 31))
NAMED = st.dictionaries(DAYS, st.booleans(), max_size=40).map(Calendar)
LIMITS = st.integers(1, 60)


@pytest.mark.parametrize(
    ("start", "number", "due"),
    [
        (date(2020, 7, 10), 1, date(2020, 7, 13)),  # the day itself does not count, nor weekends
        (date(2020, 7, 10), 15, date(2020, 7, 31)),
        (date(2020, 7, 10), 30, date(2020, 8, 21)),
        (date(2020, 9, 25), 1, date(2020, 9, 27)),  # a Sunday that makes up
        (date(2020, 9, 30), 1, date(2020, 10, 9)),
        (date(2020, 9, 25), 15, date(2020, 10, 22)),
    ],
)
def test_x_43_holidays_are_left_out_and_worked_weekends_count(
    start: date, number: int, due: date
) -> None:
    assert add_working_days(AUTUMN, start, number) == DueDay(due, provisional=False)


def test_x_43_a_year_that_is_not_known_counts_weekends_alone_and_says_provisional() -> None:
    assert add_working_days(AUTUMN, date(2020, 12, 25), 4) == DueDay(date(2020, 12, 31), False)
    assert add_working_days(AUTUMN, date(2020, 12, 25), 5) == DueDay(date(2021, 1, 1), True)
    assert add_working_days(AUTUMN, date(2020, 12, 31), 1) == DueDay(date(2021, 1, 1), True)
    assert add_working_days(EMPTY, date(2020, 9, 30), 1) == DueDay(date(2020, 10, 1), True)


def test_x_43_every_day_is_what_the_state_council_announced() -> None:
    day = date(2004, 1, 1)
    while day.year in KNOWN.years:
        assert KNOWN.works(day) == is_workday(day), day
        day += timedelta(days=1)
    assert day.year >= 2027


def test_x_43_the_applicant_s_own_time_does_not_count() -> None:
    before = (date(2020, 7, 10), date(2020, 7, 15))  # three of fifteen days
    assert due_day(AUTUMN, [before, (date(2020, 7, 27), None)], 15) == DueDay(
        date(2020, 8, 12), False
    )
    assert due_day(AUTUMN, [before], 15) is None
    assert due_day(AUTUMN, [], 15) is None


def test_x_43_a_limit_that_was_used_up_stays_used_up() -> None:
    before = (date(2020, 7, 10), date(2020, 7, 15))
    again = (date(2020, 7, 27), None)
    assert due_day(AUTUMN, [before, again], 2) == DueDay(date(2020, 7, 14), False)


@given(NAMED, DAYS, LIMITS)
def test_x_43_the_due_day_is_worked_and_has_so_many_days_before_it(
    calendar: Calendar, start: date, number: int
) -> None:
    due = add_working_days(calendar, start, number)
    assert calendar.works(due.day)
    assert working_days_between(calendar, start, due.day) == number
    assert due.provisional == (not calendar.knows(start, due.day))


@given(NAMED, DAYS, DAYS, DAYS)
def test_x_43_working_days_add_up_in_both_directions(
    calendar: Calendar, one: date, two: date, three: date
) -> None:
    there = working_days_between(calendar, one, two) + working_days_between(calendar, two, three)
    assert there == working_days_between(calendar, one, three)


def _broken(start: date, lengths: list[tuple[int, int]]) -> list[Held]:
    """Times at an office, each followed by a time with the applicant; the last one lasts."""
    held: list[Held] = []
    for with_office, with_applicant in lengths:
        until = start + timedelta(days=with_office)
        held.append((start, until))
        start = until + timedelta(days=with_applicant)
    return [*held, (start, None)]


BREAKS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 40)), max_size=4)


@given(NAMED, DAYS, BREAKS, LIMITS)
def test_x_43_the_office_has_its_days_whatever_the_breaks(
    calendar: Calendar, start: date, lengths: list[tuple[int, int]], number: int
) -> None:
    held = _broken(start, lengths)
    due = due_day(calendar, held, number)
    assert due is not None
    used = [
        working_days_between(calendar, since, min(until or due.day, due.day))
        for since, until in held
        if since <= due.day
    ]
    assert sum(used) == number


@given(NAMED, DAYS, st.lists(st.integers(0, 20), max_size=4), LIMITS)
def test_x_43_breaks_without_length_change_nothing(
    calendar: Calendar, start: date, lengths: list[int], number: int
) -> None:
    whole = add_working_days(calendar, start, number)
    assert due_day(calendar, _broken(start, [(one, 0) for one in lengths]), number) == whole
