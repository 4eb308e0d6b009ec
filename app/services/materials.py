"""Pictures of a case: attached to a slot, replaced, taken out, and shown to whom they may be."""

from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import PurePath

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.documents.papers import check_paper, is_paper
from app.documents.pictures import Picture, PictureRefused, check_picture
from app.documents.watermark import watermarked
from app.extensions import db
from app.queries.erased import erased_text
from app.queries.names import region_names
from app.queries.policies import kind_of
from app.rules.fields import Portrait, Slot
from app.rules.words import Words
from app.scope import Actor
from app.services import access, cases
from app.services.refusals import Conflict, Invalid, Missing
from app.services.verbs import need, transaction
from app.storage import FileStore
from models.application import Application, Material

NO_SUCH_SLOT = Words("没有这一项材料。", "No such material is asked for.")
NOT_NAMED = Words(
    "审核意见没有要求修改这项材料，不能更换。",
    "The reviewer did not ask for this material, so it cannot be changed.",
)
MISSING = Words("没有这张图片。", "There is no such picture.")
MARK = "{office} · {name} · {at:%Y-%m-%d %H:%M} · 仅供登记审核"
"""What is written across an identity card, in Chinese whatever the reader's language is."""


@dataclass(frozen=True)
class Kept:
    """A picture in the store, as every row that points at it describes it."""

    digest: str
    media_type: str
    size: int
    width: int
    height: int
    original_name: str
    warnings: list[dict[str, str]]

    @classmethod
    def of(cls, picture: Picture, digest: str, name: str) -> "Kept":
        """An accepted picture that was stored."""
        return cls(
            digest=digest,
            media_type=picture.media_type,
            size=len(picture.data),
            width=picture.width,
            height=picture.height,
            original_name=name,
            warnings=[asdict(text) for text in picture.warnings],
        )


def attach(application_id: int, slot: str, filename: str, data: bytes) -> Material:
    """Put a picture into a slot; an earlier one is superseded and kept (BJ-33, BA-16).

    What can be tolerated is kept as a remark on the row (X-05). Raises Invalid with the rule that
    the picture breaks (BA-07, BJ-27, BJ-56), or Conflict when the slot is not open; the case is
    then as it was.
    """
    # outside of the transaction and without a lock: decoding takes long, and writers would wait
    seen = cases.fetch_own(db.session(), application_id, lock=False)
    accepted = accept(_open_slot(seen, slot), data)
    digest = store().put(accepted.data)
    with transaction() as session:
        application = cases.fetch_own(session, application_id)
        _open_slot(application, slot)
        kept = Kept.of(accepted, digest, file_name(filename))
        material = place(session, application, slot, kept)
    if not store().exists(digest):  # deleted as left over while nothing pointed at it yet
        store().put(accepted.data)
    return material


def place(session: Session, application: Application, slot: str, kept: Kept) -> Material:
    """Put a stored picture into a slot of a case, within a verb, with its event."""
    _supersede(session, application, slot)
    material = Material(
        application_id=application.id,
        worker_id=application.worker_id,
        region_code=application.region_code,
        slot=slot,
        active=True,
        **vars(kept),
    )
    session.add(material)
    session.flush()
    cases.record(session, application, "attach", application.state, reason=slot)
    return material


def detach(application_id: int, slot: str) -> None:
    """Take the picture out of a slot; raises Missing when it is empty, Conflict when not open."""
    with transaction() as session:
        application = cases.fetch_own(session, application_id)
        _open_slot(application, slot)
        if not _supersede(session, application, slot):
            raise Missing("missing", MISSING)
        cases.record(session, application, "detach", application.state, reason=slot)


def material_bytes(material_id: int) -> tuple[bytes, str]:
    """A picture and its media type, for whoever may see the case, because it lies where the case
    lies; raises Missing for others.

    An identity card carries the reader's office, name and real time, but for its owner. That
    anybody but the owner looks is on record before it is shown.
    """
    actor = need("applications.read")
    material = db.session.scalar(select(Material).where(Material.id == material_id))
    if material is None:
        raise Missing("missing", MISSING)
    if material.erased_at is not None:
        raise Missing("erased", erased_text(material.erased_at))
    data, media_type = store().get(material.digest), material.media_type
    if actor.worker_id != material.worker_id and shows_identity(material):
        data, media_type = watermarked(data, mark_of(actor)), "image/jpeg"
    access.looked(material, "look", f"{material.slot} material:{material.id}")
    return data, media_type


def shows_identity(material: Material) -> bool:
    """Whether the policy of its case says that this picture shows an identity card."""
    application = db.session.scalar(
        select(Application).where(Application.id == material.application_id)
    )
    if application is None:
        return True  # whose case is not there gives nothing away
    return material.slot not in harmless_slots(application)


def harmless_slots(application: Application) -> frozenset[str]:
    """The slots whose pictures show no identity card; one that the case no longer has may."""
    return frozenset(slot.name for slot in kind_of(application).materials if not slot.identity)


def mark_of(actor: Actor) -> str:
    """The words across an identity card that this person reads now."""
    office = region_names([actor.region_code]).get(actor.region_code, actor.region_code)
    return MARK.format(office=office, name=actor.name, at=clock.local(clock.real_now()))


def store() -> FileStore:
    """Where the files of the portal are."""
    files: FileStore = current_app.extensions["files"]
    return files


def _open_slot(application: Application, name: str) -> Slot:
    kind = cases.terms_of(db.session(), application).kind
    names = cases.need_open(application, kind)
    slot = next((one for one in kind.materials if one.name == name), None)
    if slot is None:
        raise Missing("no_such_slot", NO_SUCH_SLOT)
    if name not in names:
        raise Conflict("not_named", NOT_NAMED)
    return slot


def accept(slot: Slot, data: bytes) -> Picture:
    """The clean copy of a picture that a slot takes; raises Invalid with the rule it breaks."""
    try:
        if slot.pdf and is_paper(data):
            return check_paper(data, max_bytes=slot.max_bytes)
        if slot.portrait is None:
            return check_picture(data, max_bytes=slot.max_bytes)
        return _accept_portrait(slot.portrait, slot.max_bytes, data)
    except PictureRefused as fault:
        refused = Invalid(fault.message, {slot.name: fault.message})
        refused.code = fault.code
        raise refused from fault


def _accept_portrait(portrait: Portrait, max_bytes: int | None, data: bytes) -> Picture:
    """The portrait in the first of its sizes that it has; what the first one says if it has none
    (MC-09)."""
    for size in portrait.or_:
        with suppress(PictureRefused):
            return _accept_portrait(replace(size, accept_swapped=False), max_bytes, data)
    return check_picture(
        data,
        max_bytes=max_bytes,
        portrait=(portrait.width, portrait.height),
        tolerance=portrait.tolerance,
        accept_swapped=portrait.accept_swapped,
    )


def _supersede(session: Session, application: Application, slot: str) -> bool:
    current = cases.active_materials(session, application.id).get(slot)
    if current is None:
        return False
    current.active = False
    session.flush()  # before the new one: a slot holds one active picture
    return True


def file_name(filename: str) -> str:
    """The last part of what the browser said, without signs that cannot be shown."""
    last = PurePath(filename.replace("\\", "/")).name
    return "".join(sign for sign in last if sign.isprintable())[:200] or "picture"
