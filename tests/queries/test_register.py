"""Everybody on the register: the same answers as one by one, counted, and what a change means."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date
from typing import Any, get_args

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.queries import everybody
from app.queries.counts import RegionCount, summary
from app.queries.facts import facts_of
from app.queries.policies import shelf
from app.queries.register import Change, compare
from app.rules.canonical import judge, refusals
from app.rules.conditions import Moment
from app.rules.facts import Facts
from app.rules.policy import Policy
from app.rules.regions import covers
from app.scope import as_system
from models.worker import Worker
from tests.support import factories

pytestmark = pytest.mark.slow

ON = date(2020, 7, 10)
DAYS = (ON, date(2019, 12, 31), date(2021, 4, 1), date(2023, 2, 28), date(2008, 1, 1))


@contextmanager
def register() -> Iterator[tuple[Session, list[Worker]]]:
    """All workers."""
    with as_system("a test looks") as session:
        yield session, list(session.scalars(select(Worker)))


def one_by_one(on: date, at: Moment) -> Iterator[tuple[Worker, Policy, Facts]]:
    """Every worker with the policy of the region and the facts, read alone."""
    policy_of = shelf(on)
    with register() as (_session, workers):
        for worker in workers:
            lost = None if at == "entry" else False
            yield worker, policy_of(worker.region_code), facts_of(worker, lost=lost)


@pytest.mark.demo
@pytest.mark.parametrize("at", get_args(Moment))
def test_everybody_at_once_is_told_what_each_is_told_alone(db: SQLAlchemy, at: Moment) -> None:
    for on in DAYS:
        expected: Counter[tuple[str, str, str]] = Counter()
        people = 0
        for _worker, policy, facts in one_by_one(on, at):
            people += 1
            for kind, rules in refusals(policy, facts, on, at):
                expected.update((kind, rule, "refuses") for rule in rules)
                expected[kind, "", "accepts"] += not rules
        found = summary(None, on, at).whole
        assert found.workers == people > 0
        counted = {
            **{(k, r, "refuses"): n for k, c in found.kinds.items() for r, n in c.rules.items()},
            **{(k, "", "accepts"): c.eligible for k, c in found.kinds.items()},
        }
        assert +Counter(counted) == +expected
        assert all(c.eligible + c.not_eligible <= people for c in found.kinds.values())


@pytest.mark.demo
def test_two_processes_count_what_one_counts(
    db: SQLAlchemy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(everybody, "CHUNK", 50)
    heard: list[tuple[int, int]] = []
    both = summary(None, ON, processes=2, progress=lambda done, of: heard.append((done, of)))
    alone = summary(None, ON, processes=1)
    assert asdict(both.whole) == asdict(alone.whole)
    assert asdict(both)["regions"] == asdict(alone)["regions"]
    assert len(heard) > 2
    assert heard[-1] == (both.whole.workers, both.whole.workers)


@pytest.mark.demo
def test_regions_add_up_to_the_whole(db: SQLAlchemy) -> None:
    found = summary("national", ON)
    assert {"110000", "410000"} <= set(found.regions)
    assert found.regions["110000"].name == "北京市"
    assert sum(region.workers for region in found.regions.values()) == found.whole.workers
    for kind, count in found.whole.kinds.items():
        parts = [region.kinds[kind] for region in found.regions.values()]
        assert sum(part.eligible for part in parts) == count.eligible
        for rule, number in count.rules.items():
            assert sum(part.rules.get(rule, 0) for part in parts) == number
    assert sum(found.policies.values()) == found.whole.workers


@pytest.mark.demo
def test_a_policy_of_a_region_counts_that_region_alone(db: SQLAlchemy) -> None:
    found = summary("beijing", ON)
    with register() as (_session, workers):
        mine = [worker for worker in workers if covers("110000", worker.region_code)]
        assert 0 < found.whole.workers == len(mine) < len(workers)
        assert set(found.regions) == {worker.region_code for worker in mine}
    assert json.loads(json.dumps(asdict(found)))["whole"]["workers"] == len(mine)


def test_an_empty_register_has_no_counts(db: SQLAlchemy) -> None:
    found = summary(None, ON)
    assert asdict(found.whole) == asdict(RegionCount("全国"))
    assert found.regions == {}


# ---------------------------------------------------------------- one policy for another


def without(policy: Policy, kind: str, rule: str) -> Policy:
    """The policy without a rule of a kind."""
    old = policy.kinds[kind]
    kept = tuple(use for use in old.requires if use.name != rule)
    return replace(policy, kinds={**policy.kinds, kind: replace(old, requires=kept)})


@pytest.mark.demo
def test_the_same_policy_changes_nothing(db: SQLAlchemy) -> None:
    policy = shelf(ON, "beijing")(None)
    impact = compare(policy, policy, ON)
    assert impact.workers == summary("beijing", ON).whole.workers
    for kind in impact.kinds.values():
        assert (kind.gains, kind.loses) == (Change(), Change())
        assert kind.unchanged.people == impact.workers
    assert impact.regions == {}


@pytest.mark.demo
def test_who_gains_by_one_rule_less_would_lose_by_it(db: SQLAlchemy) -> None:
    strict = shelf(ON, "beijing")(None)
    lax = without(strict, "first", "exam_year")
    expected = expected_regions(strict, lax)
    heard: list[tuple[int, int]] = []
    first = compare(strict, lax, ON, lambda done, of: heard.append((done, of))).kinds["first"]
    assert first.gains.people == sum(expected.values()) > 0
    assert first.gains.rules == {"exam_year": first.gains.people}
    assert first.gains.regions == expected
    assert first.loses == Change()
    assert compare(lax, strict, ON).kinds["first"].loses == first.gains
    assert heard[-1][0] == heard[-1][1] > 0


def expected_regions(strict: Policy, lax: Policy) -> Counter[str]:
    """Whom one rule less admits to a first registration, by region and one by one."""
    found: Counter[str] = Counter()
    for worker, policy, facts in one_by_one(ON, "submit"):
        if policy.code == strict.code:
            alone = replace(facts, open_application=None)
            was, now = (dict(refusals(p, alone, ON, "submit"))["first"] for p in (strict, lax))
            found[worker.region_code] += bool(was) and not now
    return +found


@pytest.mark.demo
def test_a_kind_that_is_new_is_not_offered_before(db: SQLAlchemy) -> None:
    after = shelf(ON, "beijing")(None)
    before = replace(after, kinds={k: v for k, v in after.kinds.items() if k != "first"})
    gains = compare(before, after, ON).kinds["first"].gains
    assert gains.people > 0
    assert gains.rules == {"not_offered": gains.people}


@pytest.mark.demo
def test_a_wider_policy_leaves_those_alone_who_have_a_nearer_one(db: SQLAlchemy) -> None:
    policy = shelf(ON, "national")(None)
    impact = compare(policy, policy, ON)
    nearer = sum(summary(code, ON).whole.workers for code in ("beijing", "chengdu", "guangdong"))
    assert impact.workers == summary(None, ON).whole.workers - nearer
    assert "110000" not in impact.regions


@pytest.mark.demo
def test_cases_in_flight_and_drafts_are_counted_with_their_people(db: SQLAlchemy) -> None:
    policy = shelf(ON, "beijing")(None)
    closed = replace(policy, windows=())
    first = compare(policy, closed, ON).kinds["first"]
    assert first.loses.rules == {"window_open": first.loses.people}
    assert first.loses.in_flight + first.unchanged.in_flight > 0
    assert first.loses.drafts + first.unchanged.drafts > 0
    impact: Any = json.loads(json.dumps(asdict(compare(policy, closed, ON))))
    assert impact["kinds"]["first"]["loses"]["people"] == first.loses.people


def test_a_judge_remembers_equal_facts_and_no_message(db: SQLAlchemy) -> None:
    worker = factories.worker()
    factories.qualification(worker)
    policy = shelf(ON, "beijing")(None)
    judging = judge(policy, ON)
    with register() as (_session, (same,)):
        facts = facts_of(same)
    assert judging(facts) == judging(
        replace(facts, management_number="1", born_on=date(1980, 1, 1))
    )
    assert judging.distinct == 1
