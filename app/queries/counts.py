"""What a day's policies say to everybody on the register: by kind, by rule and by region."""

import os
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from app.queries.everybody import (
    WHY,
    Chunk,
    Progress,
    followed,
    next_below,
    people,
    region_names,
)
from app.queries.policies import shelf
from app.rules import regions
from app.rules.canonical import ByRegion, Refusals, judge
from app.rules.conditions import Moment
from app.scope import as_system

Tally = Counter[tuple[str, str, Refusals]]
"""How many workers of a region have the same refusals under a policy, `code@edition`."""


@dataclass
class KindCount:
    """How many may apply for a kind; a rule counts everybody whom it refuses."""

    eligible: int = 0
    not_eligible: int = 0
    rules: dict[str, int] = field(default_factory=dict)

    def add(self, refusing: Collection[str], number: int) -> None:
        """Count people whom these rules refuse."""
        if not refusing:
            self.eligible += number
            return
        self.not_eligible += number
        for rule in refusing:
            self.rules[rule] = self.rules.get(rule, 0) + number


@dataclass
class RegionCount:
    """The counts of one region, kind by kind."""

    name: str
    workers: int = 0
    kinds: dict[str, KindCount] = field(default_factory=dict)

    def add(self, refusals: Refusals, number: int) -> None:
        """Count people of the same refusals."""
        self.workers += number
        for kind, rules in refusals:
            self.kinds.setdefault(kind, KindCount()).add(rules, number)


@dataclass(frozen=True)
class Summary:
    """What a day's rules say to a register: as a whole, and by the regions next below.

    `policies` counts the workers under each policy, `code@edition`.
    """

    policies: Mapping[str, int]
    whole: RegionCount
    regions: Mapping[str, RegionCount]
    assessed: int  # different canonical facts, summed over the processes


def summary(
    code: str | None,
    on: date,
    at: Moment = "submit",
    progress: Progress | None = None,
    processes: int | None = None,
) -> Summary:
    """What a policy says to all workers of its region, or (no code) to all what theirs says.

    Nothing is attached yet, so that at submit recorded hours alone count; at entry proofs may
    come and a loss may be declared. Raises LookupError for an unknown code.
    """
    policy_of = shelf(on, code)
    root = policy_of(None).region_code if code else regions.NATION
    judges = ByRegion(policy_of, lambda policy: judge(policy, on, at))
    lost = None if at == "entry" else False

    def work(chunk: Chunk) -> tuple[int, int, Tally]:
        with as_system(WHY, only_reads=True) as session:
            found = people(session, root, chunk)
        tally: Tally = Counter()
        for worker in found.workers:
            own = judges.of(worker.region_code)
            said = own(found.held.facts(worker, lost=lost))
            tally[worker.region_code, own.policy.edition, said] += 1
        return os.getpid(), sum(one.distinct for one in judges.made.values()), tally

    counted: Tally = Counter()
    distinct: dict[int, int] = {}
    for process, known, tally in followed(root, work, progress, processes):
        counted.update(tally)
        distinct[process] = max(known, distinct.get(process, 0))
    return _summed_up(counted, root, sum(distinct.values()))


def _summed_up(counted: Tally, root: str, assessed: int) -> Summary:
    names = region_names()
    row_of = cache(lambda code: next_below(root, code, names))
    whole = RegionCount(names.get(root, root))
    rows: dict[str, RegionCount] = {}
    policies: Counter[str] = Counter()
    for (region_code, edition, said), number in counted.items():
        row = row_of(region_code)
        rows.setdefault(row, RegionCount(names.get(row, row))).add(said, number)
        whole.add(said, number)
        policies[edition] += number
    return Summary(dict(sorted(policies.items())), whole, dict(sorted(rows.items())), assessed)
