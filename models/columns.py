"""Semantic columns: all that is known about a kind of column, said once and used by every exit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    Numeric,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.types import TypeEngine

from app import clock
from app.rules import identifiers
from app.rules.fields import Choice, FieldKind, FieldSpec

Label = Any  # a lazily translated string


class UtcInstant(TypeDecorator[datetime]):
    """An aware instant on both databases: SQLite forgets the zone, so it is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The instant in UTC; raises ValueError for a naive one, which has no meaning here."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The stored instant, aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@dataclass(frozen=True)
class Semantics:
    """What a column means, beyond its type.

    `find` is how lists and the API may filter by it: "" not at all, "equal", "prefix". `ref` names
    the table whose rows it points at; `parent` says that the row lives where that one does.
    `written` is false for what people never type: services fill it.
    """

    field: FieldSpec
    mask: Callable[[str], str] | None = None
    find: str = ""
    sort: bool = False
    written: bool = True
    shown: bool = True
    ref: str | None = None
    parent: bool = False


def semantics_of(mapped: Any) -> dict[str, Semantics]:
    """Every semantic column of a model (or its mapper) by attribute name, in the order of
    declaration.

    The name and whether it is required are taken from the column itself, so nobody repeats them.
    """
    found = {}
    mapper = getattr(mapped, "__mapper__", mapped)
    for key, column in mapper.columns.items():
        # an expression carries no info of its own; its property does
        info = (
            column.info
            if isinstance(column, Column)
            else mapper.get_property(key, _configure_mappers=False).info
        )
        meaning = info.get("semantics")
        if meaning is not None:
            required = isinstance(column, Column) and not (column.nullable or column.default)
            found[key] = replace(meaning, field=replace(meaning.field, name=key, required=required))
    return found


def _column(
    kind: TypeEngine[Any] | type[TypeEngine[Any]] | ForeignKey,
    meaning: Semantics,
    *args: Any,
    **options: Any,
) -> MappedColumn[Any]:
    return mapped_column(kind, *args, info={"semantics": meaning}, **options)


def _spec(kind: FieldKind, label: Label, **limits: Any) -> FieldSpec:
    return FieldSpec(name="", kind=kind, label=label, **limits)


def PersonName(label: Label = _l("Name")) -> MappedColumn[Any]:
    """A person's name, up to 64 characters, found by its beginning."""
    return _column(
        String(64), Semantics(_spec("text", label, max=64, autocomplete="name"), find="prefix")
    )


def Title(label: Label = _l("Title"), length: int = 200) -> MappedColumn[Any]:
    """The name of a thing, found by its beginning."""
    return _column(String(length), Semantics(_spec("text", label, max=length), find="prefix"))


def Line(
    label: Label,
    length: int = 200,
    *,
    written: bool = True,
    find: str = "",
    help: Label = None,
    pattern: str | None = None,
) -> MappedColumn[Any]:
    """One line of text; `pattern` is a regular expression for the whole of it."""
    spec = _spec("text", label, max=length, help=help, pattern=pattern)
    return _column(String(length), Semantics(spec, written=written, find=find))


def PolicyCode(label: Label = _l("Policy"), *, find: str = "equal") -> MappedColumn[Any]:
    """The code of a policy, which people read by its title."""
    meaning = Semantics(_spec("text", label, max=64), find=find, written=False, ref="policy")
    return _column(String(64), meaning)


def LongText(label: Label, *, written: bool = True) -> MappedColumn[Any]:
    """Several lines of text, up to 20,000 characters."""
    return _column(Text, Semantics(_spec("textarea", label, max=20_000), written=written))


def Identifier(
    label: Label, length: int = 64, *, unique: bool = True, written: bool = True
) -> MappedColumn[Any]:
    """A number or code that names one row in the world; opaque, found whole."""
    return _column(
        String(length),
        Semantics(_spec("text", label, max=length), find="equal", written=written),
        unique=unique,
    )


def in_byte_order(length: int) -> String:
    """A text type whose order is that of its bytes, whatever the database's language is."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def Key(label: Label, length: int) -> MappedColumn[Any]:
    """A key that services make, found whole and in the same order on every machine."""
    meaning = Semantics(_spec("text", label, max=length), find="equal", written=False)
    return _column(in_byte_order(length), meaning)


def CreditCode(label: Label = _l("Unified social credit code")) -> MappedColumn[Any]:
    """GB 32100-2015, 18 characters with a check character, one organization each."""
    return _column(String(18), Semantics(_spec("credit_code", label), find="equal"), unique=True)


def Phone(label: Label = _l("Phone")) -> MappedColumn[Any]:
    """A telephone number: masked without the reveal permission, never searched."""
    spec = _spec("phone", label, autocomplete="tel")
    return _column(String(32), Semantics(spec, mask=identifiers.mask_phone))


def Email(label: Label = _l("E-mail")) -> MappedColumn[Any]:
    """An e-mail address: masked without the reveal permission, never searched."""
    spec = _spec("email", label, max=254, autocomplete="email")
    return _column(String(254), Semantics(spec, mask=identifiers.mask_email))


def Address(label: Label = _l("Address")) -> MappedColumn[Any]:
    """A postal address: masked without the reveal permission, never searched."""
    spec = _spec("text", label, max=200, autocomplete="street-address")
    return _column(String(200), Semantics(spec, mask=identifiers.mask_address))


def Code(
    label: Label,
    choices: Mapping[Any, Label],
    *,
    written: bool = True,
    default: str | None = None,
    length: int = 32,
) -> MappedColumn[Any]:
    """A short string code shown with the words of its dictionary."""
    spec = _spec("choice", label, choices=tuple(Choice(str(c), w) for c, w in choices.items()))
    meaning = Semantics(spec, find="equal", written=written)
    return _column(String(length), meaning, default=default)


class CodeList(TypeDecorator[list[str]]):
    """Several codes in one column: `first, renewal`; None where there is none."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> str | None:
        """The codes as one text."""
        return ", ".join(value) if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> list[str] | None:
        """The codes, in their order."""
        return value.replace(",", " ").split() if value else None


