"""Verifying the audit log: every chain, every head, every anchor, in one pass and little memory."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from flask import current_app
from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from app.rules import regions
from app.rules.anchor import Anchor, Running
from app.rules.words import Words
from app.scope import as_system
from app.services import anchor_faults, anchors, events
from app.services.anchor_faults import Fault
from models.event import Event, EventChain

CAP = 100
"""How many faults are told one by one."""
FEW = 3
"""How many, when every seal differs and one reason will do for all."""

COLUMNS = [
    getattr(Event, name)
    for name in (
        *events.SEALED,
        *events.ON_BEHALF,
        *("created_at", "id", "province_code", "city_code", "digest"),
    )
]
SEALED = slice(len(events.SEALED))
ON_BEHALF = slice(SEALED.stop, SEALED.stop + len(events.ON_BEHALF))
"""Where a row has what its seal is over."""

SEAL = Words("内容与其封印不符，已被改动。", "what it says differs from its seal: it was changed.")
LINK = Words("不接续前一条。", "it does not follow on the one before it.")
GAP = Words("缺少第 {first} 至 {last} 条。", "the events {first} to {last} are missing.")
TWICE = Words("序号重复。", "its number occurs twice.")
ORDER = Words("行号先于前一条。", "its row is older than that of the event before it.")
PLACE = Words("省市代码与区域不符。", "its province or city is not that of its region.")
NO_HEAD = Words("整条链没有链首。", "the chain has events and no head.")
NO_EVENTS = Words(
    "链首在，{length} 条事件都不在。", "the head is there and its {length} events are not."
)
HEAD = Words(
    "链首记载 {length} 条，与现有的最后一条不符：最新的事件被删除或改动。",
    "the head knows {length} events and another last one: the newest were removed or changed.",
)
OTHER_KEY = Words(
    "全部 {count} 条的封印都不符：很可能 EVENT_KEY 不是写入时的那一个。",
    "every one of {count} seals differs: EVENT_KEY is probably not the one that sealed them.",
)
MORE = Words("另有 {count} 处。", "and {count} more.")
SOUND = Words(
    "{events} 条事件、{chains} 条链、{anchors} 个锚点：完整，未被改动。{last}",
    "{events} events in {chains} chains, {anchors} anchors: all is as it was. {last}",
)
ANCHORED = Words("最近的锚点：{day}。", "Last anchor: {day}.")
NO_ANCHOR = Words(
    "还没有锚点：在此之前连同链首一起删除的事件无从发现。",
    "No anchor yet: events that were removed together with their head are not found before one.",
)


@dataclass
class Report:
    """What a verification found: counts, and the first faults of however many."""

    events: int = 0
    chains: int = 0
    anchors: list[Anchor] = field(default_factory=list)
    found: int = 0
    seals: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether all is as it was."""
        return not self.found

    @property
    def other_key(self) -> bool:
        """Whether no seal at all is right."""
        return 0 < self.events == self.seals

    def add(self, faults: Iterable[Fault]) -> None:
        """Count the faults, and keep the first of each kind of place."""
        for fault in faults:
            self.found += 1
            self.seals += fault.what is SEAL
            if len(self.faults) < CAP:
                self.faults.append(fault)

    def words(self) -> Iterator[Words]:
        """The lines that say it."""
        if self.sound:
            yield self._summary()
            return
        if self.other_key:
            yield OTHER_KEY.fill(count=self.events)
        told = self.faults[: FEW if self.other_key else CAP]
        yield from (fault.words for fault in told)
        if self.found > len(told):
            yield MORE.fill(count=self.found - len(told))

    def _summary(self) -> Words:
        last = ANCHORED.fill(day=self.anchors[-1].day.isoformat()) if self.anchors else NO_ANCHOR
        counts = {"events": self.events, "chains": self.chains, "anchors": len(self.anchors)}
        return SOUND.fill(**counts, last=last)


def verify(since: date | None = None) -> Report:
    """Verify the whole log, or the chains with an event after the last anchor before `since`.

    The rows are read once, chain by chain, each held for a moment; each anchor's digest runs along
    and takes the events of its span. What is wrong with the newest rows is found by their head,
    what was removed with its head by an anchor.
    """
    report = Report()
    folder = anchors.folder()
    written = folder.lines()
    with as_system("the log of all regions is verified") as session:
        if session.get_bind().dialect.name == "postgresql":
            # heads, events and anchors of one instant, while the portal goes on
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        kept = anchors.stored(session)
        # the row comes before its line: what is looked for is there the second time
        book = anchor_faults.Book(kept, written, folder.lines())
        report.anchors = book.anchors
        first = sum(since is not None and one.day < since for one in book.anchors)
        floor = book.anchors[first - 1].up_to if first else 0
        spans = _Spans(book.anchors)
        _walk(_rows(session, floor), report, spans)
        report.add(_heads_alone(session))
        report.add(book.faults())
        report.add(book.doubtful(spans.made(), first))
        if not report.other_key:
            report.add(anchor_faults.named(session, folder, book))
    return report


