"""The review desk's queue: the cases that wait for the actor's office, the oldest first."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.orm import aliased

from app import clock
from app.extensions import db
from app.queries.figures import Figures, figures
from app.queries.listing import Page
from app.queries.policies import published
from app.queries.waiting import (
    Conditions,
    Wanted,
    held,
    held_by_another,
    matching,
    oldest,
    waiting,
)
from app.queries.workdays import calendar
from app.rules.kinds import Kind
from app.rules.words import Words
from app.rules.workdays import working_days_between
from app.scope import Actor, current_actor, scope_of
from models.account import Account
from models.application import Application, Decision, Submission
from models.claim import Claim
from models.policy import Policy as Edition
from models.region import Region
from models.worker import Worker

Place = aliased(Region)  # conditions on offices look regions up for themselves
EVERYTHING = Wanted()
SHOWN = tuple(
    getattr(Application, name)
    for name in (
        *("id", "reference", "kind", "level", "region_code", "submitted_at", "due_on"),
        *("due_provisional", "state", "stage", "attempt", "policy_code", "policy_version"),
    )
)
"""What a list shows of a case itself: its form, and what else is long, is left where it is."""
MOST_LISTED = 5_000


@dataclass(frozen=True)
class QueueRow:
    """One waiting case, with what a list shows of it.

    `waited` counts working days; `due_on` is None where the policy sets no limit. `earlier` is who
    approved the stage before, `remarks` how many checks of the submission need a look, `holder`
    who is at the case just now. `returns`: its policy knows the return for correction.
    """

    id: int
    reference: str
    kind: str
    level: str
    region_code: str
    region: str
    name: str
    id_number_masked: str
    submitted_at: datetime
    waited: int
    due_on: date | None
    due_provisional: bool
    state: str
    stage: int
    stage_label: Words
    earlier: str | None
    attempt: int
    remarks: int
    holder: str | None
    mine: bool
    returns: bool


@dataclass(frozen=True)
class QueuePage(Page):
    """One page of the queue with the figures above it, and whether one of its cases may be returned
    for correction."""

    figures: Figures = field(default_factory=Figures)
    returns: bool = False

    @property
    def count_text(self) -> str:
        """As on every page; where nothing was counted, what is here and whether there is more."""
        if self.figures.matching is not None:
            return super().count_text
        more = self.after is not None or self.before is not None
        return f"{self.count:,}{'+' if more else ''}"


def queue(
    wanted: Wanted = EVERYTHING,
    *,
    after: int | None = None,
    before: int | None = None,
    size: int = 25,
) -> QueuePage:
    """One page of QueueRows with its figures in three statements: the rows, the calendar, the
    figures.

    `after` and `before` are the ids at the edges of the neighbouring page.
    """
    actor = current_actor()
    found = _found(actor, wanted, after, before, size + 1)
    more, found = len(found) > size, found[:size]
    if before is not None:
        found.reverse()
    rows = _rows(found)
    has_before, has_after = (more, True) if before is not None else (after is not None, more)
    counted = figures(actor, wanted)
    return QueuePage(
        rows,
        len(rows) if counted.matching is None else counted.matching,
        after=rows[-1].id if rows and has_after else None,
        before=rows[0].id if rows and has_before else None,
        figures=counted,
        returns=any(row.returns for row in rows),
    )


def listed(wanted: Wanted = EVERYTHING) -> list[QueueRow]:
    """The filtered queue from its oldest case on, at most MOST_LISTED of them, for a file."""
    return _rows(_found(current_actor(), wanted, None, None, MOST_LISTED))


def neighbours(
    application: Application, wanted: Wanted = EVERYTHING
) -> tuple[int | None, int | None]:
    """The waiting cases before and after one in the same filtered queue, which it may have left
    already."""
    conditions = _conditions(wanted)
    found = []
    for down in (True, False):
        query = select(Application.id).where(*conditions, _beyond(literal(application.id), down))
        found.append(db.session.scalar(_ordered(query, down).limit(1)))
    return found[0], found[1]


def free(wanted: Wanted = EVERYTHING, after: int | None = None, limit: int = 10) -> Sequence[int]:
    """The oldest cases of the filtered queue that no colleague is at, behind one or from the
    beginning: some to try, because somebody else may be faster."""
    actor = current_actor()
    if actor is None:
        return []
    query = select(Application.id).where(*_conditions(wanted), ~held_by_another(actor))
    if after is not None:
        query = query.where(_beyond(literal(after), down=False))
    return db.session.scalars(_ordered(query, down=False).limit(limit)).all()


def _conditions(wanted: Wanted) -> Conditions:
    actor = current_actor()
    base = waiting(actor, wanted.state)
    return [*base, *matching(actor, wanted)]


def _found(
    actor: Actor | None, wanted: Wanted, after: int | None, before: int | None, limit: int
) -> list[Any]:
    cursor, down = (before, True) if before is not None else (after, False)
    query = _statement(actor, wanted, down, beyond=cursor is not None)
    return list(db.session.execute(query, {"cursor": cursor, "most": limit}))


@lru_cache(maxsize=256)
def _statement(actor: Actor | None, wanted: Wanted, down: bool, *, beyond: bool) -> Any:
    """Built once: the same person looks at the same queue again and again."""
    behind = _beyond(bindparam("cursor", type_=Integer), down) if beyond else None
    keys = oldest(actor, wanted, Application.id, beyond=behind, down=down)
    keys = keys.limit(bindparam("most", type_=Integer))
    found = _ordered(_query(keys.subquery()), down).options(scope_of(actor))
    return found.execution_options(**wanted.execution_options)


def _query(keys: Any) -> Select[Any]:
    """What a page shows of the cases with these keys: found first, so that nothing else is read
    for the rest of the queue."""
    code, number = Application.policy_code, Application.policy_version
    edition = and_(Edition.code == code, Edition.edition == number)
    return (
        select(
            *SHOWN,
            Worker.name,
            Worker.id_number_masked,
            Place.name.label("region"),
            Edition.digest,
            _earlier().label("earlier"),
            _findings().label("findings"),
            Claim.holder,
            Claim.account_id.label("held_by"),
        )
        .join(keys, keys.c.id == Application.id)
        .join(Worker, Worker.id == Application.worker_id)
        .join(Place, Place.code == Application.region_code)
        .join(Edition, edition)
        .outerjoin(Claim, held())
    )


def _earlier() -> Any:
    """Who decided the stage before, the last time."""
    return (
        select(Account.last_name + func.coalesce(Account.first_name, ""))
        .join(Decision, Decision.decided_by == Account.id)
        .where(Decision.application_id == Application.id, Decision.stage == Application.stage - 1)
        .order_by(Decision.id.desc())
        .limit(1)
        .correlate(Application)
        .scalar_subquery()
    )


def _findings() -> Any:
    return (
        select(cast(Submission.findings, Text))  # read where it has not been read yet
        .where(Submission.application_id == Application.id)
        .order_by(Submission.turn.desc())
        .limit(1)
        .correlate(Application)
        .scalar_subquery()
    )


def _rows(found: Sequence[Any]) -> list[QueueRow]:
    if not found:
        return []
    actor, today = current_actor(), clock.today()
    begun = [clock.local(row.submitted_at).date() for row in found]
    days = calendar(min(begun))
    editions = {(one.policy_code, one.policy_version, one.digest) for one in found}
    policies = {edition: published(*edition) for edition in editions}
    waited = {day: working_days_between(days, day, today) for day in set(begun)}
    return [
        _row(
            row,
            policies[row.policy_code, row.policy_version, row.digest].kinds[row.kind],
            waited=waited[day],
            mine=actor is not None and row.held_by == actor.account_id,
        )
        for row, day in zip(found, begun, strict=True)
    ]


def _row(row: Any, kind: Kind, **known: Any) -> QueueRow:
    return QueueRow(
        id=row.id,
        reference=row.reference,
        kind=row.kind,
        level=row.level,
        region_code=row.region_code,
        region=row.region,
        name=row.name,
        id_number_masked=row.id_number_masked,
        submitted_at=row.submitted_at,
        due_on=row.due_on,
        due_provisional=row.due_provisional,
        state=row.state,
        stage=row.stage,
        stage_label=kind.review[row.stage - 1].label,
        returns=kind.return_ == "allowed",
        earlier=row.earlier,
        attempt=row.attempt,
        remarks=_remarks(row.findings) if row.findings else 0,
        holder=row.holder,
        **known,
    )


@lru_cache(maxsize=2048)
def _remarks(findings: str) -> int:
    """Counted once: a submission never changes, and a queue is looked at after every decision."""
    return sum(map(_to_look_at, json.loads(findings)))


def _to_look_at(finding: Mapping[str, Any]) -> bool:
    """Whether a check of the submission is left to the reviewer: unmet, or hours to be counted,
    which a submission from before findings said so leaves open."""
    return not finding["ok"] or finding.get("to_count", finding["rule"] == "credit_hours")


def _ordered(query: Any, down: bool) -> Any:
    keys = (Application.submitted_at, Application.id)
    return query.order_by(*(key.desc() if down else key.asc() for key in keys))


def _beyond(cursor: Any, down: bool) -> ColumnElement[bool]:
    """The cases on one side of another one, whose instant the database looks up itself."""
    at = select(Application.submitted_at).where(Application.id == cursor).scalar_subquery()
    here = tuple_(Application.submitted_at, Application.id)
    there = tuple_(at, cursor)
    return here < there if down else here > there
