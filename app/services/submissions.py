"""What is handed in, kept as it was: the submission and the consent to its declaration."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.queries.facts import Assessment
from app.rules.eligibility import Finding
from app.rules.kinds import Kind
from app.services import consents
from models.application import Application, Material, Submission

KEPT = ("id", "digest", "media_type", "size", "width", "height", "original_name", "warnings")


def hand_in(
    session: Session,
    application: Application,
    kind: Kind,
    found: Assessment,
    materials: Mapping[str, Material],
) -> None:
    """Write down the form, the pictures, the findings and the policy, and who agreed to what."""
    case: dict[str, Any] = {
        "application_id": application.id,
        "worker_id": application.worker_id,
        "region_code": application.region_code,
        "turn": _turns(session, application) + 1,
    }
    session.add(
        Submission(
            **case,
            attempt=application.attempt,
            form=application.form,
            materials={slot: _kept(row) for slot, row in materials.items()},
            findings=[said(finding) for finding in found.findings],
            policy_code=application.policy_code,
            policy_version=application.policy_version,
            submitted_at=clock.now(),
        )
    )
    for statement in kind.consents:
        text = consents.shown(statement.text)
        behind = consents.keep_text(statement.code, application.region_code)
        consents.agree(session, statement.code, text, text_digest=behind, **case)


def said(finding: Finding) -> dict[str, Any]:
    """A finding as JSON, its sentence as it was read."""
    message = finding.message
    return {
        "kind": finding.kind,
        "rule": finding.rule,
        "ok": finding.ok,
        "expected": finding.expected,
        "actual": finding.actual,
        "message": {"zh": message.zh, "en": message.en},
        "warning": finding.warning,
        "to_count": finding.to_count,
    }


def _turns(session: Session, application: Application) -> int:
    query = select(func.max(Submission.turn)).where(Submission.application_id == application.id)
    return session.scalar(query) or 0


def _kept(row: Material) -> dict[str, Any]:
    return {key: getattr(row, key) for key in KEPT}
