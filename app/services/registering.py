"""What an approval writes into the register: the turns that it settles, the history that it checks.

A first registration and an upgrade begin a cycle; a renewal settles turns; a replacement of what
was lost, an exchange and a completion leave the register as it is (X-12, X-47).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.queries.facts import facts_of
from app.rules import certificate as rules
from app.rules import history
from app.rules.certificate import ValidityRule
from app.rules.eligibility import Outlook, outlook
from app.rules.facts import Facts
from app.services import cases, events
from app.services.cases import Terms
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
class Registered:
    """The registration that a certificate is for, with the days of validity that it shows."""

    row: Registration
    valid_from: date
    valid_until: date


def effect_of(session: Session, application: Application, approved_on: date) -> Effect:
    """What an approval of the case on a day gives; its turns are those of its submission (X-01)."""
    terms = cases.terms_of(session, application)
    worker, _ = cases.person(session, application)
    lost = says_lost(application)
    facts = facts_of(worker, application.region_code, apart_from=application.id, lost=lost)
    view = outlook(terms.policy, application.kind, facts, terms.on)
    turns = tuple(_turns(application.kind, terms, facts, view, approved_on))
    until = rules.valid_until(terms.kind.validity, approved_on, view.expiry, view.turns)
    known = until if turns or view.valid_until else None
    return Effect(turns, approved_on, known, terms.kind.validity)


def says_lost(application: Application) -> bool:
    """Whether the case says that the certificate before it is lost (X-12, BJ-48)."""
    form = application.form
    return form.get("certificate_lost") == "yes" or form.get("replacement_case") == "lost"


def _turns(
    kind: str, terms: Terms, facts: Facts, view: Outlook, approved_on: date
) -> Iterator[Turn]:
    """The rows of an approval; a replacement begins a cycle for the never registered (X-48)."""
    rule, start = (
        terms.kind.validity,
        rules.valid_from(terms.kind.validity, approved_on, view.expiry),
    )
    if kind in BEGINS or (kind == "replacement" and not history.registered(facts)):
        until = rules.valid_until(rule, approved_on, view.expiry)
        yield Turn("first", approved_on.year, start, until)
    elif kind in RENEWS:
        years = view.turns or (approved_on.year,)
        for count, year in enumerate(years, 1):
            until = rules.valid_until(rule, approved_on, view.expiry, years[:count])
            missed = terms.policy.due == "calendar_year" and year < terms.on.year
            name = "late_renewal" if missed else "renewal"
            yield Turn(name, year, start if start <= until else None, until)


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
