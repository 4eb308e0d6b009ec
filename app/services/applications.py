"""The applicant's verbs: start, save, submit, withdraw and reopen an application."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock
from app.extensions import LOCKED, db
from app.queries import profiles, regions
from app.queries.answers import regions_of
from app.queries.facts import Assessment, assessment, under
from app.queries.policies import policy_for
from app.rules import sentences as say
from app.rules import workflow
from app.rules.fields import Section, answered
from app.rules.kinds import Kind
from app.rules.policy import Policy
from app.rules.words import Words, joined
from app.rules.workflow import State, Verb
from app.services import (
    cases,
    completeness,
    deadlines,
    drafts,
    relocation,
    submissions,
    synced,
)
from app.services.refusals import LOOK_AGAIN, Conflict, Invalid, Missing, Sentence
from app.services.verbs import need, transaction
from models.application import Application, Decision
from models.worker import Worker

NO_SUCH_KIND = Words(
    "该地区没有此登记类型。", "There is no registration of this kind in this region."
)

UNFINISHED = (State.draft, State.returned, State.rejected, State.withdrawn)
"""The states in which the next application of the kind is this one, taken up again."""


@dataclass(frozen=True)
class Form:
    """An application as its applicant fills it in.

    In `kind` every input that may not be typed now is locked. `errors` are about what was typed
    so far; what is still empty is no error before the submission. `basis` is what all of it was
    read from.
    """

    application: Application
    basis: cases.Basis
    kind: Kind
    values: Mapping[str, Any]
    errors: Mapping[str, Sentence]
    slots: tuple[drafts.SlotState, ...]
    assessment: Assessment

    @property
    def policy(self) -> Policy:
        """The policy that it follows."""
        return self.basis.terms.policy

    @cached_property
    def places(self) -> regions.Places:
        """The regions that it names, read when they are first asked for."""
        return regions.places(regions_of(self.kind, self.values))

    @property
    def sections(self) -> tuple[Section, ...]:
        """The groups of inputs."""
        return self.kind.sections

    @property
    def asked(self) -> Mapping[str, Any]:
        """The values of those questions that are asked (X-20)."""
        return answered(self.kind.fields, self.values)

    @property
    def declaration(self) -> Words:
        """The texts to tick (BJ-34, CD-17), as one."""
        return joined(one.text for one in self.kind.consents)


def form_of(application: Application) -> Form:
    """The application as a form; whoever calls this has fetched it from the actor's scope."""
    basis = cases.basis_of(db.session(), application)
    terms, who, current = basis.terms, basis.whose, basis.materials
    own = profiles.taken_from(who.profile, terms.kind)
    names = drafts.opened(application, basis.kind, own)
    kind = drafts.locked_but(basis.kind, names)
    values = dict(application.form)
    if application.state == State.draft:
        values |= drafts.roster_values(terms.kind, application, who.worker, who.held, who.holdings)
        values |= own.values
        names -= {s.name for s in kind.slots() if own.settles(s, current.get(s.name))}
    facts = who.facts(application)
    return Form(
        application,
        basis,
        kind,
        values,
        drafts.malformed(kind, values),
        tuple(completeness.slots(terms, kind, facts, current, names)),
        under(terms.policy, facts, terms.on, [application.kind], "entry"),
    )


def questions(application: Application) -> Kind:
    """The kind with what its form asks and states now."""
    return cases.kind_asked(db.session(), application)


def last_refusal(application: Application) -> Decision | None:
    """The rejection or return that the applicant answers now."""
    return db.session.scalar(
        select(Decision)
        .where(Decision.application_id == application.id, Decision.verdict != "approve")
        .order_by(Decision.id.desc())
        .limit(1)
    )


def start(kind: str, region_code: str | None = None, case: str | None = None) -> Application:
    """The actor's application of a kind to a region (that of the roster): a new draft, the one
    that is there, or the rejected or withdrawn one taken up again (BJ-35, BA-18, BA-22).

    Another region moves the draft and checks it anew; `case` says why a replacement is needed,
    which a new draft of one has to say (BJ-46). Raises Ineligible with every finding that is
    against it, Invalid for a region or a case that cannot be, Conflict when a case is in flight,
    Missing for a kind that is not offered.
    """
    actor = need("applications.apply")
    with transaction() as session:
        worker = cases.own_worker(session, actor, lock=True)  # a double click finds its draft
        current = _unfinished(session, worker, kind)
        if current and case is None and _stays(current, region_code):
            return current
        said = {**(current.form if current else {}), **({drafts.CASE: case} if case else {})}
        target = _target(session, region_code or (current or worker).region_code)
        apart_from = current.id if current else None
        lost = drafts.said_lost(said)
        found = assessment(worker, target, kinds=[kind], apart_from=apart_from, lost=lost)
        if kind not in found.policy.kinds:
            raise Missing("no_such_kind", NO_SUCH_KIND)
        if current and current.state != State.draft:
            _take_up(session, current, found.policy)
        if fault := drafts.case_fault(found.policy.kinds[kind], said, found.facts):
            raise Invalid(LOOK_AGAIN, fault)
        cases.need_eligible(found, kind)
        synced.need_profile(found.policy.kinds[kind], worker.id)
        cases.need_identified(worker)
        if current and current.region_code != target:
            relocation.place(session, current, target)
        closed = None if current else synced.last_closed(session, worker.id, kind)
        application = current or drafts.blank(worker, kind)
        application.region_code = target
        application.form = {**synced.typed_before(closed, found.policy.kinds[kind]), **said}
        drafts.follow(application, found.policy, worker)
        session.add(application)
        session.flush()
        if current is None:
            cases.record(session, application, "start", None)
        if closed:
            synced.take_up_closed(session, closed, application)
    synced.bring_pictures(application.id)
    return application


