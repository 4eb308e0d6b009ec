"""Who looked: a reader of somebody else's papers and an exporter of a list leave an event.

Looks at the papers of a case have a chain of their own, so that reading never waits for a verb on
the case nor makes one fail.
"""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select

from app import clock
from app.queries.listing import Filter
from app.scope import as_system, current_actor
from app.services import events
from app.services.verbs import transaction
from models.application import Material
from models.certificate import Certificate
from models.event import Event

AGAIN = timedelta(minutes=15)
"""How long the same look of the same person is one event: a page is loaded more than once."""
HIDDEN = ("identity", "id_number")
"""Filters whose value says who somebody is."""


def looks_of(application_id: int) -> str:
    """The subject of all looks at the papers of a case."""
    return f"looks:application:{application_id}"


def looked(paper: Material | Certificate, verb: str, what: str) -> None:
    """`looked_at` a paper of a case."""
    looked_at(paper.application_id, paper.worker_id, paper.region_code, verb, what)


def looked_at(application_id: int, worker_id: int, region_code: str, verb: str, what: str) -> None:
    """Record that somebody else than the worker looks at a paper of the worker's case.

    The first look is always recorded, and before the paper is handed out; whoever repeats it within
    AGAIN is not recorded again. `what` names the paper.
    """
    actor = current_actor()
    if actor is None or actor.worker_id == worker_id:
        return
    subject = looks_of(application_id)
    if _is_known(subject, verb, what, actor.account_id):
        return
    with transaction() as session:
        events.record(session, subject, verb, region_code, reason=what)


def exported(name: str, filters: Iterable[Filter]) -> None:
    """Record that somebody takes a list away, each time, with the filters that it was under."""
    actor = current_actor()
    if actor is None:
        return
    said = (
        f"{one.column} {one.operator} {'…' if one.column in HIDDEN else one.value}"
        for one in filters
    )
    with transaction() as session:
        subject = f"export:{name}:{actor.region_code}"
        events.record(session, subject, "export", actor.region_code, reason="; ".join(said) or None)


def _is_known(subject: str, verb: str, what: str, account_id: int) -> bool:
    now = clock.now()
    query = select(Event.id).where(
        Event.subject == subject,
        Event.verb == verb,
        Event.reason == what,
        Event.actor_id == account_id,
        Event.created_at.between(now - AGAIN, now),
    )
    with as_system("whoever looks does not see the log") as session:
        return session.scalar(query.limit(1)) is not None
