"""Who on the register is told something else when one policy takes another's place."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.queries.everybody import WHY, Chunk, Progress, followed, next_below, people, region_names
from app.queries.policies import shelf
from app.rules.canonical import Refusals, judge
from app.rules.policy import Policy
from app.rules.regions import covers
from app.rules.workflow import IN_FLIGHT, State
from app.scope import as_system
from models.application import Application

NOT_OFFERED = ("not_offered",)
"""Stands for the rules of a kind that a policy does not have."""


@dataclass
class Change:
    """People of one kind, and the applications for it that they have open.

    `rules` counts the first rule that refuses under the one policy those whom the other accepts;
    `regions` the people whose verdict changes by the region next below the policy's.
    """

    people: int = 0
    in_flight: int = 0
    drafts: int = 0
    rules: dict[str, int] = field(default_factory=dict)
    regions: dict[str, int] = field(default_factory=dict)


@dataclass
class KindImpact:
    """Who may apply for a kind only after the change, who only before, and who as before."""

    gains: Change = field(default_factory=Change)
    loses: Change = field(default_factory=Change)
    unchanged: Change = field(default_factory=Change)


@dataclass(frozen=True)
class Impact:
    """What a change of policy means to the register on a day; `dataclasses.asdict` is its JSON.

    `regions` has the name of every region that the kinds count by.
    """

    on: str
    region_code: str
    workers: int
    kinds: dict[str, KindImpact]
    regions: dict[str, str]


def compare(before: Policy, after: Policy, on: date, progress: Progress | None = None) -> Impact:
    """Whose verdict changes, kind by kind, when `after` takes the place of `before` on a day.

    Of all workers in the region of `after`, but not of those whom a nearer policy of another code
    covers on that day; both policies with the windows that they carry. Everybody is asked at
    submit with no proof attached, so that recorded hours count, and as if no application were in
    flight: one's own case is what the change is about. `progress` hears how many of how many
    workers are done. It runs in one process and may be called from a thread.
    """
    judge_before, judge_after = judge(before, on), judge(after, on)
    root, concerned = after.region_code, _concerned(before, after, on)
    names = region_names()
    row_of = cache(lambda code: next_below(root, code, names))

    def work(chunk: Chunk) -> Counter[_Alike]:
        tally: Counter[_Alike] = Counter()
        with as_system(WHY, only_reads=True) as session:
            found, mine = people(session, root, chunk), _applications(session, chunk)
        for worker in found.workers:
            if concerned(worker.region_code):
                facts = replace(found.held.facts(worker), open_application=None)
                said = judge_before(facts), judge_after(facts)
                cases = tuple(sorted(mine.get(worker.id, ())))
                tally[_Alike(row_of(worker.region_code), *said, cases)] += 1
        return tally

    counted: Counter[_Alike] = Counter()
    for tally in followed(root, work, progress, processes=1):
        counted.update(tally)
    return _impact(on, root, counted, names)


class _Alike(NamedTuple):
    """What workers have in common of whom the same is told."""

    region: str
    before: Refusals
    after: Refusals
    cases: tuple[tuple[str, str], ...]  # kind and state


def _applications(session: Session, chunk: Chunk) -> dict[int, list[tuple[str, str]]]:
    """The drafts and the applications in flight of a chunk's workers, with kind and state."""
    query = select(Application.worker_id, Application.kind, Application.state).where(
        Application.state.in_((State.draft, *IN_FLIGHT)),
        Application.worker_id.between(*chunk[:2]),
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for key, kind, state in session.execute(query):
        found.setdefault(key, []).append((kind, state))
    return found


def _concerned(before: Policy, after: Policy, on: date) -> Callable[[str], bool]:
    """Whether a region follows one of the two, and no nearer policy that is in force."""
    codes, root, of = (before.code, after.code), after.region_code, shelf(on)

    @cache
    def concerned(region_code: str) -> bool:
        try:
            nearest = of(region_code)
        except LookupError:  # a first policy where there was none
            return True
        nearer = nearest.region_code != root and covers(root, nearest.region_code)
        return nearest.code in codes or not (nearer and nearest.in_force(on))

    return concerned


def _impact(on: date, root: str, counted: Counter[_Alike], names: Mapping[str, str]) -> Impact:
    kinds: dict[str, KindImpact] = {}
    shown: set[str] = set()
    for alike, number in counted.items():
        was, now = dict(alike.before), dict(alike.after)
        for kind in dict.fromkeys((*was, *now)):
            refused, refuses = was.get(kind, NOT_OFFERED), now.get(kind, NOT_OFFERED)
            impact = kinds.setdefault(kind, KindImpact())
            change, rules = impact.unchanged, was.get(kind, NOT_OFFERED)[:0]
            if bool(refused) != bool(refuses):
                change = impact.loses if refuses else impact.gains
                rules = (refused or refuses)[:1]
                shown.add(alike.region)
            _count(change, rules, alike, kind, number)
    return Impact(
        on=on.isoformat(),
        region_code=root,
        workers=counted.total(),
        kinds=kinds,
        regions={code: names.get(code, code) for code in sorted(shown)},
    )


def _count(change: Change, rules: Iterable[str], alike: _Alike, kind: str, number: int) -> None:
    change.people += number
    states = [state for of, state in alike.cases if of == kind]
    change.drafts += number * states.count(State.draft)
    change.in_flight += number * (len(states) - states.count(State.draft))
    for rule in rules:
        change.rules[rule] = change.rules.get(rule, 0) + number
        change.regions[alike.region] = change.regions.get(alike.region, 0) + number
