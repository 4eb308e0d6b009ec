"""Conditions on what was registered before: whether it was, until when it holds, what is due."""

from datetime import date, timedelta

from app.rules import history
from app.rules import sentences as say
from app.rules.certificate import shifted
from app.rules.conditions import Case, Params, Verdict
from app.rules.facts import LEVELS
from app.rules.words import Words


def never_registered(case: Case, _params: Params) -> Verdict:
    """There is neither a registration nor a registration certificate (BJ-47, G2)."""
    facts, last = case.facts, history.last_registration(case.facts)
    if last:
        year = last.cycle_year
        return Verdict(False, "", str(year), say.REGISTERED, {"year": year})
    if facts.certificate:
        number = facts.certificate.number or ""
        values = {"number": number, "until": facts.certificate.valid_until}
        return Verdict(False, "", number, say.HAS_CERTIFICATE, values)
    return Verdict(True, "", "", say.NEVER_REGISTERED)


def without_certificate(case: Case, params: Params) -> Verdict:
    """There is no certificate to show (BJ-46): nobody registered who passed the examination
    `years_ago` or earlier (BJ-47), or one was and the certificate is lost (BJ-48)."""
    facts, year = case.facts, case.year - params["years_ago"]
    if not history.registered(facts):
        actual = facts.exam_year
        if actual is None:
            return Verdict(False, f"<={year}", "", say.NO_EXAM_YEAR)
        text = say.NEVER_AND_PASSED if actual <= year else say.PASSED_TOO_RECENTLY
        return Verdict(actual <= year, f"<={year}", str(actual), text, {"of": actual, "year": year})
    missed = [t for t in case.turns if t < case.year]
    if missed and case.policy.due == "calendar_year":
        return Verdict(False, "", str(missed[0]), say.LOST_BUT_OVERDUE, {"year": missed[0]})
    state = facts.certificate.state if facts.certificate else "valid"
    lost = facts.certificate_lost or state == "lost"
    if lost or (facts.certificate_lost is None and case.at == "entry"):
        return Verdict(True, "", "", say.LOST if lost else say.LOST_TO_DECLARE)
    return Verdict(False, "", "", say.NOT_LOST)


def registered(case: Case, _params: Params) -> Verdict:
    """There is an earlier registration or its certificate (BJ-16, HN-29, MC-25)."""
    last, until = history.last_registration(case.facts), history.expiry(case.facts)
    if last:
        return Verdict(True, "", str(last.cycle_year), say.LAST_YEAR, {"year": last.cycle_year})
    if until:
        return Verdict(True, "", until.isoformat(), say.VALID_UNTIL, {"until": until})
    return Verdict(False, "", "", say.NOT_REGISTERED)


def last_registration(case: Case, params: Params) -> Verdict:
    """The next turn, counted in calendar years, is due this year (BJ-16, BJ-17), or was missed
    (BJ-40, BJ-41)."""
    due = history.due_year(case.facts, case.policy.cycle_years)
    if due is None:
        return Verdict(False, str(case.year), "", say.NOT_REGISTERED)
    wanted = params["is"] == "due"
    ok = due == case.year if wanted else due < case.year
    expected = f"{'' if wanted else '<'}{case.year}"
    text = say.TURN_LATER if due > case.year else say.TURN_NOW
    if due < case.year:
        text = say.TURN_MISSED
    values = {"due": due, "year": case.year, "turns": _listed(case.turns)}
    return Verdict(ok, expected, str(due), text, values)


def expires_within(case: Case, params: Params) -> Verdict:
    """The last `days` or `months` of validity have begun, or it is over (CD-31, G3, X-33)."""
    until = _expiry(case)
    if until is None:
        return Verdict(False, "", "", say.NOT_REGISTERED)
    first = gate(until, params)
    values = {"until": until, "first": first, "on": case.on}
    text = say.TOO_EARLY if case.on < first else say.SOON_OVER
    if case.on > until:
        text = say.OVER
    return Verdict(case.on >= first, f">={first}", case.on.isoformat(), text, values)


def gate(until: date, params: Params) -> date:
    """The first day on which one may renew; a day that the month does not have becomes its
    last (G3)."""
    if "days" in params:
        return until - timedelta(days=params["days"])
    return shifted(until, months=-params["months"])


def after_expiry(case: Case, _params: Params) -> Verdict:
    """Validity is over, and it is still the calendar year of the first day after it (X-33)."""
    until = _expiry(case)
    if until is None:
        return Verdict(False, "", "", say.NOT_REGISTERED)
    first = until + timedelta(days=1)
    last = date(first.year, 12, 31)
    text = say.YEAR_AFTER if first <= case.on <= last else say.AFTER_EXPIRY_ONLY
    values = {"until": until, "first": first, "last": last, "on": case.on}
    ok, late = first <= case.on <= last, case.on > last
    return Verdict(ok, f"{first}/{last}", case.on.isoformat(), text, values, late=late)


def unexpired(case: Case, _params: Params) -> Verdict:
    """The certificate is still valid (X-47)."""
    until = history.expiry(case.facts)
    if until is None:
        return Verdict(False, f">={case.on}", "", say.NO_EXPIRY)
    text = say.VALID_UNTIL if until >= case.on else say.EXPIRED
    values = {"until": until}
    return Verdict(until >= case.on, f">={case.on}", until.isoformat(), text, values)


def no_certificate_here(case: Case, _params: Params) -> Verdict:
    """This portal has not issued a certificate that is in force (MC-25, CD-44)."""
    held = case.facts.certificate
    if held and held.issued_here and held.state == "valid":
        number = held.number or ""
        return Verdict(False, "", number, say.ISSUED_HERE, {"number": number})
    return Verdict(True, "", "", say.NOT_ISSUED_HERE)


def not_revoked(case: Case, _params: Params) -> Verdict:
    """The certificate was neither revoked nor cancelled (X-44)."""
    held = case.facts.certificate
    if held and held.state in ("revoked", "cancelled"):
        text = say.REVOKED if held.state == "revoked" else say.CANCELLED
        return Verdict(False, "", held.state, text, {"number": held.number or ""})
    return Verdict(True, "", held.state if held else "", say.NOT_REVOKED)


def higher_level(case: Case, _params: Params) -> Verdict:
    """The qualification is of a higher level than the one that is registered (X-25, MC-33)."""
    had, has = case.facts.registered_level, case.facts.level
    if had is None or has is None:
        return Verdict(False, "", has or "", say.NO_LEVEL if has is None else say.NOT_REGISTERED)
    ok = LEVELS.index(has) > LEVELS.index(had)
    values = {"level": case.kind.wording("level", has), "had": case.kind.wording("level", had)}
    return Verdict(ok, f">{had}", has, say.HIGHER if ok else say.NOT_HIGHER, values)


def _expiry(case: Case) -> date | None:
    """The last day of validity, that of its year when only the year is known."""
    due = history.due_year(case.facts, case.policy.cycle_years)
    return history.expiry(case.facts) or (date(due, 12, 31) if due else None)


def _listed(turns: tuple[int, ...]) -> Words:
    return Words("、".join(map(str, turns)), ", ".join(map(str, turns)))
