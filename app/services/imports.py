"""Taking tables into the register (补录、导入): a trial that keeps nothing, then row by row what is
sound; what is there already stays as it is (HN-10)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import vault
from app.queries.names import model_of
from app.rules.fields import FieldSpec
from app.rules.identifiers import mask_id_number
from app.rules.words import Words, joined
from app.scope import OutOfScope
from app.services import forms, records
from app.services.bilingual import both
from app.services.import_cells import DIGEST, NOT_THERE, keys_of, places, read
from app.services.refusals import Invalid, Refusal
from app.services.sheets import FIELD
from app.services.verbs import need, transaction
from models.base import Record
from models.columns import semantics_of
from models.credit import Credit
from models.organization import Organization
from models.qualification import Qualification
from models.registration import Registration
from models.worker import Worker

IMPORTED: Mapping[str, type[Record]] = {
    "workers": Worker,
    "qualifications": Qualification,
    "registrations": Registration,
    "credits": Credit,
    "organizations": Organization,
}
"""What can be taken in, by the name of its screens."""
SAME: Mapping[type[Record], tuple[str, ...]] = {
    Worker: (DIGEST,),
    Qualification: ("worker_id", "level", "exam_year"),
    Registration: ("worker_id", "cycle_year"),
    Credit: ("worker_id", "title", "taken_on"),
    Organization: ("credit_code",),
}
"""The columns by which a row is known to be there already."""
MOST = 500
"""Rows of a file that a page takes; the command takes any number."""

State = Literal["new", "known", "refused"]

EMPTY = _l("The file has no rows below its headings.")
TOO_MANY = _l("A file may have %(most)s rows. Split it, or have it taken in by command.", most=MOST)
UNKNOWN = Words(
    "无法识别的表头：{names}。请使用空白表格的表头。",
    "These headings are not known here: {names}. Take those of the blank table.",
)
TWICE = Words("表头出现两次：{names}。", "These headings stand there twice: {names}.")
LACKING = Words("缺少必填的列：{names}。", "These columns are missing: {names}.")
TAKEN = _l("This is already there, or something depends on it.")
OUTSIDE = _l("This lies outside your region.")


@dataclass(frozen=True)
class Column:
    """A column of a table: what it is called there, the field that it fills, and the model that it
    names a row of by that one's own number."""

    heading: Words
    spec: FieldSpec
    ref: type[Record] | None = None


@dataclass(frozen=True)
class Line:
    """What became of a row, or would: its number in the file, its first cells, and its faults by
    heading ("" for the row as a whole)."""

    number: int
    shown: tuple[str, ...]
    state: State
    faults: tuple[tuple[Any, Any], ...] = ()


Rows = Sequence[tuple[int, Mapping[str, str]]]
"""Rows with their numbers in the file, cells by field."""


def columns(model: type[Record]) -> list[Column]:
    """The columns of a table of these records, in the order of their form."""
    return [_column(model, spec) for spec in records.writable(model)]


def rows_of(model: type[Record], table: Iterable[Sequence[str]]) -> Iterator[tuple[int, Any]]:
    """The rows below the headings, empty ones left out; raises Invalid at the file for headings
    that are unknown, double or missing."""
    lines = iter(table)
    names = _names(model, next(lines, ()))
    for number, cells in enumerate(lines, start=2):
        if any(cells):
            yield number, dict(zip(names, cells, strict=False))


def few(model: type[Record], table: Iterable[Sequence[str]]) -> Rows:
    """The rows of a file for a page; raises Invalid for none, for more than MOST, and as
    `rows_of`."""
    found = list(islice(rows_of(model, table), MOST + 1))
    if not found:
        raise Invalid.at(FIELD, EMPTY)
    if len(found) > MOST:
        raise Invalid.at(FIELD, TOO_MANY)
    return found


def trial(name: str, rows: Rows) -> list[Line]:
    """What would become of these rows, taken in one after the other; nothing of it is kept.

    Raises Forbidden without the permission.
    """
    need(f"{name}.import")
    with transaction() as session:
        lines = _lines(IMPORTED[name], rows, lambda one: _tried(session, IMPORTED[name], one))
        session.rollback()
    return lines


def take(name: str, rows: Rows) -> list[Line]:
    """Take these rows in, each in a transaction of its own with its event: one that is refused
    stops no other, and a file that was cut short is given again.

    Raises Forbidden without the permission.
    """
    need(f"{name}.import")
    return _lines(IMPORTED[name], rows, lambda one: _taken(IMPORTED[name], one))


