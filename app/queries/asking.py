"""How a statement asks: for the present when it is executed, so that it can be built once and kept;
for a row of one case after the other."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, false, func

from app import clock


def today() -> Any:
    """The business date."""
    return _asked(lambda: clock.today())


def midnight() -> Any:
    """The instant at which the business date began."""
    return _asked(lambda: datetime.combine(clock.today(), time.min, clock.SHANGHAI))


def real_now() -> Any:
    """The real instant, by which cases are held."""
    return _asked(lambda: clock.real_now())


def one_by_one(found: Select[bool]) -> ColumnElement[bool]:
    """Whether there is a row, asked of one case after the other.

    PostgreSQL would make a join of an EXISTS, and read the whole other side before the first row
    of a page. It takes a boolean of which it knows nothing for as likely as not, and anything else
    for as good as never.
    """
    return func.coalesce(found.limit(1).scalar_subquery(), false())


def _asked(when: Callable[[], Any]) -> Any:
    return bindparam("at", callable_=when, unique=True)
