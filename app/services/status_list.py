"""The list of the states of all certificates, for those who check without a connection.

A certificate's place in the list is its key: it has one from its birth, never changes it, and two
that are issued at once need no other lock for it.
"""

from datetime import timedelta

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.documents.status_token import packed, token
from app.keys import KeyStore
from app.scope import as_system
from app.services import outbox
from app.services.jobs import job
from app.services.unattended import unattended
from models.certificate import Certificate
from models.status_list import StatusList

STATED = timedelta(hours=1)
"""Within this time every change of state is on the list: `next_update` says when the next one is
there at the latest."""

EVERY = timedelta(minutes=20)
"""How often it is made; a failed one leaves time for two more."""

BATCH = 20_000
ADDRESS = "/verify/status-list"
NAME = "certificates"


def promise_next() -> None:
    """Promise the list of this third of an hour, once; cheap enough for every round of the
    worker. The time is the real one: whoever reads the list compares it with a real clock."""
    key = f"status_list:{int(clock.real_now().timestamp() // EVERY.total_seconds())}"
    outbox.promise_to_itself({key: ("status_list", {})})


@job("status_list", attempts=3)
def rebuild() -> None:
    """Make the list anew and keep it in place of the last one."""
    with as_system("the list is for everybody") as session:
        made = _made(session)
    with unattended("the list is for everybody") as session:
        kept = session.get(StatusList, NAME)
        if kept is None:
            session.add(made)
        elif kept.issued_at < made.issued_at:
            kept.issued_at, kept.next_update = made.issued_at, made.next_update
            kept.token = made.token


def current() -> StatusList:
    """The newest list; where no worker has made one yet, one made now and not kept."""
    with as_system("the list is for everybody") as session:
        kept = session.get(StatusList, NAME)
        if kept is None:
            return _made(session)
        session.expunge(kept)
        return kept


def _made(session: Session) -> StatusList:
    issued_at = clock.real_now()  # before the rows are read: a change meanwhile is on the next one
    last = session.scalar(select(func.max(Certificate.id))) or 0
    query = select(Certificate.id, Certificate.state).where(Certificate.state != "valid")
    rows = session.execute(query.where(Certificate.id <= last).execution_options(yield_per=BATCH))
    bits = packed(last + 1, ((place, state) for place, state in rows))
    keys: KeyStore = current_app.extensions["keys"]
    address = current_app.config["PORTAL_URL"] + ADDRESS
    following = issued_at + STATED
    return StatusList(
        name=NAME,
        issued_at=issued_at,
        next_update=following,
        token=token(keys.signing_key(), address, bits, issued_at, following),
    )
