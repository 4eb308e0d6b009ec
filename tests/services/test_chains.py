"""The chains of events: acts on one subject follow each other, the first ones too."""

from threading import Event as Signal

import pytest
from flask import Flask
from sqlalchemy import select

from app.scope import as_system
from app.services import events
from app.services.verbs import transaction
from models.event import Event, EventChain
from tests.support import factories
from tests.support.factories import acting
from tests.support.race import race

pytestmark = pytest.mark.usefixtures("db")

SUBJECT = "worker:999"


def chain() -> list[Event]:
    with as_system("a test looks") as session:
        query = select(Event).where(Event.subject == SUBJECT).order_by(Event.seq)
        return list(session.scalars(query))


def test_first_acts_at_once_are_all_kept_in_one_chain(app: Flask) -> None:
    """The second act asks for the head while the first one has written it and is not over."""
    who = factories.actor("county_admin", "410105")
    written = Signal()

    def act(verb: str, *, first: bool) -> None:
        if not first:
            written.wait(timeout=10)
        with acting(who), transaction() as session:
            events.record(session, SUBJECT, verb, "410105")
            session.flush()
            if first:
                written.set()
                Signal().wait(timeout=0.5)  # the other one meets a head that nobody can see yet

    results = race(app, lambda: act("one", first=True), lambda: act("two", first=False))

    assert results == [None, None]
    first, second = chain()
    assert (first.verb, first.seq, first.previous) == ("one", 1, "")
    assert (second.verb, second.seq, second.previous) == ("two", 2, first.digest)
    with as_system("a test looks") as session:
        head = session.get_one(EventChain, SUBJECT)
        assert (head.length, head.head) == (2, second.digest)


def test_what_the_act_changed_before_its_first_event_is_kept(app: Flask) -> None:
    who = factories.actor("county_admin", "410105")
    with acting(who), transaction() as session:
        made = factories.sound_organization("410105", name="晨星")
        session.add(made)
        events.record(session, SUBJECT, "create", "410105")
    assert factories.stored(type(made), made.id).name == "晨星"
    assert [event.verb for event in chain()] == ["create"]
