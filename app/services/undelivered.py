"""Text messages and e-mails that nobody got: why, once more, or told in another way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from app.extensions import LOCKED, db
from app.rules.words import Words
from app.services import events, outbox, senders
from app.services.verbs import need, transaction
from models.message import Outbox
from models.worker import Worker

PERMISSION = "messages.deliver"
MOST = 500
"""How many are shown, the newest first: a gateway that is down stops all of them alike."""

NO_CONTACT = Words(
    "没有登记手机号或邮箱，请联系本人并在人员档案中补充",
    "No telephone number or address is on record: reach the person and add it to the record",
)
REFUSED = Words(
    "号码或地址被网关拒收，请与本人核对",
    "The gateway refused the number or address: check it with the person",
)
SILENT = Words("网关没有应答，多次重试未成功", "The gateway did not answer, after several tries")


@dataclass(frozen=True)
class Undelivered:
    """One text message or e-mail that failed: to whom, what, why, after how many tries."""

    key: int
    worker: Worker
    channel: str
    title: Words
    reason: Words
    attempts: int
    at: datetime


def worklist() -> list[Undelivered]:
    """Those to the workers of one's own region, the newest first."""
    need(PERMISSION)
    return [_told(row, worker) for row, worker in db.session.execute(_failed().limit(MOST))]


def again(keys: Iterable[int]) -> int:
    """Let the worker try these once more; how many. What it gives up again comes back here."""
    need(PERMISSION)
    with transaction() as session:
        chosen = session.execute(_chosen(keys)).all()
        for row, worker in chosen:
            events.record(session, f"worker:{worker.id}", "send_again", worker.region_code)
            outbox.renew(session, row.key)
    return len(chosen)


def settle(keys: Iterable[int]) -> int:
    """Take these off the worklist, because the person was told in another way; how many."""
    need(PERMISSION)
    with transaction() as session:
        chosen = session.execute(_chosen(keys)).all()
        for row, worker in chosen:
            events.record(session, f"worker:{worker.id}", "told_otherwise", worker.region_code)
            row.state = "settled"
    return len(chosen)


def _chosen(keys: Iterable[int]) -> Select[Outbox, Worker]:
    """Some of them, locked: whoever chooses the same one meanwhile finds that it failed no more."""
    locked = _failed().with_for_update(of=Outbox, **LOCKED)
    return locked.where(Outbox.id.in_(set(keys))).execution_options(populate_existing=True)


def _failed() -> Select[Outbox, Worker]:
    """The join to the worker brings the scope: an outbox row has no region of its own."""
    return (
        select(Outbox, Worker)
        .join(Worker, Worker.id == Outbox.worker_id)
        .where(Outbox.state == "failed", Outbox.job.in_(("sms", "email")))
        .order_by(Outbox.id.desc())
    )


def _told(row: Outbox, worker: Worker) -> Undelivered:
    return Undelivered(row.id, worker, row.job, _title(row), _reason(row), row.attempts, row.due_at)


def _title(row: Outbox) -> Words:
    """What the message was about; one from before both languages were kept says it in its own."""
    sent = row.payload["title"]
    return Words(**row.payload.get("heading", {"zh": sent, "en": sent}))


def _reason(row: Outbox) -> Words:
    name, said = outbox.given_up_for(row)
    if name != "Undeliverable":
        return SILENT
    return NO_CONTACT if said in (senders.NO_PHONE, senders.NO_ADDRESS) else REFUSED
