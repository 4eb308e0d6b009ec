"""Four eyes: whose case nobody decides or checks again, whatever their role; asked of one case, and
as conditions of the lists of what waits."""

from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, or_, select, true

from app.extensions import db
from app.queries.asking import one_by_one
from app.scope import Actor
from models.account import Account
from models.application import Decision
from models.worker import Worker


def bar(worker_id: int, person: Actor | Account) -> Literal["own_case", "own_organization"] | None:
    """Why somebody leaves the case of a worker to others: it is their own or of their own
    organization; None when it is neither."""
    if person.worker_id == worker_id:
        return "own_case"
    own = person.organization_id
    query = select(Worker.organization_id).where(Worker.id == worker_id)
    return "own_organization" if own is not None and own == db.session.scalar(query) else None


def has_decided(application_id: int, account_id: int, but: int | None = None) -> bool:
    """Whether somebody decided a case, at any stage `but` one, or was stood in for."""
    return db.session.scalar(_decision(application_id, account_id, but).limit(1)) is not None


def of_others(
    actor: Actor, model: Any, application_id: Any, but: Any = None
) -> ColumnElement[bool]:
    """The rows of a model, each about one application and one worker, that nothing of the above
    bars the actor from; `but` is the column of the stage that may be the actor's.
    """
    found = ~one_by_one(_decision(application_id, actor.account_id, but).correlate(model))
    if actor.worker_id is not None:
        found &= model.worker_id != actor.worker_id
    if actor.organization_id is not None:
        of_worker = select(Worker.organization_id).where(Worker.id == model.worker_id)
        own = of_worker.correlate(model).scalar_subquery()
        found &= or_(own.is_(None), own != actor.organization_id)
    return found


def _decision(application_id: Any, account_id: int, but: Any) -> Select[bool]:
    query = select(true()).where(
        Decision.application_id == application_id, Decision.of_person(account_id)
    )
    return query if but is None else query.where(Decision.stage != but)
