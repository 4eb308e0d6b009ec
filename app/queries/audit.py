"""Reading the audit log: the events in one's region under the filters of an auditor, and one
chain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from app import clock
from app.extensions import db
from app.queries import listing
from app.queries.listing import Filter, Order, Page
from app.scope import as_system
from models.application import Application
from models.certificate import Certificate
from models.event import Event

SIZE = 50
ON_ONE_PAGE = 200
RECENT = timedelta(days=30)
"""How far back a word is looked for in the reasons unless days, a subject or a person are named: no
index has every word in it."""


@dataclass(frozen=True)
class Asked:
    """What an auditor asks for; an empty text asks for nothing. Days are those of Asia/Shanghai,
    both included."""

    subject: str = ""
    verb: str = ""
    actor_name: str = ""
    region_code: str = ""
    reason: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def since(self) -> date | None:
        """The first day, where a word in the reasons alone would search the whole log."""
        narrow = self.first or self.subject or self.actor_name or not self.reason
        return self.first if narrow else (self.last or clock.today()) - RECENT

    @property
    def filters(self) -> list[Filter]:
        """The conditions that the columns declare."""
        found = (
            Filter("subject", "eq", self.subject),
            Filter("verb", "eq", self.verb),
            Filter("actor_name", "sw", self.actor_name),
            Filter("region_code", "eq", self.region_code),
        )
        return [one for one in found if one.value]

    @property
    def order(self) -> Order:
        """The newest first: by the instant where days are asked for, else as they came."""
        return Order("created_at" if self.since or self.last else "")

    @property
    def conditions(self) -> list[Any]:
        """The others."""
        found = [Event.created_at >= _begin_of(self.since)] if self.since else []
        if self.last:
            found.append(Event.created_at < _begin_of(self.last + timedelta(days=1)))
        if self.reason:
            said = Event.reason.contains(self.reason, autoescape=True)
            found.append(or_(Event.reason_code == self.reason, said))
        return found


def subject_of(text: str) -> str:
    """The subject in the log of what somebody typed: people know a case or a certificate by its
    number, the log by its key."""
    if ":" in text or not text:
        return text
    numbers = (("application", Application.reference), ("certificate", Certificate.number))
    why = "the key behind a number is all that is read; the events have a scope"
    with as_system(why, only_reads=True) as session:
        for name, number in numbers:
            key = session.scalar(select(number.class_.id).where(number == text.upper()))
            if key is not None:
                return f"{name}:{key}"
    return text


def page(asked: Asked, after: Any = None, before: Any = None) -> Page:
    """One page of the log, the newest first; raises BadQuery for a filter that cannot be."""
    further = asked.conditions
    return listing.keyset_page(
        Event, asked.filters, asked.order, after=after, before=before, size=SIZE, further=further
    )


def stream(asked: Asked) -> Iterable[Any]:
    """Every event that is asked for, the newest first; raises BadQuery at once."""
    return listing.stream(Event, asked.filters, asked.order, further=asked.conditions)


def chain(subject: str, after: int = 0) -> Sequence[Event]:
    """The events of one chain in one's region in their order, one more than fit on a page."""
    query = select(Event).where(Event.subject == subject, Event.seq > after)
    return db.session.scalars(query.order_by(Event.seq).limit(ON_ONE_PAGE + 1)).all()


def has_events(subject: str) -> bool:
    """Whether a subject has an event in one's region."""
    query = select(Event.id).where(Event.subject == subject).limit(1)
    return db.session.scalar(query) is not None


def elsewhere(subject: str, region_code: str) -> int:
    """How many events of a chain lie outside the subtree of a region: a case may have moved."""
    mine = listing.where(Event, [Filter("region_code", "eq", region_code)])
    with as_system(
        "how many there are is no more than their numbers tell", only_reads=True
    ) as session:
        query = select(func.count(Event.id)).where(Event.subject == subject)
        return (session.scalar(query) or 0) - (session.scalar(query.where(*mine)) or 0)


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time(), clock.SHANGHAI).astimezone(UTC)
