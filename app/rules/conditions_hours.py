"""Conditions on continuing education: the hours of every turn, or what shows them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.rules import history
from app.rules import sentences as say
from app.rules.conditions import Case, Params, Verdict
from app.rules.history import Period
from app.rules.words import Words, joined

SHORT = {
    "entry": say.HOURS_TO_PROVE,
    "submit": say.HOURS_SHORT,
    "approval": say.HOURS_UNPROVED,
}


def credit_hours(case: Case, params: Params) -> Verdict:
    """Every turn that is settled has its hours (BJ-32, HN-30, X-27), by the level that is
    registered now (G6). Until the approval a proof of the turn is as good (BJ-30, BJ-44)."""
    if not history.registered(case.facts):
        return Verdict(False, "", "", say.NOT_REGISTERED)
    need = history.hours_needed(params, case.facts.level)
    if need is None:
        return Verdict(False, "", "", say.NO_LEVEL)
    found = {period: history.hours_in(case.facts, period) for period in case.periods}
    short = {
        period: hours
        for period, hours in found.items()
        if hours < need and (case.at == "approval" or period.cycle not in case.facts.proofs)
    }
    values: dict[str, Any] = {"need": plain(need), "hours": _each(found)}
    values["turns"] = {period.cycle: hours for period, hours in found.items()}
    if not short and any(hours < need for hours in found.values()):
        return Verdict(True, plain(need), _each(found), say.HOURS_PROVED, values, to_count=True)
    if not short:
        return Verdict(True, plain(need), _each(found), say.HOURS_MET, values)
    values["each"] = joined(_missing(p, h, need) for p, h in short.items())
    return Verdict(case.at == "entry", plain(need), _each(found), SHORT[case.at], values)


def credit_proof(case: Case, _params: Params) -> Verdict:
    """Something shows the continuing education: a proof, or hours on record, however many (X-11,
    BJ-50)."""
    facts = case.facts
    if facts.proofs:
        return Verdict(True, "", str(len(facts.proofs)), say.PROOF_THERE)
    if any(credit.counts for credit in facts.credits):
        return Verdict(True, "", "", say.HOURS_THERE)
    if case.at == "entry":
        return Verdict(True, "", "", say.PROOF_TO_COME)
    return Verdict(False, "", "0", say.NO_PROOF)


def plain(number: Decimal | int) -> str:
    """A number of hours without idle zeros: 72, 71.9."""
    return f"{Decimal(number).normalize():f}"


def _each(found: Mapping[Period, Decimal]) -> str:
    """The hours of one turn, or of every turn with its year."""
    if len(found) == 1:
        return plain(next(iter(found.values())))
    return "; ".join(f"{period.cycle}: {plain(hours)}" for period, hours in found.items())


def _missing(period: Period, hours: Decimal, need: Decimal) -> Words:
    return say.SHORT_BY.fill(
        cycle=period.cycle,
        first=period.first,
        last=period.last,
        hours=plain(hours),
        short=plain(need - hours),
    )
