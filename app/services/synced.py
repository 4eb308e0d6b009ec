"""What flows into a draft from elsewhere: personal information, and the draft that a window closed.

It flows one way and stops at the submission (MC-22, MC-34). What a form asks for itself is only
filled in where it is empty, or still what it was filled in with.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import LOCKED, db
from app.queries import profiles
from app.rules.fields import AskedSlot
from app.rules.kinds import Kind
from app.rules.words import Words, joined
from app.rules.workflow import State
from app.services import cases, materials
from app.services.refusals import Conflict, Invalid
from app.services.verbs import transaction
from models.application import Application, Material
from models.profile import PersonalFile

EMPTY: tuple[Any, ...] = (None, "", [])
PROFILE_FIRST = Words(
    "请先完善个人信息，还缺：{fields}。",
    "Complete your personal information first. It lacks: {fields}.",
)


def need_profile(kind: Kind, worker_id: int) -> None:
    """Raise Conflict, with all that is missing, where personal information comes before the form
    and is not complete (MC-06, HN-39)."""
    missing = profiles.missing_of(profiles.of(worker_id)) if kind.profile else []
    if missing:
        raise Conflict("profile_incomplete", PROFILE_FIRST.fill(fields=joined(missing)))


def follow(
    session: Session, worker_id: int, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Bring changed personal information into every draft that asks for itself; one that takes
    its form from here reads it anew each time."""
    for draft in drafts_of(session, worker_id):
        kind = cases.terms_of(session, draft).kind
        if kind.profile:
            continue
        asked = {spec.name for spec in kind.fields if not spec.locked}
        form = dict(draft.form)
        for name in asked & (before.keys() | after.keys()):
            if form.get(name) in (*EMPTY, before.get(name)):
                form[name] = after.get(name)
        if form != draft.form:
            draft.form = form
            session.flush()
            cases.record(session, draft, "save", draft.state, reason="profile")


def drafts_of(session: Session, worker_id: int) -> Sequence[Application]:
    """The drafts of a worker, locked until the verb ends."""
    query = select(Application).where(
        Application.worker_id == worker_id, Application.state == State.draft
    )
    fresh = query.with_for_update(**LOCKED).execution_options(populate_existing=True)
    return session.scalars(fresh.order_by(Application.id)).all()


def bring_pictures(application_id: int, before: Mapping[str, str] = {}) -> None:
    """Put the pictures of personal information into the slots of a draft that are empty, or that
    hold the one from `before` (digests by slot); a slot with another rule stays as it is, and is
    asked for.

    Outside of a verb: decoding takes long, and writers would wait.
    """
    draft = cases.fetch_own(db.session(), application_id, lock=False)
    profile = profiles.of(draft.worker_id)
    if profile is None or not profile.kept:
        return
    rows = {row.digest: row for row in profiles.files(draft.worker_id).values()}
    kind = cases.terms_of(db.session(), draft).kind
    wanted = [s for s in kind.slots() if s.page == 1 and s.origin in profile.kept]
    fitting = [(slot, kept) for slot in wanted if (kept := _fitting(slot, rows, profile.kept))]
    if not fitting:
        return
    with transaction() as session:
        application = cases.fetch_own(session, application_id)
        held = cases.active_materials(session, application.id)
        for slot, kept in fitting if application.state == State.draft else ():
            current = held.get(slot.name)
            if current is None or current.digest == before.get(slot.origin) != kept.digest:
                materials.place(session, application, slot.name, kept)


def _fitting(
    slot: AskedSlot, rows: Mapping[str, PersonalFile], kept: Mapping[str, str]
) -> materials.Kept | None:
    """The picture of personal information for this slot, if the slot takes it as it is."""
    row = rows[kept[slot.origin]]
    try:
        accepted = materials.accept(slot, materials.store().get(row.digest))
    except Invalid:
        return None
    if (accepted.width, accepted.height) != (row.width, row.height):
        return None
    return materials.Kept(**{key: getattr(row, key) for key in materials.Kept.__annotations__})


def last_closed(session: Session, worker_id: int, kind: str) -> Application | None:
    """The latest draft of a kind that its window closed, if nothing was begun after it."""
    latest = session.scalar(
        select(Application)
        .where(Application.worker_id == worker_id, Application.kind == kind)
        .order_by(Application.id.desc())
        .limit(1)
    )
    return latest if latest is not None and latest.state == State.closed else None


def typed_before(closed: Application | None, kind: Kind) -> dict[str, Any]:
    """What was typed into a closed draft and is asked again: nobody types it twice."""
    asked = {spec.name for spec in kind.fields if not spec.locked}
    form = closed.form if closed else {}
    return {name: value for name, value in form.items() if name in asked}


def take_up_closed(session: Session, closed: Application, draft: Application) -> None:
    """Take over the pictures of a closed draft; its slots checked them, so only what the new
    window no longer takes is left out."""
    held = cases.active_materials(session, closed.id)
    for slot in cases.terms_of(session, draft).kind.slots():
        row = held.get(slot.name)
        if row is not None and _still_fits(slot, row):
            kept = {key: getattr(row, key) for key in materials.Kept.__annotations__}
            materials.place(session, draft, slot.name, materials.Kept(**kept))


def _still_fits(slot: AskedSlot, row: Material) -> bool:
    return slot.max_bytes is None or row.size <= slot.max_bytes
