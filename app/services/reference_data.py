"""Keeping reference data: what the console changes, with its event, like everything else."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import inspect

from app.rules.regions import NATION
from app.services import events
from app.services.verbs import need, transaction
from models.base import Base


def keep(row: Base, fill: Callable[[Any], None]) -> Base:
    """Fill a new or a present row of reference data and store it; raises Conflict for a code that
    is taken."""
    need("console.use")
    with transaction() as session:
        session.add(row)
        with session.no_autoflush:
            fill(row)
        verb = "update" if inspect(row).persistent else "create"
        session.flush()
        key = "-".join(str(part) for part in inspect(row).identity or ())
        events.record(session, f"{row.__tablename__}:{key}", verb, NATION)
    return row