def _unfinished(session: Session, worker: Worker, kind: str) -> Application | None:
    """The application of this kind that can still become something, if there is one."""
    query = (
        select(Application)
        .where(
            Application.worker_id == worker.id,
            Application.kind == kind,
            Application.state.in_(UNFINISHED),
        )
        .order_by(Application.id.desc())
        .limit(1)
    )
    return session.scalar(query.with_for_update(**LOCKED).execution_options(populate_existing=True))


def _stays(current: Application, region_code: str | None) -> bool:
    """Whether it is open as it is; what an office has returned stays with that office."""
    same = region_code in (None, current.region_code)
    return current.state == State.returned or (current.state == State.draft and same)


def _target(session: Session, code: str) -> str:
    """The region that is applied to: one without regions below, because its office comes first."""
    if not regions.lowest(session, [code]).get(code):
        raise Invalid(regions.CHOOSE_COUNTY, {"region_code": regions.CHOOSE_COUNTY})
    return code


def save(application_id: int, values: Mapping[str, Any], version: int | None = None) -> Application:
    """Keep what has been typed, complete or not, right or wrong; nothing is submitted (BJ-35).

    Only open fields are taken, and fields that were not sent stay as they are. Raises Invalid for
    a key that the form does not have, and Conflict when the case moved on or is closed.
    """
    with transaction() as session:
        application = cases.fetch_own(session, application_id, version)
        kind = cases.terms_of(session, application).kind
        names = cases.need_open(application, kind)
        given = drafts.typed(drafts.locked_but(kind, names), values)
        form = {**application.form, **given}
        if form != application.form:
            application.form = form
            session.flush()
            cases.record(session, application, "save", application.state)
    return application


def submit(application_id: int, agreed: Collection[str], version: int | None = None) -> Application:
    """Hand the application in; from here on the office has it. `agreed` are the codes of the
    statements that were ticked.

    Everything is checked again in this transaction: the window and every other rule with today's
    date (a correction with the day of what it corrects), every field, picture and statement.
    Raises Ineligible, Invalid, or Conflict.
    """
    with transaction() as session:
        application = cases.fetch_own(session, application_id, version)
        before = application.state
        verb = Verb.resubmit if before == State.returned else Verb.submit
        basis = cases.basis_of(session, application, lock=True)
        terms, worker = basis.terms, basis.whose.worker
        cases.step(application, verb, terms.kind)
        with session.no_autoflush:  # the new state is written when everything else is known
            if verb == Verb.submit:
                drafts.follow(application, terms.policy, worker)
                application.turns = list(terms.turns)
            ready = completeness.ready(application, basis, application.form, agreed)
        application.form, application.unlocked = dict(ready.form), []
        application.submitted_at, application.decided_at = clock.now(), None
        _flush_alone(session)
        submissions.hand_in(session, application, terms.kind, ready.found, ready.materials)
        if worker.region_code != application.region_code:
            relocation.move(session, worker, application.region_code)
        deadlines.keep(session, application)
        cases.record(session, application, verb.value, before)
    return application


def _flush_alone(session: Session) -> None:
    """Write the new state; another case that is in flight by now is told from other faults."""
    try:
        session.flush()
    except IntegrityError as fault:
        raise Conflict("in_flight", say.ONE_IN_FLIGHT) from fault


def withdraw(application_id: int, version: int | None = None) -> Application:
    """Take an application back before anybody has decided on it, where the policy allows it.

    Raises Conflict: never in some policies, otherwise after the first decision (X-10).
    """
    with transaction() as session:
        application = cases.fetch_own(session, application_id, version)
        before = application.state
        kind = cases.terms_of(session, application).kind
        made = cases.decisions_made(session, application)
        cases.step(application, Verb.withdraw, kind)
        cases.need_no(workflow.withdraw_refusal(kind.withdraw, made))
        session.flush()
        cases.record(session, application, Verb.withdraw.value, before)
    return application


def reopen(application_id: int, version: int | None = None) -> Application:
    """Take a rejected or withdrawn application up again, with all that was filled in (BA-22).

    Raises Conflict outside the window where the policy asks for it (X-35, BJ-38).
    """
    with transaction() as session:
        application = cases.fetch_own(session, application_id, version)
        worker, _ = cases.person(session, application)
        policy = policy_for(application.region_code)
        _take_up(session, application, policy)
        drafts.follow(application, policy, worker)
        session.flush()
    return application


def _take_up(session: Session, application: Application, policy: Policy) -> None:
    before, kind = application.state, policy.kinds[application.kind]
    cases.step(application, Verb.reopen, kind)
    is_open = policy.is_open(application.kind, clock.today())
    cases.need_no(workflow.reopen_refusal(kind.resubmit, is_open))
    application.attempt += 1
    cases.record(session, application, Verb.reopen.value, before)
