"""What an approval writes into the register: the turns that it settles, the history that it checks.

A first registration and an upgrade begin a cycle; a renewal settles turns; a replacement of what
was lost, an exchange and a completion leave the register as it is (X-12, X-47).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.queries.facts import facts_of
from app.rules import certificate as rules
from app.rules import history
from app.rules.certificate import ValidityRule
from app.rules.eligibility import outlook
from app.rules.facts import Facts
from app.services import cases, drafts, events
from models.application import Application
from models.registration import Registration

BEGINS = ("first", "upgrade")
RENEWS = ("renewal", "late_renewal")


@dataclass(frozen=True)
class Turn:
    """One row of the register to be: the turn that it settles and its days of validity.

    `valid_from` is None for a turn that was missed for longer than its validity: it was never in
    force.
    """

    kind: str
    year: int
    valid_from: date | None
    valid_until: date


@dataclass(frozen=True)
class Effect:
    """What an approval on a day gives: its turns, none where the register stays as it is, and the
    last day of validity, None where the history does not tell it."""

    turns: tuple[Turn, ...]
    approved_on: date
    valid_until: date | None
    rule: ValidityRule


@dataclass(frozen=True)
class _Days:
    """The days of validity that an approval on a day gives, by the rule of its kind."""

    rule: ValidityRule
    approved_on: date
    expiry: date | None

    def until(self, years: Sequence[int]) -> date:
        """The last day when these turns are settled, in their order."""
        return rules.valid_until(self.rule, self.approved_on, self.expiry, years)

    def turn(self, kind: str, years: Sequence[int]) -> Turn:
        """The row of the last of these turns."""
        first = rules.valid_from(self.rule, self.approved_on, self.expiry)
        last = self.until(years)
        return Turn(kind, years[-1], first if first <= last else None, last)

    def renewals(self, years: Sequence[int], missed_before: int) -> Iterator[Turn]:
        """A row for each turn; those before a year were missed (BJ-41)."""
        for count, year in enumerate(years, 1):
            kind = "late_renewal" if year < missed_before else "renewal"
            yield self.turn(kind, years[:count])


@dataclass(frozen=True)
class Registered:
    """The registration that a certificate is for, with the days of validity that it shows."""

    row: Registration
    valid_from: date
    valid_until: date


def effect_of(session: Session, application: Application, approved_on: date) -> Effect:
    """What an approval of the case on a day gives; its turns are those of its submission (X-01)."""
    terms = cases.terms_of(session, application)
    worker, _ = cases.person(session, application)
    lost, rule = says_lost(application), terms.kind.validity
    facts = facts_of(worker, application.region_code, apart_from=application.id, lost=lost)
    view = outlook(terms.policy, application.kind, facts, terms.on)
    years = terms.turns or view.turns  # a kind that asks no proof keeps no turns
    missed_before = terms.on.year if terms.policy.due == "calendar_year" else 0
    days = _Days(rule, approved_on, view.expiry)
    turns: tuple[Turn, ...] = ()
    if _begins(application.kind, facts):
        turns = (days.turn("first", (approved_on.year,)),)
    elif application.kind in RENEWS:
        turns = tuple(days.renewals(years or (approved_on.year,), missed_before))
    known = view.valid_until or turns
    return Effect(turns, approved_on, days.until(years) if known else None, rule)


def _begins(kind: str, facts: Facts) -> bool:
    """Whether a cycle begins: also with a replacement for the never registered (X-48)."""
    return kind in BEGINS or (kind == "replacement" and not history.registered(facts))


def says_lost(application: Application) -> bool:
    """Whether the case says that the certificate before it is lost (X-12, BJ-48)."""
    return bool(drafts.said_lost(application.form))


def register(session: Session, application: Application, effect: Effect) -> Registered:
    """Write the turns of an approval into the register, one row each (BJ-44); gives the one that
    the certificate is for.

    What the applicant said of earlier registrations is verified with it: the reviewer has seen it
    (BJ-22), and from now on it stays as it is (BJ-23).
    """
    _verify_claims(session, application)
    rows = [_row(application, effect, turn) for turn in effect.turns]
    session.add_all(rows)
    session.flush()
    row = rows[-1] if rows else latest(session, application.worker_id)
    assert row is not None, "approved without a registration"
    assert effect.valid_until is not None, "approved without a validity"
    first = row.valid_from or row.registered_on
    # of a certificate from elsewhere perhaps only the last day is known
    first = first or rules.shifted(effect.valid_until, years=-effect.rule.years)
    return Registered(row, min(first, effect.approved_on), effect.valid_until)


def latest(session: Session, worker_id: int) -> Registration | None:
    """The registration of a worker's latest turn."""
    query = select(Registration).where(Registration.worker_id == worker_id)
    newest = query.order_by(Registration.cycle_year.desc(), Registration.id.desc())
    return session.scalar(newest.limit(1))


def _row(application: Application, effect: Effect, turn: Turn) -> Registration:
    return Registration(
        worker_id=application.worker_id,
        region_code=application.region_code,
        kind=turn.kind,
        cycle_year=turn.year,
        level=application.level,
        state="verified",
        registered_on=effect.approved_on,
        valid_from=turn.valid_from,
        valid_until=turn.valid_until,
        application_id=application.id,
    )


def _verify_claims(session: Session, application: Application) -> None:
    claimed = select(Registration).where(
        Registration.worker_id == application.worker_id, Registration.state == "claimed"
    )
    for row in session.scalars(claimed.order_by(Registration.id)).all():
        row.state = "verified"
        events.record(
            session,
            f"registration:{row.id}",
            "verify",
            row.region_code,
            from_state="claimed",
            to_state="verified",
            reason=application.reference,
        )
