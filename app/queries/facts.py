"""From rows to the facts that the rules look at, and what the rules say to them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import case, select
from sqlalchemy.orm import Session, object_session

from app import clock
from app.extensions import db
from app.queries.policies import policy_for
from app.rules.conditions import Moment
from app.rules.eligibility import (
    Finding,
    assess,
    countdown,
    eligible,
    entry_summary,
    route,
)
from app.rules.facts import LEVELS, CertificateFact, CreditFact, Facts, RegistrationFact
from app.rules.history import registered
from app.rules.policy import Policy
from app.rules.words import Words
from app.rules.workflow import IN_FLIGHT
from models.application import Application
from models.certificate import Certificate
from models.credit import Credit
from models.qualification import Qualification
from models.registration import Registration
from models.worker import Worker

UNREGISTERED = {
    "registered",
    "last_registration",
    "expires_within",
    "after_expiry",
    "unexpired",
    "credit_hours",
}
"""The rules that fail for want of an earlier registration on record."""


@dataclass(frozen=True)
class Assessment:
    """What a policy says to one worker on one day, kind by kind; `first_exam` is the year of the
    earliest examination that is on record."""

    policy: Policy
    facts: Facts
    on: date
    findings: tuple[Finding, ...]
    first_exam: int | None = None

    def eligible(self, kind: str) -> bool:
        """Whether the worker may apply for the kind."""
        return eligible(self.findings, kind)

    def of(self, kind: str) -> tuple[Finding, ...]:
        """The findings on one kind, the failing ones first (BJ-14)."""
        mine = (finding for finding in self.findings if finding.kind == kind)
        return tuple(sorted(mine, key=lambda finding: finding.ok))

    def against(self, kind: str) -> tuple[Finding, ...]:
        """The findings that refuse the kind."""
        return tuple(f for f in self.of(kind) if not f.ok and not f.warning)

    def may_supply(self, kind: str) -> bool:
        """Whether only the earlier registrations are missing, which the history step asks for
        before the form (BJ-19), and the person can have been registered at all."""
        history_step = self.policy.kind_on(kind, self.on).history
        rules = {finding.rule for finding in self.against(kind)}
        could = self.first_exam is not None and self.first_exam <= self.on.year - 2
        return bool(
            history_step
            and could
            and rules
            and rules <= UNREGISTERED
            and not registered(self.facts)
        )

    @property
    def route(self) -> str | None:
        """The kind that history and examination lead to (G1, G2)."""
        return route(self.policy, self.facts, self.on)

    def summary(self, kind: str) -> Words:
        """The line under the kind's entry."""
        return entry_summary(self.findings, kind)

    @property
    def countdown(self) -> Words | None:
        """The reminder of the closing date (BJ-13, X-07), for one who may apply."""
        return countdown(self.policy, self.findings, self.on)


def assessment(
    worker: Worker,
    region_code: str | None = None,
    *,
    kinds: Collection[str] | None = None,
    apart_from: int | None = None,
    lost: bool | None = None,
) -> Assessment:
    """What the policy of a region (the worker's own) says today, of the given kinds or of all,
    before the form: proofs may still come, and a loss may still be declared (`lost` is what has
    been said of it).

    `apart_from` is the case that is asked about, which does not stand in its own way. Kinds that
    the policy does not have are left out. Raises LookupError when no policy covers the region.
    """
    policy = policy_for(region_code or worker.region_code)
    facts = facts_of(worker, region_code, apart_from=apart_from, lost=lost)
    found = under(policy, facts, clock.today(), kinds, "entry")
    return replace(found, first_exam=min((one.exam_year for one in _held(worker)), default=None))


def under(
    policy: Policy,
    facts: Facts,
    on: date,
    kinds: Collection[str] | None = None,
    at: Moment = "submit",
) -> Assessment:
    """What one policy says to these facts on a day."""
    asked = [kind for kind in policy.kinds if kinds is None or kind in kinds]
    return Assessment(policy, facts, on, tuple(assess(policy, facts, on, asked, at)))


def facts_of(
    worker: Worker,
    region_code: str | None = None,
    *,
    apart_from: int | None = None,
    proofs: tuple[int, ...] = (),
    lost: bool | None = False,
) -> Facts:
    """The facts about a worker who applies in a region (the worker's own): five statements, in
    the session, and so in the scope, that the worker was read in.

    `proofs` are the turns for which the case has a proof of hours, `lost` is what it says of the
    certificate, None when it may still say so.
    """
    session = object_session(worker) or db.session()
    held = qualification_of(worker)
    rows = _registrations(session, worker)
    last = max(rows, key=lambda row: (row.cycle_year, row.id), default=None)
    return Facts(
        region_code=worker.region_code,
        service_region_code=region_code or worker.region_code,
        level=held.level if held else None,
        exam_year=held.exam_year if held else None,
        qualified_on=held.qualified_on if held else None,
        management_number=held.management_number if held else None,
        born_on=worker.born_on,
        registrations=tuple(
            RegistrationFact(row.kind, row.cycle_year, row.registered_on, row.valid_until)
            for row in rows
        ),
        certificate=_certificate(session, worker) or _elsewhere(last),
        certificate_lost=lost,
        credits=_credits(session, worker),
        proofs=proofs,
        registered_level=last.level if last else None,
        open_application=_in_flight(session, worker, apart_from),
        real_name=worker.real_name,
    )


def qualification_of(worker: Worker) -> Qualification | None:
    """The qualification that counts: the highest level, of that the latest examination."""
    return max(
        _held(worker), key=lambda one: (LEVELS.index(one.level), one.exam_year), default=None
    )


def _held(worker: Worker) -> Sequence[Qualification]:
    session = object_session(worker) or db.session()
    return session.scalars(select(Qualification).where(Qualification.worker_id == worker.id)).all()


def _registrations(session: Session, worker: Worker) -> Sequence[Registration]:
    query = select(Registration).where(Registration.worker_id == worker.id)
    return session.scalars(query.order_by(Registration.cycle_year, Registration.id)).all()


def _certificate(session: Session, worker: Worker) -> CertificateFact | None:
    """The certificate that is in force, else the latest one."""
    valid = case((Certificate.state == "valid", 0), else_=1)
    row = session.execute(
        select(Certificate.number, Certificate.valid_until, Certificate.state)
        .where(Certificate.worker_id == worker.id)
        .order_by(valid, Certificate.valid_until.desc(), Certificate.id.desc())
        .limit(1)
    ).first()
    return CertificateFact(*row) if row else None


def _elsewhere(last: Registration | None) -> CertificateFact | None:
    """The certificate of a registration that was not issued here (MC-25)."""
    if last is None or last.valid_until is None:
        return None
    return CertificateFact(last.legacy_number, last.valid_until, issued_here=False)


def _credits(session: Session, worker: Worker) -> tuple[CreditFact, ...]:
    rows = session.execute(
        select(Credit.taken_on, Credit.hours, Credit.source, Credit.state).where(
            Credit.worker_id == worker.id, Credit.state != "refused"
        )
    )
    return tuple(
        CreditFact(day, hours, source, state == "accepted") for day, hours, source, state in rows
    )


def _in_flight(session: Session, worker: Worker, apart_from: int | None) -> str | None:
    query = select(Application.kind).where(
        Application.worker_id == worker.id, Application.state.in_(IN_FLIGHT)
    )
    if apart_from is not None:
        query = query.where(Application.id != apart_from)
    return session.scalar(query.limit(1))
