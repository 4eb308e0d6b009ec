"""申请记录: one's own applications, every answer that they got, and each as it was submitted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.queries.policies import kind_of, policy_of
from app.rules.fields import AskedSlot
from app.rules.kinds import Kind
from app.rules.words import Words
from app.rules.workflow import State, withdraw_refusal
from models.application import Application, Decision, Submission
from models.certificate import Certificate
from models.registration import Registration

REFUSING = ("reject", "return")


@dataclass(frozen=True)
class Answer:
    """One decision on one attempt; `reason` is None beside an approval, where it is for the
    offices."""

    attempt: int
    stage: int
    verdict: str
    reason: str | None
    at: datetime


@dataclass(frozen=True)
class Snapshot:
    """What was submitted: the kind, the answers, and the pictures with what was kept of each."""

    submission: Submission
    kind: Kind
    pictures: tuple[tuple[AskedSlot, Mapping[str, Any]], ...]


def answers_to(cases: Sequence[Application]) -> dict[int, list[Answer]]:
    """Every decision on these cases, by case and in their order, in one statement."""
    found: dict[int, list[Answer]] = {case.id: [] for case in cases}
    rows = db.session.execute(
        select(
            *(Decision.application_id, Submission.attempt, Decision.stage, Decision.verdict),
            *(Decision.reason, Decision.decided_at),
        )
        .join(Submission, Submission.id == Decision.submission_id)
        .where(Decision.application_id.in_(found))
        .order_by(Decision.id)
    )
    for key, attempt, stage, verdict, reason, at in rows:
        told = reason if verdict in REFUSING else None
        found[key].append(Answer(attempt, stage, verdict, told, at))
    return found


def refusal(answers: Sequence[Answer], attempt: int) -> Answer | None:
    """The last rejection or return of an attempt."""
    mine = [one for one in answers if one.attempt == attempt and one.verdict in REFUSING]
    return mine[-1] if mine else None


def may_withdraw(case: Application, kind: Kind, answers: Sequence[Answer]) -> bool:
    """Whether the applicant may take the case back now (X-10, CD-37)."""
    made = sum(one.attempt == case.attempt for one in answers)
    return case.state == State.in_review and not withdraw_refusal(kind.withdraw, made)


def failed_at(kind: Kind, answer: Answer) -> Words:
    """The level that refused, in the words of the policy (CD-42)."""
    return kind.review[answer.stage - 1].label


def numbers(cases: Sequence[Application]) -> dict[int, str]:
    """The numbers of the certificates that these cases led to."""
    keys = [case.id for case in cases if case.state == State.issued]
    query = select(Certificate.application_id, Certificate.number)
    rows = db.session.execute(query.where(Certificate.application_id.in_(keys))) if keys else ()
    return {row.application_id: row.number for row in rows}


def snapshot(
    case: Application, submissions: Sequence[Submission], attempt: int | None = None
) -> Snapshot | None:
    """What was submitted last, or last in an attempt, word for word (CD-39)."""
    wanted = [one for one in submissions if attempt in (None, one.attempt)]
    if not wanted:
        return None
    last = wanted[-1]
    kind = _kind(case, last)
    kept = ((slot, last.materials.get(slot.name)) for slot in kind.slots())
    return Snapshot(last, kind, tuple((slot, one) for slot, one in kept if one))


def _kind(case: Application, submission: Submission) -> Kind:
    """The kind by the policy of the submission; of a case that is still submitted, as its window
    had it."""
    if case.state != State.draft and submission.attempt == case.attempt:
        return kind_of(case)
    policy = policy_of(submission.policy_code, submission.policy_version)
    return policy.kinds[case.kind].settling(case.turns)


def past(worker_id: int) -> list[tuple[Registration, str | None]]:
    """登记历史: one's registrations, the latest first, each with the number of its certificate that
    is in force or was the last."""
    query = (
        select(Registration, Certificate.number)
        .outerjoin(Certificate, Certificate.registration_id == Registration.id)
        .where(Registration.worker_id == worker_id)
        .order_by(Registration.cycle_year.desc(), Registration.id.desc(), Certificate.id.desc())
    )
    found: dict[int, tuple[Registration, str | None]] = {}
    for row, number in db.session.execute(query):
        found.setdefault(row.id, (row, number))
    return list(found.values())
