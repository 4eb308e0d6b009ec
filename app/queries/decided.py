"""Newest decisions of cases and what came of them, and what the actor decided today."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import func, or_, select

from app import clock
from app.extensions import db
from app.rules.workflow import Verb
from app.scope import as_system, current_actor
from models.application import Application, Decision
from models.event import Event
from models.recheck import Recheck
from models.worker import Worker

SHOWN = 50
DECISIONS = ("approve", "reject", "return")


@dataclass(frozen=True)
class Last:
    """The newest decision on a case that holds: whether the lot fell on it for a re-check, and
    whether anything that the applicant may know of was done to the case since."""

    decision: Decision
    drawn: bool
    acted_on: bool


@dataclass(frozen=True)
class Decided:
    """One decision of today that holds, with its case and what people call it; `last` is the
    newest one on the case, this or a later one."""

    decision: Decision
    application: Application
    name: str
    id_number_masked: str
    last: Last


def decided_today() -> list[Decided]:
    """The actor's own decisions since midnight in Asia/Shanghai; at most SHOWN of them."""
    actor = current_actor()
    midnight = datetime.combine(clock.today(), time.min, clock.SHANGHAI)
    query = (
        select(Decision, Application, Worker.name, Worker.id_number_masked)
        .join(Application, Application.id == Decision.application_id)
        .join(Worker, Worker.id == Application.worker_id)
        .where(
            Decision.decided_by == (actor.account_id if actor else 0),
            Decision.decided_at >= midnight,
        )
        .order_by(Decision.decided_at.desc(), Decision.id.desc())
        .limit(SHOWN)
    )
    rows = db.session.execute(query).all()
    newest = last_of([decision.application_id for decision, *_case in rows])
    return [Decided(*row, newest[row[0].application_id]) for row in rows]


def last_of(application_ids: Collection[int]) -> Mapping[int, Last]:
    """The newest decision on each of these cases, by case, in three statements for all."""
    newest = (
        select(func.max(Decision.id))
        .where(Decision.application_id.in_(application_ids))
        .group_by(Decision.application_id)
    )
    rows = db.session.scalars(select(Decision).where(Decision.id.in_(newest))).all()
    if not rows:
        return {}
    drawn = select(Recheck.decision_id).where(Recheck.decision_id.in_([one.id for one in rows]))
    caught, acted = set(db.session.scalars(drawn)), _acted_on(rows)
    return {
        one.application_id: Last(one, one.id in caught, one.application_id in acted) for one in rows
    }


def _acted_on(decisions: Collection[Decision]) -> set[int]:
    """The cases to which anything that the applicant may know of was done since their decision.

    Looks and claims are the offices' own and change nothing. Decisions that were taken back leave
    no act behind: the newest one that holds is this one.
    """
    of = {f"application:{one.application_id}": one for one in decisions}
    query = (
        select(Event.subject, Event.verb, Event.actor_id)
        .where(Event.subject.in_(of), or_(Event.public, Event.verb.in_(DECISIONS)))
        .order_by(Event.subject, Event.seq)
    )
    with as_system("whoever decides does not see the log", only_reads=True) as session:
        events = session.execute(query).all()
    acted: dict[int, bool] = {}
    for subject, verb, actor_id in events:
        one = of[subject]
        if (verb, actor_id) == (one.verdict, one.decided_by):
            acted[one.application_id] = False
        elif verb not in (*DECISIONS, Verb.undo) and one.application_id in acted:
            acted[one.application_id] = True
    return {key for key, since in acted.items() if since}
