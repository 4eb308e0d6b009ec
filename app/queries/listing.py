"""One page of any model: filters by declared columns, keyset order, a count that stops at a
thousand."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Select, select, tuple_

from app import vault
from app.extensions import db
from app.scope import within
from models.base import RegionScoped
from models.columns import Semantics, semantics_of

Condition = Any  # an SQL condition: the models are only known at run time
CAP = 1000
AT_ONCE = 500
OPERATORS = {"": (), "equal": ("eq", "neq", "in"), "prefix": ("eq", "sw", "in")}
SORTED = ("eq", "gt", "lt", "gte", "lte")


class BadQuery(ValueError):
    """A filter, an order or a cursor that the model does not declare; the text names it."""


@dataclass(frozen=True)
class Filter:
    """One condition: a declared column, an operator of FAB's query language, a value."""

    column: str
    operator: str
    value: Any


@dataclass(frozen=True)
class Page:
    """Rows in order, the keys of its neighbours, and a count that is exact up to CAP."""

    rows: Sequence[Any]
    count: int
    after: Any = None
    before: Any = None

    @property
    def count_text(self) -> str:
        """The count for people: "37", or "1,000+" beyond the cap."""
        return f"{CAP:,}+" if self.count > CAP else f"{self.count:,}"


def key_of(model: Any) -> Any:
    """The attribute that breaks ties and stands in a cursor."""
    return getattr(model, model.__mapper__.primary_key[0].key)


def find(model: Any, key: Any) -> Any | None:
    """One row of the actor's scope, or None; a key that can be no key has no row."""
    try:
        at = _typed_key(model, key)
    except BadQuery:
        return None
    return db.session.scalar(select(model).where(key_of(model) == at))


def operators(meaning: Semantics) -> tuple[str, ...]:
    """The operators by which a column may be filtered."""
    return (*OPERATORS[meaning.find], *(SORTED if meaning.sort else ()))


def where(model: Any, filters: Iterable[Filter]) -> list[Condition]:
    """The conditions in SQL; raises BadQuery for a column or an operator that is not declared."""
    meanings = semantics_of(model)
    return [_condition(model, meanings, one) for one in filters]


def _condition(model: Any, meanings: dict[str, Semantics], one: Filter) -> Condition:
    if "\x00" in str(one.value):
        raise BadQuery(one.column)  # no text of a database holds it, and PostgreSQL says so loudly
    if "id_number_digest" in model.__mapper__.columns and one.column in ("id_number", "identity"):
        clear = one.column == "id_number"
        return model.id_number_digest == (vault.digest(str(one.value)) if clear else one.value)
    if one.column == "id" and one.operator in ("eq", "in"):
        return _compare(key_of(model), _key_kind(model), one)
    meaning = meanings.get(one.column)
    if meaning is None or one.operator not in operators(meaning) or meaning.mask:
        raise BadQuery(f"{one.column}: {one.operator}")
    if one.column == "region_code" and issubclass(model, RegionScoped) and one.operator == "eq":
        return _below(model, str(one.value))
    return _compare(getattr(model, one.column), meaning.field.kind, one)


def _below(model: Any, code: str) -> Condition:
    """A region means all of its subtree, as it does everywhere in the portal."""
    try:
        return within(model, code)
    except ValueError as fault:
        raise BadQuery(f"region_code: {code}") from fault


def _compare(column: Any, kind: str, one: Filter) -> Condition:
    if one.operator == "sw":
        return column.startswith(str(one.value), autoescape=True)
    if one.operator == "in":
        values = one.value if isinstance(one.value, list) else str(one.value).split(",")
        return column.in_([_typed(kind, value, one.column) for value in values[:100]])
    value = _typed(kind, one.value, one.column)
    return {
        "eq": column == value,
        "neq": column != value,
        "gt": column > value,
        "lt": column < value,
        "gte": column >= value,
        "lte": column <= value,
    }[one.operator]


def _key_kind(model: Any) -> str:
    return "text" if key_of(model).key == "code" else "integer"


def _typed_key(model: Any, key: Any) -> Any:
    return _typed(_key_kind(model), key, "key")


