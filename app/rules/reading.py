"""Edited data into frozen dataclasses: the type hints are the schema, every fault has its path."""

import dataclasses
import difflib
import re
import types
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from app.rules.words import Words

MISSING = Words("缺少此项", "This key is missing")
UNKNOWN = Words("没有名为“{name}”的项", "There is nothing named “{name}”")
MISSPELT = Words(
    "没有名为“{name}”的项，是否想写“{near}”？",
    "There is nothing named “{name}”; did you mean “{near}”?",
)
EXPECTED = Words("此处应为{what}", "This should be {what}")
ONE_OF = Words("此处应为下列之一：{choices}", "This should be one of: {choices}")
BETWEEN = Words("{min}至{max}之间的整数", "a whole number from {min} to {max}")
OF_THIS_FORM = Words("符合格式 {pattern} 的文字", "a text of the form {pattern}")
LIST = Words("列表", "a list")
MAPPING = Words("键值对", "a mapping")

# 1900 to 2999: a few years more or less are dates too
DAY = re.compile(r"(19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}")
MOST = 10**6

Prepare = Mapping[type, Callable[[Any], Any]]


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where: a path such as `kinds.first.sections[0].fields[2]`."""

    path: str
    message: Words


class PolicyFaults(Exception):
    """Data that cannot be read, with all its faults and not only the first."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.path}: {fault.message.en}" for fault in faults))
        self.faults = faults


def parse(hint: Any, data: object, prepare: Prepare | None = None) -> Any:
    """The value that the hint describes; raises PolicyFaults with every fault.

    A dataclass is a mapping of its fields: metadata `key` renames one, and `from_key` takes it
    from the key that the dataclass stands under; `min` and `max` bound its whole numbers,
    `one_of` names its values, `pattern` is the form of the whole text, and with `blank` an empty
    text is None. A tuple of two-field dataclasses may be written as a mapping, which reads better
    for choices and rules. Dates may be ISO texts (from JSON).
    `prepare` may write out the data of a dataclass first; a KeyError from it is a fault.
    """
    reader = _Reader(prepare or {})
    value = reader.read(hint, data, "")
    if reader.faults:
        raise PolicyFaults(reader.faults)
    return value


def faults_of(hint: Any, data: object, path: str) -> list[Fault]:
    """The faults of data of this type that stands at a path."""
    reader = _Reader({})
    reader.read(hint, data, path)
    return reader.faults


# the types of a dataclass's fields, asked once: a policy has a thousand records
_hints: Callable[[Any], dict[str, Any]] = cache(get_type_hints)


