"""Certificates: issued once for each approved application, drawn on demand, checked by anyone."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.documents.certificate import (
    CertificateEntry,
    CertificateFacts,
    certificate_pdf,
    certificate_png,
)
from app.extensions import db
from app.queries import policies
from app.rules import certificate as rules
from app.rules import identifiers
from app.rules.kinds import Kind
from app.rules.policy import Policy
from app.rules.words import Words
from app.scope import as_system
from app.services import access, issuing, outbox
from app.services.jobs import job
from app.services.refusals import Conflict, Missing
from app.services.unattended import unattended
from app.services.verbs import need
from app.storage import FileStore
from models.application import Application
from models.certificate import Certificate
from models.registration import Registration

Standing = Literal[
    "valid",
    "due",
    "expired",
    "replaced",
    "lost",
    "revoked",
    "cancelled",
    "unknown",
    "mistyped",
    "wrong_digit",
]
IN_FORCE = ("valid", "due")
NOT_KNOWN = "—"
KINDS = {
    "first": Words("首次登记", "First registration"),
    "renewal": Words("再次登记", "Renewal"),
    "late_renewal": Words("补登记", "Late renewal"),
}
"""What a registration is called where no policy has a name for it."""


@dataclass(frozen=True)
class Verdict:
    """One answer to the question whether a certificate holds: how it looks and reads.

    `title` is also the mark across a certificate that is not in force.
    """

    tone: Literal["good", "warn", "bad"]
    title: Words
    text: Words


@dataclass(frozen=True)
class Printed:
    """What anyone may know of a certificate: the holder's name is masked."""

    name: str
    level: Words
    issued_on: date
    valid_from: date
    valid_until: date
    authority: str
    handling_body: str | None


@dataclass(frozen=True)
class PublicStatus:
    """What a number stands for at an instant; `printed` is None where there is no certificate."""

    number: str
    standing: Standing
    as_of: datetime
    printed: Printed | None = None

    @property
    def verdict(self) -> Verdict:
        """The answer in words."""
        return VERDICTS[self.standing]

    @property
    def in_force(self) -> bool:
        """Whether the certificate holds at that instant."""
        return self.standing in IN_FORCE


VERDICTS: dict[str, Verdict] = {
    "valid": Verdict(
        "good", Words("有效", "Valid"), Words("证书有效。", "This certificate is valid.")
    ),
    "due": Verdict(
        "good",
        Words("有效", "Valid"),
        Words("证书有效，即将到期。", "This certificate is valid and will soon expire."),
    ),
    "expired": Verdict(
        "warn",
        Words("已过期", "Expired"),
        Words("证书已超过有效期。", "The time of this certificate is over."),
    ),
    "replaced": Verdict(
        "warn",
        Words("已换发", "Replaced"),
        Words("证书已由新证书代替，不再有效。", "A newer certificate has taken its place."),
    ),
    "lost": Verdict(
        "bad",
        Words("遗失作废", "Lost"),
        Words(
            "证书已声明遗失，不再有效。",
            "This certificate was reported lost and is no longer valid.",
        ),
    ),
    "revoked": Verdict(
        "bad",
        Words("已撤销", "Revoked"),
        Words("证书已被撤销，不再有效。", "This certificate has been revoked."),
    ),
    "cancelled": Verdict(
        "bad",
        Words("已注销", "Cancelled"),
        Words("证书已注销，不再有效。", "This certificate has been cancelled."),
    ),
    "unknown": Verdict(
        "bad",
        Words("查无此证", "Not found"),
        Words(
            "没有这个编号的登记证书。", "No registration certificate with this number was issued."
        ),
    ),
    "wrong_digit": Verdict(
        "bad",
        Words("编号有误", "The number is mistyped"),
        Words(
            "编号中有数字输错，请与证书逐位核对后重新输入。",
            "A digit of this number is wrong. Compare it with the certificate digit by digit and "
            "enter it again.",
        ),
    ),
    "mistyped": Verdict(
        "bad",
        Words("编号有误", "The number is mistyped"),
        Words(
            "这不是一个正确的证书编号：证书编号为15位数字，请与证书核对后重新输入。",
            "This cannot be a certificate number, which has 15 digits. Compare it with the "
            "certificate and enter it again.",
        ),
    ),
}


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
        application = session.get(Application, application_id, with_for_update=True)
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


def render(number: str, form: Literal["pdf", "png"], root: str = "") -> bytes:
    """A certificate as a file, for its holder and the offices of its region; one that is not in
    force is marked so.

    `root` is the address of the portal when PORTAL_URL does not say it. Raises Forbidden without
    the permission, Missing outside the scope.
    """
    need("certificates.read")
    certificate = db.session.scalar(select(Certificate).where(Certificate.number == number))
    if certificate is None:
        raise Missing("missing", _l("There is no such certificate in your region."))
    facts = _facts(certificate, current_app.config["PORTAL_URL"] or root.rstrip("/"))
    access.looked(certificate, "download", f"{number} {form}")
    return certificate_pdf(facts) if form == "pdf" else certificate_png(facts)


def public_status(typed: str) -> PublicStatus:
    """What anyone who has the number of a certificate may know, as of now."""
    number = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", typed)))[:32]
    if not rules.check_number(number):
        whole = len(number) == 15 and number.isdecimal()
        return PublicStatus(number, "wrong_digit" if whole else "mistyped", clock.now())
    with as_system("whoever holds a number may ask whether it is good") as session:
        certificate = session.scalar(select(Certificate).where(Certificate.number == number))
        if certificate is None:
            return PublicStatus(number, "unknown", clock.now())
        _, kind = _terms_of(session, certificate)
        return PublicStatus(number, standing(certificate), clock.now(), _printed(certificate, kind))


def successor(certificate: Certificate) -> Certificate | None:
    """The certificate that has taken the place of this one, for those who may see it (H)."""
    query = select(Certificate).where(Certificate.predecessor_id == certificate.id)
    return db.session.scalar(query)


def standing(certificate: Certificate) -> Standing:
    """What a certificate is today."""
    found: Standing = rules.state_on(  # type: ignore[assignment]
        certificate.state, certificate.valid_until, clock.today()
    )
    return found


def _printed(certificate: Certificate, kind: Kind) -> Printed:
    return Printed(
        name=identifiers.mask_name(certificate.name),
        level=kind.wording("level", certificate.level),
        issued_on=certificate.issued_on,
        valid_from=certificate.valid_from,
        valid_until=certificate.valid_until,
        authority=certificate.authority,
        handling_body=certificate.handling_body,
    )


def _terms_of(session: Session, certificate: Certificate) -> tuple[Policy, Kind]:
    application = session.get_one(Application, certificate.application_id)
    policy = policies.policy_of(application.policy_code, application.policy_version)
    return policy, policy.kinds[application.kind]


def _facts(certificate: Certificate, portal: str) -> CertificateFacts:
    policy, kind = _terms_of(db.session(), certificate)
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
        entries=_entries(certificate, policy),
        verify_url=f"{portal}/verify/{certificate.number}",
        in_force=found in IN_FORCE,
        state_words="" if found in IN_FORCE else VERDICTS[found].title.zh,
        template=certificate.template,
    )


def _entries(certificate: Certificate, own: Policy) -> tuple[CertificateEntry, ...]:
    """The register up to the registration that the certificate was issued for, the oldest first:
    each registration as its own policy calls it, one from elsewhere as this policy does."""
    session = db.session()
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
