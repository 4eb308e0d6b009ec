"""Reasons of the audit log in words: the codes of slots, of reasons and of draws by lot."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l

from app.queries.policies import editions, reasons
from app.rules.fields import slot_label
from app.rules.words import Words
from models.codes import RECHECK_REASONS
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
    if event.verb not in OF_SLOTS or not event.reason:
        return event.reason
    said = (slot_label(word, words.slots) or word for word in event.reason.split())
    return " · ".join(in_words(one) for one in said)


def code_text(event: Event, words: Glossary) -> Any:
    """What the code of a reason stands for."""
    known = {"draw": DRAWS, "disagree": RECHECK_REASONS}.get(event.verb, words.reasons)
    return known.get(event.reason_code or "", event.reason_code)
