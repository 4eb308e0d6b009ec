"""Everything that is held about the person who is signed in, and who has looked at it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, or_, select

from app import vault
from app.extensions import db
from app.queries import own
from app.queries.names import region_names
from app.scope import Actor, as_system, current_actor, scoped_models
from models.application import Decision, Material, Submission
from models.base import Published
from models.columns import semantics_of
from models.event import Event
from models.message import Consent
from models.own_data import Correction, DataExport
from models.profile import PersonalFile
from models.worker import Worker

SHOWN = 100
"""How many looks, consents and requests a page shows, the latest first."""
STAFF = {"decision": {"decided_by"}}
"""Columns that speak of an official and not of the person."""
LOOKS = ("look", "download", "print_form", "reveal")


@dataclass(frozen=True)
class Look:
    """One look at somebody's identity number or papers: when, in which role, at which office; the
    family name alone, as a complaint needs no more."""

    at: datetime
    verb: str
    what: str | None
    role: str
    name: str
    office: str


@dataclass(frozen=True)
class Agreed:
    """A consent with the version of the policy whose text it was."""

    consent: Consent
    policy: str


def tables() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every row that is one's own, table by table, as JSON: whatever model somebody adds, its rows
    are here without being named. The scope lets nothing of anybody else through."""
    actor = current_actor()
    for model in scoped_models() if actor else ():
        if not issubclass(model, Published) and (mine := _mine(model, actor)) is not None:
            rows = db.session.scalars(select(model).where(mine)).all()
            yield model.__table__.name, [_as_json(row) for row in rows]  # type: ignore[attr-defined]


def _mine(model: Any, actor: Actor | None) -> Any:
    """The condition by which a row belongs to the person; None for models without owners."""
    assert actor is not None
    if name := getattr(model, "__worker__", None):
        return getattr(model, name) == actor.worker_id
    if name := getattr(model, "__account__", None):
        return getattr(model, name) == actor.account_id
    return None


def _as_json(row: Any) -> dict[str, Any]:
    """A row by what its columns mean; keys of other rows stand as numbers, digests are left out."""
    hidden = STAFF.get(row.__table__.name, set())
    found = {"id": row.id} | {
        key: _plain(getattr(row, key)) for key in semantics_of(type(row)) if key not in hidden
    }
    if isinstance(row, Worker):
        found["id_number"] = vault.unseal(row.id_number_cipher)
    if isinstance(row, Decision) and row.verdict == "approve":
        found.pop("reason", None)  # a note beside an approval is for the offices
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def files() -> Iterator[tuple[str, str]]:
    """The pictures that are held and the texts that were agreed to, by the name that they get and
    their digest."""
    actor = current_actor()
    key = actor.worker_id if actor else None
    for one in db.session.scalars(select(Material).where(Material.worker_id == key)):
        if one.erased_at is None:
            yield f"materials/{one.application_id}-{one.slot}-{one.id}", one.digest
    for row in db.session.scalars(select(PersonalFile).where(PersonalFile.worker_id == key)):
        yield f"personal/{row.slot}-{row.id}", row.digest
    texts = select(Consent.code, Consent.id, Consent.text_digest)
    for code, number, digest in db.session.execute(texts.where(Consent.worker_id == key)):
        if digest:
            yield f"consents/{code}-{number}", digest


def as_text(rows: Any) -> str:
    """Rows as JSON that people can read."""
    return json.dumps(rows, ensure_ascii=False, indent=1, sort_keys=True, default=str)


def looks() -> list[Look]:
    """Who looked at one's identity number and papers, the latest first (docs/adr/0012)."""
    actor = current_actor()
    if actor is None or actor.worker_id is None:
        return []
    subjects = [f"looks:application:{case.id}" for case in own.applications()]
    about = or_(
        Event.subject.in_(subjects),
        and_(Event.subject == f"worker:{actor.worker_id}", Event.verb == "reveal"),
    )
    query = select(Event).where(about, Event.verb.in_(LOOKS)).order_by(Event.id.desc())
    with as_system("people may know who looked at their papers", only_reads=True) as session:
        rows = session.scalars(query.limit(SHOWN)).all()
    names = region_names({row.region_code for row in rows})
    return [_look(row, names) for row in rows]


def _look(row: Event, names: Mapping[str, str]) -> Look:
    name = f"{(row.actor_name or '')[:1]}**"
    office = names.get(row.region_code, row.region_code)
    return Look(row.created_at, row.verb, row.reason, row.actor_role, name, office)


def consents() -> list[Agreed]:
    """What one has agreed to, the latest first, with the edition of the policy that said it."""
    actor = current_actor()
    key = actor.worker_id if actor else None
    query = (
        select(Consent, Submission.policy_code, Submission.policy_version)
        .outerjoin(
            Submission,
            and_(
                Submission.application_id == Consent.application_id,
                Submission.turn == Consent.turn,
            ),
        )
        .where(Consent.worker_id == key)
    )
    rows = db.session.execute(query.order_by(Consent.id.desc()).limit(SHOWN))
    return [Agreed(row, f"{code} v{version}" if code else "") for row, code, version in rows]


def corrections() -> Sequence[Correction]:
    """One's own requests for correction, the latest first."""
    actor = current_actor()
    query = select(Correction).where(Correction.worker_id == (actor.worker_id if actor else None))
    return db.session.scalars(query.order_by(Correction.id.desc()).limit(SHOWN)).all()


def exports() -> Sequence[DataExport]:
    """One's own copies, the latest first."""
    return db.session.scalars(select(DataExport).order_by(DataExport.id.desc()).limit(5)).all()
