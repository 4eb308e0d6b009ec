"""A resource as CSV, row by row, that a spreadsheet opens in Chinese and never runs."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from views.resource import present
from views.resource.declaration import Resource

# with the full-width signs that a Chinese keyboard gives and spreadsheets read as the others
FORMULA = tuple("=+-@＝＋－＠\t\r\n")


def lines(resource: Resource, rows: Any) -> Iterator[str]:
    """The file in pieces: a mark that tells the encoding, the labels, then one line a row."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield "\ufeff"  # without it a spreadsheet reads Chinese as Latin
    writer.writerow([str(resource.meanings[key].field.label) for key in resource.shown])
    for row in rows:
        writer.writerow(
            [
                _harmless(present.plain(resource.meanings[key], getattr(row, key)))
                for key in resource.shown
            ]
        )
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula is kept a text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
