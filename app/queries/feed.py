"""The return feed (回流): what has changed of a region's own rows since a cursor (HN-04).

Every change is an event, so the audit log says which rows to read again; they are given whole, and
a reader who takes one twice is where it was.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.queries.plain import plain
from app.rules.regions import covers
from app.scope import as_system, within
from models.application import Application
from models.certificate import Certificate
from models.columns import semantics_of
from models.credit import Credit
from models.event import Event
from models.organization import Organization
from models.qualification import Qualification
from models.registration import Registration
from models.worker import Worker

MODELS: dict[str, Any] = {
    "worker": Worker,
    "qualification": Qualification,
    "registration": Registration,
    "credit": Credit,
    "application": Application,
    "certificate": Certificate,
    "organization": Organization,
}
OF_A_CASE = (Registration, Certificate, Credit)
"""What an act on an application may have made or changed."""
OF_A_WORKER = (Qualification, Registration, Certificate, Credit, Application)
"""What moves with its worker."""
STILL_WRITTEN = timedelta(minutes=10)
"""How far the cursor stays behind: keys are drawn before they are committed."""
AT_ONCE = 1000


def changed(region_code: str, after: int = 0) -> Iterator[dict[str, Any]]:
    """Every row of the region that an event after the cursor is about, as it is now, masked as in
    every list; one that is gone, or lies elsewhere now, has `removed`. The last one is the cursor
    to ask with the next time: whatever may still be written then is told again.
    """
    with as_system("a region's own data go back to it", only_reads=True) as session:
        yield from _rows(session, region_code, after)
        settled = (
            select(func.max(Event.id))
            .where(within(Event, region_code), Event.id > after)
            .where(Event.created_at <= clock.now() - STILL_WRITTEN)
        )
        yield {"cursor": session.scalar(settled) or after}


def _rows(session: Session, region_code: str, after: int) -> Iterator[dict[str, Any]]:
    told: set[tuple[Any, int]] = set()
    query = select(Event.id, Event.subject).where(within(Event, region_code))
    while events := session.execute(
        query.where(Event.id > after).order_by(Event.id).limit(AT_ONCE)
    ).all():
        for model, key in _named(session, [event.subject for event in events]):
            if (model, key) not in told:
                told.add((model, key))
                yield _as_it_is(session, model, key, region_code)
        after = events[-1].id
        session.expunge_all()


def _named(session: Session, subjects: list[str]) -> Iterator[tuple[Any, int]]:
    """The rows that these subjects are about: their own, and what hangs on them."""
    for subject in dict.fromkeys(subjects):
        name, _colon, key = subject.partition(":")
        if name not in MODELS or not key.isdigit():
            continue
        yield MODELS[name], int(key)
        hanging = {"application": OF_A_CASE, "worker": OF_A_WORKER}.get(name, ())
        for model in hanging:
            query = select(model.id).where(getattr(model, f"{name}_id") == int(key))
            yield from ((model, one) for one in session.scalars(query.order_by(model.id)))


def _as_it_is(session: Session, model: Any, key: int, region_code: str) -> dict[str, Any]:
    row = session.get(model, key)
    said: dict[str, Any] = {"resource": f"{model.__tablename__}s", "id": key}
    if row is None or not covers(region_code, row.region_code):
        return {**said, "removed": True}
    meanings = semantics_of(model)
    known = {k: plain(one, getattr(row, k)) for k, one in meanings.items() if one.shown}
    return {**said, "version": row.version, **known}
