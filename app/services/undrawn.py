"""The certificates whose file could not be drawn: why, when it is tried again, and now."""

import builtins
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.extensions import db
from app.rules.words import Words
from app.services import events, issuing, outbox
from app.services.verbs import need, transaction
from models.certificate import Certificate
from models.message import Outbox

PERMISSION = "certificates.redraw"
MOST = 500
"""How many of one's own region are shown: a key that does not answer stops all of them alike."""

KEY = Words("签名密钥没有应答，或不能使用", "The signing key does not answer or cannot be used")
FONT = Words("有字符没有可用的字体", "No installed font covers a character")
PORTRAIT = Words("照片文件缺失或已损坏", "The file of the portrait is missing or damaged")
TEMPLATE = Words("证书模板有误", "The template of the certificate has a fault")
SEAL = Words("印章图片不能使用", "The picture of the seal cannot be used")
DISK = Words("文件无法写入或读取", "A file could not be written or read")
OTHER = Words("未能完成", "It did not come to an end")
REASONS = {
    "KeyRefused": KEY,
    "Undrawable": FONT,
    "FontMissing": FONT,
    "FileMissing": PORTRAIT,
    "FileDamaged": PORTRAIT,
    "TypstError": TEMPLATE,
    "UnknownTemplate": TEMPLATE,
    "UnusableSeal": SEAL,
}
TELLING = ("KeyRefused", "Undrawable", "UnusableSeal")
"""Faults whose own words help whoever looks; those of others may speak of the machine."""


@dataclass(frozen=True)
class Undrawn:
    """One certificate without its file: why, after how many tries, and when the next one is."""

    certificate: Certificate
    reason: Words
    detail: str
    attempts: int
    next_at: datetime


def worklist() -> list[Undrawn]:
    """Those of one's own region whose last try failed, the longest waiting first."""
    need(PERMISSION)
    # by the certificate's key in the job: from the few that failed to theirs, by its primary key
    its_own = Certificate.id == Outbox.payload["certificate_id"].as_integer()
    query = (
        select(Certificate, Outbox)
        .join(Outbox, its_own)
        .where(
            Outbox.state.in_(("waiting", "failed")),
            Outbox.job == issuing.RENDER,
            Outbox.fault.is_not(None),
        )
        .order_by(Outbox.id)
        .limit(MOST)
    )
    return [_told(row, job) for row, job in db.session.execute(query)]


def again(keys: Iterable[int]) -> tuple[int, int]:
    """Try these once more now; how many have their file, and how many were tried.

    What fails again stays on the worklist, and the worker goes on with it.
    """
    need(PERMISSION)
    wanted = set(keys)
    with transaction() as session:
        chosen = session.scalars(select(Certificate).where(Certificate.id.in_(wanted))).all()
        jobs = [issuing.job_of(one) for one in chosen]
        for one in chosen:
            events.record(session, f"certificate:{one.id}", "redraw", one.region_code)
            outbox.renew(session, issuing.job_of(one))
    return sum([outbox.attempt(key) for key in jobs]), len(jobs)


def _told(certificate: Certificate, row: Outbox) -> Undrawn:
    name, said = outbox.given_up_for(row)
    detail = said if name in TELLING else ""
    return Undrawn(certificate, _reason(name), detail, row.attempts, row.due_at)


def _reason(name: str) -> Words:
    """What the name of a fault means; Python has a dozen kinds of OSError."""
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, OSError):
        return DISK
    return REASONS.get(name, OTHER)
