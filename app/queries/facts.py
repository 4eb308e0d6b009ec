"""From rows to the facts that the rules look at, and what the rules say to them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import object_session

from app import clock
from app.extensions import db
from app.queries.holdings import Holdings, best, of_one
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
from app.rules.facts import Facts
from app.rules.history import registered
from app.rules.policy import Policy
from app.rules.words import Words
from models.qualification import Qualification
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
    earliest examination that is on record, `held` what else is."""

    policy: Policy
    facts: Facts
    on: date
    findings: tuple[Finding, ...]
    first_exam: int | None = None
    held: Holdings | None = None

    @property
    def registrations(self) -> Sequence[Any]:
        """The registrations on record, the earliest first; nothing where nobody read them."""
        return next(iter(self.held.registrations.values())) if self.held else ()

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

    def countdown_of(self, kind: str) -> Words | None:
        """The reminder of the closing date of one kind, on the pages of that kind."""
        return countdown(self.policy, self.findings, self.on, (kind,))


def assessment(
    worker: Worker,
    region_code: str | None = None,
    *,
    kinds: Collection[str] | None = None,
    apart_from: int | None = None,
    lost: bool | None = None,
    held: Holdings | None = None,
) -> Assessment:
    """What the policy of a region (the worker's own) says today, of the given kinds or of all,
    before the form: proofs may still come, and a loss may still be declared (`lost` is what has
    been said of it).

    `apart_from` is the case that is asked about, which does not stand in its own way; `held` is
    what is on record, where the caller has read it. Kinds that the policy does not have are left
    out. Raises LookupError when no policy covers the region.
    """
    policy = policy_for(region_code or worker.region_code)
    held = held or of_one(object_session(worker) or db.session(), worker.id)
    facts = held.facts(worker, region_code, apart_from=apart_from, lost=lost)
    found = under(policy, facts, clock.today(), kinds, "entry")
    exams = (one.exam_year for one in held.qualifications[worker.id])
    return replace(found, first_exam=min(exams, default=None), held=held)


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
    """The facts about a worker who applies in a region (the worker's own): one statement, in the
    session, and so in the scope, that the worker was read in.

    `proofs` are the turns for which the case has a proof of hours, `lost` is what it says of the
    certificate, None when it may still say so.
    """
    session = object_session(worker) or db.session()
    held = of_one(session, worker.id)
    return held.facts(worker, region_code, apart_from=apart_from, proofs=proofs, lost=lost)


def qualification_of(worker: Worker) -> Qualification | None:
    """The qualification that counts: the highest level, of that the latest examination."""
    found: Qualification | None = best(_held(worker))
    return found


def _held(worker: Worker) -> Sequence[Qualification]:
    session = object_session(worker) or db.session()
    query = select(Qualification).where(Qualification.worker_id == worker.id)
    return session.scalars(query.order_by(Qualification.id)).all()
