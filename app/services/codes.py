"""One-time codes: six digits to a telephone or a mailbox, kept as a keyed digest, good once
(BJ-07).

Asking looks the same whether anybody has the number or not: the row and the promise are made
either way, and the job that sends finds out later that there is nobody.
"""

import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app import clock, vault
from app.extensions import LOCKED
from app.rules.words import Words
from app.services import bilingual, gateway, outbox
from app.services.jobs import Undeliverable, job
from app.services.refusals import Invalid
from app.services.unattended import unattended
from models.account import Account
from models.sign_in import OneTimeCode
from models.worker import Worker

LIVES = timedelta(minutes=5)
TRIES = 5
PAUSE = timedelta(seconds=60)
"""Between two codes to one target for one purpose."""
AN_HOUR = 5
"""Codes to one target, whatever for; a text costs money and wakes people up."""
KEPT = timedelta(days=1)
TO_ACCOUNTS = ("sign_in", "recover")
"""Purposes that need an account: to all other numbers nothing is sent."""

TITLE = Words("验证码", "Code")
TEXT = Words(
    "验证码{code}，{minutes}分钟内有效，只能使用一次。请勿告诉任何人，工作人员也不会向您索要。",
    "Your code is {code}. It is good once, for {minutes} minutes. Tell it to nobody: no office "
    "will ever ask for it.",
)
WRONG = _l("This code is not right, or it is no longer valid. Ask for a new one.")


def ask(purpose: str, target: str) -> None:
    """Promise a code to a telephone number or an e-mail address; `purpose` says what it opens.

    Nothing happens, and nobody is told so, when one was sent PAUSE ago or AN_HOUR in an hour.
    """
    digest, now = vault.digest(target), clock.real_now()
    with unattended("whoever asks for a code has not signed in") as session:
        _alone(session, digest)
        session.execute(delete(OneTimeCode).where(OneTimeCode.asked_at < now - KEPT))
        if _too_many(session, purpose, digest):
            return
        row = OneTimeCode(
            purpose=purpose,
            target_digest=digest,
            target_cipher=vault.seal(target),
            expires_at=now + LIVES,
        )
        session.add(row)
        session.flush()
        # a key of its own: SQLite gives the id of a forgotten row to a new one
        key = f"code:{secrets.token_hex(8)}"
        outbox.promise(session, "code", key, code_id=row.id, language=bilingual.language())


def _alone(session: Session, digest: str) -> None:
    """One who asks for a target at a time, or many at once would all find that nobody has; on
    SQLite a writer is alone anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(int(digest[:15], 16))))


def _too_many(session: Session, purpose: str, digest: str) -> bool:
    now = clock.real_now()
    asked = OneTimeCode.target_digest == digest
    hour = asked & (OneTimeCode.asked_at > now - timedelta(hours=1))
    recent = hour & (OneTimeCode.purpose == purpose) & (OneTimeCode.asked_at > now - PAUSE)
    query = select(func.count(OneTimeCode.id))
    counts = [session.scalar(query.where(one)) or 0 for one in (hour, recent)]
    return counts[0] >= AN_HOUR or counts[1] > 0


def check(purpose: str, target: str, code: str) -> None:
    """Use up the newest code of this purpose for the target; raises Invalid when it is not right,
    too old, used before, or tried too often, without saying which."""
    with unattended("whoever types a code has not signed in") as session:
        right = _used(session, purpose, target, code.strip())
    if not right:
        raise Invalid.at("code", WRONG)


def _used(session: Session, purpose: str, target: str, code: str) -> bool:
    query = (
        select(OneTimeCode)
        .where(
            OneTimeCode.target_digest == vault.digest(target),
            OneTimeCode.purpose == purpose,
        )
        .order_by(OneTimeCode.id.desc())
        .limit(1)
        .with_for_update(**LOCKED)
    )
    row, now = session.scalar(query), clock.real_now()
    if row is None or row.used_at or row.tries >= TRIES or row.expires_at <= now:
        return False
    row.tries += 1
    right = hmac.compare_digest(row.code_digest or "", _digest(row.id, code))
    if right:
        row.used_at = now
    return right


@job("code", attempts=3)
def send(code_id: int, language: str) -> Mapping[str, str]:
    """Make the code and send it, if anybody is meant; done twice it is the same code under the same
    reference, because a gateway that took the first one drops the second.

    It is in the account's language, or in that of the page on which it was asked for. Raises
    Undeliverable when it has expired meanwhile.
    """
    with unattended("a job belongs to nobody") as session:
        row = session.get(OneTimeCode, code_id, with_for_update=LOCKED)
        if row is None or row.used_at or row.expires_at <= clock.real_now():
            raise Undeliverable("the code has expired")
        target = vault.unseal(row.target_cipher)
        account = account_at(session, target) if row.purpose in TO_ACCOUNTS else None
        if row.purpose in TO_ACCOUNTS and account is None:
            return {"provider": "nobody"}
        locale = (account.language if account else None) or language
        made, reference = _made(row), f"code{sha256(row.target_cipher).hexdigest()[:16]}"
        row.code_digest = _digest(code_id, made)
    filled = TEXT.fill(code=made, minutes=int(LIVES.total_seconds() // 60))
    return gateway.send(target, TITLE.in_(locale), filled.in_(locale), reference)


def _made(row: OneTimeCode) -> str:
    """The six digits of a row, told by the key of the portal and by what was drawn for its seal."""
    key: bytes = current_app.config["SECRET_KEY"].encode()
    drawn = hmac.digest(key, b"make:%d:" % row.id + row.target_cipher, "sha256")
    return f"{int.from_bytes(drawn[:8]) % 10**6:06d}"


def account_at(session: Session, target: str) -> Account | None:
    """The one account in use whose holder proved this telephone number, or whose worker has this
    e-mail address; None for nobody and for several."""
    here: Any = (Account.phone == target) & Account.phone_proved_at.is_not(None)
    if "@" in target:
        of = select(Worker.id).where(func.lower(Worker.email) == target.lower())
        here = Account.worker_id.in_(of)
    found = session.scalars(select(Account).where(here, Account.active).limit(2)).all()
    return found[0] if len(found) == 1 else None


def holder_of(session: Session, phone: str) -> int | None:
    """The account whose holder proved this telephone number, in use or not: nobody else can prove
    it, by uq_account_phone."""
    proved = Account.phone_proved_at.is_not(None)
    query = select(Account.id).where(Account.phone == phone, proved)
    found: int | None = session.scalar(query)
    return found


def _digest(code_id: int, code: str) -> str:
    """Keyed, because a million codes are tried in a second; the row's id is the salt."""
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.digest(key, f"code:{code_id}:{code}".encode(), "sha256").hex()
