"""Certificates: issued once for each approved application, drawn on demand, checked by anyone."""

from collections.abc import Iterator
from datetime import date

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.documents.certificate import (
    CertificateEntry,
    CertificateFacts,
)
from app.documents.seals import seal
from app.extensions import LOCKED, db
from app.queries import policies
from app.rules import certificate as rules
from app.rules.kinds import Kind
from app.rules.policy import Policy
from app.rules.words import Words
from app.services import issuing, outbox
from app.services.certificate_codes import code_of
from app.services.jobs import job
from app.services.refusals import Conflict, Missing
from app.services.unattended import unattended
from app.services.verdicts import IN_FORCE, VERDICTS, Standing
from app.storage import FileStore
from models.application import Application
from models.certificate import Certificate
from models.registration import Registration

MISSING = _l("There is no such certificate in your region.")
NOT_KNOWN = "—"
EXCHANGED = "原证书{number}（纸质）已于{day}更换为本电子证书。"
REPLACES = "本证书代替编号为{number}的登记证书，原证书不再有效。"
KINDS = {
    "first": Words("首次登记", "First registration"),
    "renewal": Words("再次登记", "Renewal"),
    "late_renewal": Words("补登记", "Late renewal"),
}
"""What a registration is called where no policy has a name for it."""


def promise(session: Session, application_id: int) -> str:
    """Promise the certificate in the approval's transaction; gives the key for `outbox.attempt`,
    which tries it at once after the commit. An approval that follows one that was taken back
    promises for itself."""
    version = session.get_one(Application, application_id).version
    key = f"issue:{application_id}:{version}"
    outbox.promise(session, "issue", key, application_id=application_id)
    return key


@job("issue", attempts=None)
def issue_promised(application_id: int) -> None:
    """The job of `promise`; it is never given up, because approved always becomes issued (X-17),
    unless the approval was taken back before."""
    try:
        issue(application_id)
    except Conflict as fault:
        if fault.code != "no_such_move":
            raise


def issue(application_id: int) -> Certificate:
    """Make an approved application's registration, certificate and delivery, once (BA-21, X-29).

    The portal does this itself, whoever approved: the event says `system`. Called again, or by
    two at once, it gives back the certificate that is there. Raises Missing, or Conflict when the
    application is not approved.
    """
    with unattended("the certificate follows from the approval, whoever acts now") as session:
        application = session.get(Application, application_id, with_for_update=LOCKED)
        if application is None:
            raise Missing("missing", _l("There is no such application."))
        certificate = session.scalar(
            select(Certificate).where(Certificate.application_id == application_id)
        )
        if certificate is None:
            certificate = issuing.carry_out(session, application)
        session.flush()
        session.expunge(certificate)
    return certificate


def seen(number: str) -> Certificate:
    """The certificate of a number, where the actor may see it; raises Missing elsewhere."""
    row = db.session.scalar(select(Certificate).where(Certificate.number == number))
    if row is None:
        raise Missing("missing", MISSING)
    return row


def successor(certificate: Certificate) -> Certificate | None:
    """The certificate that has taken the place of this one, for those who may see it (H)."""
    query = select(Certificate).where(Certificate.predecessor_id == certificate.id)
    return db.session.scalar(query)


def standing(certificate: Certificate, on: date | None = None) -> Standing:
    """What a certificate is on a day of Asia/Shanghai, today or later; the public reads the same.

    It is computed from the row and kept nowhere else, so that whatever takes a certificate out of
    force is public with its commit.
    """
    found: Standing = rules.state_on(  # type: ignore[assignment]
        certificate.state, certificate.valid_until, on or clock.today()
    )
    return found


def _terms_of(session: Session, certificate: Certificate) -> tuple[Policy, Kind]:
    application = session.get_one(Application, certificate.application_id)
    policy = policies.policy_of(application.policy_code, application.policy_version)
    return policy, policy.kinds[application.kind]


def facts_of(session: Session, certificate: Certificate) -> CertificateFacts:
    """All that stands on a certificate today; raises FileMissing when its portrait is gone,
    KeyRefused when its code cannot be signed."""
    policy, kind = _terms_of(session, certificate)
    files: FileStore = current_app.extensions["files"]
    found = standing(certificate)
    return CertificateFacts(
        number=certificate.number,
        name=certificate.name,
        id_number_masked=certificate.id_number_masked,
        level=kind.wording("level", certificate.level).zh,
        management_number=certificate.management_number,
        authority=certificate.authority,
        handling_body=certificate.handling_body,
        issued_on=certificate.issued_on,
        valid_from=certificate.valid_from,
        valid_until=certificate.valid_until,
        photo=files.get(certificate.photo_digest),
        entries=_entries(session, certificate, policy),
        notes=tuple(_notes(session, certificate)),
        seal=seal(policy.certificate.seal) if policy.certificate.seal else None,
        verify_url=f"{current_app.config['PORTAL_URL']}/verify/{certificate.number}",
        code=code_of(certificate),
        in_force=found in IN_FORCE,
        state_words="" if found in IN_FORCE else VERDICTS[found].title.zh,
        template=certificate.template,
    )


def _entries(
    session: Session, certificate: Certificate, own: Policy
) -> tuple[CertificateEntry, ...]:
    """The register up to the registration that the certificate was issued for, the oldest first:
    each registration as its own policy calls it, one from elsewhere as this policy does."""
    rows = session.execute(
        select(Registration, Application)
        .outerjoin(Application, Application.id == Registration.application_id)
        .where(Registration.worker_id == certificate.worker_id, Registration.state == "verified")
        .order_by(Registration.cycle_year, Registration.id)
    ).all()
    last = [row.id for row, _ in rows].index(certificate.registration_id)
    return tuple(
        _entry(row, policies.policy_of_case(case) if case else None, own)
        for row, case in rows[: last + 1]
    )


def _notes(session: Session, certificate: Certificate) -> Iterator[str]:
    """What a certificate came from: the paper that it was exchanged for (MC-29), the one before."""
    paper = session.get_one(Registration, certificate.registration_id).legacy_number
    case = session.get_one(Application, certificate.application_id)
    if paper and case.kind == "exchange":
        yield EXCHANGED.format(number=paper, day=certificate.issued_on)
    elif certificate.predecessor_id is not None:
        before = session.get(Certificate, certificate.predecessor_id)
        if before is not None:
            yield REPLACES.format(number=before.number)


def _entry(row: Registration, policy: Policy | None, own: Policy) -> CertificateEntry:
    """One line of the record; of a registration from elsewhere nobody knows the office."""
    office = (policy.handling_body or policy.authority).zh if policy else NOT_KNOWN
    kinds = (policy or own).kinds
    named = kinds[row.kind].label if row.kind in kinds else KINDS[row.kind]
    levels = (kind.wording("level", row.level).zh for kind in kinds.values())
    return CertificateEntry(
        kind=named.zh,
        registered_on=row.registered_on or row.cycle_year,
        valid_until=row.valid_until,
        level=next((words for words in levels if words != row.level), row.level),
        office=office,
    )