def Codes(label: Label, choices: Mapping[str, Label], *, help: Label = None) -> MappedColumn[Any]:
    """Some codes of a dictionary, each with its words."""
    listed = tuple(Choice(code, words) for code, words in choices.items())
    return _column(CodeList(200), Semantics(_spec("choices", label, choices=listed, help=help)))


def Flag(label: Label, *, default: bool = False, written: bool = True) -> MappedColumn[Any]:
    """Yes or no."""
    return _column(
        Boolean, Semantics(_spec("boolean", label), find="equal", written=written), default=default
    )


def Active(label: Label = _l("Active")) -> MappedColumn[Any]:
    """Whether the row is in use; on from the start."""
    return Flag(label, default=True)


def Count(
    label: Label,
    low: int = 0,
    high: int = 2_000_000_000,
    *,
    written: bool = True,
    find: str = "",
    help: Label = None,
) -> MappedColumn[Any]:
    """A whole number within its bounds, both included."""
    spec = _spec("integer", label, min=low, max=high, help=help)
    return _column(Integer, Semantics(spec, find=find, written=written))


def Year(label: Label, *, written: bool = True) -> MappedColumn[Any]:
    """A calendar year; the examination began in 2008, a birth year is never asked."""
    spec = _spec("year", label, min=2008, max=2100)
    return _column(Integer, Semantics(spec, find="equal", sort=True, written=written))


def Hours(label: Label = _l("Credit hours")) -> MappedColumn[Any]:
    """Credit hours with one decimal, 0 to 999.9."""
    spec = _spec("decimal", label, min=0, max=999)
    return _column(Numeric(5, 1, asdecimal=True), Semantics(spec), default=Decimal(0))


def Day(
    label: Label, *, written: bool = True, sort: bool = False, default: Any = None
) -> MappedColumn[Any]:
    """A calendar day in Asia/Shanghai."""
    meaning = Semantics(_spec("date", label), sort=sort, written=written)
    return _column(Date, meaning, default=default)


def Month(label: Label, *, help: Label = None) -> MappedColumn[Any]:
    """A calendar month, such as 2020-07."""
    return _column(String(7), Semantics(_spec("month", label, help=help)))


def Unit(label: Label, *, help: Label = None) -> MappedColumn[Any]:
    """An organization of the directory that everybody may choose from, wherever it lies (MC-11):
    no `ref`, because the row need not be in the scope of whoever names it."""
    meaning = Semantics(_spec("lookup", label, lookup="units", help=help))
    return _column(Integer, meaning, ForeignKey("organization.id"))


def Moment(label: Label, *, sort: bool = False, default: Any = None) -> MappedColumn[Any]:
    """An instant, aware, filled by services and never typed."""
    return _column(
        UtcInstant, Semantics(_spec("moment", label), sort=sort, written=False), default=default
    )


def CreatedAt() -> MappedColumn[Any]:
    """The business instant at which the row came to be."""
    return Moment(_l("Created"), default=clock.now)


def Data(label: Label, default: Callable[[], Any] = dict) -> MappedColumn[Any]:
    """Structured data that a service checked; shown by screens of its own."""
    meaning = Semantics(_spec("json", label), written=False, shown=False)
    return _column(JSON, meaning, default=default)


def Changes(table: str, label: Label = _l("Changes")) -> MappedColumn[Any]:
    """What was changed in a row of a table: by column, what it said before and says after, as
    `queries.plain` has them."""
    meaning = Semantics(_spec("json", label, lookup=table), written=False)
    return _column(JSON, meaning)


def RegionRef(label: Label = _l("Region"), *, written: bool = True) -> MappedColumn[Any]:
    """A GB/T 2260 code of an existing region."""
    spec = _spec("region", label, lookup="regions")
    meaning = Semantics(spec, find="equal", written=written, ref="region")
    return _column(String(6), meaning, ForeignKey("region.code"))


def Ref(
    table: str,
    label: Label,
    *,
    written: bool = True,
    parent: bool = False,
    find: bool = True,
    unique: bool = False,
    goes: bool = False,
    shown: bool = True,
) -> MappedColumn[Any]:
    """A row of another table, looked up remotely; with `parent`, the row lives where
    that one does. `unique`: no two rows point at the same one. `goes`: it goes with that one."""
    spec = _spec("lookup", label, lookup=table)
    meaning = Semantics(
        spec,
        find="equal" if find else "",
        written=written,
        shown=shown,
        ref=table,
        parent=parent,
    )
    key = ForeignKey(f"{table}.id", ondelete="CASCADE" if goes else None)
    return _column(Integer, meaning, key, index=True, unique=unique or None)


def MaskedIdNumber(label: Label = _l("Identity number")) -> MappedColumn[Any]:
    """What lists and exports show of an identity number; typed as the virtual field `id_number`."""
    spec = _spec("id_number", label)
    return _column(String(32), Semantics(spec))
