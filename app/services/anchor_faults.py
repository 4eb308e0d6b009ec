"""What is wrong with the anchors: in the database, outside of it, and against the events."""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from app.rules.anchor import Anchor, Running
from app.rules.words import Words
from app.services import anchors
from app.services.anchors import AnchorFolder

NAMED = 10
"""In how many spans what is lost is named, from the first on."""

GONE = Words(
    "数据库中没有这个锚点，文件里有。", "the database does not have it, and the file does."
)
UNWRITTEN = Words(
    "文件里没有这个锚点。如果只是刚才被打断，下一分钟会补上。",
    "the file does not have it. If the worker was only interrupted, its next round appends it.",
)
DIFFERS = Words(
    "数据库与文件中的锚点不一致：其中之一被改写。",
    "the database and the file differ: one of them was rewritten.",
)
UNREADABLE = Words("锚点文件第 {line} 行无法读取。", "line {line} of the file of anchors is none.")
LINK = Words("不接续前一个锚点。", "it does not follow on the anchor before it.")
SPAN = Words(
    "与它之下的事件不符：应有 {chains} 条链的 {events} 条事件，现有 {found} 条。",
    "it does not fit the events under it: {events} in {chains} chains then, {found} now.",
)
NO_LIST = Words(
    "锚点旁的清单缺失或被改动，无法指出是哪一条。",
    "the list beside it is missing or changed, so that what is lost cannot be named.",
)
LOST = Words(
    "{day} 的锚点见过它，现在没有了。", "the anchor of {day} saw it, and it is gone or another."
)
LATE = Words(
    "{day} 的锚点没有见过它，是后来插入的。", "the anchor of {day} did not see it: it was inserted."
)
ANCHOR = Words("锚点 {number}（{day}）", "anchor {number} ({day})")
PLACE = Words("{subject} 第 {seq} 条", "{subject} seq {seq}")
ROW = Words("{subject} 第 {seq} 条（行 {id}）", "{subject} seq {seq} id {id}")
COLON = Words("{place}：{what}", "{place}: {what}")


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was: an event by subject, number and key, or an anchor."""

    what: Words
    subject: str | None = None
    seq: int | None = None
    id: int | None = None
    anchor: Anchor | None = None

    @property
    def words(self) -> Words:
        """The whole line."""
        if self.anchor is not None:
            where = ANCHOR.fill(number=self.anchor.number, day=self.anchor.day.isoformat())
        elif self.subject is not None:
            known = ROW if self.id is not None else PLACE
            where = known.fill(subject=self.subject, seq=self.seq, id=self.id)
        else:
            return self.what
        return COLON.fill(place=where, what=self.what)


class Book:
    """The anchors as the database and the file have them.

    The file is read before the database and once more after it, because the portal goes on.
    """

    def __init__(self, kept: list[Anchor], before: list[str], after: list[str]) -> None:
        self._kept = {one.number: one for one in kept}
        self._lines = after
        self.written = {one.number: one for line in after if (one := anchors.read(line))}
        known = {one.number: one for line in before if (one := anchors.read(line))} | self._kept
        self.anchors = [known[number] for number in sorted(known)]
        self.suspects: list[Anchor] = []

    def faults(self) -> Iterator[Fault]:
        """Where the two differ, and where the chain of anchors is broken."""
        for number, line in enumerate(self._lines, 1):
            if anchors.read(line) is None:
                yield Fault(UNREADABLE.fill(line=number))
        for one in self.anchors:
            written = self.written.get(one.number)
            if one.number not in self._kept:
                yield Fault(GONE, anchor=one)
            elif written is None:
                yield Fault(UNWRITTEN, anchor=one)
            elif written != one:
                self.suspects.append(one)
                yield Fault(DIFFERS, anchor=one)
        yield from self._broken()

    def doubtful(self, made: list[Anchor], first: int) -> Iterator[Fault]:
        """The anchors that the events under them do not give any more, from the `first` on."""
        for one, now in list(zip(self.anchors, made, strict=True))[first:]:
            if now != one:
                self.suspects.append(one)
                then = {"chains": one.chains, "events": one.events}
                yield Fault(SPAN.fill(**then, found=now.events), anchor=one)

    def start_of(self, anchor: Anchor) -> int:
        """The last event before those of an anchor."""
        return max((one.up_to for one in self.anchors if one.number < anchor.number), default=0)

    def _broken(self) -> Iterator[Fault]:
        number, digest = 0, ""
        for one in self.anchors:
            if (one.number, one.previous) != (number + 1, digest):
                yield Fault(LINK, anchor=one)
            number, digest = one.number, one.digest


def named(session: Session, folder: AnchorFolder, book: Book) -> Iterator[Fault]:
    """Which events are lost or inserted under anchors that do not fit, by the lists beside them."""
    suspects = {one.number: one for one in book.suspects}
    for anchor in list(suspects.values())[:NAMED]:
        if not _is_of(folder, anchor) and not _is_of(folder, book.written.get(anchor.number)):
            yield Fault(NO_LIST, anchor=anchor)
            continue
        now = anchors.heads_between(session, book.start_of(anchor), anchor.up_to)
        yield from _compared(_listed(folder, anchor), _last_of_each(now), anchor)


def _is_of(folder: AnchorFolder, anchor: Anchor | None) -> bool:
    """Whether the list is there and gives the anchor's own digest."""
    if anchor is None or not folder.heads(anchor.number).exists():
        return False
    key = current_app.config["EVENT_KEY"]
    running = Running(key, anchor.number, anchor.day, anchor.up_to, anchor.previous)
    try:
        for head in _listed(folder, anchor):
            running.take(*head)
    except (OSError, EOFError, ValueError, zlib.error):
        return False
    return running.close(anchor.events) == anchor


def _listed(folder: AnchorFolder, anchor: Anchor) -> Iterator[tuple[str, int, str]]:
    with gzip.open(folder.heads(anchor.number), "rt", encoding="utf-8") as lines:
        for line in lines:
            subject, seq, digest = line.rstrip("\n").split("\t")
            yield subject, int(seq), digest


def _last_of_each(rows: Iterable[Any]) -> Iterator[tuple[str, int, str]]:
    last: tuple[str, int, str] | None = None
    for row in rows:
        if last and last[0] != row.subject:
            yield last
        last = row.subject, row.seq, row.digest
    if last:
        yield last


def _compared(
    then: Iterator[tuple[str, int, str]], now: Iterator[tuple[str, int, str]], anchor: Anchor
) -> Iterator[Fault]:
    """Two lists in the order of subjects, side by side."""
    day = anchor.day.isoformat()
    was, is_ = next(then, None), next(now, None)
    while was or is_:
        if was and (is_ is None or was[0] <= is_[0]):
            if was != is_:
                yield Fault(LOST.fill(day=day), was[0], was[1])
            if is_ and was[0] == is_[0]:
                is_ = next(now, None)
            was = next(then, None)
        elif is_:
            yield Fault(LATE.fill(day=day), is_[0], is_[1])
            is_ = next(now, None)
