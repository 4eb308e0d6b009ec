"""The review desk's queue: the cases that wait for the actor's office, the oldest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal, or_, select, tuple_

from app import vault
from app.extensions import db
from app.queries.listing import CAP, Page
from app.queries.offices import falls_to, reviewer_of
from app.queries.policies import editions
from app.rules.kinds import Stage
from app.rules.regions import NATION, covers, level_of
from app.rules.words import Words
from app.rules.workflow import State
from app.scope import Actor, current_actor
from models.application import Application, Decision
from models.worker import Worker

COLUMNS = {"province": "province_code", "city": "city_code", "county": "region_code"}


@dataclass(frozen=True)
class Wanted:
    """What the reviewer looks for: a kind, a region with all below it, the beginning of a name,
    a whole identity number."""

    kind: str | None = None
    region_code: str | None = None
    name: str | None = None
    id_number: str | None = None


@dataclass(frozen=True)
class QueueRow:
    """One waiting case, with what a list shows of it."""

    id: int
    reference: str
    kind: str
    level: str
    region_code: str
    name: str
    id_number_masked: str
    submitted_at: datetime
    stage: int
    stage_label: Words
    attempt: int


def queue(
    wanted: Wanted = Wanted(),
    *,
    after: int | None = None,
    before: int | None = None,
    size: int = 25,
) -> Page:
    """One page of QueueRows in three statements: the policies, the rows, the capped count.

    `after` and `before` are the ids at the edges of the neighbouring page.
    """
    actor = current_actor()
    stages = _stages(actor)
    conditions = [*_waiting(actor, stages), *_matching(wanted)]
    rows = _rows(conditions, stages, after, before, size + 1)
    more, rows = len(rows) > size, rows[:size]
    if before is not None:
        rows.reverse()
        has_before, has_after = more, True
    else:
        has_before, has_after = after is not None, more
    return Page(
        rows,
        _count(conditions),
        after=rows[-1].id if rows and has_after else None,
        before=rows[0].id if rows and has_before else None,
    )


def neighbours(
    application: Application, wanted: Wanted = Wanted()
) -> tuple[int | None, int | None]:
    """The waiting cases before and after one in the same filtered queue, which it may have left
    already."""
    actor = current_actor()
    conditions = [*_waiting(actor, _stages(actor)), *_matching(wanted)]
    found = []
    for down in (True, False):
        query = select(Application.id).where(*conditions, _beyond(application.id, down))
        found.append(db.session.scalar(_ordered(query, down).limit(1)))
    return found[0], found[1]


_Stages = dict[tuple[str, int, str, int], Stage]


def _stages(actor: Actor | None) -> _Stages:
    """The stages that the actor's roles decide at the actor's office, by policy, edition, kind
    and number."""
    if actor is None:
        return {}
    return {
        (policy.code, policy.version, kind.code, number): stage
        for policy in editions()
        if covers(policy.region_code, actor.region_code)
        or covers(actor.region_code, policy.region_code)
        for kind in policy.kinds.values()
        for number, stage in enumerate(kind.review, 1)
        if reviewer_of(stage, actor.region_code) in actor.roles
    }


def _waiting(actor: Actor | None, stages: _Stages) -> list[ColumnElement[bool]]:
    """The cases under review that wait for this actor and that the actor may decide."""
    if actor is None or not stages or actor.region_code == NATION:
        return [false()]
    # a literal, or neither database would see that the partial index holds these rows
    under_review = literal(State.in_review.value, literal_execute=True)
    conditions = [
        Application.state == under_review,
        getattr(Application, COLUMNS[level_of(actor.region_code)]) == actor.region_code,
        or_(
            *(
                and_(
                    Application.policy_code == code,
                    Application.policy_version == version,
                    Application.kind == kind,
                    Application.stage == number,
                    falls_to(stage, actor.region_code),
                )
                for (code, version, kind, number), stage in stages.items()
            )
        ),
        ~_decided_before(actor),
    ]
    if actor.worker_id is not None:
        conditions.append(Application.worker_id != actor.worker_id)
    return conditions


def _decided_before(actor: Actor) -> ColumnElement[bool]:
    """Whether the actor decided another stage of the case: two stages need two people."""
    return (
        select(Decision.id)
        .where(
            Decision.application_id == Application.id,
            Decision.decided_by == actor.account_id,
            Decision.stage != Application.stage,
        )
        .exists()
    )


def _matching(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.kind:
        found.append(Application.kind == wanted.kind)
    if wanted.region_code and wanted.region_code != NATION:
        column = getattr(Application, COLUMNS[level_of(wanted.region_code)])
        found.append(column == wanted.region_code)
    if wanted.name:
        found.append(_of_worker(Worker.name.startswith(wanted.name, autoescape=True)))
    if wanted.id_number:
        found.append(_of_worker(Worker.id_number_digest == vault.digest(wanted.id_number)))
    return found


def _of_worker(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    mine = Worker.id == Application.worker_id
    return select(Worker.id).where(mine, condition).correlate(Application).exists()


def _rows(
    conditions: list[ColumnElement[bool]],
    stages: _Stages,
    after: int | None,
    before: int | None,
    limit: int,
) -> list[QueueRow]:
    query = (
        select(Application, Worker.name, Worker.id_number_masked)
        .join(Worker, Worker.id == Application.worker_id)
        .where(*conditions)
    )
    cursor, down = (before, True) if before is not None else (after, False)
    if cursor is not None:
        query = query.where(_beyond(cursor, down))
    found = db.session.execute(_ordered(query, down).limit(limit))
    return [_row(case, name, masked, stages) for case, name, masked in found]


def _row(case: Application, name: str, masked: str, stages: _Stages) -> QueueRow:
    assert case.submitted_at is not None, "under review without a submission"
    return QueueRow(
        id=case.id,
        reference=case.reference,
        kind=case.kind,
        level=case.level,
        region_code=case.region_code,
        name=name,
        id_number_masked=masked,
        submitted_at=case.submitted_at,
        stage=case.stage,
        stage_label=stages[case.policy_code, case.policy_version, case.kind, case.stage].label,
        attempt=case.attempt,
    )


def _ordered(query: Any, down: bool) -> Any:
    keys = (Application.submitted_at, Application.id)
    return query.order_by(*(key.desc() if down else key.asc() for key in keys))


def _beyond(cursor: int, down: bool) -> ColumnElement[bool]:
    """The cases on one side of another one, whose instant the database looks up itself."""
    at = select(Application.submitted_at).where(Application.id == cursor).scalar_subquery()
    here = tuple_(Application.submitted_at, Application.id)
    there = tuple_(at, literal(cursor))
    return here < there if down else here > there


def _count(conditions: list[ColumnElement[bool]]) -> int:
    some = select(Application.id).where(*conditions).limit(CAP + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0
