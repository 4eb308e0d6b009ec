"""The calendar of working days, as the console keeps it."""

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select

from app.extensions import PREPARED, db
from app.rules.workdays import Calendar
from app.scope import Actor, current_actor, scope_of
from models.holiday import Holiday


def calendar(since: date) -> Calendar:
    """The working days from the year of a day on, in one statement of some forty rows a year."""
    begin = {"since": since.replace(month=1, day=1)}
    return Calendar(dict(db.session.execute(_since(current_actor()), begin).all()))


@lru_cache(maxsize=256)
def _since(actor: Actor | None) -> Any:
    query = select(Holiday.day, Holiday.works).where(Holiday.day >= bindparam("since"))
    return query.options(scope_of(actor)).execution_options(**PREPARED)
