"""Whether a person may apply, and why not: the only statement of eligibility there is."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from app.rules import certificate as certificates
from app.rules import conditions, conditions_history, conditions_hours, history
from app.rules import sentences as say
from app.rules.conditions import Case, Moment, Params, Verdict
from app.rules.facts import Facts
from app.rules.kinds import RuleUse, WindowFact
from app.rules.policy import Policy
from app.rules.words import Words

RULES: Mapping[str, Callable[[Case, Params], Verdict]] = {
    "adult": conditions.adult,
    "after_expiry": conditions_history.after_expiry,
    "certificate_in_hand": conditions.certificate_in_hand,
    "credit_hours": conditions_hours.credit_hours,
    "credit_proof": conditions_hours.credit_proof,
    "exam_year": conditions.exam_year,
    "expires_within": conditions_history.expires_within,
    "higher_level": conditions_history.higher_level,
    "in_force": conditions.in_force,
    "last_registration": conditions_history.last_registration,
    "level_in": conditions.level_in,
    "never_registered": conditions_history.never_registered,
    "no_certificate_here": conditions_history.no_certificate_here,
    "none_in_flight": conditions.none_in_flight,
    "not_revoked": conditions_history.not_revoked,
    "real_name": conditions.real_name,
    "region_in": conditions.region_in,
    "registered": conditions_history.registered,
    "unexpired": conditions_history.unexpired,
    "window_open": conditions.window_open,
    "without_certificate": conditions_history.without_certificate,
}

ROUTING = (
    "never_registered",
    "exam_year",
    "without_certificate",
    "last_registration",
    "expires_within",
    "after_expiry",
    "higher_level",
)
"""The rules on history and examination, which tell where a person belongs."""

HOURS = ("credit_hours", "credit_proof")
"""The rules that ask for continuing education; a kind has one of them or none."""

OPTIONAL = ("exchange", "completion", "upgrade")
"""Kinds that nobody has to apply for."""

RENEWING = ("last_registration", "expires_within", "after_expiry")


@dataclass(frozen=True)
class Finding:
    """One rule's verdict on one kind; a warning tells and never refuses, and hours that are
    `to_count` are met by a proof that a reviewer has yet to look at."""

    kind: str
    rule: str
    ok: bool
    expected: str
    actual: str
    text: Words
    values: Mapping[str, Any] = field(default_factory=dict)
    warning: bool = False
    to_count: bool = False

    @property
    def message(self) -> Words:
        """A sentence with its numbers, met or not."""
        return self.text.fill(**self.values)

    @property
    def refuses(self) -> bool:
        """Whether it makes a person ineligible."""
        return not (self.ok or self.warning)


@dataclass(frozen=True)
class Outlook:
    """What an approval on the day would settle: the registration years missed and due, and the
    last day of validity that it would give, None where the history gives none. `expiry` is the
    last day of the validity that there is."""

    turns: tuple[int, ...]
    valid_until: date | None
    expiry: date | None = None


def assess(
    policy: Policy,
    facts: Facts,
    on: date,
    kinds: Collection[str] | None = None,
    at: Moment = "submit",
) -> list[Finding]:
    """Every rule's finding for the given kinds, all when None, on a day of Asia/Shanghai.

    The first finding of a kind is `window_open`, and outside the policy's dates `in_force` comes
    before it. Never raises on facts that were read by `parse_facts`; raises KeyError for a kind
    that the policy does not have.
    """
    return [
        finding
        for code in (policy.kinds if kinds is None else kinds)
        for finding in _findings(_case(policy, code, facts, on, at))
    ]


def eligible(findings: Iterable[Finding], kind: str) -> bool:
    """Whether the kind was assessed and nothing but warnings speaks against it."""
    mine = [finding for finding in findings if finding.kind == kind]
    return bool(mine) and not any(finding.refuses for finding in mine)


def route(policy: Policy, facts: Facts, on: date) -> str | None:
    """The kind that history and examination lead to (G1, G2), whether or not all else is in order;
    None when nothing is due. Who is only too late belongs there all the same."""
    late: list[str] = []
    for code in policy.kinds:
        case = _case(policy, code, facts, on, "submit")
        verdicts = [_verdict(case, use) for use in case.kind.requires if use.name in ROUTING]
        if not verdicts or not _under_way(case):
            continue
        if all(verdict.ok for verdict in verdicts):
            return code
        if all(verdict.ok or verdict.late for verdict in verdicts):
            late.append(code)
    return late[0] if late else None


def registration_due(policy: Policy, facts: Facts, on: date) -> str | None:
    """The registration that somebody has to apply for (HN-40): the one that `route` leads to,
    unless it is of those that nobody has to."""
    kind = route(policy, facts, on)
    return None if kind in OPTIONAL else kind


def outlook(policy: Policy, kind: str, facts: Facts, on: date) -> Outlook:
    """What an approval of the kind on a day would settle and give."""
    case = _case(policy, kind, facts, on, "submit")
    turns, until, rule = turns_settled(case), _until(case), case.kind.validity
    given = not (
        (case.kind.asks("never_registered") and _known(case))
        or (any(map(case.kind.asks, RENEWING)) and not turns)
        or (rule.anchor == "kept" and until is None and not _may_begin(case))
    )
    last = certificates.valid_until(rule, on, until, turns) if given else None
    return Outlook(turns, last, until)


def _until(case: Case) -> date | None:
    """The last day of the validity that there is; of a fixed day the year alone tells it."""
    due = history.due_year(case.facts, case.policy.cycle_years)
    fixed = certificates.fixed_day(case.kind.validity, due) if due else None
    return history.expiry(case.facts) or fixed


def turns_settled(case: Case) -> tuple[int, ...]:
    """The registration years that an application of the kind settles (BJ-44): those missed and
    due, the one that validity ends in, or none for what is no renewal."""
    if not any(map(case.kind.asks, RENEWING)):
        return ()
    if case.policy.due == "validity":
        due = history.due_year(case.facts, case.policy.cycle_years)
        return (due,) if due else ()
    use = next(use for use in case.kind.requires if use.name == "last_registration")
    return case.turns if RULES[use.name](case, use.params).ok else ()


def hours_of(policy: Policy, kind: str, facts: Facts, on: date, turn: int | None) -> Finding | None:
    """What the rule on hours says of one turn without a proof of it: met by what is on record
    (BJ-31), or what is missing. None for a kind without such a rule."""
    case = _case(policy, kind, facts, on, "submit")
    others = tuple(one for one in turns_settled(case) if one != turn) if turn else ()
    alone = replace(case, facts=replace(facts, proofs=others))
    return next((_finding(alone, use) for use in case.kind.requires if use.name in HOURS), None)


def entry_summary(findings: Iterable[Finding], kind: str) -> Words:
    """The line under a kind's entry: that one may apply, or the first reason why not (BJ-14)."""
    first = next((f for f in findings if f.kind == kind and f.refuses), None)
    return first.message if first else say.MAY_APPLY


