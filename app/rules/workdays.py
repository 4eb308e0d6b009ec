"""The working-day clock: which days are worked, and by when an office has to decide (X-43)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

DAY = timedelta(days=1)
SATURDAY = 5

Held = tuple[date, date | None]
"""From which day an office has had a case until which day, or until now."""


@dataclass(frozen=True)
class Calendar:
    """Which days are worked: those from Monday to Friday, but for the days that `days` names:
    false for a statutory holiday, true for a weekend that makes up for one."""

    days: Mapping[date, bool]

    @cached_property
    def years(self) -> frozenset[int]:
        """The years whose holidays are known: those of which some day is named."""
        return frozenset(day.year for day in self.days)

    def works(self, day: date) -> bool:
        """Whether a day is a working day."""
        return self.days.get(day, day.weekday() < SATURDAY)

    def knows(self, after: date, until: date) -> bool:
        """Whether the holidays of every day after one day, up to and including another, are
        known."""
        return all(year in self.years for year in range((after + DAY).year, until.year + 1))


@dataclass(frozen=True)
class DueDay:
    """The last day on which something is in time; provisional where holidays that are not known
    yet may put it off."""

    day: date
    provisional: bool


def add_working_days(calendar: Calendar, start: date, number: int) -> DueDay:
    """The working day that is so many after the start, which itself does not count (X-43)."""
    day, left = start, number
    while left > 0:
        day += DAY
        left -= calendar.works(day)
    return DueDay(day, not calendar.knows(start, day))


def working_days_between(calendar: Calendar, after: date, until: date) -> int:
    """How many working days lie after one day, up to and including another; negative backwards."""
    if until < after:
        return -working_days_between(calendar, until, after)
    days = (after + DAY * turn for turn in range(1, (until - after).days + 1))
    return sum(map(calendar.works, days))


def due_day(calendar: Calendar, held: Sequence[Held], number: int) -> DueDay | None:
    """By when an office has to decide that may have a case for so many working days (X-43).

    `held` is when it had the case, in order: whatever lies between is the applicant's own time and
    does not count. None while the applicant has it, with some of the days left.
    """
    left = number
    for since, until in held:
        due = add_working_days(calendar, since, left)
        if until is None or due.day <= until:
            return DueDay(due.day, not calendar.knows(held[0][0], due.day))
        left -= working_days_between(calendar, since, until)
    return None
