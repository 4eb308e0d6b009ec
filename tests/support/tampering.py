"""Hands on the audit log: what somebody who can write to the database does behind the portal."""

from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import delete, select, update

from app.scope import Actor, as_system
from app.services import events
from app.services.verbs import transaction
from models.event import Event, EventChain
from tests.support import factories
from tests.support.factories import acting

EVENTS: Any = Event.__table__
HEADS: Any = EventChain.__table__


def act(subject: str, *verbs: str, region_code: str = "410105", who: Actor | None = None) -> None:
    """Acts of one reviewer on a subject, one transaction each."""
    who = who or factories.actor("county_reviewer", region_code)
    for verb in verbs:
        with acting(who), transaction() as session:
            facts = {"from_state": "in_review", "to_state": "approved", "reason_code": "other"}
            more = {"reason": "材料齐全", "policy": "national@1", "public": True}
            events.record(session, subject, verb, region_code, **facts, **more)


def verified(app: Flask, *options: str) -> tuple[int, list[str]]:
    """How `portal audit verify` ends, and the lines that it says."""
    done = app.test_cli_runner().invoke(args=["portal", "audit", "verify", *options])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout.splitlines()


def event(subject: str, seq: int) -> Any:
    """One row as the database has it."""
    with as_system("a test looks") as session:
        query = select(*EVENTS.c).where(EVENTS.c.subject == subject, EVENTS.c.seq == seq)
        return session.execute(query).one()


def change(db: SQLAlchemy, subject: str, seq: int, /, **values: Any) -> None:
    """Overwrite columns of one event."""
    found = EVENTS.c.subject == subject, EVENTS.c.seq == seq
    with db.engine.begin() as connection:
        connection.execute(update(EVENTS).where(*found).values(**values))


def remove(db: SQLAlchemy, subject: str, *seqs: int) -> None:
    """Take events out."""
    found = EVENTS.c.subject == subject, EVENTS.c.seq.in_(seqs)
    with db.engine.begin() as connection:
        connection.execute(delete(EVENTS).where(*found))


def rewind(db: SQLAlchemy, subject: str, seq: int) -> None:
    """Make an event the newest one that the head knows; 0 takes the head out."""
    with db.engine.begin() as connection:
        found = HEADS.c.subject == subject
        if seq == 0:
            connection.execute(delete(HEADS).where(found))
            return
        head = event(subject, seq).digest
        connection.execute(update(HEADS).where(found).values(length=seq, head=head))


def insert(db: SQLAlchemy, subject: str, seq: int, /, **values: Any) -> None:
    """A row that is a copy of event 1 but for the given columns, with a head that knows it."""
    row = dict(event(subject, 1)._mapping)
    del row["id"]
    with db.engine.begin() as connection:
        connection.execute(EVENTS.insert().values(row | {"seq": seq} | values))


def reseal(subject: str) -> None:
    """What somebody who holds EVENT_KEY does after a change: seal the whole chain anew."""
    with as_system("a test attacks") as session, session.begin():
        previous = ""
        for row in session.scalars(
            select(Event).where(Event.subject == subject).order_by(Event.seq)
        ):
            row.previous = previous
            row.digest = previous = events.seal(row)
        chain = session.get_one(EventChain, subject)
        chain.head = previous
