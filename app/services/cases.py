"""What the verbs on a case share: fetching it, what holds for it, its next step and its event."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.extensions import LOCKED
from app.queries import profiles
from app.queries.facts import Assessment
from app.queries.holdings import Holdings, best, of_one
from app.queries.policies import policy_for, policy_of, policy_of_case, with_dictionaries
from app.rules import sentences as say
from app.rules import workflow
from app.rules.eligibility import Finding, outlook
from app.rules.facts import Facts
from app.rules.kinds import Kind
from app.rules.policy import Policy, edition_name
from app.rules.words import Words
from app.rules.workflow import State, Verb
from app.scope import Actor, current_actor
from app.services import drafts, events
from app.services.refusals import Conflict, Forbidden, Invalid, Missing
from app.services.verbs import STALE, need
from models.application import Application, Decision, Material, Submission
from models.profile import Profile
from models.qualification import Qualification
from models.worker import Worker

MISSING = _l("There is no such application in your region.")
NO_WORKER = Words(
    "该账户没有关联社工库中的人员，不能申请登记。",
    "This account belongs to nobody on the roster, so it cannot apply.",
)
ENDED = (State.issued, State.rejected, State.withdrawn, State.closed)
"""Where nobody has anything to do for the case; a rejected or withdrawn one may be taken up
again."""
NOT_YOURS = _l("Only the applicant can do this.")


class Ineligible(Invalid):
    """The rules are against it; `findings` are those that fail, in words with their numbers."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        zh = "".join(finding.message.zh for finding in findings)
        en = " ".join(finding.message.en for finding in findings)
        super().__init__(Words(zh, en), {f.rule: f.message for f in findings})
        self.code = "not_eligible"
        self.findings = findings


@dataclass(frozen=True)
class Terms:
    """What holds for a case: its policy, its kind as the window has it, with a slot for each
    proof, the day that counts and the turns that it settles."""

    policy: Policy
    kind: Kind
    on: date
    turns: tuple[int, ...]


@dataclass(frozen=True)
class Applicant:
    """Whose case it is: the person, the qualification that counts, personal information, and what
    is on record."""

    worker: Worker
    held: Qualification | None
    profile: Profile | None
    holdings: Holdings

    def facts(
        self, application: Application, proofs: tuple[int, ...] = (), lost: bool | None = None
    ) -> Facts:
        """The facts about the person who makes this application."""
        where, key = application.region_code, application.id
        return self.holdings.facts(self.worker, where, apart_from=key, proofs=proofs, lost=lost)


@dataclass(frozen=True)
class Basis:
    """All that an open form rests on, each thing read once: its terms, whose it is, the kind with
    the choices that are offered now, and the pictures that count, by slot."""

    terms: Terms
    whose: Applicant
    kind: Kind
    materials: Mapping[str, Material]


def fetch(
    session: Session, application_id: int, version: int | None = None, *, lock: bool = True
) -> Application:
    """The application, locked until the verb ends; raises Missing, or Conflict when it has moved
    on since `version` was read, before anybody asks who is asking."""
    application = session.get(
        Application,
        application_id,
        populate_existing=True,
        with_for_update=LOCKED if lock else None,
    )
    if application is None:
        raise Missing("missing", MISSING)
    if version is not None and application.version != version:
        raise Conflict("stale", STALE)
    return application


def fetch_own(
    session: Session, application_id: int, version: int | None = None, *, lock: bool = True
) -> Application:
    """As `fetch`, for the applicant alone; raises Forbidden for anybody else.

    The person is locked before the case, as by every verb on both: what somebody does in two tabs
    at once happens one after the other.
    """
    actor = current_actor()
    if lock and actor is not None and actor.worker_id is not None:
        session.scalar(
            select(Worker.id).where(Worker.id == actor.worker_id).with_for_update(**LOCKED)
        )
    application = fetch(session, application_id, version, lock=lock)
    if need("applications.apply").worker_id != application.worker_id:
        raise Forbidden("not_yours", NOT_YOURS)
    return application


def own_worker(session: Session, actor: Actor, *, lock: bool = False) -> Worker:
    """The person behind the account; raises Forbidden for an account without one."""
    query = select(Worker).where(Worker.id == (actor.worker_id or 0))
    query = query.with_for_update(**LOCKED) if lock else query
    worker = session.scalar(query.execution_options(populate_existing=True))
    if worker is None:
        raise Forbidden("no_worker", NO_WORKER)
    return worker


def person(
    session: Session, application: Application, *, lock: bool = False
) -> tuple[Worker, Qualification | None]:
    """The worker of a case, on request locked where it lies, and the qualification that counts."""
    worker, held, _profile = _person(session, application, lock)
    return worker, held


def _person(
    session: Session, application: Application, lock: bool
) -> tuple[Worker, Qualification | None, Profile | None]:
    """The same with personal information, in one statement."""
    query = (
        select(Worker, Qualification, Profile)
        .outerjoin(Qualification, Qualification.worker_id == Worker.id)
        .outerjoin(Profile, Profile.worker_id == Worker.id)
        .where(Worker.id == application.worker_id)
        .order_by(Qualification.id)
    )
    if lock:
        query = query.with_for_update(of=Worker, **LOCKED).execution_options(populate_existing=True)
    rows = session.execute(query).all()
    if not rows:
        raise Missing("missing", MISSING)
    worker, _held, profile = rows[0]
    return worker, best([held for _worker, held, _profile in rows if held]), profile


