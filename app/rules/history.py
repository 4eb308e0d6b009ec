"""What a history of registrations means: when validity ends, which turns are due, whose hours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from app.rules.certificate import shifted
from app.rules.facts import Facts, RegistrationFact

Due = Literal["calendar_year", "validity"]
"""How turns fall due: by counting calendar years (X-01), or by the last day of validity."""


@dataclass(frozen=True)
class Period:
    """The days, both included, whose hours count for one turn."""

    cycle: int
    first: date
    last: date

    @property
    def empty(self) -> bool:
        """Whether no day is in it."""
        return self.last < self.first


def registered(facts: Facts) -> bool:
    """Whether there is a registration or a registration certificate."""
    return bool(facts.registrations or facts.certificate)


def last_registration(facts: Facts) -> RegistrationFact | None:
    """The registration of the latest turn; of several for one turn the one made last, in whatever
    order they are told."""
    return max(facts.registrations, key=_made, default=None)


def _made(one: RegistrationFact) -> tuple[int, date, date]:
    return one.cycle_year, one.on or date.min, one.valid_until or date.min


def expiry(facts: Facts) -> date | None:
    """The last day of validity (X-34): what this portal issued, else what the last registration
    says, else what another certificate says; None when no day is known."""
    certificate, last = facts.certificate, last_registration(facts)
    if certificate and certificate.issued_here and certificate.state in ("valid", "lost"):
        return certificate.valid_until
    if last and last.valid_until:
        return last.valid_until
    return certificate.valid_until if certificate else None


def due_year(facts: Facts, years: int) -> int | None:
    """The year in which the next turn is due (X-01): that of the last day of validity, else that
    of the last registration and the length of a cycle; None for the never registered."""
    until, last = expiry(facts), last_registration(facts)
    if until:
        return until.year
    return last.cycle_year + years if last else None


def turns(facts: Facts, years: int, year: int) -> tuple[int, ...]:
    """The turns missed and due up to a year (G1), in their order; none before the next is due."""
    due = due_year(facts, years)
    return () if due is None else tuple(range(due, year + 1, years))


def periods(due: Due, facts: Facts, years: int, on: date) -> Iterator[Period]:
    """Whose hours count for each turn that is open, or for the coming one when none is yet.

    By calendar years a turn c takes the hours of 1 January c - 3 to 31 December c - 1; the first
    begins at the last registration where its day is known, the last runs to `on` (X-27). By
    validity the hours count in the period that is renewed, also when renewal comes late.
    """
    next_due = due_year(facts, years)
    if next_due is None:
        return
    if due == "validity":
        until = expiry(facts) or date(next_due, 12, 31)
        yield Period(next_due, shifted(until, -years), min(until, on))
        return
    last, open_turns = last_registration(facts), turns(facts, years, on.year) or (next_due,)
    for turn in open_turns:
        first = date(turn - years, 1, 1)
        if turn == open_turns[0] and last and last.on:
            first = last.on
        yield Period(turn, first, on if turn == open_turns[-1] else date(turn - 1, 12, 31))


def hours_in(facts: Facts, period: Period) -> Decimal:
    """The certain hours of a period; periods share no day, so that no hour counts twice."""
    counted = (
        credit.hours
        for credit in facts.credits
        if credit.counts and period.first <= credit.on <= period.last
    )
    return sum(counted, Decimal(0))


def hours_needed(needs: Mapping[str, Decimal], level: str | None) -> Decimal | None:
    """The hours that a level asks for now, whatever it was before (G6); None without a level."""
    return needs.get(level) if level else None