def days_left(window: WindowFact | None, on: date) -> int | None:
    """Days from `on` to the last day of an open window, 0 on that day; None when none is open."""
    if window is None or not window.open_on(on):
        return None
    return (window.closes_on - on).days


def countdown(
    policy: Policy, findings: Collection[Finding], on: date, kinds: Collection[str] | None = None
) -> Words | None:
    """The reminder of the closing date (BJ-13), for one who may apply in an open window (X-07):
    of the nearest among these kinds, or among all."""
    actionable = (
        code
        for code in policy.kinds
        if (kinds is None or code in kinds) and eligible(findings, code)
    )
    left = [days_left(policy.window_near(code, on), on) for code in actionable]
    days = min((days for days in left if days is not None), default=None)
    return None if days is None else say.COUNTDOWN.fill(days=days)


def _case(policy: Policy, code: str, facts: Facts, on: date, at: Moment) -> Case:
    kind, window = policy.kind_on(code, on), policy.window_near(code, on)
    return Case(policy, kind, window, facts, on, at)


def _findings(case: Case) -> Iterator[Finding]:
    uses = [RuleUse("window_open", {}), *case.kind.requires]
    if not case.policy.in_force(case.on):
        uses.insert(0, RuleUse("in_force", {}))
    for use in uses:
        yield _finding(case, use)


def _finding(case: Case, use: RuleUse) -> Finding:
    found = _verdict(case, use)
    return Finding(
        case.kind.code,
        use.name,
        found.ok,
        found.expected,
        found.actual,
        found.text,
        found.values,
        use.warning,
        found.to_count,
    )


def _verdict(case: Case, use: RuleUse) -> Verdict:
    """The rule's verdict; one that is waived is met by everybody whom it could ask (HN-27)."""
    found = RULES[use.name](case, use.params)
    if found.ok or not use.waived or (use.name in RENEWING and not _waits(case)):
        return found
    return Verdict(True, found.expected, found.actual, say.WAIVED)


def _waits(case: Case) -> bool:
    """Whether there is a registration to renew that was not made in this very window."""
    last, window = history.last_registration(case.facts), case.window
    in_this_window = last and last.on and window and window.open_on(last.on)
    return _known(case) and not in_this_window


def _known(case: Case) -> bool:
    return history.registered(case.facts)


def _may_begin(case: Case) -> bool:
    """Whether the kind also takes people who were never registered."""
    return case.kind.asks("without_certificate") and not _known(case)


def _under_way(case: Case) -> bool:
    """Whether history or an examination by this day leads anywhere at all."""
    facts = case.facts
    if _known(case):
        return True
    passed = facts.exam_year is not None and facts.exam_year <= case.on.year
    return passed or (facts.exam_year is None and facts.management_number is not None)
