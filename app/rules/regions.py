"""Arithmetic on GB/T 2260 region codes: a code tells its level and its ancestors by its digits.

Not every code that the digits give exists: a county directly under a province has no city, a
city may have no counties, a municipality has no city level. `office_for` is where that matters.
"""

from collections.abc import Collection, Mapping
from itertools import chain
from typing import Literal

Level = Literal["nation", "province", "city", "county"]

NATION = "000000"
LEVELS: tuple[Level, ...] = ("nation", "province", "city", "county")


def level_of(code: str) -> Level:
    """The level by digits; raises ValueError unless the code is six digits."""
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        raise ValueError(f"not a region code: {code!r}")
    if code == NATION:
        return "nation"
    if code.endswith("0000"):
        return "province"
    return "city" if code.endswith("00") else "county"


def province_of(code: str) -> str:
    """The province's code by digits; NATION for NATION."""
    return code[:2] + "0000"


def city_of(code: str) -> str:
    """The city's code by digits (it need not exist); a province's own code for a province."""
    return code[:4] + "00"


def ancestors(code: str) -> tuple[str, ...]:
    """The code itself, its city, its province and NATION, each once, from near to far."""
    level_of(code)
    return tuple(dict.fromkeys((code, city_of(code), province_of(code), NATION)))


def covers(ancestor: str, code: str) -> bool:
    """Whether the code lies in the ancestor's subtree; a region covers itself."""
    return ancestor in ancestors(code)


def office_for(
    level: Level,
    region_code: str,
    existing: Collection[str],
    overrides: Mapping[str, str] = {},
) -> str:
    """The region whose office decides a stage of this level for a case in region_code (X-16).

    That is the region itself or its nearest existing ancestor at the level or above it: a county
    under its province has its final review at the province, a city without counties its first
    review at the city. A policy may name the office of a region, which also holds for all below.
    """
    path = ancestors(region_code)
    wanted = LEVELS.index(level)
    named = (overrides[code] for code in path if code in overrides)
    fitting = (c for c in path if c in existing and LEVELS.index(level_of(c)) <= wanted)
    return next(chain(named, fitting), NATION)
