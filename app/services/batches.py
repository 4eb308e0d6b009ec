"""Batches: many decisions alike confirmed at once, each a job with a transaction of its own."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app import clock
from app.extensions import LOCKED, db
from app.rules.words import Words
from app.scope import acting_as, as_system
from app.security import actor_of, find_account
from app.services import outbox, review
from app.services.bilingual import both
from app.services.jobs import job
from app.services.precheck import MOST
from app.services.refusals import Invalid, Missing, Refusal, Sentence
from app.services.verbs import need, transaction
from models.account import Account
from models.application import Application
from models.batch import BatchItem
from models.worker import Worker

PERMISSION = "applications.decide"
TRIES = 5
"""How often a case is tried that something else than a refusal stopped."""

NOTHING_CHOSEN = _l("Choose at least one case that is clear.")
TOO_MANY = _l("Choose fewer cases: at most %(most)s at once.", most=MOST)
NO_SUCH_BATCH = _l("There is no such batch of yours.")
SWITCHED_OFF = Words("账号已停用，未作决定。", "The account was switched off; nothing was decided.")


@dataclass(frozen=True)
class Line:
    """One case of a batch with what people call it."""

    item: BatchItem
    reference: str
    name: str


def new_batch() -> str:
    """A name for a batch that is about to be confirmed: confirmed twice, it is one batch."""
    return secrets.token_urlsafe(16)


@dataclass(frozen=True)
class Verdict:
    """What is decided on every case of a batch, and why: the facts of `review.decide`."""

    verdict: str = "approve"
    reason_code: str | None = None
    reason: str | None = None
    items: tuple[str, ...] = ()


APPROVE = Verdict()


def start(batch: str, chosen: Sequence[tuple[int, int]], what: Verdict = APPROVE) -> str:
    """Promise the same decision on these cases, by key and the version that was looked at.

    Every one is decided by itself, as whoever started the batch, and what stops one does not stop
    the others. Raises Invalid for none or too many and for a decision that lacks its reason or what
    to correct, Forbidden without the permission.
    """
    actor = need(PERMISSION)
    if not chosen or len(chosen) > MOST:
        raise Invalid.at("ids", TOO_MANY if chosen else NOTHING_CHOSEN)
    if errors := review.lacking(what.verdict, what.reason_code, what.reason, what.items):
        raise Invalid.of(errors)
    with transaction() as session:
        # who presses twice at once is read twice, one after the other
        mine = select(Account.id).where(Account.id == actor.account_id)
        session.scalar(mine.with_for_update(**LOCKED))
        known = set(
            session.scalars(select(BatchItem.application_id).where(BatchItem.batch == batch))
        )
        for key, version in dict(chosen).items():
            if key in known:
                continue
            item = BatchItem(
                user_id=actor.account_id,
                batch=batch,
                application_id=key,
                case_version=version,
                **(vars(what) | {"items": list(what.items)}),
                sentence={},
                address=actor.address,
            )
            session.add(item)
            session.flush()
            outbox.promise(session, "decide_in_batch", f"batch:{item.id}", item_id=item.id)
    return batch


def lines(batch: str) -> list[Line]:
    """The cases of one's own batch in their order, done or not; raises Missing for any other."""
    need(PERMISSION)
    query = (
        select(BatchItem, Application.reference, Worker.name)
        .join(Application, Application.id == BatchItem.application_id)
        .join(Worker, Worker.id == Application.worker_id)
        .where(BatchItem.batch == batch)
        .order_by(BatchItem.id)
    )
    found = [Line(*row) for row in db.session.execute(query)]
    if not found:
        raise Missing("missing", NO_SUCH_BATCH)
    return found


@job("decide_in_batch", attempts=TRIES)
def decide_in_batch(item_id: int) -> None:
    """The job of `start`: decide one case as whoever started the batch.

    The decision and the mark that it is done are one transaction, so that a job that was killed and
    is done again decides nothing twice.
    """
    with as_system("whose batch it is has to be known before anybody can act") as session:
        item = session.get(BatchItem, item_id)
        account_id, address = (item.user_id, item.address) if item else (0, None)
    account = find_account(id=account_id)
    if item is None or account is None:
        return
    with acting_as(actor_of(account, address)):
        if not account.active:
            _close(item_id, "refused", SWITCHED_OFF)
            return
        try:
            _decide(item_id)
        except Refusal as fault:
            _close(item_id, "refused", fault.sentence)


def _decide(item_id: int) -> None:
    with transaction() as session:
        item = session.get(BatchItem, item_id, with_for_update=LOCKED, populate_existing=True)
        if item is None or item.state != "waiting":
            return
        review.decide(
            item.application_id,
            item.verdict,
            reason_code=item.reason_code,
            reason=item.reason,
            items=item.items,
            version=item.case_version,
        )
        item.state, item.decided_at = "done", clock.now()


def _close(item_id: int, state: str, sentence: Sentence) -> None:
    with transaction() as session:
        item = session.get_one(BatchItem, item_id, with_for_update=LOCKED, populate_existing=True)
        if item.state == "waiting":
            item.state, item.sentence = state, asdict(both(sentence))
            item.decided_at = clock.now()
