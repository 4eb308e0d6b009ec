"""People for the tests of policies: sound facts, of which a test changes what matters to it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from app.rules.eligibility import Finding, assess, eligible
from app.rules.facts import CertificateFact, CreditFact, Facts, RegistrationFact
from app.rules.policy import Policy


def person(region_code: str, **facts: Any) -> Facts:
    """An assistant social worker who passed in 2018, holds the certificate and was never
    registered."""
    sound = Facts(
        region_code=region_code,
        service_region_code=region_code,
        level="assistant",
        exam_year=2018,
        qualified_on=date(2018, 10, 1),
        management_number="20180621101019000001",
        born_on=date(1990, 1, 1),
    )
    return replace(sound, **facts)


def elsewhere(until: date, number: str = "00123456") -> CertificateFact:
    """A paper certificate that this portal has not issued."""
    return CertificateFact(number, until, issued_here=False)


def here(until: date, state: str = "valid") -> CertificateFact:
    """A certificate of this portal."""
    return CertificateFact("512022000000018", until, state)


def registered(*years: int, kind: str = "first", until: date | None = None) -> Any:
    """Registrations of these years, of which only the last says until when it is valid."""
    return tuple(
        RegistrationFact(kind, year, valid_until=until if year == years[-1] else None)
        for year in years
    )


def hours(amount: float | str, on: date, source: str = "online", accepted: bool = False) -> Any:
    """Hours of one course."""
    return CreditFact(on, Decimal(str(amount)), source, accepted)


def failing(
    policy: Policy, facts: Facts, kind: str, on: date, at: Any = "submit"
) -> dict[str, Finding]:
    """The rules that refuse a kind, with their findings."""
    return {f.rule: f for f in assess(policy, facts, on, [kind], at) if f.refuses}


def may(policy: Policy, facts: Facts, kind: str, on: date, at: Any = "submit") -> bool:
    """Whether a person may apply for a kind on a day."""
    return eligible(assess(policy, facts, on, [kind], at), kind)
