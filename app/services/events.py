"""Recording acts: one event for each, in the act's own transaction, chained by subject."""

import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any

from flask import current_app
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock
from app.extensions import LOCKED
from app.scope import current_actor
from models.event import Event, EventChain

SEALED = (
    "subject",
    "seq",
    "verb",
    "actor_id",
    "actor_name",
    "actor_role",
    "region_code",
    "from_state",
    "to_state",
    "reason_code",
    "reason",
    "policy",
    "address",
    "public",
    "previous",
)
ON_BEHALF = ("on_behalf_id", "on_behalf_name")
"""Sealed as well, and left out of the seal where an event has neither: whoever acts for nobody
else, and the events of before anybody could."""
_sealed = attrgetter(*SEALED)
_on_behalf = attrgetter(*ON_BEHALF)
_encode: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_TEXTS: Mapping[type, Callable[[Any], str]] = {
    str: encode_basestring,
    int: int.__repr__,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): lambda _: "null",
}
"""JSON of what columns hold: `_encode` says the same, and is twice as long about it."""

Sealer = Callable[[Sequence[Any], str], str]
"""From the values of SEALED and the instant of birth in ISO 8601 to the digest."""


def record(session: Session, subject: str, verb: str, region_code: str, **facts: Any) -> Event:
    """Append one event to the subject's chain.

    `facts` are columns of Event: from_state, to_state, reason_code, reason, policy, public,
    on_behalf_id and on_behalf_name. The chain's head is locked, so that two acts on one subject
    follow each other.
    """
    actor = current_actor()
    chain = _locked(session, subject)
    event = Event(
        subject=subject,
        seq=chain.length + 1,
        verb=verb,
        region_code=region_code,
        created_at=clock.now(),
        actor_id=actor.account_id if actor else None,
        actor_name=actor.name if actor else None,
        actor_role=" ".join(sorted(actor.roles)) if actor else "system",
        address=actor.address if actor else None,
        previous=chain.head,
        **{"public": False, **facts},
    )
    event.digest = seal(event)
    chain.length, chain.head = event.seq, event.digest
    session.add(event)
    return event


def _locked(session: Session, subject: str) -> EventChain:
    """The head of the subject's chain, locked until the act ends; the first act begins it."""
    chain = session.get(EventChain, subject, with_for_update=LOCKED)
    if chain is None:
        try:
            with session.begin_nested():
                chain = EventChain(subject=subject, length=0, head="")
                session.add(chain)
        except IntegrityError:
            # another first act was faster; its transaction is over now, and ours goes on behind it
            chain = session.get_one(EventChain, subject, with_for_update=LOCKED)
    return chain


def seal(event: Any) -> str:
    """The keyed digest over every column of an event and the event before it."""
    values = to_seal(_sealed(event), _on_behalf(event))
    return sealer()(values, event.created_at.isoformat())


def to_seal(values: Sequence[Any], on_behalf: Sequence[Any]) -> Sequence[Any]:
    """What a seal is over, of the values of SEALED and of ON_BEHALF."""
    return values if on_behalf == (None, None) else (*values, *on_behalf)


def sealer() -> Sealer:
    """What seals events, with the key at hand: for millions of them."""
    keyed = hmac.new(current_app.config["EVENT_KEY"].encode(), digestmod="sha256")

    def seal_values(values: Sequence[Any], instant: str) -> str:
        sealed = keyed.copy()  # the key is worked in once
        sealed.update(_as_text((*values, instant)).encode())
        return sealed.hexdigest()

    return seal_values


def _as_text(values: Iterable[Any]) -> str:
    return "[" + ",".join([_TEXTS.get(type(one), _encode)(one) for one in values]) + "]"
