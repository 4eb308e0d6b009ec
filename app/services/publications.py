"""Publishing windows, notices, documents and contacts: one person proposes, a second one confirms."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.rules import regions
from app.scope import Actor
from app.services import events
from app.services.refusals import Conflict, Forbidden, Missing
from app.services.verbs import STALE, need, transaction
from models.publication import Contact, Document, Notice, Window

Publication = Window | Notice | Document | Contact
RESOURCES = {Window: "windows", Notice: "notices", Document: "documents", Contact: "contacts"}


def propose(model: type[Any], key: int) -> None:
    """Ask a second person to publish a draft; raises Missing, Forbidden or Conflict."""
    with transaction() as session:
        actor, row = _fetch(session, model, key, "draft")
        row.state, row.proposed_by = "proposed", actor.account_id
        _record(session, row, "propose", "draft")


def confirm(model: type[Any], key: int) -> None:
    """Publish what another person proposed; raises Forbidden for the one who proposed it."""
    with transaction() as session:
        actor, row = _fetch(session, model, key, "proposed")
        if row.proposed_by == actor.account_id:
            raise Forbidden(
                "second_person", _l("A second person has to confirm what you proposed.")
            )
        row.state = "published"
        if hasattr(row, "published_at"):
            row.published_at = clock.now()
        _record(session, row, "confirm", "proposed")


def retract(model: type[Any], key: int) -> None:
    """Take a proposal or a publication back to a draft."""
    with transaction() as session:
        _actor, row = _fetch(session, model, key, "proposed", "published")
        before, row.state = row.state, "draft"
        _record(session, row, "retract", before)


def _fetch(session: Session, model: type[Any], key: int, *states: str) -> tuple[Actor, Publication]:
    actor = need(f"{RESOURCES[model]}.publish")
    row = session.get(model, key, populate_existing=True)
    if row is None or not regions.covers(actor.region_code, row.region_code):
        raise Missing("missing", _l("There is no such record in your region."))
    if row.state not in states:
        raise Conflict("stale", STALE)
    return actor, row


def _record(session: Session, row: Publication, verb: str, before: str) -> None:
    subject = f"{row.__tablename__}:{row.id}"
    events.record(session, subject, verb, row.region_code, from_state=before, to_state=row.state)
