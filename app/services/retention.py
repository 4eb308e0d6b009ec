"""Retention: pictures of identity cards go when their case has been over for long enough.

In one transaction a case's pictures are marked as deleted, with an event, and the deletion of the
files is promised; it is done after the commit, as often as it takes. Whoever is killed at any line
leaves either the case as it was, or the promise. A daily round over the store deletes what nothing
points at: a picture whose upload ended before its row was written.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.extensions import LOCKED
from app.queries.files import in_use
from app.scope import as_system
from app.services import cases, outbox, sessions
from app.services.jobs import job
from app.services.materials import harmless_slots, store
from app.services.unattended import unattended
from models.application import Application, Material

AT_ONCE = 50
FILES_AT_ONCE = 500
BEING_STORED = timedelta(hours=1)
"""How long an upload may take between its file and its row, with much to spare."""


def promise_today() -> None:
    """Promise what is due today and the round over the store, once a day."""
    keys = {name: f"{name}:{clock.today()}" for name in ("retention", "sweep")}
    outbox.promise_to_itself({key: (name, {"promised": key}) for name, key in keys.items()})


@job("retention")
def erase_promised(promised: str | None = None) -> None:
    """The job of `promise_today`."""
    sessions.forget_over()
    erase_due(promised)


@job("erase_files")
def erase_files(digests: Sequence[str]) -> None:
    """Delete files that nothing points at any more; done twice it does no more."""
    _remove(digests, clock.real_now() - BEING_STORED)


@job("sweep")
def sweep_promised(promised: str | None = None, **_kept: int) -> dict[str, int]:
    """The job of `promise_today`; keeps how many files it has deleted."""
    return {"removed": sweep(promised)}


def erase_due(promised: str | None = None) -> int:
    """Mark the pictures of identity cards of all cases whose time is over as deleted and promise
    that their files go; gives how many cases. Some at a time, each with its event; the job that
    was `promised` under this key is prolonged after each."""
    done = 0
    while keys := _due():
        done += _erase(keys)
        outbox.prolong(promised)
    return done


def sweep(promised: str | None = None) -> int:
    """Delete every file that nothing points at and that is not being stored; gives how many. The
    job that was `promised` under this key is prolonged after some at a time."""
    before, removed = clock.real_now() - BEING_STORED, 0
    files = store().stored(before)
    while some := list(islice(files, FILES_AT_ONCE)):
        removed += _remove(some, before)
        outbox.prolong(promised)
    return removed


def _due() -> Sequence[int]:
    query = (
        select(Application.id)
        .where(Application.erase_on <= clock.today())
        .order_by(Application.erase_on, Application.id)
        .limit(AT_ONCE)
    )
    with as_system("the time is over for everybody") as session:
        return session.scalars(query).all()


def _erase(keys: Sequence[int]) -> int:
    with unattended("its time is over, whoever acts now") as session:
        rows = session.scalars(
            select(Application)
            .where(Application.id.in_(keys), Application.erase_on <= clock.today())
            .order_by(Application.id)
            .with_for_update(**LOCKED)
        ).all()
        for application in rows:
            _erase_case(session, application)
    return len(rows)


def _erase_case(session: Session, application: Application) -> None:
    """Also of slots that were emptied or filled anew: nothing that shows the card stays."""
    application.erase_on = None
    pictures = session.scalars(
        select(Material).where(
            Material.application_id == application.id,
            Material.erased_at.is_(None),
            Material.slot.not_in(harmless_slots(application)),
        )
    ).all()
    if not pictures:
        return
    for picture in pictures:
        picture.active, picture.erased_at = False, clock.now()
    slots = sorted({picture.slot for picture in pictures})
    cases.record(session, application, "erase", application.state, reason=" ".join(slots))
    digests = sorted({picture.digest for picture in pictures})
    outbox.promise(
        session, "erase_files", f"erase:{application.id}:{pictures[0].id}", digests=digests
    )


def _remove(digests: Sequence[str], before: datetime) -> int:
    with as_system("a file belongs to whatever points at it") as session:
        wanted = in_use(session, digests)
    return sum(store().remove(one, before) for one in digests if one not in wanted)
