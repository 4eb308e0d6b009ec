"""The anchor of a day: one keyed digest over the last event of every chain that went on."""

import hmac
from collections.abc import Callable
from dataclasses import astuple, dataclass, fields
from datetime import date


class Unreadable(ValueError):
    """A line that is no anchor."""


@dataclass(frozen=True)
class Anchor:
    """What the audit log was up to and including the event `up_to`.

    `events` and `chains` count what came since the anchor before, whose digest is `previous`.
    """

    number: int
    day: date
    up_to: int
    chains: int
    events: int
    previous: str
    digest: str

    @property
    def line(self) -> str:
        """The anchor as a line of a file, without its end."""
        return "\t".join(str(value) for value in astuple(self))

    @classmethod
    def of(cls, line: str) -> "Anchor":
        """The anchor of a line; raises Unreadable."""
        parts = line.split("\t")
        if len(parts) != len(fields(cls)):
            raise Unreadable(line)
        number, day, up_to, chains, events, previous, digest = parts
        try:
            counted = int(number), date.fromisoformat(day), int(up_to), int(chains), int(events)
        except ValueError as fault:
            raise Unreadable(line) from fault
        if len(digest) != 64 or len(previous) not in (0, 64):
            raise Unreadable(line)  # the end of a torn line is its digest's
        return cls(*counted, previous, digest)


class Running:
    """An anchor while the events of its span are told, each chain's together and in order.

    `keep` is given the line of each head: what lies beside the anchor to name what is lost.
    """

    def __init__(
        self,
        key: str,
        number: int,
        day: date,
        up_to: int,
        previous: str,
        keep: Callable[[str], object] | None = None,
    ) -> None:
        self._begun = number, day, up_to
        self._previous = previous
        self._keep = keep
        self._hash = hmac.new(key.encode(), digestmod="sha256")
        self._hash.update(f"{number}\t{day}\t{up_to}\t{previous}\n".encode())
        self._head: tuple[str, int, str] | None = None
        self._chains = self._events = 0

    def take(self, subject: str, seq: int, digest: str) -> None:
        """The next event of the span."""
        if self._head is not None and self._head[0] != subject:
            self._end_chain()
        self._head = subject, seq, digest
        self._events += 1

    def close(self, events: int | None = None) -> Anchor:
        """The anchor after the last event; `events` is their count when heads alone were told."""
        if self._head is not None:
            self._end_chain()
        counts = self._chains, self._events if events is None else events
        self._hash.update("{}\t{}\n".format(*counts).encode())
        return Anchor(*self._begun, *counts, self._previous, self._hash.hexdigest())

    def _end_chain(self) -> None:
        assert self._head is not None
        line = "{}\t{}\t{}\n".format(*self._head)
        self._hash.update(line.encode())
        self._chains += 1
        if self._keep:
            self._keep(line)
