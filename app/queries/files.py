"""Which stored files are still pointed at, whatever row it is that points."""

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.orm import Session

from models.application import Material
from models.base import Base

NO_FILES = frozenset(
    {
        *("credit", "event", "event_anchor", "policy", "policy_impact", "recheck"),
        *("roster_request", "worker", "consent.digest"),
    }
)
"""The tables and columns whose digests are not those of files; that of a credit says which picture
proved it, and the picture's own row keeps the file."""


def in_use(session: Session, digests: Collection[str]) -> set[str]:
    """Those of these digests that some row needs, a deleted picture's not among them.

    Every column that looks like a digest counts, unless its table is known to have none of
    files: a model that somebody adds keeps its files without being named here.
    """
    found: set[str] = set()
    for column in _columns():
        query = select(column).where(column.in_(digests))
        if column.class_ is Material:
            query = query.where(Material.erased_at.is_(None))
        found.update(one for one in session.scalars(query) if one is not None)
    return found


@cache
def _columns() -> tuple[Any, ...]:
    return tuple(_pointing())


def _pointing() -> Iterator[Any]:
    for mapper in sorted(Base.registry.mappers, key=lambda one: one.class_.__name__):
        for key, column in mapper.columns.items():
            file_like = key.endswith("digest") and isinstance(column.type, String)
            table = mapper.local_table.name
            if file_like and NO_FILES.isdisjoint((table, f"{table}.{column.name}")):
                yield getattr(mapper.class_, key)
