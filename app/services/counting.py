"""Counting ahead: who is due and has not registered once a day, and the figures once an hour.

Both read without any lock and write only what differs, some at a time, so that whoever is killed
leaves figures of an earlier hour, and the next run does the rest.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app import clock
from app.queries import counted
from app.queries.everybody import WHY, Chunk, chunks, people
from app.queries.policies import shelf
from app.rules import history, regions
from app.rules.canonical import ByRegion, Once
from app.rules.eligibility import registration_due
from app.scope import as_system
from app.services import outbox
from app.services.jobs import job
from app.services.unattended import unattended
from models.figure import Due, Tally

AT_A_TIME = 1000


class Found(NamedTuple):
    """What somebody is due for."""

    region_code: str
    kind: str
    level: str
    valid_until: date | None


def promise_today() -> None:
    """Promise the day's list of who is due, and the hour's figures."""
    due, tally = f"due:{clock.today()}", counted.key_of(clock.real_now())
    outbox.promise_to_itself({due: ("due", {"promised": due}), tally: ("tally", {})})


@job("due")
def find_promised(promised: str | None = None, **_kept: Any) -> dict[str, int]:
    """The job of `promise_today`; counts anew as soon as it is known who is due."""
    found = find_due(promised)
    count()
    return {"due": found}


@job("tally")
def count_promised() -> None:
    """The job of `promise_today`."""
    count()


def find_due(promised: str | None = None) -> int:
    """List everybody whose history or examination leads to a registration today and who has no
    application under way (HN-40), whether or not a window is open; gives how many.

    It is the route that home page and reminders show, asked of the same rules. The job that was
    `promised` under this key is prolonged after each chunk.
    """
    today, many = clock.today(), 0
    asked = ByRegion(
        shelf(today),
        lambda policy: Once(policy, today, lambda facts: registration_due(policy, facts, today)),
    )
    for chunk in chunks(regions.NATION):
        with as_system(WHY) as session:
            some = people(session, regions.NATION, chunk)
        found: dict[int, Found] = {}
        for worker in some.workers:
            facts = some.held.facts(worker)
            kind = asked.of(worker.region_code)(facts)
            if kind and facts.level and not facts.open_application:
                until = history.expiry(facts)
                found[worker.id] = Found(worker.region_code, kind, facts.level, until)
        _keep_due(chunk, found, today)
        many += len(found)
        outbox.prolong(promised)
    return many


def _keep_due(chunk: Chunk, found: Mapping[int, Found], today: date) -> None:
    with unattended("whoever is due, the list is the offices'") as session:
        rows = session.scalars(select(Due).where(Due.worker_id.between(*chunk[:2]))).all()
        for row in rows:
            now = found.get(row.worker_id)
            if now is None:
                session.delete(row)
            elif now != Found(row.region_code, row.kind, row.level, row.valid_until):
                row.region_code, row.kind, row.level, row.valid_until = now
                row.found_on = today
        for key in found.keys() - {row.worker_id for row in rows}:
            session.add(Due(worker_id=key, found_on=today, **found[key]._asdict()))


def count() -> int:
    """Count all figures anew; gives how many rows differ from before. All of them change at once:
    nobody sees half of an hour."""
    with as_system(WHY) as session:
        now = counted.count(session)
    with unattended("figures are counted as a whole") as session:
        _alone(session)
        before = {
            counted.Key(row.region_code, row.what, row.kind, row.state, row.month): row
            for row in session.execute(select(*Tally.__table__.c))
        }
        stale = [
            row.id
            for key, row in before.items()
            if now.get(key) != counted.Sum(row.number, row.days)
        ]
        fresh = [
            {**key._asdict(), **found._asdict()}
            for key, found in now.items()
            if key not in before or found != counted.Sum(before[key].number, before[key].days)
        ]
        _replace(session, stale, fresh)
    return len(fresh)


def _alone(session: Session) -> None:
    """One who replaces figures at a time: at midnight the day's job and the hour's run at once, and
    both would add the same rows; on SQLite a writer is alone anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(Tally.__tablename__))))


def _replace(session: Session, stale: list[int], fresh: list[dict[str, Any]]) -> None:
    for start in range(0, len(stale), AT_A_TIME):
        session.execute(delete(Tally).where(Tally.id.in_(stale[start : start + AT_A_TIME])))
    for start in range(0, len(fresh), AT_A_TIME):
        session.add_all(Tally(**one) for one in fresh[start : start + AT_A_TIME])
        session.flush()
        session.expunge_all()
