"""The smallest pieces of a page as HTML: a tag, and one value of a table or of a list of facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup, escape

from views.texts import in_words

NOTHING = Markup('<span class="none">—</span>')
TAG = Markup('<span class="tag %s">%s</span>')
LINK = Markup('<a class="linked" href="%s">%s</a>')
SECOND_LINK = Markup(' <a class="linked no-print" href="%s">%s</a>')
NOTE = Markup("<small>%s</small>")
BEGINNING = Markup('<td%s data-label="%s">')
CLASS = Markup(' class="%s"')
ROW_LINK = Markup('<a class="row-link" href="%s">%s</a></td>')
TEXT, END = Markup("<span>"), Markup("</span></td>")


@dataclass(frozen=True, slots=True)
class Cell:
    """One value with a second line below it, its colour, and where it leads to, with the label of
    the link where the value itself is none."""

    text: Any
    note: Any = None
    tone: str | None = None
    url: str | None = None
    link: Any = None


def tag(text: Any, tone: str | None = "idle") -> Markup:
    """A word in a coloured frame; tones: idle, info, good, warn, bad."""
    return TAG % (tone or "", in_words(text))


def cell(value: Any, linked: bool = True) -> str:
    """A value for people: nothing is a dash, a truth is yes or no, a Cell as its fields say;
    `linked` is false where the value stands in a link already.

    It is code and not a macro, because a page has hundreds of values.
    """
    if value.__class__ is str and value:
        return str(value)
    if isinstance(value, Cell):
        return _of(value, linked)
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    return (None if value is None else in_words(value)) or NOTHING


def begun(columns: Sequence[Mapping[str, Any]]) -> list[Markup]:
    """How the cells of a table's columns begin, with what a phone shows instead of the head; all
    but the first one up to their text."""
    first = "first whole" if columns[0].get("whole") else "first"
    classes = [CLASS % first, *map(_class, columns[1:])]
    labels = (in_words(column["label"]) for column in columns)
    named, *others = (BEGINNING % both for both in zip(classes, labels, strict=True))
    return [named, *(one + TEXT for one in others)]


def _class(column: Mapping[str, Any]) -> str:
    return next((CLASS % name for name in ("right", "whole") if column.get(name)), "")


def cells(row: Mapping[str, Any], beginnings: Sequence[Markup]) -> Markup:
    """The cells of one row of a table; the first one leads to where the row does."""
    name, *values = row["cells"]
    url = row.get("url")
    named = ROW_LINK % (url, cell(name, linked=False)) if url else TEXT + cell(name) + END
    parts: list[str] = [beginnings[0], named]
    for beginning, value in zip(beginnings[1:], values, strict=True):
        parts += (beginning, cell(value), END)
    return Markup().join(parts)


def _of(one: Cell, linked: bool) -> Markup:
    url = one.url if linked else None
    text = (None if one.text is None else in_words(one.text)) or "—"
    if one.tone:
        found = tag(text, one.tone)
    elif url and not one.link:
        found = LINK % (url, text)
    else:
        found = escape(text)
    if url and (one.link or one.tone):
        found += SECOND_LINK % (url, in_words(one.link or _("Open")))
    return found + NOTE % in_words(one.note) if one.note else found
