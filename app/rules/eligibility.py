"""Whether a person may apply, and why not: the only statement of eligibility there is."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.rules import sentences as say
from app.rules.policy import Kind, Policy, RuleUse, WindowFact
from app.rules.regions import covers
from app.rules.words import Words, joined


@dataclass(frozen=True)
class RegistrationFact:
    """One registration of a worker; `cycle_year` is the turn that it settles (X-01)."""

    kind: str
    cycle_year: int


@dataclass(frozen=True)
class CertificateFact:
    """The registration certificate that a worker holds."""

    number: str
    valid_until: date


@dataclass(frozen=True)
class Facts:
    """What the rules look at. None is what nobody has said yet.

    `service_region_code` is the region that the application goes to; `open_application` names a
    case in flight other than the one that is asked about.
    """

    region_code: str
    service_region_code: str | None = None
    level: str | None = None
    exam_year: int | None = None
    qualified_on: date | None = None
    management_number: str | None = None
    born_on: date | None = None
    registrations: tuple[RegistrationFact, ...] = ()
    certificate: CertificateFact | None = None
    open_application: str | None = None
    real_name: bool = True


@dataclass(frozen=True)
class Finding:
    """One rule's verdict on one kind; a warning tells and never refuses."""

    kind: str
    rule: str
    ok: bool
    expected: str
    actual: str
    message: Words
    warning: bool = False


@dataclass(frozen=True)
class Case:
    """What a rule is asked: these facts, for this kind as its window has it, on this day."""

    policy: Policy
    kind: Kind
    window: WindowFact | None
    facts: Facts
    on: date
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """What a rule answers; `message` is a sentence with its numbers, met or not."""

    ok: bool
    expected: str
    actual: str
    message: Words


def assess(
    policy: Policy, facts: Facts, on: date, kinds: Collection[str] | None = None
) -> list[Finding]:
    """Every rule's finding for the given kinds, all when None, on a day of Asia/Shanghai.

    The first finding of a kind is `window_open`; a kind that opens by notice has no other. Raises
    KeyError for a kind that the policy does not have.
    """
    return [
        finding
        for code in (policy.kinds if kinds is None else kinds)
        for finding in _findings(policy, code, facts, on)
    ]


def eligible(findings: Iterable[Finding], kind: str) -> bool:
    """Whether the kind was assessed and nothing but warnings speaks against it."""
    mine = [finding for finding in findings if finding.kind == kind]
    return bool(mine) and all(finding.ok or finding.warning for finding in mine)


def entry_summary(findings: Iterable[Finding], kind: str) -> Words:
    """The line under a kind's entry: that one may apply, or the first reason why not (BJ-14)."""
    against = (f for f in findings if f.kind == kind and not f.ok and not f.warning)
    first = next(against, None)
    return first.message if first else say.MAY_APPLY


def days_left(window: WindowFact | None, on: date) -> int | None:
    """Days from `on` to the last day of an open window, 0 on that day; None when none is open."""
    if window is None or not window.open_on(on):
        return None
    return (window.closes_on - on).days


def countdown(policy: Policy, findings: Collection[Finding], on: date) -> Words | None:
    """The reminder of the closing date (BJ-13), for one who may apply in an open window (X-07)."""
    actionable = (code for code in policy.kinds if eligible(findings, code))
    left = [days_left(policy.window_near(code, on), on) for code in actionable]
    days = min((days for days in left if days is not None), default=None)
    return None if days is None else say.COUNTDOWN.fill(days=days)


def _findings(policy: Policy, code: str, facts: Facts, on: date) -> list[Finding]:
    kind, window = policy.kind_on(code, on), policy.window_near(code, on)
    findings = []
    for use in (RuleUse("window_open", {}), *kind.requires):
        verdict = RULES[use.name](Case(policy, kind, window, facts, on, use.params))
        warning = bool(use.params.get("warning"))
        findings.append(Finding(code, use.name, **vars(verdict), warning=warning))
    return findings


def window_open(case: Case) -> Verdict:
    """The kind takes applications on the day (BA-03, BA-06, BJ-63)."""
    kind, window, on = case.kind, case.window, case.on
    if kind.opens == "by_notice":
        return Verdict(False, "", on.isoformat(), say.BY_NOTICE.fill(kind=kind.label))
    if kind.opens == "always":
        return Verdict(True, "", on.isoformat(), say.ALWAYS_OPEN.fill(kind=kind.label))
    if window is None:
        return Verdict(False, "", on.isoformat(), say.NO_WINDOW.fill(kind=kind.label))
    is_open = window.open_on(on)
    text = say.IN_WINDOW if is_open else say.OUTSIDE_WINDOW
    message = text.fill(kind=kind.label, first=window.opens_on, last=window.closes_on, on=on)
    return Verdict(is_open, f"{window.opens_on}/{window.closes_on}", on.isoformat(), message)


