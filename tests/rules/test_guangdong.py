"""The fifth jurisdiction: a file and no Python, read against the public notices."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.eligibility import outlook, route
from app.rules.policy import Policy
from tests.rules.conftest import POLICIES
from tests.rules.people import failing, here, may, person, registered

TODAY = date(2019, 9, 2)
CHEN = person("440106", qualified_on=None)
REGIONS = {"000000", "440000", "440100", "440106", "441900"}


def test_a_jurisdiction_is_one_file_and_no_python() -> None:
    """Neither the place nor its code stands in any line of the portal's own code."""
    root = Path(__file__).parents[2]
    sources = [
        p for part in ("app", "models", "views", "migrations") for p in (root / part).rglob("*.py")
    ]
    named = re.compile(r"guangdong|广东|\b44\d{4}\b", re.IGNORECASE)
    assert len(sources) > 100
    assert [p.name for p in sources if named.search(p.read_text("utf-8"))] == []
    assert (POLICIES / "guangdong.yaml").exists()


def test_x_15_the_citys_association_reviews_first_and_the_provinces_last(
    guangdong: Policy,
) -> None:
    for kind in guangdong.kinds.values():
        assert [(s.level, s.reviewer) for s in kind.review] == [
            ("city", "body_reviewer"),
            ("province", "body_reviewer"),
        ]
        assert [s.office("440106", REGIONS) for s in kind.review] == ["440100", "440000"]
        assert [s.office("441900", REGIONS) for s in kind.review] == ["441900", "440000"]
    assert guangdong.handling_body is not None
    assert guangdong.handling_body.zh == "广东省社会工作师联合会"


@pytest.mark.parametrize("exam_year", [2008, 2015, 2018])
def test_x_30_first_registration_is_open_to_everybody_who_never_was(
    guangdong: Policy, exam_year: int
) -> None:
    facts = replace(CHEN, exam_year=exam_year)
    assert may(guangdong, facts, "first", TODAY)
    assert route(guangdong, facts, TODAY) == "first"
    again = replace(facts, registrations=registered(2016, until=date(2019, 12, 31)))
    assert list(failing(guangdong, again, "first", TODAY)) == ["never_registered"]


@given(st.dates(date(2012, 1, 1), date(2080, 1, 1)), st.dates(date(2012, 1, 1), date(2085, 1, 1)))
def test_x_33_renewal_is_in_the_calendar_year_of_the_first_day_after_the_end(
    guangdong: Policy, until: date, on: date
) -> None:
    facts = replace(CHEN, exam_year=2010, registrations=registered(2010, until=until))
    following = date.fromordinal(until.toordinal() + 1)
    accepted = on > until and on.year == following.year
    assert may(guangdong, facts, "renewal", on) is accepted
    assert (route(guangdong, facts, on) == "renewal") == (
        on > until
    )  # who is late belongs there too


@pytest.mark.parametrize("approved", [date(2016, 5, 20), date(2016, 9, 30), date(2016, 12, 31)])
def test_x_33_validity_ends_with_a_year_so_that_both_readings_are_one(
    guangdong: Policy, approved: date
) -> None:
    until = outlook(guangdong, "first", CHEN, approved).valid_until
    assert until == date(2019, 12, 31)
    facts = replace(CHEN, certificate=here(until))
    assert not may(guangdong, facts, "renewal", until)
    assert may(guangdong, facts, "renewal", date(2020, 1, 1))
    assert may(guangdong, facts, "renewal", date(2020, 12, 31))
    assert not may(guangdong, facts, "renewal", date(2021, 1, 1))


def test_no_proof_of_education_is_asked_for(guangdong: Policy) -> None:
    renewal = guangdong.kinds["renewal"]
    assert not renewal.asks("credit_hours")
    assert not renewal.asks("credit_proof")
    assert not any(slot.hours for slot in renewal.materials)


def test_x_46_the_certificate_is_collected(guangdong: Policy) -> None:
    assert {kind.delivery for kind in guangdong.kinds.values()} == {("pickup",)}
