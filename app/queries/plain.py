"""Values as programs read them: masked, days in ISO form, decimals as numbers."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app import clock
from models.columns import Semantics


def plain(meaning: Semantics, value: Any) -> Any:
    """A value for JSON and CSV."""
    if value is None:
        return None
    if meaning.mask:
        return meaning.mask(str(value))
    if isinstance(value, datetime):
        return clock.local(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
