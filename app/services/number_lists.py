"""Lists of certificate numbers, as employers keep them: from a file or from what was pasted."""

import csv
import io
from collections.abc import Iterator

from flask_babel import lazy_gettext as _l

from app.services import sheets
from app.services.refusals import Invalid
from app.services.verification import PublicStatus, public_statuses

MOST = 500
LARGEST = 256 * 1024
"""Bytes of a file; 500 lines with names and remarks need a tenth of it."""

HEADERS = ("证书编号", "登记证书编号", "编号", "certificate number", "certificate_number", "number")
FIELD = "numbers"


def check(text: str) -> list[tuple[str, PublicStatus]]:
    """Each number as it was written, and what it stands for, in the order of the list.

    Raises Invalid when there is none or there are more than MOST.
    """
    typed: list[str] = []
    for one in _numbers(text):
        typed.append(one)
        if len(typed) > MOST:
            raise _invalid(
                _l("At most %(most)s numbers can be checked at once. Split the list.", most=MOST)
            )
    if not typed:
        raise _invalid(_l("The list has no numbers. Put one on each line."))
    return list(zip(typed, public_statuses(typed), strict=True))


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8, with or without its mark, or in GB 18030.

    Raises Invalid for one that is empty, too large, a workbook, or in another encoding.
    """
    if not data.strip():
        raise _invalid(_l("The file is empty."))
    if len(data) > LARGEST:
        raise _invalid(_l("The file is too large for %(most)s numbers. Split the list.", most=MOST))
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise _invalid(_l("This is not a CSV file. Save the list as CSV and upload that."))
    return sheets.text_of(data, FIELD)


def _numbers(text: str) -> Iterator[str]:
    """The cells with numbers: those of the column that is called so, else the first ones."""
    separator = sheets.separator_of(text)
    place: int | None = None
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            cells = [cell.strip().strip("'=\"") for cell in row]
            if place is None:
                place, cells = _column(cells)
            if place < len(cells) and cells[place]:
                yield cells[place]
    except csv.Error as fault:
        raise _invalid(
            _l("The file cannot be read as CSV. Put one number on each line and nothing else.")
        ) from fault


def _column(first: list[str]) -> tuple[int, list[str]]:
    """Where the numbers stand by the first line, and what of that line is data."""
    names = [cell.lower() for cell in first]
    for name in HEADERS:
        if name in names:
            return names.index(name), []
    return 0, first if any(map(str.isdecimal, "".join(first[:1]))) else []


def _invalid(sentence: object) -> Invalid:
    return Invalid.at(FIELD, sentence)
