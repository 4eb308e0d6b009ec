"""The application form as a printable A4 PDF, for any kind of registration (BA-10)."""

import unicodedata
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from app.clock import local
from app.documents.typesetting import as_svg, draw_pdf

PHOTO = (35, 53)
HALF_LABEL = 16
"""Columns (a Chinese character takes two) of a label that still fits half a row."""
HALF_VALUE = 26

Field = tuple[str, str]


@dataclass(frozen=True)
class FormSection:
    """A titled group of (label, value) pairs, in the order of the form on screen."""

    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class ReviewLine:
    """One decision: the stage's name, the office, the verdict and its reason, when."""

    stage: str
    office: str
    result: str
    opinion: str
    decided_at: datetime


@dataclass(frozen=True)
class ApplicationFormFacts:
    """All that stands on a printed application; texts as they are to be read.

    Instants are aware and printed in Asia/Shanghai. `declared_at` is None while it is a draft,
    `portrait` is the stored picture or None. The first section stands beside the portrait. `blank`
    is the edition of a form without a case, which is filled in, signed and stamped by hand.
    """

    title: str
    reference: str
    state: str
    applicant: str
    sections: tuple[FormSection, ...]
    portrait: bytes | None
    declaration: str
    declared_at: datetime | None
    review: tuple[ReviewLine, ...] = ()
    blank: str | None = None


def application_form_pdf(facts: ApplicationFormFacts) -> bytes:
    """The form as PDF; the same facts give the same bytes."""
    content: dict[str, Any] = {
        "title": facts.title,
        "reference": facts.reference,
        "state": facts.state,
        "applicant": facts.applicant,
        "has_portrait": facts.portrait is not None,
        "blank": facts.blank,
        "sections": [_section(section) for section in facts.sections],
        "declaration": facts.declaration,
        "declared_at": facts.declared_at and _moment(facts.declared_at),
        "review": [
            asdict(line) | {"decided_at": _moment(line.decided_at)} for line in facts.review
        ],
    }
    pictures = {"portrait.svg": as_svg(facts.portrait, *PHOTO)} if facts.portrait else {}
    return draw_pdf("application_form", content, pictures)


def packed(fields: tuple[Field, ...]) -> list[list[Field]]:
    """Fields in rows of one or two: two short neighbours share a row, their order is kept."""
    rows: list[list[Field]] = []
    for field in fields:
        if rows and len(rows[-1]) == 1 and _is_short(rows[-1][0]) and _is_short(field):
            rows[-1].append(field)
        else:
            rows.append([field])
    return rows


def _section(section: FormSection) -> dict[str, Any]:
    return {"title": section.title, "fields": section.fields, "rows": packed(section.fields)}


def _is_short(field: Field) -> bool:
    label, value = field
    return _columns(label) <= HALF_LABEL and "\n" not in value and _columns(value) <= HALF_VALUE


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _moment(moment: datetime) -> str:
    return local(moment).strftime("%Y-%m-%d %H:%M")
