"""Facts in a form in which all that no rule of a policy can tell apart on a day is the same.

Whole registers are assessed by it: whoever has the same canonical facts has the same verdicts.
Each part of the facts is replaced by the first of a few candidates to which every rule of every
kind answers the same; a part with no such candidate stays as it is, which costs speed and never
truth. What is equal must be shown by the rules themselves, so that none is stated here again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Generic, TypeVar

from app.rules import history
from app.rules.certificate import shifted
from app.rules.conditions import Case, Moment
from app.rules.eligibility import RULES, assess
from app.rules.facts import LEVELS, CertificateFact, CreditFact, Facts, RegistrationFact
from app.rules.history import Period
from app.rules.policy import Policy
from app.rules.regions import NATION

Part = TypeVar("Part")
Answer = TypeVar("Answer")

HOURS = "credit_hours"
SOME_YEAR = 1900
PASTS = 2**14  # different histories that are remembered at a time
CANDIDATES = 2**12
REMEMBERED = 2**16  # canonical facts that are
NOTHING = Decimal(0)


@dataclass(frozen=True)
class _Past:
    """A history in its canonical form; the hours of a period go to the day that stands with it."""

    registrations: tuple[RegistrationFact, ...]
    certificate: CertificateFact | None
    periods: tuple[tuple[Period, date], ...]


class Canon:
    """The canonical form of facts under a policy, with its windows, on a day."""

    def __init__(self, policy: Policy, on: date) -> None:
        self.policy, self.on = policy, on
        self.kinds = [policy.kind_on(code, on) for code in policy.kinds]
        near = [policy.window_near(code, on) for code in policy.kinds]
        self.windows = [window for window in near if window]
        self.needs = {level: self._needs(level) for level in LEVELS}
        self.compares_levels = any(kind.asks("higher_level") for kind in self.kinds)
        self.birthdays = self._birthdays()
        self.asked = cache(self._asked)
        self.answered = lru_cache(CANDIDATES)(
            self._answers
        )  # what is compared with again and again
        self.region = cache(self._region)
        self.exam_year = cache(self._exam_year)
        self.born_on = cache(self._born_on)
        self.qualified_on = cache(self._qualified_on)
        self.expiry = cache(self._expiry)
        self.registered_on = cache(self._registered_on)
        self.past = lru_cache(PASTS)(self._past)

    def __call__(self, facts: Facts) -> Facts:
        """The canonical form: for every moment the same verdicts, the same route and turns."""
        held, certificate = facts.management_number, facts.certificate
        past = self.past(
            history.last_registration(facts),
            certificate
            and CertificateFact(
                None, certificate.valid_until, certificate.state, certificate.issued_here
            ),
        )
        settled = {period.cycle for period, _day in past.periods}
        return Facts(
            region_code=self.region(facts.service_region_code or facts.region_code),
            level=facts.level,
            exam_year=self.exam_year(facts.exam_year),
            qualified_on=self.qualified_on(facts.qualified_on) if held else None,
            management_number="0" if held else held,
            born_on=self.born_on(facts.born_on),
            registrations=past.registrations,
            certificate=past.certificate,
            certificate_lost=facts.certificate_lost,
            credits=self._credits(facts, past.periods),
            proofs=_proofs(facts.proofs, settled),
            open_application="first" if facts.open_application else None,
            real_name=facts.real_name,
            registered_level=facts.registered_level if self.compares_levels else None,
        )

    # The parts, each by itself

    def _alike(
        self,
        part: Part,
        candidates: Iterable[Part],
        facts: Callable[[Part], Facts],
        only: str | None = None,
    ) -> Part:
        """The first candidate that all rules (or the only one that reads such a part) answer as
        they answer the part; else the part."""
        wanted = self._answers(facts(part), only)
        return next((one for one in candidates if self.answered(facts(one), only) == wanted), part)

    def _answers(self, facts: Facts, only: str | None) -> list[Any]:
        return [
            (found.ok, found.late)
            for kind, uses in self.asked(only)
            for case in [self._case(kind, facts)]
            for rule, params in uses
            for found in [rule(case, params)]
        ]

    def _asked(self, only: str | None) -> list[tuple[Any, list[tuple[Any, Any]]]]:
        """The rules of each kind that has any, or of those only one."""
        asked = [
            (kind, [(RULES[u.name], u.params) for u in kind.requires if only in (None, u.name)])
            for kind in self.kinds
        ]
        return [(kind, uses) for kind, uses in asked if uses]

    def _case(self, kind: Any, facts: Facts) -> Case:
        return Case(self.policy, kind, None, facts, self.on, "approval")

    def _region(self, code: str | None) -> str | None:
        candidates = (None, self.policy.region_code, NATION)
        return self._alike(code, candidates, lambda one: Facts(region_code=one), "region_in")

    def _exam_year(self, year: int | None) -> int | None:
        if year is None or year > self.on.year:  # what is still to come leads nowhere yet
            return year
        known = (SOME_YEAR, self.on.year - 1, self.on.year)
        return self._alike(year, known, lambda one: Facts(exam_year=one))

    def _birthdays(self) -> list[date]:
        """Who was born on one of these days reaches an age that a rule asks for, today."""
        ages = {
            use.params.get("age", 18)
            for kind in self.kinds
            for use in kind.requires
            if use.name == "adult"
        }
        return [shifted(self.on, -age) for age in sorted(ages) if 0 <= age < 150]

    def _born_on(self, day: date | None) -> date | None:
        return self._alike(
            day, (None, self.on, *self.birthdays), lambda one: Facts(born_on=one), "adult"
        )

    def _qualified_on(self, day: date | None) -> date | None:
        candidates = (None, self.on + timedelta(days=1))
        return self._alike(
            day,
            candidates,
            lambda one: Facts(management_number="0", qualified_on=one),
            "certificate_in_hand",
        )

    def _expiry(self, day: date) -> date:
        """Another day of the same year: turns go by the year."""
        days = (date(day.year, 1, 1), date(day.year, 12, 31), self.on - timedelta(days=1), self.on)
        same_year = [one for one in days if one.year == day.year]
        return self._alike(day, same_year, _expiring)

    def _registered_on(self, day: date | None) -> date | None:
        """A day that lies in the same windows; none where it lies in none."""
        inside = [window.open_on(day) for window in self.windows] if day else []
        if not any(inside):
            return None
        days = [day for one in self.windows for day in (one.opens_on, one.closes_on)]
        alike = (d for d in days if [w.open_on(d) for w in self.windows] == inside)
        return next(alike, day)

    # History and hours

    def _past(self, last: RegistrationFact | None, certificate: CertificateFact | None) -> _Past:
        registrations = (last,) if last else ()
        given = Facts(registrations=registrations, certificate=certificate)
        coarse = self._coarse(given, last, certificate)
        before, after = self._periods(given), self._periods(coarse)
        if any(new.empty and not old.empty for old, new in zip(before, after, strict=True)):
            coarse, after = given, before  # its hours need a day to stand on
        return _Past(
            coarse.registrations,
            coarse.certificate,
            tuple((old, new.last) for old, new in zip(before, after, strict=True)),
        )

    def _coarse(
        self, given: Facts, last: RegistrationFact | None, certificate: CertificateFact | None
    ) -> Facts:
        until = history.expiry(given)
        end = self.expiry(until) if until else None
        registrations: tuple[RegistrationFact, ...] = ()
        if last:
            year = SOME_YEAR if end else last.cycle_year  # the last day of validity comes first
            on = self.registered_on(last.on)
            registrations = (RegistrationFact("first", year, on, None if certificate else end),)
        if certificate and end:
            certificate = replace(certificate, valid_until=end)
        return Facts(registrations=registrations, certificate=certificate)

    def _periods(self, facts: Facts) -> tuple[Period, ...]:
        return self._case(None, facts).periods

    def _needs(self, level: str) -> list[Decimal]:
        """The different hours that kinds ask of a level, the most first."""
        asked = {
            need
            for kind in self.kinds
            for use in kind.requires
            if use.name == HOURS and (need := history.hours_needed(use.params, level)) is not None
        }
        return sorted(map(Decimal, asked), reverse=True)

    def _credits(
        self, facts: Facts, periods: tuple[tuple[Period, date], ...]
    ) -> tuple[CreditFact, ...]:
        """The most hours asked for that each period reaches, on one day of it."""
        if not any(credit.counts for credit in facts.credits):
            return ()
        needs = self.needs.get(facts.level or "", ())
        reached = [(day, self._reached(facts, period, needs)) for period, day in periods]
        found = tuple(CreditFact(day, hours, "online") for day, hours in reached if hours)
        return found or (CreditFact(self.on, NOTHING, "online"),)

    def _reached(self, facts: Facts, period: Period, needs: Iterable[Decimal]) -> Decimal:
        hours = history.hours_in(facts, period)
        return next((need for need in needs if hours >= need), NOTHING)


def _expiring(day: date) -> Facts:
    return Facts(certificate=CertificateFact(None, day))


def _proofs(given: tuple[int, ...], cycles: set[int]) -> tuple[int, ...]:
    """Those of the turns; one of no turn is still a proof."""
    if not given:
        return ()
    return tuple(sorted(cycles.intersection(given))) or (SOME_YEAR - 1,)


Refusals = tuple[tuple[str, tuple[str, ...]], ...]
"""Every kind with the rules that refuse it, in their order; a kind without any is open to one."""


class Once(Generic[Answer]):
    """A question about facts under a policy on a day, asked once of all that no rule tells
    apart."""

    def __init__(self, policy: Policy, on: date, ask: Callable[[Facts], Answer]) -> None:
        self.policy = policy
        self._canon, self._ask = Canon(policy, on), lru_cache(REMEMBERED)(ask)

    def __call__(self, facts: Facts) -> Answer:
        """The answer; the question sees the canonical facts alone."""
        return self._ask(self._canon(facts))

    @property
    def distinct(self) -> int:
        """How many different canonical facts are remembered."""
        return self._ask.cache_info().currsize


class ByRegion(Generic[Answer]):
    """The question as the policy of each region asks it; regions with the same policy and windows
    share one."""

    def __init__(
        self, policy_of: Callable[[str], Policy], ask: Callable[[Policy], Once[Answer]]
    ) -> None:
        self._policy_of, self._asking = policy_of, ask
        self.made: dict[Any, Once[Answer]] = {}
        self.of = cache(self._of)

    def _of(self, region_code: str) -> Once[Answer]:
        policy = self._policy_of(region_code)
        key = (policy.code, policy.version, repr(policy.windows))
        if key not in self.made:
            self.made[key] = self._asking(policy)
        return self.made[key]


def judge(policy: Policy, on: date, at: Moment = "submit") -> Once[Refusals]:
    """What refuses whom under a policy on a day; no message is written for it."""
    return Once(policy, on, lambda facts: refusals(policy, facts, on, at))


def refusals(policy: Policy, facts: Facts, on: date, at: Moment) -> Refusals:
    """The rules that refuse each kind to these facts."""
    found: dict[str, list[str]] = {code: [] for code in policy.kinds}
    for finding in assess(policy, facts, on, at=at):
        if finding.refuses:
            found[finding.kind].append(finding.rule)
    return tuple((kind, tuple(rules)) for kind, rules in found.items())