def verify_chain(subject: str) -> Report:
    """Verify one chain by itself, for the page that shows it."""
    report = Report()
    with as_system("a chain may have gone through several regions") as session:
        _walk(session.execute(_query().where(Event.subject == subject)), report)
    return report


def _query() -> Select[Any]:
    return (
        select(*COLUMNS, EventChain.length.label("length"), EventChain.head.label("head"))
        .outerjoin(EventChain, EventChain.subject == Event.subject)
        .order_by(Event.subject, Event.seq, Event.id)
    )


def _rows(session: Session, floor: int) -> Iterable[Any]:
    query = _query().execution_options(yield_per=anchors.BATCH)
    if floor:
        query = query.where(Event.subject.in_(select(Event.subject).where(Event.id > floor)))
    return session.execute(query)


class _Spans:
    """The digests of all anchors, each taking the events of its span as they come by."""

    def __init__(self, known: list[Anchor]) -> None:
        key = current_app.config["EVENT_KEY"]
        self._ends = [one.up_to for one in known]
        self._running = [Running(key, o.number, o.day, o.up_to, o.previous) for o in known]

    def take(self, row: Any) -> None:
        """Give an event to the anchor that it is under; the newest are under none yet."""
        span = bisect_left(self._ends, row.id)
        if span < len(self._ends):
            self._running[span].take(row.subject, row.seq, row.digest)

    def made(self) -> list[Anchor]:
        """What the anchors would be today."""
        return [one.close() for one in self._running]


def _walk(rows: Iterable[Any], report: Report, spans: _Spans | None = None) -> None:
    seal = events.sealer()
    for _subject, chain in groupby(rows, key=itemgetter(0)):
        report.chains += 1
        before: Any = None
        for row in chain:
            report.events += 1
            if not _sound(row, before, seal):
                report.add(_faults_of(row, before, seal))
            if spans:
                spans.take(row)
            before = row
        if (before.length, before.head) != (before.seq, before.digest):
            report.add(_faults_of_head(before))


def _sound(row: Any, before: Any, seal: events.Sealer) -> bool:
    """Whether nothing at all is wrong with an event: `_faults_of` says what else, and is asked
    only then, because there are millions of them."""
    seq, digest, key = (before.seq, before.digest, before.id) if before else (0, "", 0)
    return bool(
        row.seq == seq + 1
        and row.previous == digest
        and row.id >= key
        and (row.province_code, row.city_code) == _place(row.region_code)
        and _sealed(row, seal) == row.digest
    )


def _sealed(row: Any, seal: events.Sealer) -> str:
    return seal(events.to_seal(row[SEALED], row[ON_BEHALF]), row.created_at.isoformat())


@lru_cache(maxsize=4096)
def _place(code: str) -> tuple[str, str]:
    return regions.province_of(code), regions.city_of(code)


def _faults_of(row: Any, before: Any, seal: events.Sealer) -> Iterator[Fault]:
    """What is wrong with an event, seen from the one before it in its chain."""
    seq, digest, key = (before.seq, before.digest, before.id) if before else (0, "", 0)
    if row.seq > seq + 1:
        yield Fault(GAP.fill(first=seq + 1, last=row.seq - 1), row.subject, seq + 1)
    elif row.seq <= seq:
        yield Fault(TWICE, row.subject, row.seq, row.id)
    elif row.previous != digest:
        yield Fault(LINK, row.subject, row.seq, row.id)
    if row.id < key:
        yield Fault(ORDER, row.subject, row.seq, row.id)
    if _sealed(row, seal) != row.digest:
        yield Fault(SEAL, row.subject, row.seq, row.id)
    if (row.province_code, row.city_code) != _place(row.region_code):
        yield Fault(PLACE, row.subject, row.seq, row.id)


def _faults_of_head(last: Any) -> Iterator[Fault]:
    if last.head is None:
        yield Fault(NO_HEAD, last.subject, last.seq, last.id)
    elif (last.length, last.head) != (last.seq, last.digest):
        yield Fault(HEAD.fill(length=last.length), last.subject, last.seq, last.id)


def _heads_alone(session: Session) -> Iterator[Fault]:
    alone = ~exists(select(Event.id).where(Event.subject == EventChain.subject))
    query = select(EventChain.subject, EventChain.length).where(alone).order_by(EventChain.subject)
    for subject, length in session.execute(query.execution_options(yield_per=anchors.BATCH)):
        yield Fault(NO_EVENTS.fill(length=length), subject, length)
