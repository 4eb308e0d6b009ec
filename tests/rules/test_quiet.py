"""Quiet hours: no text message leaves in them, and each leaves as early as it may."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.quiet import QuietHours, parse

FIRST = datetime.fromisoformat("2020-01-01")
MINUTES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(FIRST, FIRST.replace(year=2040))


def is_quiet(hours: QuietHours, at: datetime) -> bool:
    """Counted in minutes since the beginning, another way than the rule does it."""
    day = timedelta(days=1)
    since = (at - datetime.combine(at.date(), hours.begins)) % day
    length = (datetime.combine(at, hours.ends) - datetime.combine(at, hours.begins)) % day
    return since < length


@given(MINUTES, MINUTES, MOMENTS)
def test_what_may_leave_leaves_at_once_and_all_else_when_the_quiet_ends(
    begins: time, ends: time, at: datetime
) -> None:
    hours = QuietHours(begins, ends)
    allowed = hours.next_allowed(at)
    assert not is_quiet(hours, allowed)
    if is_quiet(hours, at):
        assert at < allowed <= at + timedelta(days=1)
        assert is_quiet(hours, allowed - timedelta(microseconds=1))
    else:
        assert allowed == at


def test_hours_are_written_as_a_span_and_nothing_means_that_none_is_quiet() -> None:
    assert parse("21:00-08:00") == QuietHours(time(21), time(8))
    assert parse("") is None


@pytest.mark.parametrize("text", ["21", "21:00", "21:00-8", "25:00-08:00", "a-b", "1-2-3"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(text)
