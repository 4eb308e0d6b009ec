"""Reading facts: whatever is wrong is named by its key, and nothing sound is refused."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.facts import parse_facts
from app.rules.reading import PolicyFaults
from tests.rules import drawing

ON = date(2020, 7, 10)

SOUND: dict[str, Any] = {
    "region_code": "110105",
    "service_region_code": "110105",
    "level": "assistant",
    "exam_year": 2013,
    "qualified_on": "2013-12-20",
    "management_number": "20131234",
    "born_on": "1990-02-28",
    "registrations": [
        {"kind": "first", "year": 2014, "on": "2014-07-15", "valid_until": "2017-05-31"}
    ],
    "certificate": {
        "number": "1",
        "valid_until": "2017-05-31",
        "state": "valid",
        "issued_here": True,
    },
    "certificate_lost": False,
    "credits": [{"on": "2019-05-01", "hours": 7.5, "source": "online", "accepted": False}],
    "proofs": [2017],
    "open_application": "renewal",
}

TEXTS = ("level", "open_application", "registrations[0].kind", "credits[0].source")
DATES = (
    "qualified_on",
    "born_on",
    "registrations[0].on",
    "registrations[0].valid_until",
    "certificate.valid_until",
    "credits[0].on",
)
YEARS = ("exam_year", "registrations[0].year", "proofs[0]")
FLAGS = ("certificate_lost", "certificate.issued_here", "credits[0].accepted")
CODES = ("region_code", "service_region_code")


def changed(path: str, value: Any) -> dict[str, Any]:
    """Sound data in which one value is another."""
    data = deepcopy(SOUND)
    *way, last = path.replace("[", ".").replace("]", "").split(".")
    node: Any = data
    for step in way:
        node = node[int(step)] if step.isdigit() else node[step]
    node[int(last) if last.isdigit() else last] = value
    return data


def faults(data: object) -> list[str]:
    """The paths of what is wrong with data."""
    with pytest.raises(PolicyFaults) as refused:
        parse_facts(data)
    return [fault.path for fault in refused.value.faults]


def named(path: str) -> str:
    """Where a fault is told: a year among years is told with their key."""
    return "proofs" if path.startswith("proofs") else path


def each(paths: tuple[str, ...], *values: Any) -> list[tuple[str, Any]]:
    """Every path with every value."""
    return [(path, value) for path in paths for value in values]


WRONG = [
    *each(TEXTS, "master", "", 7, True, [], {}),
    *each(CODES, "", "11010", "1101055", "11010x", 110105),
    *each(DATES, "2021-02-29", "2020-13-01", "2020-7-1", "1899-12-31", "3000-01-01", "", 2020),
    *each(DATES, "2020-07-10T00:00", "20200710", True, []),
    *each(YEARS, "2014", 2014.0, True, 1899, 3000, [], 10**30),
    *each(FLAGS, 0, 1, "true", "", []),
    *each(("credits[0].hours",), -1, -0.1, "8", True, float("nan"), float("inf"), 10**7, None, []),
    *each(("registrations", "credits", "proofs"), 7, "x", None),
    *each(("registrations[0]", "credits[0]"), 7, None, []),
    ("certificate", []),
    ("certificate.state", "expired"),
    *each(("certificate.number", "management_number"), 7),
]


@pytest.mark.parametrize(("path", "value"), WRONG, ids=repr)
def test_what_is_wrong_is_named_by_its_key(path: str, value: Any) -> None:
    assert {named(found) for found in faults(changed(path, value))} == {named(path)}


@pytest.mark.parametrize(
    "path", ["exam_yeer", "certificate.numbers", "registrations[0].cycle_year", "credits[0].hour"]
)
def test_an_unknown_key_is_named(path: str) -> None:
    assert faults(changed(path, 1)) == [path]


@pytest.mark.parametrize("key", ["real_name", "registered_level"])
def test_what_the_portal_settles_itself_nobody_may_tell_it(key: str) -> None:
    assert faults({**SOUND, key: None})[-1:] == [key]


@pytest.mark.parametrize("data", [None, 7, "x", [], [SOUND], True])
def test_facts_are_a_mapping(data: object) -> None:
    assert faults(data) == [""]


def test_all_faults_are_told_at_once() -> None:
    data = {**changed("credits[0].hours", -1), "level": "x", "unknown": 1}
    assert set(faults(data)) == {"credits[0].hours", "level", "unknown"}


@given(drawing.data_about(ON))
def test_all_that_is_sound_is_read(data: dict[str, Any]) -> None:
    facts = parse_facts(data)
    assert len(facts.registrations) == len(data.get("registrations", []))
    assert len(facts.credits) == len(data.get("credits", []))
    assert facts.management_number is None or facts.management_number.strip()


@given(drawing.data_about(ON), st.text(min_size=1))
@pytest.mark.slow
def test_no_other_key_is_read(data: dict[str, Any], key: str) -> None:
    if key not in SOUND:
        assert key in faults({**data, key: None})
