"""A certificate as OFD, and the place where an authority's seal service comes in."""

from collections.abc import Callable
from dataclasses import replace
from pkgutil import resolve_name

from flask import current_app

from app.documents.certificate import CertificateFacts
from app.documents.certificate_ofd import UNSEALED, certificate_ofd
from app.extensions import db
from app.services import access, certificates, renderings
from app.services.verbs import need

SealService = Callable[[bytes, str], bytes]
"""What PORTAL_OFD_SEAL names: it gets an OFD without a seal and the certificate's number, and gives
the OFD back with the authority's electronic seal (GB/T 38540), or raises."""


def download(number: str) -> bytes:
    """A certificate as OFD, for its holder and the offices of its region; one that is not in force
    is marked so.

    Without a seal service it says that it bears no seal. Raises Forbidden without the permission,
    Missing outside the scope, Refusal while it cannot be drawn.
    """
    need("certificates.read")
    row = certificates.seen(number)
    with renderings.drawing():
        drawn = _drawn(certificates.facts_of(db.session(), row), number)
    access.looked(row, "download", f"{number} ofd")
    return drawn


def _drawn(facts: CertificateFacts, number: str) -> bytes:
    service = _seal_service()
    if service is None:
        return certificate_ofd(replace(facts, label=UNSEALED))
    return service(certificate_ofd(facts), number)


def _seal_service() -> SealService | None:
    """The function that PORTAL_OFD_SEAL names, `package.module:function`; None without one."""
    name = current_app.config["PORTAL_OFD_SEAL"]
    return resolve_name(name) if name else None
