"""The verbs on one's own personal information: said once, taken over by every open draft."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.extensions import db
from app.queries import profiles
from app.queries.roster import plain
from app.rules.fields import FieldSpec, Slot
from app.rules.profile import MOST, Distinction, Engagement, carried
from app.rules.words import Words
from app.services import cases, events, forms, materials, synced
from app.services.materials import Kept
from app.services.refusals import LOOK_AGAIN, Conflict, Invalid, Missing, Sentence
from app.services.verbs import need, transaction
from models.base import Record
from models.columns import semantics_of
from models.profile import Honor, PersonalFile, Profile, WorkExperience
from models.worker import Worker

NOT_IN_DIRECTORY = _l("Choose an organization from the list.")
NO_UNIT = _l("Choose the employer from the list, or type its name.")
ENDS_FIRST = _l("This month is before the first one.")
NOT_YET = _l("This month has not come yet.")
NO_SUCH = _l("There is no such entry in your personal information.")
TOO_MANY = _l("There is no room for more. Remove an entry first.")
NEEDS_PROOF = Words(
    "三区计划或牵手计划的项目须上传证明材料。",
    "A project of the Three Areas Plan or the Hand in Hand Plan needs its proof.",
)
PROOF = Slot(
    "proof",
    Words("证明材料", "Proof"),
    Words("图片或PDF，清晰，大小在1M以内", "A picture or a PDF, legible, at most 1 MB"),
    max_bytes=1048576,
    required=False,
    pdf=True,
)
"""What proves a project of the plans (MC-13) or an honour."""


@dataclass(frozen=True)
class Part:
    """A list of personal information: its model and the name that its pictures begin with."""

    model: type[WorkExperience] | type[Honor]
    name: str

    def slot(self, key: int | None) -> str:
        """The slot of an entry's proof; that of an entry which is not kept yet waits for it."""
        return f"{self.name}_{key or 'new'}"


EXPERIENCE = Part(WorkExperience, "experience")
HONOR = Part(Honor, "honor")
PARTS = {part.name: part for part in (EXPERIENCE, HONOR)}


def specs_of(part: Part) -> list[FieldSpec]:
    """The inputs of an entry, as its model declares them."""
    return [
        meaning.field
        for name, meaning in semantics_of(part.model).items()
        if meaning.written and not meaning.parent and name != "region_code"
    ]


def labels_of(model: type[Record]) -> dict[str, FieldSpec]:
    """What the columns of a model are called, and the words of their codes."""
    return {name: meaning.field for name, meaning in semantics_of(model).items()}


def entry_values(part: Part, key: int | None) -> dict[str, Any]:
    """An entry as its form shows it; nothing for a new one. Raises Missing for another's."""
    need("profile.keep")
    if key is None:
        return {}
    row = _row(db.session(), part, key)
    return {spec.name: getattr(row, spec.name) for spec in specs_of(part)}


def save_basic(values: Mapping[str, Any]) -> Profile:
    """Keep 基础信息 as far as it has been said; what is not sent is taken out.

    Raises Invalid for what is malformed; what is missing is told by `profiles.missing_of`.
    """
    specs = [spec for part in profiles.current_sheet().layout for spec in part.fields]
    known = {spec.name for spec in specs}
    given = {k: v for k, v in values.items() if k in known and v not in synced.EMPTY}
    unit = _chosen(given)
    loaded = forms.load(specs, given, partly=True)
    if loaded.get("unit_id"):
        loaded["unit_name"] = unit
    with _changing("basic") as (_session, _worker, profile):
        profile.basic = {n: plain(v) for n, v in loaded.items() if v not in synced.EMPTY}
    return profile


def take_phone(session: Session, worker: Worker, phone: str) -> None:
    """Put a telephone that the person authorised into 基础信息, in the transaction of the consent;
    where nothing has been said yet, the page begins with the one on the roster anyway."""
    profile = profiles.of(worker.id)
    if profile is not None:
        with _followed(session, worker, profile, "phone"):
            profile.basic = {**profile.basic, "phone": phone}