def exam_year(case: Case) -> Verdict:
    """The examination was passed in one of the years that the kind takes (BA-04, X-32, G2).

    `years` are calendar years, `years_ago` count back from the year in which the window opens, or
    from today's when the kind is always open. `earlier` is the kind for those who passed before.
    """
    anchor = case.window.opens_on.year if case.window else case.on.year
    years = case.params.get("years") or [anchor - n for n in case.params["years_ago"]]
    expected = ",".join(map(str, sorted(years)))
    actual = case.facts.exam_year
    if actual is None:
        return Verdict(False, expected, "", say.NO_EXAM_YEAR)
    earlier = case.policy.kinds.get(case.params.get("earlier", ""))
    text = say.YEAR_MET if actual in years else _year_text(actual > max(years), earlier)
    message = text.fill(
        years=Words("、".join(expected.split(",")), " or ".join(expected.split(","))),
        year=actual,
        route=earlier.label if earlier else "",
    )
    return Verdict(actual in years, expected, str(actual), message)


def _year_text(too_late: bool, earlier: Kind | None) -> Words:
    if too_late:
        return say.YEAR_TOO_LATE
    if earlier is None:
        return say.YEAR_OVERDUE
    return say.YEAR_AWAITS_ROUTE if earlier.opens == "by_notice" else say.YEAR_HAS_ROUTE


def certificate_in_hand(case: Case) -> Verdict:
    """The qualification certificate has a number, and its day has come (HN-11, HN-12)."""
    held, since = case.facts.management_number, case.facts.qualified_on
    if not held:
        return Verdict(False, "", "", say.NO_CERTIFICATE)
    ok = since is None or since <= case.on
    text = say.IN_HAND if ok else say.NOT_YET_IN_HAND.fill(since=since)
    return Verdict(ok, "", since.isoformat() if since else "", text)


def never_registered(case: Case) -> Verdict:
    """There is neither a registration nor a registration certificate (BJ-47, G2)."""
    facts = case.facts
    if facts.registrations:
        year = max(registration.cycle_year for registration in facts.registrations)
        return Verdict(False, "", str(year), say.REGISTERED.fill(year=year))
    if facts.certificate:
        message = say.HAS_CERTIFICATE.fill(
            number=facts.certificate.number,
            until=facts.certificate.valid_until,
        )
        return Verdict(False, "", facts.certificate.number, message)
    return Verdict(True, "", "", say.NEVER_REGISTERED)


def level_in(case: Case) -> Verdict:
    """The level of the qualification is one that this kind, or its window, takes (X-03)."""
    levels, level = case.params["levels"], case.facts.level
    expected = ",".join(levels)
    if level is None:
        return Verdict(False, expected, "", say.NO_LEVEL)
    text = say.LEVEL_MET if level in levels else say.LEVEL_REFUSED
    wanted = joined(case.kind.wording("level", code) for code in levels)
    held = case.kind.wording("level", level)
    message = text.fill(levels=wanted, level=held)
    return Verdict(level in levels, expected, level, message)


def region_in(case: Case) -> Verdict:
    """The region of service lies in the policy's region (BA-04, X-37)."""
    region = case.facts.service_region_code or case.facts.region_code
    ok = covers(case.policy.region_code, region)
    text = say.REGION_MET if ok else say.REGION_REFUSED
    message = text.fill(region=case.policy.region_name, code=region)
    return Verdict(ok, case.policy.region_code, region, message)


def none_in_flight(case: Case) -> Verdict:
    """No other application is under review, returned or approved but not issued (CD-07, X-39)."""
    other = case.facts.open_application
    return Verdict(
        other is None, "", other or "", say.ONE_IN_FLIGHT if other else say.NONE_IN_FLIGHT
    )


def adult(case: Case) -> Verdict:
    """The person has reached the age of full capacity, 18 unless `age` says otherwise (HN-28)."""
    born, age = case.facts.born_on, case.params.get("age", 18)
    if born is None:
        return Verdict(False, str(age), "", say.NO_BIRTH_DATE)
    reached = age_on(born, case.on)
    text = say.ADULT if reached >= age else say.MINOR
    return Verdict(reached >= age, str(age), str(reached), text.fill(age=age, reached=reached))


def age_on(born: date, on: date) -> int:
    """Age in completed years; who was born on 29 February turns a year older on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def real_name(case: Case) -> Verdict:
    """The account's person has been identified (BJ-06)."""
    ok = case.facts.real_name
    return Verdict(ok, "", "", say.IDENTIFIED if ok else say.NOT_IDENTIFIED)


RULES: Mapping[str, Callable[[Case], Verdict]] = {
    "window_open": window_open,
    "exam_year": exam_year,
    "certificate_in_hand": certificate_in_hand,
    "never_registered": never_registered,
    "level_in": level_in,
    "region_in": region_in,
    "none_in_flight": none_in_flight,
    "adult": adult,
    "real_name": real_name,
}
