"""One case as its reviewers see it: what was submitted, what is on record, what was decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import db
from app.queries.comparison import Compared, ComparedPart, Picture, Sources, compare, pictures
from app.queries.erased import erased
from app.queries.facts import qualification_of
from app.queries.hours import by_now, credits_of
from app.queries.offices import Office, office_of
from app.queries.policies import kind_of, policy_of, with_dictionaries
from app.queries.roster import on_record
from app.queries.waiting import holding
from app.rules.eligibility import Finding
from app.rules.kinds import Kind
from app.rules.policy import Policy
from app.rules.words import Words
from app.rules.workflow import IN_FLIGHT, State
from app.scope import as_system, current_actor
from models.account import Account
from models.application import Application, Decision, Submission
from models.claim import Claim
from models.credit import Credit
from models.event import Event
from models.registration import Registration
from models.worker import Worker


@dataclass(frozen=True)
class Case:
    """A submitted case with all that a decision needs.

    `office` is None unless the case is under review. `returned` is the decision that this
    submission answers, where it is not the first one. `events` are those that the actor may see;
    `deciders` are names by account; `registrations` are those on record, the latest first,
    and so are `credits`; `claim` says who is at the case just now.
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
    registrations: Sequence[Registration]
    returned: Decision | None
    decisions: Sequence[Decision]
    deciders: Mapping[int, str]
    events: Sequence[Event]
    credits: Sequence[Credit] = ()
    claim: Claim | None = None

    @property
    def changed(self) -> tuple[Compared, ...]:
        """The answers that differ from the submission before, or were to be corrected."""
        return tuple(r for part in self.parts for r in part.rows if r.since or r.asked)

    @property
    def visible(self) -> tuple[Picture, ...]:
        """The pictures that are still there."""
        return tuple(one for one in self.pictures if not one.erased)

    @property
    def changed_pictures(self) -> tuple[Picture, ...]:
        """The pictures that were replaced since, or were to be."""
        return tuple(one for one in self.pictures if one.since or one.asked)


@dataclass(frozen=True)
class _History:
    """What belongs to a case wherever it was recorded; `former` is the form of the worker's last
    certificate."""

    former: Mapping[str, Any]
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
    latest, returned = history.submissions[-1], _answered(history)
    beside = Sources(
        on_record(kind.fields, application, worker, qualification_of(worker)),
        history.former,
        history.submissions[-2] if len(history.submissions) > 1 else None,
        returned.items if returned else (),
    )
    under_review = application.state == State.in_review
    return Case(
        application=application,
        worker=worker,
        policy=policy,
        kind=kind,
        submission=latest,
        office=office_of(application) if under_review else None,
        parts=compare(kind, latest.form, beside),
        pictures=pictures(kind, latest, beside, _erased(application)),
        findings=by_now(
            *(application, worker, kind, history.submissions),
            [_finding(one) for one in latest.findings],
        ),
        credits=credits_of(application),
        registrations=_registrations(worker),
        returned=returned,
        decisions=history.decisions,
        deciders=history.deciders,
        events=history.events,
        claim=_claim(application),
    )


def _worker(application: Application) -> Worker | None:
    return db.session.scalar(select(Worker).where(Worker.id == application.worker_id))


def _history(application: Application) -> _History:
    """What was recorded of the case, with the names of whoever decided, wherever they are now."""
    actor = current_actor()
    everything = actor is not None and actor.reach.region
    with as_system("whoever sees a case sees what belongs to it", only_reads=True) as session:
        decisions = _of_case(session, Decision, application)
        return _History(
            _former(session, application),
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


def _former(session: Session, application: Application) -> Mapping[str, Any]:
    """The form of the worker's last certificate but this one; an empty one where there is none."""
    query = (
        select(Submission.form)
        .join(Application, Application.id == Submission.application_id)
        .where(
            Application.worker_id == application.worker_id,
            Application.id != application.id,
            Application.state == State.issued.value,
        )
        .order_by(Submission.submitted_at.desc(), Submission.id.desc())
        .limit(1)
    )
    return session.scalar(query) or {}


def _answered(history: _History) -> Decision | None:
    """The decision that the latest submission answers: the last one on the submission before."""
    if len(history.submissions) < 2:
        return None
    before = history.submissions[-2].id
    return next((d for d in reversed(history.decisions) if d.submission_id == before), None)


def _erased(application: Application) -> Mapping[int, Words]:
    """Nothing is deleted of a case that an office has before it."""
    return {} if application.state in IN_FLIGHT else erased(application)


def _claim(application: Application) -> Claim | None:
    """Who is at the case now."""
    held = select(Claim).where(Claim.application_id == application.id, holding())
    return db.session.scalar(held)


def shared_numbers(rows: Sequence[Registration]) -> frozenset[str]:
    """The numbers of paper certificates among these that are on record of somebody else as well,
    wherever that is (MC-31); who it is stays with that office."""
    numbers = {row.legacy_number for row in rows if row.legacy_number}
    if not numbers:
        return frozenset()
    query = select(Registration.legacy_number).where(
        Registration.legacy_number.in_(numbers),
        Registration.worker_id.not_in({row.worker_id for row in rows}),
    )
    with as_system(
        "a number that two people give is told to whoever reviews one", only_reads=True
    ) as session:
        return frozenset(number for number in session.scalars(query.distinct()) if number)


def _registrations(worker: Worker) -> Sequence[Registration]:
    query = select(Registration).where(Registration.worker_id == worker.id)
    return db.session.scalars(query.order_by(Registration.cycle_year.desc())).all()


def _finding(data: Mapping[str, Any]) -> Finding:
    """A finding as it was at the submission."""
    kept = {key: value for key, value in data.items() if key != "message"}
    return Finding(**kept, text=Words(**data["message"]))