def _lines(
    model: type[Record], rows: Rows, bring: Callable[[Mapping[str, Any]], State]
) -> list[Line]:
    asked = columns(model)
    keys = {c.spec.name: _keys(rows, c) for c in asked if c.ref or c.spec.kind == "region"}
    return [_line(asked, keys, number, cells, bring) for number, cells in rows]


def _keys(rows: Rows, column: Column) -> Mapping[str, Any]:
    """What the cells of a column that names other rows stand for."""
    written = {cells.get(column.spec.name, "") for _number, cells in rows} - {""}
    if column.ref:
        return keys_of(column.ref, SAME[column.ref][0], written)
    codes = {one: one for one in written}
    return codes if all(map(str.isdecimal, written)) else codes | places()


def _line(
    asked: Sequence[Column],
    keys: Mapping[str, Mapping[str, Any]],
    number: int,
    cells: Mapping[str, str],
    bring: Callable[[Mapping[str, Any]], State],
) -> Line:
    shown = tuple(_shown(c, cells[c.spec.name]) for c in asked if cells.get(c.spec.name))[:4]
    values: dict[str, Any] = {}
    missing: dict[str, Any] = {}
    for column in asked:
        name, text = column.spec.name, cells.get(column.spec.name, "")
        values[name] = keys[name].get(text) if name in keys else read(column.spec, text)
        if column.ref and text and values[name] is None:
            missing[name] = NOT_THERE
    try:
        if missing:
            raise Invalid(NOT_THERE, missing)
        return Line(number, shown, bring({k: v for k, v in values.items() if v is not None}))
    except Refusal as fault:
        return Line(number, shown, "refused", _faults(asked, fault))
    except IntegrityError:
        return Line(number, shown, "refused", (("", TAKEN),))
    except OutOfScope:
        return Line(number, shown, "refused", (("", OUTSIDE),))


def _shown(column: Column, text: str) -> str:
    """A cell as the page shows it: identity numbers masked."""
    number = column.spec.name == records.IDENTITY or column.ref is Worker
    return mask_id_number(text) if number else text


def _faults(asked: Sequence[Column], fault: Refusal) -> tuple[tuple[Any, Any], ...]:
    headings = {column.spec.name: column.heading for column in asked}
    told = fault.errors if isinstance(fault, Invalid) else {"": fault.sentence}
    return tuple((headings.get(name, ""), sentence) for name, sentence in told.items())


def _tried(session: Session, model: type[Record], values: Mapping[str, Any]) -> State:
    with session.begin_nested():
        return _brought(session, model, values)


def _taken(model: type[Record], values: Mapping[str, Any]) -> State:
    with transaction() as session:
        return _brought(session, model, values)


def _brought(session: Session, model: type[Record], values: Mapping[str, Any]) -> State:
    loaded = forms.load(records.writable(model), values)
    if number := loaded.get(records.IDENTITY):
        loaded[DIGEST] = vault.digest(number)
    same = {name: loaded.get(name) for name in SAME[model]}
    if session.scalar(select(model.id).filter_by(**same).limit(1)) is not None:
        return "known"
    records.create(model, values)
    return "new"


def _column(model: type[Record], spec: FieldSpec) -> Column:
    label = both(spec.label)
    ref = model_of(semantics_of(model)[spec.name].ref or "") if spec.kind == "lookup" else None
    if ref is None or not issubclass(ref, Record):
        return Column(label, spec)
    number = _numbered(ref)
    return Column(Words(f"{label.zh}{number.zh}", f"{label.en}: {number.en}"), spec, ref)


def _numbered(ref: type[Record]) -> Words:
    """What the number is called by which tables name a row of a model."""
    meanings = semantics_of(ref)
    name = SAME[ref][0].replace(DIGEST, "id_number_masked")
    return both(meanings[name].field.label)


def _names(model: type[Record], headings: Sequence[str]) -> list[str]:
    """The field of each column; "" where a column has no heading."""
    if not any(headings):
        raise Invalid.at(FIELD, EMPTY)
    asked = columns(model)
    known = {text: c.spec.name for c in asked for text in (c.heading.zh, c.heading.en)}
    if strange := [one for one in headings if one and one not in known]:
        raise Invalid.at(FIELD, UNKNOWN.fill(names=_listed(strange)))
    names = [known.get(heading, "") for heading in headings]
    if double := {one for one in headings if one and names.count(known[one]) > 1}:
        raise Invalid.at(FIELD, TWICE.fill(names=_listed(sorted(double))))
    if lacking := [c.heading for c in asked if c.spec.required and c.spec.name not in names]:
        raise Invalid.at(FIELD, LACKING.fill(names=joined(lacking)))
    return names


def _listed(headings: Iterable[str]) -> Words:
    return joined(Words(one, one) for one in headings)
