"""The golden tables: for their year to the letter, and for any year against a second reckoning."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.conditions import Moment
from app.rules.eligibility import assess, outlook, route
from app.rules.facts import Facts, RegistrationFact
from app.rules.policy import Policy
from tests.rules.conftest import SHIPPED, shipped
from tests.rules.people import failing, hours, may, person, registered

ON = date(2020, 7, 10)
KINDS = ("first", "renewal", "late_renewal", "replacement")


def any_day(policy: Policy) -> Policy:
    """The policy with every kind open on every day: what is asked here is not the window."""
    kinds = {code: replace(kind, opens="always") for code, kind in policy.kinds.items()}
    return replace(policy, kinds=kinds, windows=())


@pytest.fixture(scope="module")
def open_beijing(beijing: Policy) -> Policy:
    return any_day(beijing)


# ---------------------------------------------------------------- G1

G1 = [
    (2020, None, (), (), None),
    (2019, None, (), (), None),
    (2018, None, (), (), None),
    (2017, "renewal", (), (2020,), 2023),
    (2016, "late_renewal", (2019,), (), 2022),
    (2015, "late_renewal", (2018,), (), 2021),
    (2014, "late_renewal", (2017,), (2020,), 2023),
    (2013, "late_renewal", (2016, 2019), (), 2022),
    (2012, "late_renewal", (2015, 2018), (), 2021),
    (2011, "late_renewal", (2014, 2017), (2020,), 2023),
    (2010, "late_renewal", (2013, 2016, 2019), (), 2022),
    (2009, "late_renewal", (2012, 2015, 2018), (), 2021),
]


@pytest.mark.parametrize(("last", "kind", "missed", "due", "next_due"), G1)
def test_g1_bj_16_bj_17_bj_40_bj_41_x_01_x_13_the_table_of_2020(
    open_beijing: Policy,
    last: int,
    kind: str | None,
    missed: tuple[int, ...],
    due: tuple[int, ...],
    next_due: int | None,
) -> None:
    facts = person("110105", exam_year=2008, qualified_on=None, registrations=registered(last))
    assert route(open_beijing, facts, ON) == kind
    if kind is None or next_due is None:
        for code in ("renewal", "late_renewal"):
            later = failing(open_beijing, facts, code, ON)["last_registration"]
            assert str(last + 3) in later.message.zh
        return
    settled = outlook(open_beijing, kind, facts, ON)
    assert settled.turns == (*missed, *due)
    assert settled.valid_until == date(next_due, 5, 31)
    proofs = settled.turns
    assert may(open_beijing, replace(facts, proofs=proofs), kind, ON)
    for left_out in proofs:
        rest = tuple(year for year in proofs if year != left_out)
        refused = failing(open_beijing, replace(facts, proofs=rest), kind, ON)
        assert list(refused) == ["credit_hours"]
        assert f"{left_out}年登记" in refused["credit_hours"].message.zh


def turns_reckoned(last: int, year: int) -> Iterator[int]:
    """A second reckoning: walk the years one by one and count to three."""
    waited = 0
    for one in range(last + 1, year + 1):
        waited += 1
        if waited == 3:
            waited = 0
            yield one


@given(st.integers(2009, 2100), st.integers(0, 40), st.integers(1, 365))
def test_g1_x_01_any_last_year_in_any_year(beijing: Policy, year: int, ago: int, day: int) -> None:
    policy, last = any_day(beijing), year - ago
    on = date.fromordinal(date(year, 1, 1).toordinal() + day - 1)
    facts = person("110105", exam_year=last, qualified_on=None, registrations=registered(last))
    expected = list(turns_reckoned(last, year))
    kind = None if not expected else "renewal" if expected == [year] else "late_renewal"
    assert route(policy, facts, on) == kind
    for code in ("renewal", "late_renewal"):
        found = outlook(policy, code, facts, on)
        assert list(found.turns) == (expected if code == kind else [])
        assert found.valid_until == (date(expected[-1] + 3, 5, 31) if code == kind else None)
    if kind:
        assert may(policy, replace(facts, proofs=tuple(expected)), kind, on)
        assert not may(policy, replace(facts, proofs=tuple(expected[:-1])), kind, on)
        assert not may(policy, replace(facts, proofs=tuple(expected[1:])), kind, on)


@given(st.integers(2012, 2100), st.integers(1, 15), st.integers(0, 3))
def test_g1_x_13_whoever_has_settled_is_due_three_years_after_the_last_turn(
    beijing: Policy, year: int, ago: int, later: int
) -> None:
    policy, last = any_day(beijing), year - ago
    facts = person("110105", exam_year=last, qualified_on=None, registrations=registered(last))
    settled = list(turns_reckoned(last, year))
    if not settled:
        return
    rows = tuple(
        RegistrationFact(
            "late_renewal", turn, on=date(year, 7, 1), valid_until=date(turn + 3, 5, 31)
        )
        for turn in settled
    )
    after = replace(facts, registrations=(*facts.registrations, *rows))
    on = date(year + later, 7, 10)
    due = settled[-1] + 3
    expected = None if on.year < due else "renewal" if on.year == due else "late_renewal"
    assert route(policy, after, on) == expected


# ---------------------------------------------------------------- G2


@pytest.mark.parametrize(
    ("exam_year", "kind"),
    [
        (2020, None),
        (2019, "first"),
        (2018, "replacement"),
        (2017, "replacement"),
        (2008, "replacement"),
    ],
)
def test_g2_bj_47_the_table_of_2020(open_beijing: Policy, exam_year: int, kind: str | None) -> None:
    facts = person("110105", exam_year=exam_year, qualified_on=None, proofs=(2020,))
    assert route(open_beijing, facts, ON) == kind
    for code in KINDS:
        assert may(open_beijing, facts, code, ON) == (code == kind)


@given(st.integers(2009, 2100), st.integers(-3, 40))
def test_g2_any_examination_in_any_year(beijing: Policy, year: int, ago: int) -> None:
    facts = person("110105", exam_year=year - ago, qualified_on=None)
    expected = None if ago < 1 else "first" if ago == 1 else "replacement"
    assert route(any_day(beijing), facts, date(year, 7, 10)) == expected


PROFILES = {"beijing": "110105", "chengdu": "510107", "henan-2021": "410105", "national": "420106"}


@pytest.mark.parametrize(
    ("name", "kind", "accepted"),
    [
        ("beijing", "replacement", True),
        ("chengdu", "first", True),
        ("henan-2021", "first", True),
        ("national", "first", False),
    ],
)
def test_x_30_g2_the_same_person_in_four_jurisdictions(
    name: str, kind: str, accepted: bool
) -> None:
    policy, on = any_day(shipped(name)), date(2021, 5, 10)
    facts = person(PROFILES[name], exam_year=2018, proofs=(2021,))
    assert route(policy, facts, on) == kind
    assert may(policy, facts, kind, on) is accepted
    others = [code for code in policy.kinds if code != kind]
    assert not any(may(policy, facts, code, on) for code in others)
    if not accepted:
        assert "逾期" in failing(policy, facts, kind, on)["exam_year"].message.zh


# ---------------------------------------------------------------- G5, G6


@pytest.mark.parametrize(
    ("level", "amount", "enough"),
    [
        ("assistant", "71.9", False),
        ("assistant", 72, True),
        ("social_worker", "89.9", False),
        ("social_worker", 90, True),
        ("senior", 90, True),
    ],
)
@pytest.mark.parametrize(("name", "region"), list(PROFILES.items()))
def test_g5_bj_32_hn_30_x_26_the_hours_of_each_level(
    name: str, region: str, level: str, amount: Any, enough: bool
) -> None:
    policy, on = any_day(shipped(name)), date(2021, 7, 10)
    if not policy.kinds["renewal"].asks("credit_hours"):
        return
    facts = person(
        region,
        level=level,
        registrations=registered(2018, until=date(2021, 8, 1)),
        credits=(hours(amount, date(2020, 3, 1)),),
    )
    assert may(policy, facts, "renewal", on, "approval") is enough


@given(st.lists(st.integers(0, 900), max_size=12), st.sampled_from(["assistant", "senior"]))
def test_g5_hours_are_a_sum_of_tenths_without_a_rest(
    beijing: Policy, tenths: list[int], level: str
) -> None:
    credits = tuple(hours(f"{n // 10}.{n % 10}", date(2019, 5, 5)) for n in tenths)
    facts = person(
        "110105", level=level, registrations=registered(2017), credits=credits, exam_year=2008
    )
    needed = 720 if level == "assistant" else 900
    assert may(any_day(beijing), facts, "renewal", ON, "approval") == (sum(tenths) >= needed)


def test_g6_the_level_that_is_registered_now_settles_the_hours(open_beijing: Policy) -> None:
    facts = person(
        "110105",
        registrations=registered(2017),
        credits=(hours(80, date(2019, 5, 5)),),
        registered_level="assistant",
    )
    assert may(open_beijing, facts, "renewal", ON, "approval")
    risen = replace(facts, level="social_worker")
    assert not may(open_beijing, risen, "renewal", ON, "approval")


# ---------------------------------------------------------------- what holds everywhere


@pytest.mark.parametrize("name", SHIPPED)
def test_every_kind_of_every_policy_has_somebody_who_may_apply(name: str) -> None:
    policy = any_day(shipped(name))
    region = {"guangdong": "440106", **PROFILES}[name]
    on = date(2021, 7, 10)
    never = person(region, exam_year=2020, qualified_on=None, proofs=(2021,))
    past = person(region, exam_year=2019 - 1, proofs=(2018, 2019, 2020, 2021))
    until = date(2021, 8, 1) if name != "guangdong" else date(2020, 12, 31)
    holder = replace(past, registrations=registered(2018, until=until))
    missed = replace(past, registrations=registered(2016))
    people = (never, past, holder, missed)
    for code in policy.kinds:
        assert any(may(policy, one, code, on) for one in people), code


@pytest.mark.parametrize("name", SHIPPED)
def test_every_refusal_is_a_sentence_in_two_languages(name: str) -> None:
    policy = shipped(name)
    for facts in (Facts(), person("650102"), person("110105", registrations=registered(2010))):
        for finding in assess(policy, facts, date(2021, 5, 10)):
            assert finding.message.zh
            assert finding.message.en
            assert "{" not in finding.message.zh + finding.message.en
            assert not any(
                "\u4e00" <= char <= "\u9fff" for char in finding.message.en.split("《")[0]
            )


@pytest.mark.parametrize(
    ("first", "second", "left"), [(71.9, 72, True), (72, 71.9, True), (72, 72, False)]
)
def test_bj_30_a_proof_leaves_hours_to_be_counted_in_every_turn(
    open_beijing: Policy, first: float, second: float, left: bool
) -> None:
    credits = (hours(first, date(2016, 5, 5)), hours(second, date(2019, 5, 5)))
    facts = person("110105", registrations=registered(2014), credits=credits, proofs=(2017, 2020))

    def to_count(facts: Facts, at: Moment) -> bool:
        (found,) = (
            one
            for one in assess(open_beijing, facts, ON, ["late_renewal"], at)
            if one.rule == "credit_hours"
        )
        return found.to_count

    assert to_count(facts, "submit") is left
    assert not to_count(facts, "approval"), "the reviewer has counted"
    assert not to_count(replace(facts, proofs=()), "submit"), "nothing is there to count"
