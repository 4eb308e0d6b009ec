"""Whether a PDF that somebody shows is a certificate as the portal issued it."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from flask import current_app
from sqlalchemy import select

from app.documents.signature import Fault, fault_of
from app.keys import KeyStore
from app.rules.words import Words
from app.scope import as_system
from models.certificate import Certificate
from models.rendering import Rendering

Outcome = Literal["genuine", "superseded", "unregistered"] | Fault

SENTENCES: dict[Outcome, Words] = {
    "genuine": Words(
        "文件为登记机关签发的原件，签发后未被改动。",
        "This file is as the authority issued it; nothing in it was changed.",
    ),
    "superseded": Words(
        "文件为登记机关签发的原件，未被改动；同一证书后来换过版式。",
        "This file is as the authority issued it; the same certificate was drawn anew since.",
    ),
    "unregistered": Words(
        "文件带有登记机关的签名，但不是登记机关签发的那份文件，不能作为凭证。",
        "This file carries the authority's signature but is not the file that was issued. Do not "
        "rely on it.",
    ),
    "altered": Words(
        "文件在签名后被改动过，不能作为凭证。请向持证人索取原文件。",
        "This file was changed after it was signed. Do not rely on it; ask the holder for the "
        "original.",
    ),
    "foreign": Words(
        "文件不是由登记机关签名的，不能作为凭证。",
        "This file was signed by somebody else than the authority. Do not rely on it.",
    ),
    "unsigned": Words(
        "文件没有电子签名：可能是打印、扫描或另存的副本。请核对证书编号，或索取原文件。",
        "This file has no signature: it may be a print, a scan or a copy. Check the number, or ask "
        "for the original file.",
    ),
    "no_pdf": Words(
        "这不是可以读取的PDF文件。请上传从登记系统下载的证书原文件。",
        "This is not a PDF that can be read. Upload the file of the certificate as it was "
        "downloaded.",
    ),
}


@dataclass(frozen=True)
class FileVerdict:
    """What a file is worth. It speaks of the file alone: whether the certificate of `number` is
    in force is another question, answered by its number.

    `number` is None unless the file is in the register.
    """

    outcome: Outcome
    number: str | None = None

    @property
    def is_genuine(self) -> bool:
        """Whether the file is one that was issued, unchanged."""
        return self.outcome in ("genuine", "superseded")

    @property
    def sentence(self) -> Words:
        """The verdict in words."""
        return SENTENCES[self.outcome]


def verify_pdf(data: bytes) -> FileVerdict:
    """Whether a file of any origin is a certificate as it was issued.

    Genuine asks for all of: one signature by a key of ours, over the whole file, with no revision
    after it, and the digest of the file in the register. A file that was drawn anew since is
    `superseded`, and as genuine. Nothing of the file is kept.
    """
    keys: KeyStore = current_app.extensions["keys"]
    fault = fault_of(data, keys.public_keys())
    if fault is not None:
        return FileVerdict(fault)
    found = _registered(hashlib.sha256(data).hexdigest())
    if found is None:
        return FileVerdict("unregistered")
    number, is_current = found
    return FileVerdict("genuine" if is_current else "superseded", number)


def _registered(digest: str) -> tuple[str, bool] | None:
    """The number of the certificate whose file has this digest, and whether it is the current
    one."""
    query = (
        select(Certificate.number, Rendering.superseded_at.is_(None))
        .join(Rendering, Rendering.certificate_id == Certificate.id)
        .where(Rendering.digest == digest)
    )
    with as_system("whoever holds a file may ask whether it is genuine") as session:
        row = session.execute(query).one_or_none()
    return (row[0], bool(row[1])) if row else None
