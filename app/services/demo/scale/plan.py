"""What is to be loaded: how much, where, under which policies and before whom; looked up once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app import clock
from app.extensions import db
from app.queries import policies
from app.queries.offices import reviewer_of
from app.queries.windows import StoredWindow, kept_window
from app.queries.workdays import calendar
from app.queries.yaml_loading import sound
from app.rules import eligibility, regions
from app.rules.certificate import ValidityRule
from app.rules.facts import CertificateFact, Facts, RegistrationFact
from app.rules.kinds import Kind
from app.rules.policy import Policy, edition_name
from app.rules.workdays import Calendar
from app.services.demo import cases
from app.services.demo.people import story
from app.services.demo.scale.rows import as_json
from app.services.events import Sealer, sealer
from app.services.submissions import said
from models.region import Region

FIGURES = Path(__file__).parents[3] / "data" / "scale.yaml"
PER_PLACE = 20
"""Small loads stay in few regions, so that their queues are worth looking at."""

Desk = tuple[str, str, int]
"""Office, role, and how many of that role decided the case there before."""


@cache
def figures() -> dict[str, Any]:
    """The proportions, as data."""
    return sound(FIGURES.read_text(encoding="utf-8"))[0]  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Seat:
    """Who decides at a desk."""

    account_id: int
    name: str
    role: str
    office: str


@dataclass(frozen=True)
class KindPlan:
    """One kind of one policy with all that its rows repeat; `opened` is the first day of the
    window that is open now, and a kind that `settles` turns keeps them with the case."""

    code: str
    policy_code: str
    policy_version: int
    limits: tuple[int | None, ...]
    slots: tuple[str, ...]
    settles: bool
    form: Mapping[str, Any]
    sources: tuple[tuple[str, str], ...]
    findings: str
    window_id: int | None
    window_facts: str
    opened: date | None
    may_withdraw: bool
    may_return: bool
    validity: ValidityRule
    authority: str
    handling_body: str | None

    @cached_property
    def policy(self) -> str:
        """The edition, as events name it."""
        return edition_name(self.policy_code, self.policy_version)


@dataclass(frozen=True)
class Place:
    """One region in which people live: its three codes as text, its kinds, who decides there."""

    code: str
    text: str
    kinds: Mapping[str, KindPlan]
    chains: Mapping[str, tuple[Desk, ...]]


@dataclass(frozen=True)
class Plan:
    """All that the rows depend on besides their own number."""

    workers: int
    applications: int
    seed: int
    now: int
    places: tuple[Place, ...]
    weights: tuple[float, ...]
    calendar: Calendar
    pictures: Mapping[str, Mapping[str, Any]]
    seal: Sealer
    seats: Mapping[Desk, Seat] = field(default_factory=dict)

    @property
    def full(self) -> int:
        """How many applications have their full history."""
        rule = figures()["full_histories"]
        return min(int(rule["most"]), self.applications // int(rule["one_in"]))

    def desks(self) -> list[Desk]:
        """Every desk that decides something, each once."""
        chains = (chain for place in self.places for chain in place.chains.values())
        return sorted({desk for chain in chains for desk in chain})


def read(
    workers: int, applications: int, seed: int, pictures: Mapping[str, Mapping[str, Any]]
) -> Plan:
    """The plan for as many workers and applications, from what the database holds now."""
    codes = set(db.session.scalars(select(Region.code)))
    above = set(db.session.scalars(select(Region.parent_code)))
    weighted = _weighted(sorted(codes - above), max(workers // PER_PLACE, 1))
    today = clock.today()
    kinds = {one.region_code: _kinds(one) for one in _in_force(today)}
    return Plan(
        workers=workers,
        applications=applications,
        seed=seed,
        now=int(clock.now().timestamp()),
        places=tuple(_place(code, kinds, codes) for code, _ in weighted),
        weights=tuple(accumulate(weight for _, weight in weighted)),
        calendar=calendar(date(today.year - 1, 1, 1)),
        pictures=pictures,
        seal=sealer(),
    )


def _weighted(leaves: list[str], most: int) -> list[tuple[str, float]]:
    """The heaviest regions with their weights: a province's share falls off from its first city
    on, and a city's from its first county on."""
    shares = figures()["provinces"]
    found, city, county, province = [], 0, 0, ""
    for before, code in pairwise(["", *leaves]):
        if regions.province_of(code) != province:
            province, city, county = regions.province_of(code), 1, 1
        elif before and regions.city_of(before) != regions.city_of(code):
            city, county = city + 1, 1
        else:
            county += 1
        if province in shares:
            found.append((code, province, 1 / (city**0.8 * county**0.5)))
    whole: dict[str, float] = {}
    for _, home, weight in found:
        whole[home] = whole.get(home, 0) + weight
    shared = [(code, shares[home] * weight / whole[home]) for code, home, weight in found]
    known = story()["roster"]  # where the demonstration's offices are
    return sorted(sorted(shared, key=lambda one: (one[0] not in known, -one[1]))[:most])


