"""Conditions on the day and the person, and what every condition is asked and answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from app.rules import history
from app.rules import sentences as say
from app.rules.facts import Facts
from app.rules.kinds import Kind, WindowFact
from app.rules.policy import Policy
from app.rules.regions import covers
from app.rules.words import Words, joined

Moment = Literal["entry", "submit", "approval"]
"""When the rules are asked: before the form, where proofs may still come; when it is handed in,
where a proof is enough; and when it is approved, where only hours count (BJ-30)."""


@dataclass(frozen=True)
class Case:
    """What a rule is asked: these facts, for this kind as its window has it, on this day."""

    policy: Policy
    kind: Kind
    window: WindowFact | None
    facts: Facts
    on: date
    at: Moment

    @property
    def year(self) -> int:
        """The business year, in which turns fall due and examinations lie back."""
        return self.on.year

    @property
    def turns(self) -> tuple[int, ...]:
        """The registration years that are missed and due."""
        return history.turns(self.facts, self.policy.cycle_years, self.year)

    @property
    def periods(self) -> tuple[history.Period, ...]:
        """The days whose hours count for each of them."""
        years = self.policy.cycle_years
        return tuple(history.periods(self.policy.due, self.facts, years, self.on))


@dataclass(frozen=True)
class Verdict:
    """What a rule answers; the sentence is filled in when somebody reads it.

    `late` marks a failure that only time has brought: the person belongs here, but is too late.
    `to_count` marks hours that a proof stands for until a reviewer has counted them (BJ-30).
    """

    ok: bool
    expected: str
    actual: str
    text: Words
    values: Mapping[str, Any] = field(default_factory=dict)
    late: bool = False
    to_count: bool = False


Params = Mapping[str, Any]


def in_force(case: Case, _params: Params) -> Verdict:
    """The policy holds on the day; outside its dates everything is still answered."""
    policy, on = case.policy, case.on
    until = policy.effective_until
    span = f"{policy.effective_from}/{until or ''}"
    if policy.in_force(on):
        return Verdict(True, span, on.isoformat(), say.IN_FORCE)
    text = say.NOT_YET_IN_FORCE if on < policy.effective_from else say.NO_LONGER_IN_FORCE
    values = {"title": policy.title, "first": policy.effective_from, "last": until or ""}
    return Verdict(False, span, on.isoformat(), text, {**values, "on": on})


def window_open(case: Case, _params: Params) -> Verdict:
    """The kind takes applications on the day (BA-03, BA-06, BJ-63)."""
    kind, window, on = case.kind, case.window, case.on
    if kind.opens == "always":
        return Verdict(True, "", on.isoformat(), say.ALWAYS_OPEN, {"kind": kind.label})
    if window is None:
        return Verdict(False, "", on.isoformat(), say.NO_WINDOW, {"kind": kind.label})
    is_open = window.open_on(on)
    values = {"kind": kind.label, "first": window.opens_on, "last": window.closes_on, "on": on}
    text = say.IN_WINDOW if is_open else say.OUTSIDE_WINDOW
    span = f"{window.opens_on}/{window.closes_on}"
    return Verdict(is_open, span, on.isoformat(), text, values)


def exam_year(case: Case, params: Params) -> Verdict:
    """The examination was passed in one of the years that the kind takes (BA-04, X-32, G2, HN-11).

    `years` are calendar years, `years_ago` count back from the registration year, `until` is the
    last year. `earlier` is the kind for those who passed before.
    """
    actual, until = case.facts.exam_year, params.get("until")
    years = params.get("years") or [case.year - n for n in params.get("years_ago", ())]
    last = until if until and not params.get("years") else max(years)
    said = [str(year) for year in sorted(years)]
    expected = ",".join(said) or f"<={until}"
    if actual is None:
        return Verdict(False, expected, "", say.NO_EXAM_YEAR)
    ok = actual in years if years else actual <= last
    earlier = case.policy.kinds.get(params.get("earlier", ""))
    wanted = Words("、".join(said), " or ".join(said))
    if not said:
        wanted = say.YEAR_OR_EARLIER.fill(year=last)
    text = say.YEAR_MET if ok else _year_text(case, actual > last, earlier)
    values = {"years": wanted, "year": actual, "route": earlier.label if earlier else ""}
    return Verdict(ok, expected, str(actual), text, values, late=not ok and actual <= last)


def _year_text(case: Case, too_soon: bool, earlier: Kind | None) -> Words:
    if history.registered(case.facts):
        return say.YEAR_OTHER  # no advice: another rule says that they are registered
    if too_soon:
        return say.YEAR_TOO_LATE
    if earlier is None:
        return say.YEAR_OVERDUE
    is_open = case.policy.is_open(earlier.code, case.on)
    return say.YEAR_HAS_ROUTE if is_open else say.YEAR_AWAITS_ROUTE


def certificate_in_hand(case: Case, _params: Params) -> Verdict:
    """The qualification certificate has a number, and its day has come (HN-11, HN-12)."""
    held, since = case.facts.management_number, case.facts.qualified_on
    if not held:
        return Verdict(False, "", "", say.NO_CERTIFICATE)
    if since and since > case.on:
        return Verdict(False, "", since.isoformat(), say.NOT_YET_IN_HAND, {"since": since})
    return Verdict(True, "", since.isoformat() if since else "", say.IN_HAND)


def level_in(case: Case, params: Params) -> Verdict:
    """The level of the qualification is one that this kind, or its window, takes (X-03)."""
    levels, level = params["levels"], case.facts.level
    expected = ",".join(levels)
    if level is None:
        return Verdict(False, expected, "", say.NO_LEVEL)
    text = say.LEVEL_MET if level in levels else say.LEVEL_REFUSED
    wanted = joined(case.kind.wording("level", code) for code in levels)
    values = {"levels": wanted, "level": case.kind.wording("level", level)}
    return Verdict(level in levels, expected, level, text, values)


def region_in(case: Case, _params: Params) -> Verdict:
    """The region of service lies in the policy's region (BA-04, X-37)."""
    region = case.facts.service_region_code or case.facts.region_code
    if region is None:
        return Verdict(False, case.policy.region_code, "", say.NO_REGION)
    ok = covers(case.policy.region_code, region)
    values = {"region": case.policy.region_name, "code": region}
    text = say.REGION_MET if ok else say.REGION_REFUSED
    return Verdict(ok, case.policy.region_code, region, text, values)


def none_in_flight(case: Case, _params: Params) -> Verdict:
    """No other application is under review, returned or approved but not issued (CD-07, X-39)."""
    other = case.facts.open_application
    text = say.ONE_IN_FLIGHT if other else say.NONE_IN_FLIGHT
    return Verdict(other is None, "", other or "", text)


def adult(case: Case, params: Params) -> Verdict:
    """The person has reached the age of full capacity, 18 unless `age` says otherwise (HN-28)."""
    born, age = case.facts.born_on, params.get("age", 18)
    if born is None:
        return Verdict(False, str(age), "", say.NO_BIRTH_DATE)
    reached = age_on(born, case.on)
    text = say.ADULT if reached >= age else say.MINOR
    values = {"age": age, "reached": reached}
    return Verdict(reached >= age, str(age), str(reached), text, values)


def age_on(born: date, on: date) -> int:
    """Age in completed years; who was born on 29 February turns a year older on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def real_name(case: Case, _params: Params) -> Verdict:
    """The account's person has been identified (BJ-06)."""
    ok = case.facts.real_name
    return Verdict(ok, "", "", say.IDENTIFIED if ok else say.NOT_IDENTIFIED)
