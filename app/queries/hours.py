"""Hours on the review desk: what was recorded beside the proofs, and whether it is enough."""

from collections.abc import Sequence

from sqlalchemy import select

from app import clock
from app.extensions import db
from app.queries.facts import facts_of, under
from app.queries.policies import policy_of_case
from app.rules.eligibility import Finding
from app.rules.kinds import Kind
from app.rules.workflow import State
from models.application import Application, Submission
from models.credit import Credit
from models.worker import Worker

ON_EDUCATION = ("credit_hours", "credit_proof")
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
    asked = [finding.rule for finding in findings if finding.rule in ON_EDUCATION]
    if not asked or application.state != State.in_review:
        return tuple(findings)
    latest = submissions[-1]
    begun = min(one.submitted_at for one in submissions if one.attempt == latest.attempt)
    on = clock.local(begun).date()
    shown = any(slot.hours and slot.name in latest.materials for slot in kind.materials)
    facts = facts_of(
        worker,
        application.region_code,
        apart_from=application.id,
        proofs=(on.year,) if shown else (),
    )
    policy = policy_of_case(application)
    found = under(policy, facts, on, [application.kind], "approval").findings
    now = {finding.rule: finding for finding in found if finding.rule in ON_EDUCATION}
    return tuple(now.get(finding.rule, finding) for finding in findings)