def _in_force(today: date) -> Iterator[Policy]:
    for region_code in sorted({one.region_code for one in policies.editions()}):
        policy = policies.policy_for(region_code, today)
        if policy.region_code == region_code:
            yield policy


def _place(code: str, kinds: Mapping[str, dict[str, Any]], existing: set[str]) -> Place:
    nearest = next(kinds[above] for above in regions.ancestors(code) if above in kinds)
    return Place(
        code=code,
        text=f"{code}\t{regions.province_of(code)}\t{regions.city_of(code)}",
        kinds={name: plan for name, (plan, _) in nearest.items()},
        chains={name: _chain(kind, code, existing) for name, (_, kind) in nearest.items()},
    )


def _chain(kind: Kind, code: str, existing: set[str]) -> tuple[Desk, ...]:
    """The desks of a case, one after the other; two stages at one office need two people."""
    chain: list[Desk] = []
    for stage in kind.review:
        office = stage.office(code, existing)
        role = reviewer_of(stage, office)
        chain.append((office, role, sum(desk[:2] == (office, role) for desk in chain)))
    return tuple(chain)


def _kinds(policy: Policy) -> dict[str, tuple[KindPlan, Kind]]:
    today = clock.today()
    found = {}
    for code in policy.kinds:
        kind = policy.kind_on(code, today)
        window = policy.window_near(code, today)
        stored = window if isinstance(window, StoredWindow) else None
        found[code] = _kind_plan(policy, kind, stored, today), kind
    return found


def _kind_plan(policy: Policy, kind: Kind, window: StoredWindow | None, today: date) -> KindPlan:
    checked = eligibility.assess(policy, _typical(policy, kind, today), today, [kind.code])
    body = policy.handling_body
    return KindPlan(
        code=kind.code,
        policy_code=policy.code,
        policy_version=policy.version,
        limits=tuple(stage.working_days for stage in kind.review),
        slots=tuple(
            s.name for s in kind.materials if s.required and not (s.required_when or s.hours)
        ),
        settles=any(slot.hours for slot in kind.materials),
        form=cases.answers(kind, policy.region_code),
        sources=tuple(
            (spec.name, "region_code" if spec.kind == "region" else str(spec.source))
            for spec in kind.fields
            if spec.source or spec.kind == "region"
        ),
        findings=as_json([said(one) for one in checked if not one.refuses]),
        window_id=window.id if window else None,
        window_facts=as_json(kept_window(window) if window else {}),
        opened=window.opens_on if window and window.open_on(today) else None,
        may_withdraw=kind.withdraw != "never",
        may_return=kind.return_ == "allowed",
        validity=kind.validity,
        authority=policy.authority.zh,
        handling_body=body.zh if body else None,
    )


def _typical(policy: Policy, kind: Kind, today: date) -> Facts:
    """Somebody who may apply: after last year's examination, or three years after a turn."""
    new = kind.code == "first"
    year = today.year - 1 if new else today.year - 4
    until = today.replace(month=12, day=28)
    before = () if new else (RegistrationFact("first", year + 1, None, until),)
    return Facts(
        region_code=policy.region_code,
        service_region_code=policy.region_code,
        level="assistant",
        exam_year=year,
        qualified_on=date(year, 10, 20),
        management_number="1",
        born_on=date(1990, 1, 1),
        registrations=before,
        certificate=CertificateFact("1", until) if before else None,
        registered_level="assistant" if before else None,
    )
