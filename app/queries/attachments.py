"""The files of what an office publishes.

Whoever sees a row sees its files: callers have found the row, for a visitor by what is published,
for an office by its scope, and ask here for what hangs on it.
"""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import select

from app.scope import as_system, children_of
from models.attachment import Attached


@cache
def file_model(model: Any) -> tuple[type[Attached], str] | None:
    """The class of the files that rows of a model have, and its column that says whose they are;
    None for a model without files."""
    found = (one for one in children_of(model) if issubclass(one[0], Attached))
    return next(found, None)


def of_rows(model: type, keys: Collection[int]) -> dict[int, list[Attached]]:
    """The files of these rows by the key of the row, in the order in which they were attached."""
    files, owner = _files_of(model)
    listed: dict[int, list[Attached]] = {key: [] for key in keys}
    if not listed:
        return listed
    with as_system("whoever sees a row sees its files", only_reads=True) as session:
        rows = session.scalars(select(files).where(owner.in_(keys)).order_by(files.id)).all()
    for row in rows:
        listed[getattr(row, owner.key)].append(row)
    return listed


def of_row(row: Any) -> Sequence[Attached]:
    """The files of one row; none for a model without files."""
    return of_rows(row.__class__, [row.id])[row.id] if file_model(row.__class__) else ()


def one(row: Any, file_id: int) -> Attached | None:
    """A file of this row, and of no other one."""
    return next((file for file in of_row(row) if file.id == file_id), None)


def _files_of(model: type) -> tuple[Any, Any]:
    found = file_model(model)
    assert found is not None, f"rows of {model.__name__} have no files"
    files, key = found
    return files, getattr(files, key)
