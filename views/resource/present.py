"""Rows as people and programs see them: codes as words, keys as names, personal data masked."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from app import clock
from app.queries import names
from app.queries.plain import plain
from app.queries.policies import policy_titles
from app.rules.words import Words, joined
from app.services.changes import told
from models.account import Account
from models.columns import Semantics
from views.markup import Cell
from views.resource.declaration import Resource
from views.texts import in_words

TONES = {
    "in_review": "info",
    "proposed": "info",
    "returned": "warn",
    "pending": "warn",
    "rejected": "bad",
    "refused": "bad",
    "revoked": "bad",
    "lost": "bad",
    "approved": "good",
    "issued": "good",
    "valid": "good",
    "verified": "good",
    "accepted": "good",
    "published": "good",
    "retracting": "warn",
    "sent": "good",
}
STATES = ("state", "verdict")
Said = dict[tuple[str, Any], Any]
"""What the codes of a table's columns say, those that came up so far."""


def as_json(resource: Resource, row: Any, columns: Iterable[str]) -> dict[str, Any]:
    """One row for the API: the key, its version, and the columns that are asked for."""
    found = {key: plain(resource.meanings[key], getattr(row, key)) for key in columns}
    for key in ("id", "version", "region_code"):
        if hasattr(row, key):
            found.setdefault(key, getattr(row, key))
    return found


def as_texts(resource: Resource, rows: Sequence[Any], columns: Sequence[str]) -> list[list[Any]]:
    """Rows as cells: one statement for all the region names, one for each table pointed at. What
    a code says is translated once, however many rows have it."""
    meanings = [resource.meanings[key] for key in columns]
    named = _names(rows, list(zip(columns, meanings, strict=True)))
    said: Said = {}
    return [
        [
            _cell(key, meaning, getattr(row, key), named, said)
            for key, meaning in zip(columns, meanings, strict=True)
        ]
        for row in rows
    ]


def _names(rows: Sequence[Any], columns: list[tuple[str, Semantics]]) -> dict[str, dict[Any, Any]]:
    found: dict[str, dict[Any, Any]] = {}
    for key, meaning in columns:
        if meaning.ref is None:
            continue
        keys = {getattr(row, key) for row in rows}
        if meaning.ref == "region":
            found[key] = names.region_names(keys)
        elif meaning.ref == "policy":
            found[key] = {code: code for code in keys} | policy_titles()
        elif meaning.ref == Account.__table__.name:
            found[key] = {one: Cell(*told) for one, told in names.people(keys).items()}
        elif model := names.model_of(meaning.ref):
            found[key] = names.labels(model, keys)
    return found


def _cell(
    key: str, meaning: Semantics, value: Any, named: dict[str, dict[Any, Any]], said: Said
) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if meaning.mask:
        return meaning.mask(str(value))
    if key in named:
        return named[key].get(value)
    if isinstance(value, dict):
        return told(str(meaning.field.lookup), value)
    if isinstance(value, list):
        labels = (choice.label for choice in meaning.field.choices if choice.code in value)
        return joined(Words(str(label), str(label)) for label in labels)
    if not meaning.field.choices:
        return _text(value)
    if (key, value) not in said:
        said[key, value] = _coded(key, meaning, value)
    return said[key, value]


def _coded(key: str, meaning: Semantics, value: Any) -> Any:
    choice = meaning.field.choice(str(value))
    if choice is None:
        return _text(value)
    label = in_words(choice.label)
    return Cell(label, tone=TONES.get(str(value), "idle")) if key in STATES else label


def title(resource: Resource, row: Any) -> str:
    """What a row is called: its own name or, without one, its first two columns of the list."""
    if row.__label__ != "id":
        return str(getattr(row, row.__label__))
    cells = as_texts(resource, [row], resource.listed[:2])[0]
    return " · ".join(str(getattr(cell, "text", cell)) for cell in cells if cell is not None)


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return f"{clock.local(value):%Y-%m-%d %H:%M}"
    return str(value)
