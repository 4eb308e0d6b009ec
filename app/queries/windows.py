"""Windows as the rules read them: from the rows that offices publish, and as cases keep them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.rules.kinds import Concentrated, WindowFact
from app.rules.words import Words
from models.publication import Window


@dataclass(frozen=True)
class StoredWindow(WindowFact):
    """A window that an office has published, with the key of its row."""

    id: int = 0


def kept_window(window: StoredWindow) -> dict[str, Any]:
    """A window as JSON, for the case that is submitted in it: its row can be taken back and
    edited."""
    return {
        "id": window.id,
        "title": {"zh": window.title.zh, "en": window.title.en},
        "kinds": list(window.kinds),
        "opens_on": window.opens_on.isoformat(),
        "closes_on": window.closes_on.isoformat(),
        "overrides": dict(window.overrides),
    }


def recalled(kept: Mapping[str, Any]) -> StoredWindow:
    """The window that a case has kept."""
    return StoredWindow(
        id=kept["id"],
        title=Words(**kept["title"]),
        kinds=tuple(kept["kinds"]),
        opens_on=date.fromisoformat(kept["opens_on"]),
        closes_on=date.fromisoformat(kept["closes_on"]),
        overrides=kept["overrides"],
    )


def window_fact(row: Window) -> StoredWindow:
    """A window's row as the rules read it."""
    return StoredWindow(
        id=row.id,
        title=Words(row.title, row.title),
        kinds=tuple(row.kinds),
        opens_on=row.opens_on,
        closes_on=row.closes_on,
        overrides=row.overrides,
        concentrated=_concentrated(row),
    )


def _concentrated(row: Window) -> Concentrated | None:
    if row.concentrated_from is None or row.concentrated_to is None:
        return None
    return Concentrated(row.concentrated_from, row.concentrated_to)
