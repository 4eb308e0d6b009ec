"""Hours on the review desk: what was recorded beside the proofs, and whether it is enough."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import select

from app import clock
from app.extensions import db
from app.queries.facts import facts_of, under
from app.queries.policies import policy_of_case
from app.rules.eligibility import HOURS, Finding
from app.rules.kinds import Kind
from app.rules.policy import Policy
from app.rules.workflow import State
from models.application import Application, Submission
from models.credit import Credit
from models.worker import Worker

SHOWN = 100


def credits_of(application: Application) -> Sequence[Credit]:
    """What was recorded beside the proofs of a case, and what else its worker has, the latest
    first; at most SHOWN of them."""
    query = select(Credit).where(Credit.worker_id == application.worker_id)
    query = query.order_by(Credit.taken_on.desc(), Credit.id.desc())
    return db.session.scalars(query.limit(SHOWN)).all()


def by_now(
    application: Application,
    worker: Worker,
    kind: Kind,
    submissions: Sequence[Submission],
    findings: Sequence[Finding],
) -> tuple[Finding, ...]:
    """The findings of the submission; while a case is under review those on continuing education
    are as an approval would meet them now, with the hours accepted so far (BJ-30, BJ-32)."""
    if application.state != State.in_review:
        return tuple(findings)
    latest = submissions[-1]
    begun = min(one.submitted_at for one in submissions if one.attempt == latest.attempt)
    on, policy = clock.local(begun).date(), policy_of_case(application)
    found = at_approval(application, worker, policy, kind, latest.materials, on)
    now = {finding.rule: finding for finding in found}
    return tuple(now.get(finding.rule, finding) for finding in findings)


def at_approval(
    application: Application,
    worker: Worker,
    policy: Policy,
    kind: Kind,
    materials: Collection[str],
    on: date,
) -> tuple[Finding, ...]:
    """What the rules on continuing education say to an approval of the case: only recorded and
    accepted hours count now, by the day of the submission (BJ-30). A proof stays a proof (X-11).

    `materials` are the slots that are filled. Nothing for a kind that asks for no hours.
    """
    if not any(map(kind.asks, HOURS)):
        return ()
    facts = facts_of(
        worker,
        application.region_code,
        apart_from=application.id,
        proofs=kind.proofs(materials, on),
    )
    found = under(policy, facts, on, [application.kind], "approval").findings
    return tuple(finding for finding in found if finding.rule in HOURS)
