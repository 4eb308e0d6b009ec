"""What is on record about the answers of a form: the roster's side of every question."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from app.rules.fields import FieldSpec
from models.application import Application
from models.qualification import Qualification
from models.worker import Worker


def on_record(
    specs: Iterable[FieldSpec],
    application: Application,
    worker: Worker,
    held: Qualification | None,
) -> dict[str, Any]:
    """What the sources of these inputs say, as JSON; inputs without a source are left out."""
    rows = {"worker": worker, "qualification": held, "application": application}
    found = {}
    for spec in specs:
        if spec.source:
            row, _, column = spec.source.partition(".")
            # the number itself is sealed: a form, like every list, has the mask
            column = "id_number_masked" if column == "id_number" else column
            found[spec.name] = plain(getattr(rows[row], column, None))
    return found


def plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
