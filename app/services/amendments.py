"""Correcting the registrations on record: one person proposes, a second one confirms, and what was
said before stays."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.extensions import LOCKED, db
from app.queries import four_eyes
from app.queries.plain import plain
from app.rules import earlier
from app.rules.fields import FieldSpec
from app.scope import Actor, current_actor
from app.services import events, forms, messages
from app.services.changes import told, written
from app.services.refusals import LOOK_AGAIN, Conflict, Forbidden, Invalid, Missing, Refusal
from app.services.verbs import STALE, need, transaction
from models.amendment import Amendment
from models.certificate import Certificate
from models.columns import semantics_of
from models.registration import Registration
from models.worker import Worker

PERMISSION = "registrations.amend"
AMENDED = (
    "kind",
    "cycle_year",
    "level",
    "registered_on",
    "valid_from",
    "valid_until",
    "legacy_number",
)
NOTE = FieldSpec("note", "textarea", _l("Facts and documents"), required=True, min=4, max=2000)
STATED = {
    "year": "cycle_year",
    "on": "registered_on",
    "valid_until": "valid_until",
    "number": "legacy_number",
}
"""The columns behind what the rules on earlier registrations look at."""

NO_SUCH = _l("There is no such registration in your region.")
NO_PROPOSAL = _l("There is no such correction in your region.")
CERTIFIED = _l(
    "A certificate of this portal stands for this registration. Propose a measure on the "
    "certificate instead."
)
UNVERIFIED = _l(
    "Nobody has verified this registration yet. The person can still change what they stated."
)
OWN = _l("Nobody corrects a registration of their own.")
WAITING = _l("A correction of this registration is waiting for confirmation already.")
UNCHANGED = _l("Nothing would change. Correct at least one entry.")
SAME_TURN = _l("Another registration of this person is of this year already.")
ENDS_FIRST = _l("The validity ends before it begins.")
ALONE = _l("A second person has to confirm what you proposed.")


def fields() -> tuple[FieldSpec, ...]:
    """What a proposal may change, as the model declares it, and why."""
    meanings = semantics_of(Registration)
    return (*(meanings[name].field for name in AMENDED), NOTE)


def find(key: int) -> Registration:
    """A registration that its office may correct; raises Missing, and what is against it."""
    actor = need(PERMISSION)
    with transaction() as session:
        row = session.get(Registration, key)
        if row is None:
            raise Missing("missing", NO_SUCH)
        if against := refused(session, row, actor):
            raise against
        session.expunge(row)
    return row


def offered(row: Registration) -> bool:
    """Whether whoever is signed in is offered to correct a registration."""
    actor = current_actor()
    if actor is None or not actor.may(PERMISSION):
        return False
    return refused(db.session(), row, actor) is None


def refused(session: Session, row: Registration, actor: Actor) -> Refusal | None:
    """Why a registration is not open to correction, or not by this person; or None."""
    if row.state != "verified":
        return Conflict("unverified", UNVERIFIED)
    if row.worker_id in four_eyes.records_of(actor):
        return Forbidden("own_registration", OWN)
    query = select(Certificate.id).where(Certificate.registration_id == row.id).limit(1)
    return Conflict("certified", CERTIFIED) if session.scalar(query) is not None else None


def propose(key: int, values: Mapping[str, Any]) -> Amendment:
    """Ask a second person to confirm a correction; nothing changes until then (X-45).

    `values` are those of `fields`. Raises Missing outside the scope, Conflict where a certificate
    stands for the registration, nobody verified it or a proposal waits, Forbidden for one's own,
    and Invalid for what cannot be or would change nothing.
    """
    actor = need(PERMISSION)
    typed = forms.load(fields(), values)
    note = typed.pop("note")
    with transaction() as session:
        row, worker = _locked(session, key, actor)
        if _waiting(session, row):
            raise Conflict("waiting", WAITING)
        changes = dict(_changes(row, typed))
        if not changes:
            raise Invalid(LOOK_AGAIN, {"": UNCHANGED})
        if errors := dict(_faults(session, row, typed)):
            raise Invalid(LOOK_AGAIN, errors)
        made = Amendment(
            registration_id=row.id,
            region_code=row.region_code,
            name=worker.name,
            changes=changes,
            note=note,
            state="proposed",
            proposed_by=actor.account_id,
        )
        session.add(made)
        session.flush()
        _record(session, row, "propose_amendment", made)
    return made


def confirm(key: int) -> Amendment:
    """Carry out what somebody else proposed, and tell the person.

    Raises Missing, Forbidden for the one who proposed it, and Conflict where it was decided already
    or the registration, or another one of the person, says something else by now.
    """
    actor = need(PERMISSION)
    with transaction() as session:
        made, row = _proposed(session, key, actor)
        if made.proposed_by == actor.account_id:
            raise Forbidden("second_person", ALONE)
        meanings = semantics_of(Registration)
        if any(
            plain(meanings[n], getattr(row, n)) != was for n, (was, _to) in made.changes.items()
        ):
            raise Conflict("stale", STALE)
        typed = forms.load(fields(), {n: to for n, (_was, to) in made.changes.items()}, partly=True)
        as_it_would_be = {name: getattr(row, name) for name in AMENDED} | typed
        for _name, sentence in _faults(session, row, as_it_would_be):
            raise Conflict("impossible", sentence)  # what was possible when it was proposed
        for name, value in typed.items():
            setattr(row, name, value)
        _decide(made, actor, "confirmed")
        _record(session, row, "amend", made)
        said: dict[str, Any] = {"changes": told("registration", made.changes)}
        messages.tell(session, row.worker_id, "amended", year=row.cycle_year, **said)
    return made


def decline(key: int) -> Amendment:
    """Leave the registration as it is; whoever proposed a correction may think better of it too.

    Raises Missing, Forbidden for one's own registration, Conflict where it was decided already.
    """
    actor = need(PERMISSION)
    with transaction() as session:
        made, row = _proposed(session, key, actor)
        _decide(made, actor, "declined")
        _record(session, row, "decline_amendment", made)
    return made


def _locked(session: Session, key: int, actor: Actor) -> tuple[Registration, Worker]:
    """A registration and its person, both locked, the person first as everywhere."""
    owner = session.scalar(select(Registration.worker_id).where(Registration.id == key))
    if owner is None:
        raise Missing("missing", NO_SUCH)
    worker = session.get_one(Worker, owner, with_for_update=LOCKED)
    row = session.get_one(Registration, key, populate_existing=True, with_for_update=LOCKED)
    if against := refused(session, row, actor):
        raise against
    return row, worker


def _proposed(session: Session, key: int, actor: Actor) -> tuple[Amendment, Registration]:
    of = session.scalar(select(Amendment.registration_id).where(Amendment.id == key))
    if of is None:
        raise Missing("missing", NO_PROPOSAL)
    row, _worker = _locked(session, of, actor)
    made = session.get_one(Amendment, key, populate_existing=True, with_for_update=LOCKED)
    if made.state != "proposed":
        raise Conflict("stale", STALE)
    return made, row


def _waiting(session: Session, row: Registration) -> bool:
    query = select(Amendment.id).where(
        Amendment.registration_id == row.id, Amendment.state == "proposed"
    )
    return session.scalar(query) is not None


def _changes(row: Registration, typed: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    meanings = semantics_of(Registration)
    for name in AMENDED:
        was, to = (plain(meanings[name], one) for one in (getattr(row, name), typed.get(name)))
        if was != to:
            yield name, [was, to]


def _faults(
    session: Session, row: Registration, typed: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """What cannot be, by column."""
    query = select(Registration.id).where(
        Registration.worker_id == row.worker_id,
        Registration.id != row.id,
        Registration.cycle_year == typed["cycle_year"],
    )
    if session.scalar(query.limit(1)) is not None:
        yield "cycle_year", SAME_TURN
    begins, ends = typed.get("valid_from"), typed.get("valid_until")
    if begins and ends and ends < begins:
        yield "valid_until", ENDS_FIRST
    stated = {name: typed.get(column) for name, column in STATED.items()}
    for _line, name, sentence in earlier.faults([stated], clock.today()):
        yield STATED[name], sentence


def _decide(made: Amendment, actor: Actor, state: str) -> None:
    made.state = state
    made.decided_by, made.decided_at = actor.account_id, clock.now()


def _record(session: Session, row: Registration, verb: str, made: Amendment) -> None:
    """An event of the person, with each entry as it was and as it is to be."""
    reason = f"{written(made.changes)} · {made.note}"
    events.record(session, f"worker:{row.worker_id}", verb, row.region_code, reason=reason)
