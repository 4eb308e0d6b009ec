"""What belongs to the person who is signed in: the roster's row, applications, certificates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, select

from app import clock
from app.extensions import db
from app.queries import profiles
from app.queries.policies import (
    policy_for,
    policy_of,
    state_labels,
    with_their_policies,
)
from app.rules.facts import LEVELS
from app.rules.policy import Policy
from app.rules.words import Words
from app.rules.workflow import (
    IN_FLIGHT,
    Refused,
    State,
    reopen_refusal,
    state_label,
)
from app.scope import current_actor
from models.application import Application, Decision, Material, Submission
from models.certificate import Certificate, Delivery
from models.profile import Profile
from models.qualification import Qualification
from models.registration import Registration
from models.worker import Worker

MOST = 100
"""How many applications of one person a page shows; nobody has come near it in a working life."""


@dataclass(frozen=True)
class Holding:
    """A certificate, its way to the holder (None when it is electronic), the portrait on it, and
    the kind of registration that it stands for (MC-29)."""

    certificate: Certificate
    delivery: Delivery | None
    portrait: Material | None
    kind: str


@dataclass(frozen=True)
class Person:
    """Somebody of the roster, and what they have said of themself."""

    worker: Worker
    profile: Profile | None


@dataclass(frozen=True)
class Wording:
    """How a case's own policy speaks of it."""

    kind: Words
    state: Words


def worker() -> Worker | None:
    """The person of the roster behind the account, if there is one."""
    actor = current_actor()
    if actor is None or actor.worker_id is None:
        return None
    return db.session.get(Worker, actor.worker_id)


def person() -> Person | None:
    """The same with personal information, in one statement."""
    actor = current_actor()
    if actor is None or actor.worker_id is None:
        return None
    query = select(Worker, Profile).outerjoin(Profile, Profile.worker_id == Worker.id)
    row = db.session.execute(query.where(Worker.id == actor.worker_id)).first()
    return Person(*row) if row else None


def applications() -> Sequence[Application]:
    """One's own applications, the newest first, with the editions that they follow; nothing for an
    account without a person."""
    actor = current_actor()
    if actor is None or actor.worker_id is None:
        return ()
    query = select(Application).where(Application.worker_id == actor.worker_id)
    return with_their_policies(db.session(), query.order_by(Application.id.desc()).limit(MOST))


def application(key: int) -> Application | None:
    """One application of the actor's scope, with the edition that it follows."""
    query = select(Application).where(Application.id == key)
    return next(iter(with_their_policies(db.session(), query)), None)


def lacking(policy: Policy, profile: Profile | None) -> list[Words]:
    """What one's personal information lacks, where a policy takes a form from it (MC-06)."""
    asks = any(kind.profile for kind in policy.kinds.values())
    return profiles.missing_of(profile) if asks else []


def registrations() -> Sequence[Registration]:
    """One's own registrations, the earliest first."""
    actor = current_actor()
    if actor is None or actor.worker_id is None:
        return ()
    query = select(Registration).where(Registration.worker_id == actor.worker_id)
    return db.session.scalars(query.order_by(Registration.cycle_year, Registration.id)).all()


def of_kind(kind: str, cases: Sequence[Application]) -> Application | None:
    """The case of a kind that its applicant has to do with now: under way, else the newest one."""
    mine = [case for case in cases if case.kind == kind and case.state != State.closed]
    under_way = (case for case in mine if case.state in (State.draft, *IN_FLIGHT))
    return next(under_way, None) or next(iter(mine), None)


def as_before(
    application: Application, form: Mapping[str, Any], materials: Mapping[str, Material]
) -> list[str]:
    """What a return asked to be corrected and is still as it was submitted, by the names of inputs
    and pictures; nothing of a case that was not returned."""
    if application.state != State.returned:
        return []
    query = select(Submission).where(Submission.application_id == application.id)
    last = db.session.scalar(query.order_by(Submission.turn.desc()).limit(1))
    if last is None:
        return []
    now = {slot: row.digest for slot, row in materials.items()}
    before = {slot: row.get("digest") for slot, row in last.materials.items()}
    asked = application.unlocked
    return [n for n in asked if (form.get(n), now.get(n)) == (last.form.get(n), before.get(n))]


def certificates_by_kind(held: Sequence[Holding]) -> dict[str, Certificate]:
    """One's own certificates by the kind of registration under which they are shown, the newest of
    each (MC-20): one that was exchanged for stands under the kind that is registered (MC-29)."""
    oldest_first = sorted(held, key=lambda one: one.certificate.id)
    return {one.kind: one.certificate for one in oldest_first}


