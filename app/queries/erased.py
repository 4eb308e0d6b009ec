"""Pictures of identity cards that were deleted when their time was over: what is said instead."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from app import clock
from app.extensions import db
from app.rules.words import Words
from models.application import Application, Material

ERASED = Words("已按规定于{day}删除", "Deleted as prescribed on {day}")


def erased_text(at: datetime) -> Words:
    """What stands where the picture was."""
    return ERASED.fill(day=clock.local(at).date().isoformat())


def erased(application: Application) -> Mapping[int, Words]:
    """What is said of each deleted picture of a case, by its key."""
    query = select(Material.id, Material.erased_at).where(
        Material.application_id == application.id, Material.erased_at.is_not(None)
    )
    return {key: erased_text(at) for key, at in db.session.execute(query) if at}


def erased_slots(application: Application) -> Mapping[str, Words]:
    """The same by slot, of the last picture in each; nothing for a slot that is filled anew."""
    query = (
        select(Material.slot, Material.erased_at, Material.active)
        .where(Material.application_id == application.id)
        .order_by(Material.id)
    )
    last = {slot: (at, active) for slot, at, active in db.session.execute(query)}
    return {slot: erased_text(at) for slot, (at, active) in last.items() if at and not active}
