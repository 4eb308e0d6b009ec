"""Four eyes: whose case nobody decides or checks again, whatever their role; asked of one case, and
as conditions of the lists of what waits."""

from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, or_, select, true
from sqlalchemy.orm import aliased

from app.extensions import db
from app.queries.asking import one_by_one
from app.scope import Actor, as_system
from models.account import Account
from models.application import Decision
from models.worker import Worker


def records_of(person: Actor | Account) -> frozenset[int]:
    """The roster's records of somebody: an applicant's own, and the one that an administrator has
    named for the account of an office."""
    return frozenset(key for key in (person.worker_id, person.person_id) if key is not None)


def organizations_of(person: Actor | Account) -> frozenset[int]:
    """The organizations of somebody: that of the account, and the employer on the roster."""
    found = {person.organization_id}
    if person.person_id is not None:
        with as_system(
            "whoever decides may be on the roster of another region", only_reads=True
        ) as session:
            query = select(Worker.organization_id).where(Worker.id == person.person_id)
            found.add(session.scalar(query))
    return frozenset(key for key in found if key is not None)


def bar(
    worker_id: int, person: Actor | Account, own: frozenset[int] | None = None
) -> Literal["own_case", "own_organization"] | None:
    """Why somebody leaves the case of a worker to others: it is their own or of their own
    organization; None when it is neither. `own` are the person's `organizations_of`, for whoever
    asks about many cases at once."""
    if worker_id in records_of(person):
        return "own_case"
    own = organizations_of(person) if own is None else own
    worker = db.session.get(Worker, worker_id) if own else None
    return "own_organization" if worker and worker.organization_id in own else None


def has_decided(application_id: int, account_id: int, but: int | None = None) -> bool:
    """Whether somebody decided a case, at any stage `but` one, or was stood in for."""
    return db.session.scalar(_decision(application_id, account_id, but).limit(1)) is not None


def of_others(
    actor: Actor,
    model: Any,
    application_id: Any,
    but: Any = None,
    unless: ColumnElement[bool] | None = None,
) -> ColumnElement[bool]:
    """The rows of a model or a subquery, each about one application and one worker, that nothing of
    the above bars the actor from; `but` is the column of the stage that may be the actor's. Where
    `unless` holds nobody can have decided yet, and no decision is looked for.
    """
    worker_id = getattr(model, "c", model).worker_id
    found = ~one_by_one(_decision(application_id, actor.account_id, but).correlate(model))
    if unless is not None:
        found = or_(unless, found)
    if records := records_of(actor):
        found &= worker_id.not_in(records)
    of_worker = select(Worker.organization_id).where(Worker.id == worker_id)
    own = of_worker.correlate(model).scalar_subquery()
    if actor.organization_id is not None:
        found &= or_(own.is_(None), own != actor.organization_id)
    if actor.person_id is not None:
        # read with the rows, because the statement is kept and the employer may change
        theirs = aliased(Worker)
        employer = select(theirs.organization_id).where(theirs.id == actor.person_id)
        at = employer.scalar_subquery()
        found &= or_(own.is_(None), at.is_(None), own != at)
    return found


def _decision(application_id: Any, account_id: int, but: Any) -> Select[bool]:
    query = select(true()).where(
        Decision.application_id == application_id, Decision.of_person(account_id)
    )
    return query if but is None else query.where(Decision.stage != but)
