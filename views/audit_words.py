"""Reasons of the audit log in words: the codes of slots, of reasons, of filters and of draws by
lot."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.queries.policies import editions, reasons
from app.rules.fields import slot_label
from app.rules.words import Words
from app.scope import scoped_models
from app.services.changes import read, told
from models.codes import MEASURE_REASONS, MEASURES, RECHECK_REASONS
from models.columns import semantics_of
from models.event import Event
from views.texts import in_words

OF_SLOTS = ("attach", "detach", "erase", "look")
"""The acts whose reason names slots, and perhaps the row of a picture after them."""
DRAWS = {"drawn": _l("Drawn for a re-check"), "not_drawn": _l("Not drawn")}


@dataclass(frozen=True)
class Glossary:
    """What the policies call their slots and their own reasons of a decision."""

    slots: Mapping[str, Words] = field(default_factory=dict)
    reasons: Mapping[str, Words] = field(default_factory=dict)


def glossary(events: Iterable[Event]) -> Glossary:
    """The words for these events; the policies are read only when some event needs them."""
    if not any(event.verb in OF_SLOTS or event.reason_code for event in events):
        return Glossary()
    policies = editions()
    kinds = (kind for policy in policies for kind in policy.kinds.values())
    slots = {slot.name: slot.label for kind in kinds for slot in kind.materials}
    coded = [reasons(), *(policy.reasons for policy in policies)]
    return Glossary(slots, {code: one.label for some in coded for code, one in some.items()})


def reason_text(event: Event, words: Glossary) -> str | None:
    """The reason of an event as people read it."""
    if not event.reason:
        return event.reason
    if event.verb in OF_SLOTS:
        return _of_picture(event.reason, words)
    teller = TELLERS.get(event.verb)
    return teller(event.reason) if teller else event.reason


def _of_picture(reason: str, words: Glossary) -> str:
    """Slots by their names; a picture by its number, as the log counts them from 0."""
    if found := re.fullmatch(r"picture (\d+)", reason):
        return str(_("Picture %(number)s", number=int(found[1]) + 1))
    said = (slot_label(word, words.slots) or _file(word) for word in reason.split())
    return " · ".join(in_words(one) for one in said)


def _file(word: str) -> str:
    kind, _colon, number = word.partition(":")
    return str(_("File %(number)s", number=number)) if kind == "material" else word


def _filters(reason: str) -> str:
    """The conditions under which a list was taken away, as the list itself calls them."""
    return "; ".join(_filter(*said.split(" ", 2)) for said in reason.split("; "))


def _filter(column: str, operator: str = "", value: str = "") -> str:
    specs = [
        meaning.field
        for model in (Event, *scoped_models())
        for key, meaning in semantics_of(model).items()
        if key == column
    ]
    label = in_words(specs[0].label) if specs else column
    choices = (spec.choice(value) for spec in specs if spec.choices)
    known = next((one.label for one in choices if one), value)
    return f"{label} {SIGNS.get(operator, operator)} {in_words(known)}".strip()


def _sheets(reason: str) -> str:
    return str(_("%(count)s address labels", count=reason.split()[0]))


def _measure(reason: str) -> str:
    act, colon, note = reason.partition(": ")
    return f"{in_words(MEASURES[act])}: {note}" if colon and act in MEASURES else reason


def _amendment(reason: str) -> str:
    changes, _dot, note = reason.partition(" · ")
    return f"{in_words(told('registration', read(changes)))} · {note}"


SIGNS = {"eq": "=", "neq": "≠", "sw": "=", "in": "=", "gt": ">", "lt": "<", "gte": "≥", "lte": "≤"}
TELLERS: Mapping[str, Callable[[str], str]] = {
    "export": _filters,
    "print": _sheets,
    "propose_amendment": _amendment,
    "decline_amendment": _amendment,
    "amend": _amendment,
    "propose_measure": _measure,
    "decline_measure": _measure,
    "revoke": _measure,
    "cancel": _measure,
    "reissue": _measure,
}


REASONS: Mapping[str, Mapping[str, Any]] = {
    "draw": DRAWS,
    "disagree": RECHECK_REASONS,
    **{verb: MEASURE_REASONS for verb, teller in TELLERS.items() if teller is _measure},
}
"""The codes of reasons that no policy has, by the act that they are a reason for."""


def code_text(event: Event, words: Glossary) -> Any:
    """What the code of a reason stands for."""
    known = REASONS.get(event.verb, words.reasons)
    return known.get(event.reason_code or "", event.reason_code)