def keep_entry(part: Part, values: Mapping[str, Any], key: int | None = None) -> Record:
    """Add an entry of a working life or an honour, or change the one with this key.

    Raises Invalid with every fault, Missing for a key of nobody or somebody else.
    """
    given = dict(values)
    unit = _chosen(given)
    loaded, errors = _read(part, given)
    actor = need("profile.keep")
    kept = profiles.files(actor.worker_id or 0)
    errors |= _faults(part, loaded, proved=part.slot(key) in kept)
    if errors:
        raise Invalid(LOOK_AGAIN, errors)
    with _changing(part.name) as (session, worker, _profile):
        row = _row(session, part, key) if key else _new(part, worker)
        for name, value in loaded.items():
            setattr(row, name, value)
        if unit:
            row.unit_name = unit  # type: ignore[union-attr]
        session.add(row)
        session.flush()
        if key is None:
            _move(session, worker, part.slot(None), part.slot(row.id))
    return row


def remove_entry(part: Part, key: int) -> None:
    """Take an entry out, with its proof; raises Missing."""
    with _changing(part.name) as (session, worker, _profile):
        row = _row(session, part, key)
        _supersede(session, worker, part.slot(key))
        session.delete(row)
        session.flush()


def attach(slot: str, filename: str, data: bytes) -> PersonalFile:
    """Put a picture into a slot of personal information: a document of the sheet, or the proof of
    an entry. It is decoded before anything of it is kept; raises Invalid with the rule that it
    breaks, Missing for a slot that is none of one's own.
    """
    need("profile.keep")
    accepted = materials.accept(_slot(slot), data)
    kept = Kept.of(accepted, materials.store().put(accepted.data), materials.file_name(filename))
    with _changing("pictures") as (session, worker, _profile):
        _supersede(session, worker, slot)
        row = PersonalFile(worker_id=worker.id, slot=slot, **vars(kept))
        row.region_code = worker.region_code
        session.add(row)
        session.flush()
    return row


def detach(slot: str) -> None:
    """Take a picture out; drafts keep what they have taken over. Raises Missing without one."""
    _slot(slot)
    with _changing("pictures") as (session, worker, _profile):
        if slot not in profiles.files(worker.id):
            raise Missing("missing", materials.MISSING)
        _supersede(session, worker, slot)


def picture_bytes(key: int) -> tuple[bytes, str]:
    """One's own picture and its media type; raises Missing for anybody else's."""
    actor = need("profile.keep")
    row = db.session.scalar(
        select(PersonalFile).where(
            PersonalFile.id == key, PersonalFile.worker_id == (actor.worker_id or 0)
        )
    )
    if row is None:
        raise Missing("missing", NO_SUCH)
    return materials.store().get(row.digest), row.media_type


@contextmanager
def _changing(what: str) -> Iterator[tuple[Session, Worker, Profile]]:
    """The frame of every change: afterwards open drafts follow it, as far as they do."""
    actor = need("profile.keep")
    with transaction() as session:
        worker = cases.own_worker(session, actor, lock=True)
        profile = _profile(session, worker)
        held = dict(profile.kept)
        with _followed(session, worker, profile, what):
            yield session, worker, profile
        drafts = [draft.id for draft in synced.drafts_of(session, worker.id)]
    for key in drafts:
        synced.bring_pictures(key, held)


@contextmanager
def _followed(session: Session, worker: Worker, profile: Profile, what: str) -> Iterator[None]:
    """Sum up what changes within, let the texts of drafts follow it, and keep the event."""
    before = dict(profile.carried)
    yield
    session.flush()
    _sum_up(worker, profile)
    session.flush()
    synced.follow(session, worker.id, before, profile.carried)
    events.record(session, f"worker:{worker.id}", "profile", worker.region_code, reason=what)


