"""What was changed in a row, in words: each entry as it was and as it is."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.queries.names import model_of
from app.rules.words import Words, joined
from app.services.bilingual import both
from models.columns import Semantics, semantics_of

NOTHING = Words("（空）", "(nothing)")


def told(table: str, changes: Mapping[str, Sequence[Any]]) -> Words:
    """A `Changes` column of a table in both languages: “Valid until: 2023-06-30 → 2024-06-30”.

    Raises KeyError for a column that the table does not have.
    """
    meanings = semantics_of(model_of(table))
    return joined(_told(meanings[name], *values) for name, values in changes.items())


def written(changes: Mapping[str, Sequence[Any]]) -> str:
    """Changes as the reason of an event keeps them, to the letter and in no language."""
    return "; ".join(f"{name} {was or '-'} > {to or '-'}" for name, (was, to) in changes.items())


def read(text: str) -> dict[str, list[Any]]:
    """The changes that `written` wrote; raises ValueError for any other text."""
    found = {}
    for part in text.split("; "):
        name, was, _arrow, to = part.split(" ")
        found[name] = [None if one == "-" else one for one in (was, to)]
    return found


def _told(meaning: Semantics, was: Any, to: Any) -> Words:
    label, before, after = both(meaning.field.label), _word(meaning, was), _word(meaning, to)
    return Words(f"{label.zh}：{before.zh} → {after.zh}", f"{label.en}: {before.en} → {after.en}")


def _word(meaning: Semantics, value: Any) -> Words:
    if value is None:
        return NOTHING
    choice = meaning.field.choice(str(value))
    return both(choice.label) if choice else Words(str(value), str(value))
