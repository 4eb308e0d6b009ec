"""Facts drawn at random: as data that somebody may send, and as what the rules then look at."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, get_args

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from app.rules.facts import LEVELS, CertificateState, Facts, KindCode, parse_facts

Data = dict[str, Any]
Drawn = SearchStrategy[Any]

days = st.dates(date(2009, 1, 1), date(2035, 12, 31))
"""Days on which the rules are asked."""

KINDS = st.sampled_from(get_args(KindCode))
REGIONS = st.sampled_from(["110105", "110000", "410105", "410000", "510107", "440106", "000000"])
EXTREMES = [date(1900, 1, 1), date(2999, 12, 31), date(2020, 2, 29), date(2024, 2, 29)]
HOURS = st.integers(0, 100) | st.decimals(0, 200, places=1).map(float) | st.just(10**6)


def _on(n: int) -> Callable[[date], str]:
    return lambda on: (on + timedelta(days=n)).isoformat()


def _in(n: int) -> Callable[[date], int]:
    return lambda on: on.year + n


def _new_year(n: int, last: bool) -> Callable[[date], str]:
    return lambda on: f"{on.year + n}-12-31" if last else f"{on.year + n}-01-01"


# Built once, because building takes longer than drawing: what depends on the day on which the rules
# are asked is drawn as a function of it.
_near = st.integers(-1500, 1500) | st.sampled_from([-1, 0, 1, -90, 90, -91, 91])
_years = st.integers(-9, 4).map(_in) | st.sampled_from([1900, 2999])
_dates = (
    _near.map(_on)
    | st.builds(_new_year, st.integers(-9, 4), st.booleans())
    | st.sampled_from([*map(date.isoformat, EXTREMES), "1900-12-31", "2999-01-01"])
)


def nullable(part: Drawn) -> Drawn:
    """A part that may be null."""
    return part | st.none()


def credit(dates: Drawn) -> Drawn:
    """One course; `accepted` may be missing."""
    return st.fixed_dictionaries(
        {"on": dates, "hours": HOURS, "source": st.sampled_from(["online", "offline"])},
        optional={"accepted": st.booleans()},
    )


_registration = st.fixed_dictionaries(
    {"kind": KINDS, "year": _years},
    optional={"on": nullable(_dates), "valid_until": nullable(_dates)},
)
_certificate = st.fixed_dictionaries(
    {"number": nullable(st.text(min_size=1).filter(str.strip)), "valid_until": _dates},
    optional={
        "state": st.sampled_from(get_args(CertificateState)),
        "issued_here": st.booleans(),
    },
)
_data = st.fixed_dictionaries(
    {},
    optional={
        "region_code": nullable(REGIONS),
        "service_region_code": nullable(REGIONS),
        "level": nullable(st.sampled_from(LEVELS)),
        "exam_year": nullable(_years),
        "qualified_on": nullable(_dates),
        "management_number": nullable(st.sampled_from(["", "20190121101019110001"])),
        "born_on": nullable(_dates),
        "registrations": st.lists(_registration, max_size=3),
        "certificate": nullable(_certificate),
        "certificate_lost": nullable(st.booleans()),
        "credits": st.lists(credit(_dates), max_size=5),
        "proofs": st.lists(_years, max_size=3),
        "open_application": nullable(KINDS),
    },
)


def _placed(value: Any, on: date) -> Any:
    """What was drawn, at the day on which the rules are asked."""
    if isinstance(value, dict):
        return {key: _placed(part, on) for key, part in value.items()}
    if isinstance(value, list):
        return [_placed(part, on) for part in value]
    return value(on) if callable(value) else value


def data_about(on: date) -> SearchStrategy[Data]:
    """Data that `parse_facts` takes: every key, extremes, empty texts, things twice; most days
    are near the one on which the rules are asked, because their bounds are there."""
    return _data.map(lambda drawn: _placed(drawn, on))


def about(on: date) -> SearchStrategy[Facts]:
    """Facts that were read from such data."""
    return data_about(on).map(parse_facts)