def _profile(session: Session, worker: Worker) -> Profile:
    found = profiles.of(worker.id)
    if found is None:
        found = Profile(worker_id=worker.id, basic={}, carried={}, kept={})
        found.region_code = worker.region_code
        session.add(found)
        session.flush()
    return found


def _sum_up(worker: Worker, profile: Profile) -> None:
    """Write down what forms take over from all parts."""
    experiences, honors = profiles.experiences(worker.id), profiles.honors(worker.id)
    files = profiles.files(worker.id)
    profile.carried = carried(
        profile.basic,
        [Engagement(e.started, e.ended, e.unit_name or "", e.post, e.plan) for e in experiences],
        [Distinction(h.title, h.level, h.awarded_on, h.issuer) for h in honors],
    )
    kept = {s.name: files[s.name].digest for s in profiles.sheet().documents if s.name in files}
    proofs = (files.get(EXPERIENCE.slot(e.id)) for e in experiences if e.plan != "no")
    if proof := next((one for one in proofs if one), None):
        kept["plan_proof"] = proof.digest
    profile.kept = kept


def _chosen(given: dict[str, Any]) -> str | None:
    """Put the key of the chosen organization in place of what was sent for it, a key or a whole
    name, and give its name; raises Invalid for one that the directory does not have (MC-11)."""
    typed = given.get("unit_id")
    if typed in synced.EMPTY:
        return None
    found = profiles.unit(typed)
    if found is None:
        raise Invalid(LOOK_AGAIN, {"unit_id": NOT_IN_DIRECTORY})
    given["unit_id"] = found[0]
    return found[1]


def _read(part: Part, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Sentence]]:
    try:
        specs = specs_of(part)
        return forms.load(specs, {spec.name: given.get(spec.name) for spec in specs}), {}
    except Invalid as fault:
        return {}, fault.errors


def _faults(part: Part, loaded: Mapping[str, Any], *, proved: bool) -> dict[str, Sentence]:
    """What a single input cannot know."""
    month, found = clock.today().isoformat()[:7], dict[str, Sentence]()
    for name in ("started", "ended", "awarded_on"):
        if (loaded.get(name) or "") > month:
            found[name] = NOT_YET
    if part is HONOR or not loaded:
        return found
    if loaded["ended"] and loaded["ended"] < loaded["started"]:
        found["ended"] = ENDS_FIRST
    if not loaded["unit_id"] and not loaded["unit_name"]:
        found["unit_name"] = NO_UNIT
    if loaded["plan"] != "no" and not proved:
        found["proof"] = NEEDS_PROOF
    return found


def _new(part: Part, worker: Worker) -> WorkExperience | Honor:
    rows = profiles.experiences(worker.id) if part is EXPERIENCE else profiles.honors(worker.id)
    if len(rows) >= MOST:
        raise Conflict("full", TOO_MANY)
    row = part.model(worker_id=worker.id)
    row.region_code = worker.region_code
    return row


def _row(session: Session, part: Part, key: int) -> WorkExperience | Honor:
    model: Any = part.model
    row: WorkExperience | Honor | None = session.get(model, key, populate_existing=True)
    if row is None:
        raise Missing("missing", NO_SUCH)
    return row


def _slot(name: str) -> Slot:
    """The slot of this name; raises Missing for one that is none of one's own."""
    document = next((s for s in profiles.sheet().documents if s.name == name), None)
    if document is not None:
        return document
    prefix, _, key = name.rpartition("_")
    part = PARTS.get(prefix)
    if part is None or (key != "new" and not key.isdecimal()):
        raise Missing("no_such_slot", materials.NO_SUCH_SLOT)
    if key != "new":
        _row(db.session(), part, int(key))
    return PROOF


def _supersede(session: Session, worker: Worker, slot: str) -> None:
    row = profiles.files(worker.id).get(slot)
    if row is not None:
        session.delete(row)
        session.flush()  # before the new one: a slot holds one picture


def _move(session: Session, worker: Worker, slot: str, to: str) -> None:
    row = profiles.files(worker.id).get(slot)
    if row is not None:
        row.slot = to
        session.flush()
