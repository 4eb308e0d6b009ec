"""Keeping records: create, update and remove for every resource that declares writes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from app import vault
from app.extensions import LOCKED
from app.rules import identifiers
from app.rules.fields import FieldSpec
from app.scope import current_actor, scoped_models
from app.services import events, forms, publications, relocation
from app.services.refusals import LOOK_AGAIN, NO_RECORD, Conflict, Forbidden, Invalid, Missing
from app.services.verbs import STALE, transaction
from models.base import Base, Record
from models.columns import semantics_of
from models.region import Region
from models.worker import Worker

IDENTITY = "id_number"  # typed in clear, kept as cipher, digest and mask
FOLLOW_IDENTITY = {"id_type", "sex", "born_on"}  # what the number of an identity card decides


def writable(model: type[Record]) -> list[FieldSpec]:
    """The fields that people type in a record of this model, in order.

    A child has no region of its own to type: it lies where its parent lies.
    """
    meanings = semantics_of(model)
    inherits = any(meaning.parent for meaning in meanings.values())
    found = []
    for key, meaning in meanings.items():
        if not meaning.written or (inherits and key == "region_code"):
            continue
        spec = meaning.field
        # only a resident identity card has a check digit, so the number is judged with its type
        found.append(
            replace(spec, name=IDENTITY, kind="text", max=32) if spec.kind == "id_number" else spec
        )
    return sorted(
        found, key=lambda spec: spec.kind not in ("lookup", "region") or not spec.required
    )


def create(model: type[Record], values: Mapping[str, Any]) -> Record:
    """A new record from typed or JSON values, with its event.

    Raises Invalid, Conflict (a unique value is taken) or Forbidden (another region).
    """
    loaded = forms.load(writable(model), values)
    with transaction() as session:
        row = model()
        _fill(session, row, loaded)
        publications.follow_policy(row)
        session.add(row)
        session.flush()
        _record(session, row, "create")
    return row


def update(
    model: type[Record],
    key: int,
    values: Mapping[str, Any],
    version: int | None = None,
    reveals: bool = True,
) -> Record:
    """Change the given fields of a record, with an event that names them.

    Without `reveals` the masked fields cannot be written: a mask typed back would be saved.
    Raises Missing, Invalid, Forbidden, or Conflict when `version` is no longer the row's and for
    the move of a worker with a case under way.
    """
    masked = {name for name, meaning in semantics_of(model).items() if meaning.mask}
    specs = [spec for spec in writable(model) if reveals or spec.name not in masked]
    loaded = forms.load(specs, values, partly=True)
    with transaction() as session:
        row = _fetch(session, model, key, version)
        publications.refuse_unless_draft(row)
        moves = loaded.get("region_code") not in (None, getattr(row, "region_code", None))
        if moves and isinstance(row, Worker):
            _check_references(session, model, loaded)
            relocation.refuse_in_flight(session, row)
            relocation.move(session, row, loaded.pop("region_code"))
        _fill(session, row, loaded)
        publications.follow_policy(row)
        changed = sorted(name for name in loaded if _changed(row, name))
        session.flush()
        if moves:
            relocation.take_children_along(session, row)
        if changed:
            _record(session, row, "update", reason=", ".join(changed))
    return row


def remove(model: type[Record], key: int, version: int | None = None) -> None:
    """Take a record out, with an event that outlives it; raises Missing or Conflict."""
    with transaction() as session:
        row = _fetch(session, model, key, version)
        publications.refuse_unless_draft(row)
        _record(session, row, "remove", reason=str(getattr(row, model.__label__)))
        session.delete(row)
        session.flush()


def reveal(model: type[Record], key: int, reason: str) -> str:
    """An identity number in clear; the reason is recorded before the number is read.

    Raises Invalid without a reason of at least four characters, Missing outside the scope.
    """
    if len(reason.strip()) < 4:
        raise Invalid.at("reason", _l("Say in a few words why you need the number."))
    with transaction() as session:
        row: Any = _fetch(session, model, key, None)
        _record(session, row, "reveal", reason=reason.strip())
        cipher = row.id_number_cipher
    return vault.unseal(cipher)


def _fetch(session: Session, model: type[Record], key: int, version: int | None) -> Record:
    row = session.get(model, key, populate_existing=True, with_for_update=LOCKED)
    if row is None:
        raise Missing("missing", NO_RECORD)
    if version is not None and row.version != version:
        raise Conflict("stale", STALE)
    return row


def _changed(row: Any, name: str) -> bool:
    key = "id_number_digest" if name == IDENTITY else name
    return bool(inspect(row).attrs[key].history.has_changes())


def _fill(session: Session, row: Any, loaded: Mapping[str, Any]) -> None:
    _check_references(session, type(row), loaded)
    for name, value in loaded.items():
        if name != IDENTITY:
            setattr(row, name, value)
    if IDENTITY in loaded:
        _seal_identity(row, loaded[IDENTITY])
    elif loaded.keys() & FOLLOW_IDENTITY and getattr(row, "id_number_cipher", None):
        _follow_identity(row, vault.unseal(row.id_number_cipher), "id_type")


def _follow_identity(row: Any, number: str, fault_at: str) -> None:
    """Sex and birth of the holder of an identity card are those that its number says.

    Raises Invalid, at the input that was typed, when the number is none of an identity card.
    """
    if row.id_type not in (None, "id_card"):
        return
    if identifiers.check_id_number(number) is not None:
        sentence = _l("The format or the check digit of the identity number is wrong.")
        raise Invalid(LOOK_AGAIN, {fault_at: sentence})
    row.sex, row.born_on = identifiers.sex_of(number), identifiers.born_on(number)


def _seal_identity(row: Any, number: str) -> None:
    normal = identifiers.normalise_id_number(number)
    _follow_identity(row, normal, IDENTITY)
    row.id_number_cipher = vault.seal(normal)
    row.id_number_digest = vault.digest(normal)
    row.id_number_masked = identifiers.mask_id_number(normal)


def _check_references(session: Session, model: type, loaded: Mapping[str, Any]) -> None:
    """What is pointed at has to be there for this person: a foreign row is as absent as none."""
    targets: dict[str, type[Base]] = {m.__table__.name: m for m in scoped_models()}  # type: ignore[attr-defined]
    targets["region"] = Region
    for name, meaning in semantics_of(model).items():
        if meaning.ref not in targets or loaded.get(name) is None:
            continue
        if session.get(targets[meaning.ref], loaded[name]) is None:
            sentence = _l("There is no such entry in your region.")
            raise Invalid(LOOK_AGAIN, {name: sentence})


def _record(session: Session, row: Any, verb: str, reason: str | None = None) -> None:
    """One event; a record without a region lies where the person who keeps it does."""
    actor = current_actor()
    if actor is None:
        raise Forbidden("not_permitted", _l("Sign in first."))
    region = getattr(row, "region_code", None) or actor.region_code
    events.record(session, f"{row.__tablename__}:{row.id}", verb, region, reason=reason)
