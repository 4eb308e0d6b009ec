"""Which requirement is shown by which test: the page says what the names of the tests say."""

import pytest

from tests.support.requirements import (
    BACKGROUND,
    PAGE,
    Asked,
    Catalogue,
    Shown,
    UnknownIdError,
    catalogue,
    current,
    page,
    shown_by,
)

SMALL = Catalogue(
    {"BJ": "One", "X": "Two", "G": "Tables"},
    [
        Asked("BJ-07", "accounts", "Sign-in"),
        Asked("X-43", "review", "Working days"),
        Asked("G4", "windows", "Days"),
        Asked("X-31", BACKGROUND, "One document"),
    ],
)


def test_the_page_in_the_docs_is_the_one_that_the_tests_give() -> None:
    assert PAGE.read_text("utf-8") == current(), "run `make requirements` and commit the page"


def test_every_id_is_asked_once_in_the_order_of_its_section() -> None:
    known = catalogue()
    assert list(dict.fromkeys(one.section for one in known.asked)) == list(known.sections)
    for letters in known.sections:
        ids = [one.id for one in known.asked if one.section == letters]
        numbers = [int(id[len(letters) :].lstrip("-")) for id in ids]
        assert numbers == list(range(1, len(ids) + 1))


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("test_bj_07_the_code_works_once", ["BJ-07"]),
        ("test_bj_07_x_43_both", ["BJ-07", "X-43"]),
        ("test_x_43_g4_two_ways_of_writing", ["X-43", "G4"]),
        ("test_a_name_without_any", []),
        ("test_bj_07_a_portrait_of_413_by_626", ["BJ-07"]),
    ],
)
def test_a_name_begins_with_its_ids(name: str, ids: list[str]) -> None:
    assert SMALL.ids_of(name) == ids


@pytest.mark.parametrize(
    "name", ["test_bj_99_is_not_asked", "test_bj_07_43_without_section", "test_late_bj_07"]
)
def test_a_name_that_would_be_lost_is_a_fault(name: str) -> None:
    with pytest.raises(UnknownIdError, match=name):
        SMALL.ids_of(name)


def test_what_no_test_shows_is_listed_as_not_shown_and_counted() -> None:
    shown = shown_by(SMALL, iter([Shown("tests/test_a.py", "test_bj_07_once")]))
    text = page(SMALL, shown)
    assert "| BJ-07 | Sign-in | accounts | [test_bj_07_once](../tests/test_a.py) |" in text
    assert "| X-43 | Working days | review | **not shown yet** |" in text
    assert "| X-31 | One document | background | nothing to show |" in text
    assert "| all | 1 | 3 |" in text
