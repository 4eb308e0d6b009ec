"""Text messages and e-mails that were promised: sent where a gateway is set, else recorded."""

import logging
from collections.abc import Mapping
from typing import Any

from app.scope import as_system
from app.services import gateway
from app.services.jobs import Undeliverable, job
from models.worker import Worker

TRIES = 8
NO_PHONE = "no telephone number is on record"
NO_ADDRESS = "no e-mail address is on record"

log = logging.getLogger(__name__)


@job("sms", attempts=TRIES)
def send_sms(
    worker_id: int, title: str, body: str, reference: str = "", **_kept: Any
) -> Mapping[str, str]:
    """Send a promised text message through the gateway of PORTAL_SMS, else write it down.

    Raises Undeliverable when no number is on record, and what `gateway.send` raises.
    """
    if not gateway.offers("sms"):
        return record("sms", f"worker {worker_id}")
    phone = _worker(worker_id).phone
    if not phone:
        raise Undeliverable(NO_PHONE)
    return gateway.send(phone, title, body, reference)


@job("email", attempts=TRIES)
def send_email(
    worker_id: int, title: str, body: str, reference: str = "", **_kept: Any
) -> Mapping[str, str]:
    """Send a promised e-mail through the server of PORTAL_MAIL, else write it down.

    Raises Undeliverable when no address is on record, and what `gateway.send` raises.
    """
    if not gateway.offers("email"):
        return record("email", f"worker {worker_id}")
    address = _worker(worker_id).email
    if not address:
        raise Undeliverable(NO_ADDRESS)
    return gateway.send(address, title, body, reference)


def _worker(key: int) -> Worker:
    with as_system("a job belongs to nobody") as session:
        return session.get_one(Worker, key)


def record(channel: str, whose: str) -> Mapping[str, str]:
    """Write down, instead of sending it, a text to `whose` where no gateway is set."""
    # neither the text nor the number: logs travel further than the register
    log.info("%s for %s: recorded, not sent: no provider is set", channel, whose)
    return {"provider": "record"}
