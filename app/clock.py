"""Business time: what the portal takes for now, injectable, in Asia/Shanghai for people and UTC for
rows."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_frozen: ContextVar[datetime | None] = ContextVar("frozen_business_time", default=None)


def parse(text: str) -> datetime:
    """An instant from ISO text; without an offset it is read as Asia/Shanghai.

    Raises ValueError when the text is no date and time.
    """
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)).astimezone(UTC)


def now() -> datetime:
    """The business instant, aware, in UTC: frozen by a test, else by PORTAL_NOW,
    else the clock's."""
    frozen = _frozen.get()
    if frozen is not None:
        return frozen
    walked = os.environ.get("PORTAL_NOW")
    return parse(walked) if walked else datetime.now(UTC)


def today() -> date:
    """The business date in Asia/Shanghai, the only zone in which windows open and close."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """The same instant on a wall clock in Asia/Shanghai."""
    return moment.astimezone(SHANGHAI)


def real_now() -> datetime:
    """The real instant: sessions, tokens, lockout and logs never follow PORTAL_NOW."""
    return datetime.now(UTC)


@contextmanager
def frozen(at: datetime | str) -> Iterator[datetime]:
    """Hold business time at one instant within the block, for tests and for demonstration cases."""
    moment = parse(at) if isinstance(at, str) else at.astimezone(UTC)
    token = _frozen.set(moment)
    try:
        yield moment
    finally:
        _frozen.reset(token)
