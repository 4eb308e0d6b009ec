"""Tables as offices keep them: CSV in UTF-8 or GB 18030, or the first sheet of a workbook."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from openpyxl import load_workbook

from app.documents.office_files import office_suffix
from app.documents.pictures import PictureRefused
from app.services.refusals import Invalid

FIELD = "file"
ENCODINGS = ("utf-8-sig", "gb18030")
UNREADABLE = _l("The file cannot be read as text. Save it as CSV in UTF-8 or GB 18030.")
BROKEN = _l("The file cannot be read as CSV. Save the table as CSV or XLSX anew.")


def table(data: bytes) -> Iterator[list[str]]:
    """The rows of a file, cell by cell as text, days in ISO form; raises Invalid at the file when
    it is neither CSV nor a sound workbook."""
    return _of_workbook(data) if data.startswith(b"PK") else _of_text(text_of(data, FIELD))


def text_of(data: bytes, at: str) -> str:
    """The text of a file; raises Invalid, at the input `at`, for what is no text."""
    for encoding in ENCODINGS:
        text = _decoded(data, encoding)
        if text is not None and not _binary(text):
            return text
    raise Invalid.at(at, UNREADABLE)


def separator_of(text: str) -> str:
    """What stands between the cells of a CSV file, by its first line."""
    return next((one for one in "\t;" if one in text.partition("\n")[0]), ",")


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _binary(text: str) -> bool:
    """Whether a text has what no list has: control characters beyond tabs and ends of lines."""
    return any(char < " " and char not in "\t\r\n" for char in text)


def _of_text(text: str) -> Iterator[list[str]]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(text))
    try:
        for row in rows:
            yield [_unquoted(cell.strip()) for cell in row]
    except csv.Error as fault:
        raise Invalid.at(FIELD, BROKEN) from fault


def _unquoted(cell: str) -> str:
    """What a spreadsheet was told to leave alone: ="00001234" and '00001234 are 00001234."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell.removeprefix("'")


def _of_workbook(data: bytes) -> Iterator[list[str]]:
    try:
        if office_suffix(data) != "xlsx":
            raise Invalid.at(FIELD, BROKEN)
        sheet = load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
    except PictureRefused as fault:
        raise Invalid.at(FIELD, fault.message) from fault
    except (KeyError, ValueError, IndexError) as fault:
        raise Invalid.at(FIELD, BROKEN) from fault
    for row in sheet.iter_rows(values_only=True):
        yield [_cell(one) for one in row]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
