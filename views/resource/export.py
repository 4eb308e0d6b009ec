"""A resource as CSV, in words, that a spreadsheet opens in Chinese and never runs."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from flask_babel import gettext as _

from views.markup import Cell
from views.resource import present
from views.resource.declaration import Resource
from views.texts import in_words

# with the full-width signs that a Chinese keyboard gives and spreadsheets read as the others
FORMULA = tuple("=+-@＝＋－＠\t\r\n")
BATCH = 500  # rows whose names are looked up together


def lines(resource: Resource, rows: Iterable[Any]) -> Iterator[str]:
    """The file in pieces: a mark that tells the encoding, the labels, then the rows in batches."""
    yield "\ufeff"  # without it a spreadsheet reads Chinese as Latin
    yield written([[str(resource.meanings[key].field.label) for key in resource.shown]])
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        cells = present.as_texts(resource, batch, resource.shown)
        yield written([[plain(value) for value in line] for line in cells])


def written(table: list[list[str]]) -> str:
    """Lines of CSV; the cells are `plain`."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(table)
    return buffer.getvalue()


def plain(value: Any) -> str:
    """A cell as text; one that a spreadsheet would run as a formula is kept a text."""
    if isinstance(value, bool):
        value = _("Yes") if value else _("No")
    text = in_words(value.text if isinstance(value, Cell) else value) if value is not None else ""
    return f"'{text}" if text.startswith(FORMULA) else text
