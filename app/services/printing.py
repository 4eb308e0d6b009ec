"""The application form on paper: the facts of a case, drawn as a PDF (BA-10)."""

from collections.abc import Iterator
from datetime import datetime

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents.application_form import (
    ApplicationFormFacts,
    FormSection,
    ReviewLine,
    application_form_pdf,
)
from app.extensions import db
from app.queries.answers import Part, answers
from app.queries.names import region_names
from app.queries.own import wording
from app.queries.progress import told
from app.rules.kinds import Kind
from app.rules.policy import Policy
from app.rules.words import Words
from app.rules.workflow import State
from app.services import access
from app.services.applications import form_of
from app.services.cases import active_materials
from app.services.refusals import Missing
from app.services.verbs import need
from app.storage import FileStore
from models.application import Application, Decision, Material, Submission
from models.message import Consent
from models.worker import Worker

VERDICTS = {
    "approve": Words("通过", "Approved"),
    "reject": Words("不通过", "Not approved"),
    "return": Words("退回补正", "Returned for correction"),
}
EMPTY = "—"


def application_form(application_id: int) -> bytes:
    """The form of a case in the actor's scope as PDF, in the language of the register.

    A draft is printed as it stands, without a declaration. Raises Forbidden or Missing.
    """
    need("applications.read")
    session = db.session()
    application = session.scalar(select(Application).where(Application.id == application_id))
    if application is None:
        raise Missing("missing", _l("There is no such application in your region."))
    form = form_of(application)
    facts = ApplicationFormFacts(
        title=form.kind.form_title.zh,
        reference=application.reference,
        state=wording(application).state.zh,
        applicant=_name(session, application),
        sections=tuple(map(_section, answers(form.kind, form.values))),
        portrait=_portrait(session, application, form.kind),
        declaration=form.declaration.zh,
        declared_at=_declared_at(session, application),
        review=tuple(_review(application, form.kind, form.policy)),
    )
    owner, place = application.worker_id, application.region_code
    drawn = application_form_pdf(facts)
    access.looked_at(application_id, owner, place, "print_form", facts.reference)
    return drawn


def _name(session: Session, application: Application) -> str:
    worker = session.scalar(select(Worker).where(Worker.id == application.worker_id))
    return worker.name if worker else ""


def _section(part: Part) -> FormSection:
    fields = ((a.label.zh, a.words.zh if a.words else EMPTY) for a in part.answers)
    return FormSection(part.label.zh, tuple(fields))


def _portrait(session: Session, application: Application, kind: Kind) -> bytes | None:
    slots = [slot.name for slot in kind.materials if slot.portrait]
    current = active_materials(session, application.id)
    found: Material | None = next((current[s] for s in slots if s in current), None)
    files: FileStore = current_app.extensions["files"]
    return files.get(found.digest) if found else None


def _declared_at(session: Session, application: Application) -> datetime | None:
    if application.state == State.draft:
        return None
    query = select(Consent.agreed_at).where(Consent.application_id == application.id)
    return session.scalar(query.order_by(Consent.turn.desc()).limit(1))


def _review(application: Application, kind: Kind, policy: Policy) -> Iterator[ReviewLine]:
    """The decisions of this attempt."""
    decisions = db.session.scalars(
        select(Decision)
        .join(Submission, Submission.id == Decision.submission_id)
        .where(
            Decision.application_id == application.id,
            Submission.attempt == application.attempt,
        )
        .order_by(Decision.id)
    ).all()
    names = region_names(decision.office_code for decision in decisions)
    for decision in decisions:
        office = policy.handling_body.zh if policy.handling_body else names[decision.office_code]
        yield ReviewLine(
            stage=kind.review[decision.stage - 1].label.zh,
            office=office,
            result=VERDICTS[decision.verdict].zh,
            opinion=told(decision) or "",
            decided_at=decision.decided_at,
        )
