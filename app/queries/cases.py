"""One case as its reviewers see it: what was submitted, what is on record, what was decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import db
from app.queries.answers import said
from app.queries.facts import qualification_of
from app.queries.names import region_names
from app.queries.offices import Office, office_of
from app.queries.policies import kind_of, policy_of, with_dictionaries
from app.queries.roster import on_record
from app.rules.eligibility import Finding
from app.rules.fields import FieldSpec
from app.rules.policy import Kind, Policy
from app.rules.words import Words
from app.rules.workflow import State
from app.scope import as_system, current_actor
from models.account import Account
from models.application import Application, Decision, Submission
from models.event import Event
from models.worker import Worker

Comparison = Literal["same", "changed", "new"]


@dataclass(frozen=True)
class Compared:
    """One answer beside what is known: the roster's entry, else that of the submission before.

    `state` is None where there is nothing to compare with.
    """

    name: str
    label: Words
    submitted: Words | None
    known: Words | None
    state: Comparison | None


@dataclass(frozen=True)
class ComparedPart:
    """A section of the form, answer by answer."""

    label: Words
    rows: tuple[Compared, ...]


@dataclass(frozen=True)
class Picture:
    """A submitted picture; `warnings` are the remarks of the check (X-05)."""

    id: int
    slot: str
    label: Words
    width: int
    height: int
    size: int
    warnings: tuple[Words, ...]


@dataclass(frozen=True)
class Case:
    """A submitted case with all that a decision needs.

    `office` is None unless the case is under review. `events` are those that the actor may see;
    `deciders` are names by account.
    """

    application: Application
    worker: Worker
    policy: Policy
    kind: Kind
    submission: Submission
    office: Office | None
    parts: tuple[ComparedPart, ...]
    pictures: tuple[Picture, ...]
    findings: tuple[Finding, ...]
    decisions: Sequence[Decision]
    deciders: Mapping[int, str]
    events: Sequence[Event]


@dataclass(frozen=True)
class _History:
    """What belongs to a case wherever it was recorded."""

    submissions: Sequence[Submission]
    decisions: Sequence[Decision]
    deciders: Mapping[int, str]
    events: Sequence[Event]


def case(application_id: int) -> Case | None:
    """A case of the actor's scope; None outside of it, or while nothing has been submitted."""
    application = db.session.scalar(select(Application).where(Application.id == application_id))
    worker = _worker(application) if application else None
    if application is None or worker is None:
        return None
    history = _history(application)
    if not history.submissions:
        return None
    policy = policy_of(application.policy_code, application.policy_version)
    kind = with_dictionaries(kind_of(application), retired=True)
    latest = history.submissions[-1]
    under_review = application.state == State.in_review
    return Case(
        application=application,
        worker=worker,
        policy=policy,
        kind=kind,
        submission=latest,
        office=office_of(application) if under_review else None,
        parts=_compare(kind, application, worker, history.submissions),
        pictures=_pictures(kind, latest),
        findings=tuple(map(_finding, latest.findings)),
        decisions=history.decisions,
        deciders=history.deciders,
        events=history.events,
    )


def _worker(application: Application) -> Worker | None:
    return db.session.scalar(select(Worker).where(Worker.id == application.worker_id))


def _history(application: Application) -> _History:
    """What was recorded of the case, with the names of whoever decided, wherever they are now."""
    actor = current_actor()
    everything = actor is not None and actor.reach.region
    with as_system("whoever sees a case sees what belongs to it") as session:
        decisions = _of_case(session, Decision, application)
        return _History(
            _of_case(session, Submission, application),
            decisions,
            _names(session, {decision.decided_by for decision in decisions}),
            _events(session, application, everything),
        )


def _of_case(session: Session, model: Any, application: Application) -> Sequence[Any]:
    query = select(model).where(model.application_id == application.id)
    return session.scalars(query.order_by(model.id)).all()


def _names(session: Session, accounts: set[int]) -> dict[int, str]:
    rows = session.scalars(select(Account).where(Account.id.in_(accounts)))
    return {account.id: account.display_name for account in rows}


def _events(session: Session, application: Application, everything: bool) -> Sequence[Event]:
    query = select(Event).where(Event.subject == f"application:{application.id}")
    if not everything:
        query = query.where(Event.public)
    return session.scalars(query.order_by(Event.seq)).all()


def _compare(
    kind: Kind,
    application: Application,
    worker: Worker,
    submissions: Sequence[Submission],
) -> tuple[ComparedPart, ...]:
    given = submissions[-1].form
    known = dict(submissions[-2].form) if len(submissions) > 1 else {}
    known |= on_record(kind.fields, application, worker, qualification_of(worker))
    codes = [
        str(form[spec.name])
        for form in (given, known)
        for spec in kind.fields
        if spec.kind == "region" and form.get(spec.name)
    ]
    regions = region_names(codes)
    return tuple(
        ComparedPart(
            section.label,
            tuple(
                _compared(spec, given, known, regions)
                for spec in section.fields
                if spec.asked(given)
            ),
        )
        for section in kind.sections
    )


def _compared(
    spec: FieldSpec,
    given: Mapping[str, Any],
    known: Mapping[str, Any],
    regions: Mapping[str, str],
) -> Compared:
    new, old = given.get(spec.name), known.get(spec.name)
    state: Comparison | None = None
    if spec.name in known:
        state = "same" if new == old else "new" if old in (None, "", []) else "changed"
    label = spec.label
    return Compared(spec.name, label, said(spec, new, regions), said(spec, old, regions), state)


def _pictures(kind: Kind, submission: Submission) -> tuple[Picture, ...]:
    return tuple(
        Picture(
            id=kept["id"],
            slot=slot.name,
            label=slot.label,
            width=kept["width"],
            height=kept["height"],
            size=kept["size"],
            warnings=tuple(Words(**text) for text in kept["warnings"]),
        )
        for slot in kind.materials
        if (kept := submission.materials.get(slot.name))
    )


def _finding(data: Mapping[str, Any]) -> Finding:
    """A finding as it was at the submission."""
    return Finding(**{**data, "message": Words(**data["message"])})