def basis_of(session: Session, application: Application, *, lock: bool = False) -> Basis:
    """What the form of a case rests on; on request its worker is locked before all else is read."""
    whose = Applicant(*_person(session, application, lock), of_one(session, application.worker_id))
    terms = terms_of(session, application, whose)
    kind = with_dictionaries(terms.kind, retired=not application.open_for_change)
    return Basis(terms, whose, kind, active_materials(session, application.id))


def active_materials(session: Session, application_id: int) -> dict[str, Material]:
    """The pictures that count, by slot."""
    rows = session.scalars(
        select(Material).where(Material.application_id == application_id, Material.active)
    )
    return {row.slot: row for row in rows}


def terms_of(session: Session, application: Application, whose: Applicant | None = None) -> Terms:
    """A draft follows the policy of today; what was submitted keeps its own, and a correction is
    judged by the day of the submission that it corrects. `whose` it is says who has read it."""
    policy, on = _policy_and_day(session, application)
    if application.state == State.draft:
        turns = _turns_ahead(session, application, policy, on, whose)
    else:
        turns = tuple(application.turns)
    return Terms(policy, policy.kind_on(application.kind, on).settling(turns), on, turns)


def kind_asked(session: Session, application: Application) -> Kind:
    """The kind of the same terms for its questions and statements, without the turns that only its
    proofs depend on."""
    policy, on = _policy_and_day(session, application)
    return policy.kind_on(application.kind, on)


def _policy_and_day(session: Session, application: Application) -> tuple[Policy, date]:
    if application.state == State.draft:
        return policy_for(application.region_code), clock.today()
    return policy_of_case(application), _submitted_on(session, application)


def _turns_ahead(
    session: Session, application: Application, policy: Policy, on: date, whose: Applicant | None
) -> tuple[int, ...]:
    """The turns that a draft would settle now: what is on record may still change."""
    if not any(slot.hours for slot in policy.kinds[application.kind].materials):
        return ()
    if whose is None:
        whose = Applicant(
            *_person(session, application, False), of_one(session, application.worker_id)
        )
    return outlook(policy, application.kind, whose.facts(application), on).turns


def _submitted_on(session: Session, application: Application) -> date:
    """The day on which this attempt was first handed in."""
    first = session.scalar(
        select(func.min(Submission.submitted_at)).where(
            Submission.application_id == application.id,
            Submission.attempt == application.attempt,
        )
    )
    return clock.local(first).date() if first else clock.today()


def need_identified(worker: Worker) -> None:
    """Raise Conflict for somebody whose identity nobody has verified (BJ-06)."""
    if not worker.real_name:
        raise Conflict("not_identified", say.NOT_IDENTIFIED)


def need_open(application: Application, kind: Kind) -> frozenset[str]:
    """The names that may be changed now; raises Conflict when nothing may (BA-19, BJ-36)."""
    if not application.open_for_change:
        final = kind.withdraw == "never"
        raise Conflict("not_open", workflow.NO_WITHDRAWAL if final else workflow.NO_SUCH_MOVE)
    return drafts.opened(application, kind, profiles.taken(application.worker_id, kind))


def need_eligible(found: Assessment, kind: str, told: Collection[str] = ()) -> None:
    """Raise Conflict for another case in flight, as a race for it does, and Ineligible for all
    else that is against the kind, unless every rule that is against it is told elsewhere."""
    against = found.against(kind)
    if all(finding.rule in told for finding in against):
        return
    if any(finding.rule == "none_in_flight" for finding in against):
        raise Conflict("in_flight", say.ONE_IN_FLIGHT)
    if against:
        raise Ineligible(against)


def step(application: Application, verb: Verb, kind: Kind) -> None:
    """Take the application to the next state and stage by the table of moves.

    Raises Conflict for a move that the table does not have: somebody was faster.
    """
    state = State(application.state)
    try:
        then = workflow.next_state(state, verb, application.stage, len(kind.review))
    except workflow.Refused as fault:
        raise Conflict(fault.code, fault.message) from fault
    application.state, application.stage = then.state.value, then.stage
    count_retention(application)
    if then.state != State.in_review:
        application.due_on, application.due_provisional = None, False
    if then.state not in (State.in_review, State.returned):
        application.office_code = application.office_role = None


def count_retention(application: Application) -> None:
    """From the end of a case on, the time runs for which the pictures of identity cards are kept:
    that of the policy of the case (docs/adr/0033). Whoever takes it up again stops it."""
    application.erase_on = None
    if application.state in ENDED:
        policy = policy_of(application.policy_code, application.policy_version)
        if policy.identity_days is not None:
            application.erase_on = clock.today() + timedelta(days=policy.identity_days)


def need_no(refused: workflow.Refused | None) -> None:
    """Raise Conflict for what the policy refuses."""
    if refused:
        raise Conflict(refused.code, refused.message)


def decisions_made(session: Session, application: Application) -> int:
    """How many decisions were taken in this attempt (X-10)."""
    query = (
        select(func.count(Decision.id))
        .join(Submission, Submission.id == Decision.submission_id)
        .where(
            Decision.application_id == application.id,
            Submission.attempt == application.attempt,
        )
    )
    return session.scalar(query) or 0


def record(
    session: Session, application: Application, verb: str, before: str | None, **facts: Any
) -> None:
    """One event of the case, which its applicant may see."""
    events.record(
        session,
        f"application:{application.id}",
        verb,
        application.region_code,
        from_state=before,
        to_state=application.state,
        policy=edition_name(application.policy_code, application.policy_version),
        public=True,
        **facts,
    )