class _Reader:
    def __init__(self, prepare: Prepare) -> None:
        self.prepare = prepare
        self.faults: list[Fault] = []

    def read(self, hint: Any, data: Any, path: str) -> Any:
        origin, args = get_origin(hint), get_args(hint)
        if hint is Any:
            return data
        if origin in (Union, types.UnionType):
            absent = data is None and type(None) in args
            return None if absent else self.read(args[0], data, path)
        if origin is Literal:
            return self.one_of(args, data, path)
        if origin is tuple:
            return self.several(args[0], data, path)
        if origin is not None and issubclass(origin, Mapping):
            return self.mapping(args[1], data, path)
        if dataclasses.is_dataclass(hint):
            return self.record(hint, data, path)
        return self.scalar(hint, data, path)

    def one_of(self, choices: tuple[Any, ...], data: object, path: str) -> object:
        if data not in choices:
            self.fault(path, ONE_OF.fill(choices=", ".join(map(str, choices))))
        return data

    def several(self, item: Any, data: Any, path: str) -> tuple[Any, ...]:
        if isinstance(data, (list, tuple)):
            return tuple(self.read(item, one, f"{path}[{i}]") for i, one in enumerate(data))
        if isinstance(data, Mapping) and dataclasses.is_dataclass(item):
            hints = list(_hints(item).values())
            if len(hints) == 2:
                return tuple(self.pairs(item, hints, data, path))
        self.fault(path, EXPECTED.fill(what=LIST))
        return ()

    def pairs(self, item: Any, hints: list[Any], data: Any, path: str) -> Iterator[Any]:
        for key, value in data.items():
            at = below(path, key)
            yield item(self.read(hints[0], key, at), self.read(hints[1], value, at))

    def mapping(self, item: Any, data: Any, path: str) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            self.fault(path, EXPECTED.fill(what=MAPPING))
            return {}
        return {
            self.scalar(str, key, path): self.read(item, _keyed(item, key, value), below(path, key))
            for key, value in data.items()
        }

    def record(self, cls: Any, data: Any, path: str) -> Any:
        data = self.prepared(cls, data, path)
        if not isinstance(data, Mapping):
            self.fault(path, EXPECTED.fill(what=MAPPING))
            return None
        before, hints, values = len(self.faults), _hints(cls), {}
        keys = {field.metadata.get("key", field.name): field for field in dataclasses.fields(cls)}
        for key in (key for key in data if key not in keys):
            self.fault(below(path, key), unknown(key, keys))
        for key, field in keys.items():
            if key in data:
                blank = field.metadata.get("blank") and data[key] == ""
                value = self.read(hints[field.name], None if blank else data[key], below(path, key))
                self.bound(field.metadata, value, below(path, key))
                values[field.name] = value
            elif field.default is field.default_factory is dataclasses.MISSING:
                self.fault(below(path, key), MISSING)
        return cls(**values) if len(self.faults) == before else None

    def bound(self, limits: Mapping[str, Any], value: Any, path: str) -> None:
        pattern = limits.get("pattern")
        for one in value if isinstance(value, tuple) else (value,):
            if "one_of" in limits and one is not None:
                self.one_of(limits["one_of"], one, path)
            bounded = "min" in limits and isinstance(one, int)
            if bounded and not limits["min"] <= one <= limits["max"]:
                what = BETWEEN.fill(min=limits["min"], max=limits["max"])
                self.fault(path, EXPECTED.fill(what=what))
            if pattern and isinstance(one, str) and not re.fullmatch(pattern, one, re.ASCII):
                self.fault(path, EXPECTED.fill(what=OF_THIS_FORM.fill(pattern=pattern)))

    def prepared(self, cls: Any, data: Any, path: str) -> Any:
        try:
            return self.prepare[cls](data) if cls in self.prepare else data
        except KeyError as unknown:
            self.fault(path, UNKNOWN.fill(name=unknown.args[0]))
            return data

    def scalar(self, hint: Any, data: object, path: str) -> Any:
        read, what = SCALARS[hint]
        try:
            return read(data)
        except ValueError:
            self.fault(path, EXPECTED.fill(what=what))
            return data

    def fault(self, path: str, message: Words) -> None:
        self.faults.append(Fault(path, message))


def unknown(name: object, known: Collection[str]) -> Words:
    """That there is nothing of this name, with the known name that was probably meant."""
    near = difflib.get_close_matches(str(name), known, n=1)
    return MISSPELT.fill(name=name, near=near[0]) if near else UNKNOWN.fill(name=name)


def below(path: str, key: object) -> str:
    """The path of a key under a path."""
    return f"{path}.{key}" if path else str(key)


def _keyed(item: Any, key: object, value: Any) -> Any:
    if dataclasses.is_dataclass(item) and isinstance(value, Mapping):
        first = dataclasses.fields(item)[0]
        if first.metadata.get("from_key") and first.name not in value:
            return {first.name: key, **value}
    return value


def _text(data: object) -> str:
    if isinstance(data, str) and data.strip():
        return data
    raise ValueError


def _whole(data: object) -> int:
    if isinstance(data, int) and not isinstance(data, bool):
        return data
    raise ValueError


def _number(data: object) -> float:
    if isinstance(data, (int, float)) and not isinstance(data, bool):
        return float(data)
    raise ValueError


def _truth(data: object) -> bool:
    if isinstance(data, bool):
        return data
    raise ValueError


def _day(data: object) -> date:
    if isinstance(data, date) and not isinstance(data, datetime):
        return data
    text = _text(data)
    if not DAY.fullmatch(text):
        raise ValueError
    return date.fromisoformat(text)


def _not_negative(data: object) -> Decimal:
    if isinstance(data, bool) or not isinstance(data, (int, float, Decimal)):
        raise ValueError
    number = Decimal(str(data))  # by its digits: ten times 7.2 is 72
    if not number.is_finite() or not 0 <= number <= MOST:
        raise ValueError
    return number


SCALARS: Mapping[Any, tuple[Callable[[object], Any], Words]] = {
    str: (_text, Words("文字", "a text")),
    int: (_whole, Words("整数", "a whole number")),
    float: (_number, Words("数字", "a number")),
    bool: (_truth, Words("true 或 false", "true or false")),
    Decimal: (_not_negative, Words("不小于0的数字", "a number that is not negative")),
    date: (_day, Words("日期，如 2020-07-01", "a date such as 2020-07-01")),
}
