"""Reasons of the audit log in words: the codes of slots, of reasons and of draws by lot."""

from collections.abc import Iterable, Mapping
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


def slot_labels(events: Iterable[Event]) -> Mapping[str, Words]:
    """What the policies call their slots, when some of these events is about one."""
    if not any(event.verb in OF_SLOTS for event in events):
        return {}
    kinds = (kind for policy in editions() for kind in policy.kinds.values())
    return {slot.name: slot.label for kind in kinds for slot in kind.materials}


def reason_text(event: Event, labels: Mapping[str, Words]) -> str | None:
    """The reason of an event as people read it."""
    if event.verb not in OF_SLOTS or not event.reason:
        return event.reason
    said = (slot_label(word, labels) or word for word in event.reason.split())
    return " · ".join(in_words(one) for one in said)


def code_text(event: Event) -> Any:
    """What the code of a reason stands for."""
    code = event.reason_code
    if code is None:
        return None
    coded = reasons().get(code)
    known = DRAWS if event.verb == "draw" else RECHECK_REASONS if event.verb == "disagree" else {}
    return known.get(code) or (coded.label if coded else code)
