"""The answers of a case beside what was known before it, and beside what it said the last time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.queries.answers import said
from app.queries.names import region_names
from app.rules.fields import FieldSpec
from app.rules.kinds import Kind
from app.rules.words import Words
from models.application import Submission

Comparison = Literal["same", "changed", "new"]
NOTHING: tuple[Any, ...] = (None, "", [])


@dataclass(frozen=True)
class Compared:
    """One answer beside what is known: the roster's entry, else that of the last certificate.

    `state` is None where there is nothing to compare with; `former` says that what is known comes
    from the application for an earlier certificate. `before` is the answer of the submission
    before this one, `since` whether it was changed, `asked` whether the return asked for it.
    """

    name: str
    kind: str
    label: Words
    submitted: Words | None
    known: Words | None
    state: Comparison | None
    former: bool = False
    before: Words | None = None
    since: bool = False
    asked: bool = False


@dataclass(frozen=True)
class ComparedPart:
    """A section of the form, answer by answer."""

    label: Words
    rows: tuple[Compared, ...]


@dataclass(frozen=True)
class Picture:
    """A submitted picture; `warnings` are the remarks of the check (X-05), `since` and `asked` as
    for an answer. `hours`: it is a proof of continuing education;
    `erased` says when it was deleted, if it was."""

    id: int
    slot: str
    label: Words
    width: int
    height: int
    size: int
    warnings: tuple[Words, ...]
    since: bool = False
    asked: bool = False
    hours: bool = False
    erased: Words | None = None


@dataclass(frozen=True)
class Sources:
    """The values that the answers of one submission stand beside, by field.

    `roster` is what the office keeps, `former` the form of the last certificate, `before` the
    submission before (None for a first one), `asked` what the return named.
    """

    roster: Mapping[str, Any]
    former: Mapping[str, Any]
    before: Submission | None = None
    asked: Collection[str] = ()


def compare(kind: Kind, given: Mapping[str, Any], beside: Sources) -> tuple[ComparedPart, ...]:
    """Every answer that was asked for, in one statement for the names of regions."""
    forms = [given, beside.roster, beside.former, beside.before.form if beside.before else {}]
    regions = region_names(_codes(kind, forms))
    return tuple(
        ComparedPart(
            section.label,
            tuple(
                _compared(spec, given, beside, regions)
                for spec in section.fields
                if spec.asked(given)
            ),
        )
        for section in kind.sections
    )


def pictures(
    kind: Kind, submission: Submission, beside: Sources, erased: Mapping[int, Words] = {}
) -> tuple[Picture, ...]:
    """The pictures of a submission in the order of the slots."""
    earlier = beside.before.materials if beside.before else None
    return tuple(
        Picture(
            id=kept["id"],
            slot=slot.name,
            label=slot.label,
            width=kept["width"],
            height=kept["height"],
            size=kept["size"],
            warnings=tuple(Words(**text) for text in kept["warnings"]),
            since=earlier is not None and earlier.get(slot.name, {}).get("id") != kept["id"],
            asked=slot.name in beside.asked,
            hours=slot.hours,
            erased=erased.get(kept["id"]),
        )
        for slot in kind.materials
        if (kept := submission.materials.get(slot.name))
    )


def _codes(kind: Kind, forms: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        str(form[spec.name])
        for form in forms
        for spec in kind.fields
        if spec.kind == "region" and form.get(spec.name)
    ]


def _compared(
    spec: FieldSpec, given: Mapping[str, Any], beside: Sources, regions: Mapping[str, str]
) -> Compared:
    new = given.get(spec.name)
    former = spec.name not in beside.roster and spec.name in beside.former
    known = beside.former if former else beside.roster
    old = known.get(spec.name)
    state: Comparison | None = None
    if spec.name in known:
        state = "same" if new == old else "new" if old in NOTHING else "changed"
    earlier = beside.before.form.get(spec.name) if beside.before else None
    return Compared(
        name=spec.name,
        kind=spec.kind,
        label=spec.label,
        submitted=said(spec, new, regions),
        known=said(spec, old, regions),
        state=state,
        former=former,
        before=said(spec, earlier, regions),
        since=beside.before is not None and new != earlier,
        asked=spec.name in beside.asked,
    )
