"""The hours at night in which a text message would wake people, and waits until the morning."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta


@dataclass(frozen=True)
class QuietHours:
    """From a time of the day until another, over midnight when the second is the earlier one.

    Both are local times; equal ones mean that no hour is quiet.
    """

    begins: time
    ends: time

    def next_allowed(self, at: datetime) -> datetime:
        """The first moment from `at` on that is not quiet; `at` keeps its zone."""
        if not self._covers(at.time()):
            return at
        end = at.replace(
            hour=self.ends.hour, minute=self.ends.minute, second=0, microsecond=0, fold=0
        )
        return end if end > at else end + timedelta(days=1)

    def _covers(self, at: time) -> bool:
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


def parse(text: str) -> QuietHours | None:
    """`21:00-08:00` as it is written in the settings; nothing for an empty text.

    Raises ValueError for anything else.
    """
    if not text:
        return None
    begins, ends = (time.fromisoformat(part.strip()) for part in text.split("-"))
    return QuietHours(begins, ends)
