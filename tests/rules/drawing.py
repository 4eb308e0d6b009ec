"""Facts drawn at random: as data that somebody may send, and as what the rules then look at."""

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


def nullable(part: Drawn) -> Drawn:
    """A part that may be null."""
    return part | st.none()


def credit(dates: Drawn) -> Drawn:
    """One course; `accepted` may be missing."""
    return st.fixed_dictionaries(
        {"on": dates, "hours": HOURS, "source": st.sampled_from(["online", "offline"])},
        optional={"accepted": st.booleans()},
    )


def data_about(on: date) -> SearchStrategy[Data]:
    """Data that `parse_facts` takes: every key, extremes, empty texts, things twice; most days
    are near the one on which the rules are asked, because their bounds are there."""
    near = st.integers(-1500, 1500) | st.sampled_from([-1, 0, 1, -90, 90, -91, 91])
    years = st.integers(on.year - 9, on.year + 4) | st.sampled_from([1900, 2999])
    new_year = years.flatmap(lambda y: st.sampled_from([date(y, 1, 1), date(y, 12, 31)]))
    any_day = near.map(lambda n: on + timedelta(days=n)) | new_year | st.sampled_from(EXTREMES)
    dates = any_day.map(date.isoformat)
    registration = st.fixed_dictionaries(
        {"kind": KINDS, "year": years},
        optional={"on": nullable(dates), "valid_until": nullable(dates)},
    )
    certificate = st.fixed_dictionaries(
        {"number": nullable(st.text(min_size=1).filter(str.strip)), "valid_until": dates},
        optional={
            "state": st.sampled_from(get_args(CertificateState)),
            "issued_here": st.booleans(),
        },
    )
    return st.fixed_dictionaries(
        {},
        optional={
            "region_code": nullable(REGIONS),
            "service_region_code": nullable(REGIONS),
            "level": nullable(st.sampled_from(LEVELS)),
            "exam_year": nullable(years),
            "qualified_on": nullable(dates),
            "management_number": nullable(st.sampled_from(["", "20190121101019110001"])),
            "born_on": nullable(dates),
            "registrations": st.lists(registration, max_size=3),
            "certificate": nullable(certificate),
            "certificate_lost": nullable(st.booleans()),
            "credits": st.lists(credit(dates), max_size=5),
            "proofs": st.lists(years, max_size=3),
            "open_application": nullable(KINDS),
        },
    )


def about(on: date) -> SearchStrategy[Facts]:
    """Facts that were read from such data."""
    return data_about(on).map(parse_facts)