def _typed(kind: str, value: Any, name: str) -> Any:
    try:
        if kind in ("integer", "year", "lookup"):
            number = int(value)
            if not -(2**31) <= number < 2**31:
                raise BadQuery(name)
            return number
        if kind == "decimal":
            return Decimal(str(value))
        if kind == "date":
            return date.fromisoformat(str(value))
        if kind == "boolean":
            return str(value).lower() in ("true", "1", "yes")
    except (ValueError, TypeError, OverflowError, InvalidOperation) as fault:
        raise BadQuery(f"{name}: {value}") from fault
    return str(value)


def count_capped(model: Any, conditions: Iterable[Condition]) -> int:
    """How many rows there are, counted to CAP + 1 at the most.

    The keys are fetched and not counted by the database: around a subquery the scope has no entity
    to hold on to, and the count would be everybody's.
    """
    some = select(key_of(model)).where(*conditions).limit(CAP + 1)
    return len(db.session.scalars(some).all())


@dataclass(frozen=True)
class Order:
    """The column to sort by and the direction; the key follows as the tie-break."""

    column: str = ""
    descending: bool = True


def ordered(model: Any, order: Order) -> list[Any]:
    """The columns to sort by; raises BadQuery unless the column is declared as sorted."""
    key = key_of(model)
    if order.column in ("", "id", key.key):
        return [key]
    meaning = semantics_of(model).get(order.column)
    if meaning is None or not meaning.sort:
        raise BadQuery(f"order: {order.column}")
    return [getattr(model, order.column), key]


def keyset_page(
    model: Any,
    filters: Iterable[Filter] = (),
    order: Order = Order(),
    *,
    after: Any = None,
    before: Any = None,
    size: int = 25,
    further: Iterable[Condition] = (),
) -> Page:
    """One page before or after a row's key: as fast at the end of five million rows as at the
    start. `further` are conditions that no column declares."""
    conditions = [*where(model, filters), *further]
    backwards = before is not None
    columns = ordered(model, order)
    query = select(model).where(*conditions)
    cursor = before if backwards else after
    if cursor is not None:
        query = query.where(_beyond(model, columns, cursor, order.descending != backwards))
    down = order.descending != backwards
    query = query.order_by(*(c.desc() if down else c.asc() for c in columns)).limit(size + 1)
    rows = list(db.session.scalars(query))
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    key = key_of(model).key
    edge = {
        "after": getattr(rows[-1], key) if rows and (more or backwards) else None,
        "before": getattr(rows[0], key)
        if rows and (more if backwards else after is not None)
        else None,
    }
    return Page(rows, count_capped(model, conditions), **edge)


def _beyond(model: Any, columns: list[Any], cursor: Any, down: bool) -> Condition:
    """The rows on one side of the cursor's row, whose sort value the database looks up itself."""
    key = key_of(model)
    at = _typed_key(model, cursor)
    if len(columns) == 1:
        return key < at if down else key > at
    value = select(columns[0]).where(key == at).scalar_subquery()
    here, there = tuple_(*columns), tuple_(value, at)
    return here < there if down else here > there


def numbered_page(
    model: Any, filters: Iterable[Filter], order: Order, *, page: int, size: int
) -> Page:
    """One page by its number, for the REST API."""
    conditions = where(model, filters)
    columns = ordered(model, order)
    query: Select[Any] = select(model).where(*conditions)
    query = query.order_by(*(c.desc() if order.descending else c.asc() for c in columns))
    rows = list(db.session.scalars(query.limit(size).offset(page * size)))
    return Page(rows, count_capped(model, conditions))


def stream(
    model: Any,
    filters: Iterable[Filter],
    order: Order,
    further: Iterable[Condition] = (),
) -> Iterable[Any]:
    """Every row in order, a page at a time, for exports of any length.

    Raises BadQuery at once and not when the answer is on its way.
    """
    conditions, columns = [*where(model, filters), *further], ordered(model, order)
    return _pages(model, conditions, columns, order.descending)


def _pages(model: Any, conditions: list[Any], columns: list[Any], down: bool) -> Iterator[Any]:
    after = None
    while True:
        query = select(model).where(*conditions)
        if after is not None:
            query = query.where(_beyond(model, columns, after, down))
        query = query.order_by(*(c.desc() if down else c.asc() for c in columns))
        rows = list(db.session.scalars(query.limit(AT_ONCE)))
        yield from rows
        if len(rows) < AT_ONCE:
            return
        after = getattr(rows[-1], key_of(model).key)