def holdings(application_id: int | None = None) -> list[Holding]:
    """One's own certificates, the one in force and then the newest first (CD-43), or those that an
    application led to."""
    actor = current_actor()
    if actor is None or actor.worker_id is None:
        return []
    query = (
        select(Certificate, Delivery, Material, Application.kind, Registration.kind)
        .join(Application, Application.id == Certificate.application_id)
        .join(Registration, Registration.id == Certificate.registration_id)
        .outerjoin(Delivery, Delivery.certificate_id == Certificate.id)
        .outerjoin(
            Material,
            and_(
                Material.application_id == Certificate.application_id,
                Material.digest == Certificate.photo_digest,
            ),
        )
        .where(Certificate.worker_id == actor.worker_id)
    )
    if application_id is not None:
        query = query.where(Certificate.application_id == application_id)
    over = case((Certificate.state == "valid", 0), else_=1)
    query = query.order_by(over, Certificate.id.desc(), Material.id)
    rows = db.session.execute(query.limit(MOST))
    found = {  # a portrait may be there more than once
        row.id: Holding(row, way, portrait, held if kind == "exchange" else kind)
        for row, way, portrait, kind, held in rows
    }
    return list(found.values())


def viewable_certificate(person: Worker) -> Certificate | None:
    """The certificate in force, when what it says is still what is on record (MC-16)."""
    on_record = and_(
        Qualification.worker_id == Certificate.worker_id,
        Qualification.management_number == Certificate.management_number,
        Qualification.verified,
    )
    query = select(Certificate).join(Qualification, on_record)
    held = db.session.scalars(
        query.where(Certificate.worker_id == person.id, Certificate.state == "valid")
    ).first()
    if held is None:
        return None
    same = (held.name, held.id_number_masked) == (person.name, person.id_number_masked)
    return held if same else None


def reopening_refused(application: Application, policy: Policy | None = None) -> Refused | None:
    """What is against taking a rejected or withdrawn case up again, if anything (BA-22, X-35);
    `policy` is that of its region today, where the caller has it."""
    policy = policy or policy_for(application.region_code)
    return reopen_refusal(
        policy.kinds[application.kind].resubmit, policy.is_open(application.kind, clock.today())
    )


def wordings(cases: Sequence[Application], level: str | None = None) -> dict[int, Wording]:
    """What the policies of cases call their kinds and states (H), by case: a statement for each
    edition that they follow and that has not been read, and one for the highest level of their
    worker unless it is given."""
    higher = _upgradable(cases) if level is None else _below(cases, level)
    return {
        case.id: _worded(case, policy_of(case.policy_code, case.policy_version), case.id in higher)
        for case in cases
    }


def wording(case: Application) -> Wording:
    """The same for one case."""
    policy = policy_of(case.policy_code, case.policy_version)
    return _worded(case, policy, bool(_upgradable([case])))


def _upgradable(cases: Sequence[Application]) -> set[int]:
    """The issued cases whose worker has passed for a higher level since (MC-33, X-25)."""
    issued = [case for case in cases if case.state == State.issued]
    if not issued:
        return set()
    held = db.session.execute(
        select(Qualification.worker_id, Qualification.level).where(
            Qualification.worker_id.in_({case.worker_id for case in issued})
        )
    )
    top: dict[int, int] = {}
    for worker_id, level in held:
        top[worker_id] = max(top.get(worker_id, 0), LEVELS.index(level))
    return {c.id for c in issued if top.get(c.worker_id, 0) > LEVELS.index(c.level)}


def _below(cases: Sequence[Application], level: str) -> set[int]:
    top = LEVELS.index(level)
    return {c.id for c in cases if c.state == State.issued and LEVELS.index(c.level) < top}


def _worded(case: Application, policy: Policy, upgradable: bool) -> Wording:
    kind, state = policy.kinds[case.kind], State(case.state)
    labels = state_labels(kind.labels or policy.labels)
    return Wording(kind.label, state_label(labels, state, case.stage or 1, upgradable=upgradable))


def reasons(cases: Sequence[Application]) -> dict[int, str]:
    """What reviewers said last to the applicant, by case, where they refused or returned it."""
    rows = db.session.execute(
        select(Decision.application_id, Decision.reason)
        .where(
            Decision.application_id.in_([case.id for case in cases]),
            Decision.verdict != "approve",
        )
        .order_by(Decision.id)
    )
    return {key: reason or "" for key, reason in rows}
