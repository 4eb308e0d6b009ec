"""The signed file of a certificate: drawn by a job, kept under its digest, handed out.

Drawing takes no lock; whoever is done first writes the row, and a second file is thrown away.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from typst import TypstError

from app import clock
from app.documents.certificate import Undrawable, certificate_pdf, certificate_png
from app.documents.ofd import FontMissing
from app.documents.seals import UnusableSeal, seal
from app.documents.signature import sign_pdf
from app.documents.typesetting import UnknownTemplate, design_of
from app.extensions import LOCKED, db
from app.keys import KeyRefused, KeyStore
from app.queries import policies
from app.scope import as_system
from app.services import access, certificates, issuing, outbox
from app.services.jobs import job
from app.services.refusals import Missing, Refusal
from app.services.unattended import unattended
from app.services.verbs import need
from app.services.verdicts import IN_FORCE
from app.storage import FileDamaged, FileMissing, FileStore
from models.application import Application
from models.certificate import Certificate
from models.rendering import Rendering

FAULTS = (
    *(KeyRefused, Undrawable, FontMissing, UnknownTemplate, UnusableSeal, TypstError),
    *(FileMissing, FileDamaged, OSError),
)
"""What keeps a file from being drawn or signed; the reasons of the worklist."""
DRAWN = "every certificate has its file, whoever asks for it"


@dataclass(frozen=True)
class Drawn:
    """A signed file that is not in the register yet, and what it was drawn from."""

    pdf: bytes
    design: str
    standing: str
    key_id: str


@job(issuing.RENDER, attempts=None)
def render_promised(certificate_id: int) -> None:
    """The job that issuing promises; it is never given up: every certificate gets its file."""
    render(certificate_id)


def download(number: str) -> bytes:
    """The signed PDF of a certificate, for its holder and the offices of its region; one that is
    not in force is marked so.

    It is drawn now when no job has, or when the certificate is no longer what the file says of it.
    Raises Forbidden without the permission, Missing outside the scope, Refusal while it cannot be
    drawn or signed.
    """
    need("certificates.read")
    certificate = certificates.seen(number)
    with drawing():
        pdf = _file(certificate.id, says(certificate))
    access.looked(certificate, "download", f"{number} pdf")
    return pdf


def _file(key: int, standing: str) -> bytes:
    row = current(key)
    if row is None or row.standing != standing or row.key_id not in kids():
        return _drawn_now(key)
    try:
        return _files().get(row.digest)
    except (FileMissing, FileDamaged):
        return _drawn_now(key, anew=True)


def picture(number: str) -> bytes:
    """A certificate as PNG, for its holder and the offices of its region; one that is not in force
    is marked so. Raises what `download` raises."""
    need("certificates.read")
    certificate = certificates.seen(number)
    with drawing():
        drawn = certificate_png(certificates.facts_of(db.session(), certificate))
    access.looked(certificate, "download", f"{number} png")
    return drawn


@contextmanager
def drawing() -> Iterator[None]:
    """Around what draws for somebody who waits: whatever keeps a file from being drawn or signed is
    told as a Refusal and never as a fault of the portal."""
    try:
        yield
    except FAULTS as fault:
        raise _not_now() from fault


def render(certificate_id: int, *, anew: bool = False) -> str:
    """Draw and sign a certificate unless its file is as it would be drawn today, or `anew` in any
    case; the digest of its file.

    The file before it stays the one that is handed out until the new one is stored, and its
    digest is kept. Raises Missing, or one of FAULTS.
    """
    with as_system(DRAWN) as session:
        certificate = session.get(Certificate, certificate_id)
        if certificate is None:
            raise Missing("missing", _l("There is no such certificate."))
        row = _current(session, certificate_id)
        before = row.id if row else None
        if row is not None and not anew and _is_as_today(session, row, certificate):
            return row.digest
        drawn = _draw(session, certificate)
    return _keep(certificate_id, drawn, before)


def current(certificate_id: int) -> Rendering | None:
    """The file that is handed out, for whoever may see the certificate."""
    with as_system(DRAWN) as session:
        row = _current(session, certificate_id)
        session.expunge_all()
    return row


def says(certificate: Certificate) -> str:
    """What a certificate's file says of it: `valid`, or why it is not in force."""
    standing = certificates.standing(certificate)
    return "valid" if standing in IN_FORCE else standing


def design(template: str, policy_code: str, policy_version: int) -> str:
    """The digest of what all certificates of a template and a policy have in common, the address
    and the seal included: when it changes, they are to be drawn again.

    Raises UnknownTemplate or UnusableSeal.
    """
    name = policies.policy_of(policy_code, policy_version).certificate.seal
    stamp = hashlib.sha256(seal(name)).hexdigest() if name else ""
    return design_of(template, current_app.config["PORTAL_URL"], stamp)


def _design(session: Session, certificate: Certificate) -> str:
    case = session.get_one(Application, certificate.application_id)
    return design(certificate.template, case.policy_code, case.policy_version)


def promise_again(session: Session, certificate_id: int) -> None:
    """Promise a certificate's file once more, whatever became of the first promise."""
    certificate = session.get_one(Certificate, certificate_id)
    issuing.promise_file(session, certificate)
    session.flush()
    outbox.renew(session, issuing.job_of(certificate))


def kids() -> frozenset[str]:
    """The keys whose signatures count; a file of any other is drawn again."""
    keys: KeyStore = current_app.extensions["keys"]
    return frozenset(key.kid for key in keys.public_keys())


def _drawn_now(certificate_id: int, *, anew: bool = False) -> bytes:
    try:
        return _files().get(render(certificate_id, anew=anew))
    except FAULTS as fault:
        with unattended(DRAWN) as session:
            promise_again(session, certificate_id)
        raise _not_now() from fault


def _not_now() -> Refusal:
    return Refusal(
        "not_drawn",
        _l(
            "This certificate cannot be signed at the moment. The portal goes on trying, and "
            "the office sees why; come back later."
        ),
    )


def _draw(session: Session, certificate: Certificate) -> Drawn:
    keys: KeyStore = current_app.extensions["keys"]
    key = keys.signing_key()
    facts = certificates.facts_of(session, certificate)
    pdf = sign_pdf(certificate_pdf(facts), key)
    return Drawn(pdf, _design(session, certificate), says(certificate), key.kid)


def _keep(certificate_id: int, drawn: Drawn, before: int | None) -> str:
    """Put a file in the place of the one that was current when it was drawn; the digest of the one
    that is current then: somebody else's when somebody was faster."""
    with unattended(DRAWN) as session:
        session.get_one(Certificate, certificate_id, with_for_update=LOCKED)
        row = _current(session, certificate_id)
        if row is not None and row.id != before:
            return row.digest
        digest = _files().put(drawn.pdf)  # before the row, which never points at nothing
        if row is not None:
            row.superseded_at = clock.now()
            session.flush()  # before the new one: at most one is current
        session.add(
            Rendering(
                certificate_id=certificate_id,
                digest=digest,
                design=drawn.design,
                standing=drawn.standing,
                key_id=drawn.key_id,
            )
        )
    return digest


def _is_as_today(session: Session, row: Rendering, certificate: Certificate) -> bool:
    drawn = row.design == _design(session, certificate) and row.standing == says(certificate)
    return drawn and row.key_id in kids() and _files().exists(row.digest)


def _current(session: Session, certificate_id: int) -> Rendering | None:
    query = select(Rendering).where(
        Rendering.certificate_id == certificate_id, Rendering.superseded_at.is_(None)
    )
    return session.scalar(query)


def _files() -> FileStore:
    files: FileStore = current_app.extensions["files"]
    return files
