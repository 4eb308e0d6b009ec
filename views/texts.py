"""Texts in the language of the page: what carries both languages, and instants."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app import clock
from app.queries.due import Due, DueDay
from app.rules.words import Words, joined
from app.services.bilingual import language


def in_words(text: Any) -> str:
    """A text in the language of the page: Words, a lazily translated string, or any value."""
    if type(text) is str:
        return text
    return text.in_(language()) if isinstance(text, Words) else str(text)


def listed(texts: Iterable[Any]) -> str:
    """Several texts in one, as the language of the page lists them."""
    said = (in_words(one) for one in texts)
    return in_words(joined(Words(one, one) for one in said))


def moment(at: datetime | None) -> str | None:
    """An instant on a wall clock in Asia/Shanghai, to the minute."""
    return clock.local(at).strftime("%Y-%m-%d %H:%M") if at else None


def size(count: int) -> str:
    """A number of bytes as people read it: 34 KB, 2.1 MB."""
    kib = -(-count // 1024)
    return f"{kib} KB" if kib < 1000 else f"{count / 1024 / 1024:.1f} MB"


def decided_by(due: Due | DueDay) -> str:
    """By when a stage has to be decided (X-43)."""
    day = due.day.isoformat()
    if due.provisional:
        return str(_("To be decided by %(day)s (provisional)", day=day))
    return str(_("To be decided by %(day)s", day=day))
