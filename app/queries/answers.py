"""What was filled in, in words: for the page of a case, for reviewers and for print."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.queries.names import region_names
from app.rules.fields import FieldSpec, answered
from app.rules.kinds import Kind
from app.rules.words import Words, joined

YES, NO = Words("是", "Yes"), Words("否", "No")


@dataclass(frozen=True)
class Answer:
    """One input and what it holds; `words` is None where nothing was filled in."""

    name: str
    label: Words
    words: Words | None


@dataclass(frozen=True)
class Part:
    """One section of the form with its answers; questions that are not asked are not there."""

    label: Words
    answers: tuple[Answer, ...]


def regions_of(kind: Kind, values: Mapping[str, Any]) -> set[str]:
    """The codes of the regions that a form names."""
    return {str(values[s.name]) for s in kind.fields if s.kind == "region" and values.get(s.name)}


def answers(
    kind: Kind, values: Mapping[str, Any], names: Mapping[str, str] | None = None
) -> list[Part]:
    """All parts of a form in its order, in one statement for the names of the regions unless they
    are given."""
    values = answered(kind.fields, values)
    regions = region_names(regions_of(kind, values)) if names is None else names
    return [
        Part(
            section.label,
            tuple(
                Answer(spec.name, spec.label, said(spec, values.get(spec.name), regions))
                for spec in section.fields
                if spec.asked(values)
            ),
        )
        for section in kind.sections
    ]


def said(spec: FieldSpec, value: Any, regions: Mapping[str, str]) -> Words | None:
    """One value in words; a code that its dictionary does not know stands for itself."""
    if value is None or value == "" or value == []:
        return None
    if isinstance(value, (list, tuple)):
        return joined(_one(spec, one, regions) for one in value)
    return _one(spec, value, regions)


def _one(spec: FieldSpec, value: Any, regions: Mapping[str, str]) -> Words:
    if spec.kind == "boolean":
        return YES if str(value).lower() == "true" else NO
    choice = spec.choice(str(value))
    if choice is not None:
        return choice.label if isinstance(choice.label, Words) else _same(choice.label)
    return _same(regions.get(str(value), value) if spec.kind == "region" else value)


def _same(value: Any) -> Words:
    return Words(str(value), str(value))


def pairs(part: Part) -> Iterator[tuple[Words, Words | None]]:
    """A part as labels and values."""
    return ((answer.label, answer.words) for answer in part.answers)
