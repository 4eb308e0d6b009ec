"""Region codes: levels and ancestors by digits, and the office that decides where a level lacks."""

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.regions import (
    LEVELS,
    NATION,
    Level,
    ancestors,
    city_of,
    covers,
    level_of,
    office_for,
    province_of,
)

CODES = st.from_regex(r"[1-8][0-9]{5}", fullmatch=True)

# 济源 419001 has no city, 东莞 441900 no counties, a municipality no city level.
EXISTING = {
    *("000000", "110000", "110105", "410000", "410100", "410105", "419001"),
    *("440000", "441900", "500000", "500229"),
}


@pytest.mark.parametrize(
    ("code", "level", "path"),
    [
        ("000000", "nation", ("000000",)),
        ("410000", "province", ("410000", "000000")),
        ("410100", "city", ("410100", "410000", "000000")),
        ("410105", "county", ("410105", "410100", "410000", "000000")),
        ("419001", "county", ("419001", "419000", "410000", "000000")),
        ("441900", "city", ("441900", "440000", "000000")),
        ("110105", "county", ("110105", "110100", "110000", "000000")),
    ],
)
def test_a_code_tells_its_level_and_its_ancestors(
    code: str, level: Level, path: tuple[str, ...]
) -> None:
    assert level_of(code) == level
    assert ancestors(code) == path


@pytest.mark.parametrize("code", ["", "41010", "4101050", "41010x", "四一〇一〇五", "٤١٠١٠٥"])
def test_what_is_no_region_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="not a region code"):
        level_of(code)


@given(CODES, CODES)
def test_hn_03_a_subtree_is_its_ancestors_and_siblings_are_invisible(one: str, other: str) -> None:
    assert covers(NATION, one)
    assert covers(province_of(one), one)
    assert covers(city_of(one), one)
    assert covers(one, one)
    assert covers(province_of(one), other) == (one[:2] == other[:2])
    if level_of(one) == level_of(other) and one != other:
        assert not covers(one, other)


@pytest.mark.parametrize(
    ("level", "region", "office"),
    [
        ("county", "410105", "410105"),
        ("city", "410105", "410100"),
        ("province", "410105", "410000"),
        ("county", "419001", "419001"),
        ("city", "419001", "410000"),
        ("county", "441900", "441900"),
        ("city", "441900", "441900"),
        ("county", "110105", "110105"),
        ("city", "110105", "110000"),
        ("city", "500229", "500000"),
        ("county", "410100", "410100"),
        ("city", "710000", "000000"),
    ],
)
def test_x_16_a_missing_level_goes_to_the_next_existing_ancestor(
    level: Level, region: str, office: str
) -> None:
    assert office_for(level, region, EXISTING) == office


def test_x_16_a_policy_may_name_the_office_of_a_region_and_all_below_it() -> None:
    named = {"410100": "410000"}
    assert office_for("city", "410105", EXISTING, named) == "410000"
    assert office_for("city", "441900", EXISTING, named) == "441900"


@given(CODES, st.sampled_from(LEVELS), st.sets(CODES))
def test_x_16_the_office_is_always_on_the_path_and_never_below_the_stage(
    region: str, level: Level, existing: Collection[str]
) -> None:
    office = office_for(level, region, {*existing, NATION})
    assert covers(office, region)
    assert LEVELS.index(level_of(office)) <= LEVELS.index(level)
