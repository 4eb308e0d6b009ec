"""Certificates as files, for their holders and offices."""

from collections.abc import Callable
from typing import Any

from flask import url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.scope import current_actor
from app.services import certificates, ofd_files, renderings
from models.certificate import Certificate
from views import downloads, measures
from views.guard import permitted

TYPES = {"pdf": "application/pdf", "png": "image/png", "ofd": "application/ofd"}
MAKERS: dict[str, Callable[[str], bytes]] = {
    "pdf": renderings.download,
    "png": renderings.picture,
    "ofd": ofd_files.download,
}


def links(row: Certificate) -> list[tuple[Any, str]]:
    """The further buttons of a certificate's page."""
    actor = current_actor()
    if actor is None or not actor.may("certificates.read"):
        return []
    chain = []
    if row.predecessor_id is not None:
        chain.append((_l("The one before it"), _page_of(row.predecessor_id)))
    if later := certificates.successor(row):
        chain.append((_l("The one that took its place"), _page_of(later.id)))
    return [
        *chain,
        (_l("View the certificate"), url_for("Holding.show", number=row.number)),
        (_l("Download PDF"), url_for("CertificateFiles.pdf", number=row.number)),
        (_l("Save picture"), url_for("CertificateFiles.png", number=row.number)),
        (_l("Check"), url_for("Verification.answer", number=row.number)),
        *measures.links(row),
    ]


def _page_of(key: int) -> str:
    return url_for("CertificateScreens.show", pk=key)


class CertificateFiles(BaseView):
    """A certificate as a file, for its holder and the offices of its region."""

    route_base = "/certificates"

    @expose("/<number>.pdf")
    @permitted("certificates.read")
    def pdf(self, number: str) -> Any:
        """The certificate to print."""
        return _file(number, "pdf")

    @expose("/<number>.ofd")
    @permitted("certificates.read")
    def ofd(self, number: str) -> Any:
        """The certificate in the format of the state's documents."""
        return _file(number, "ofd")

    @expose("/<number>.png")
    @permitted("certificates.read")
    def png(self, number: str) -> Any:
        """The certificate to keep on a phone."""
        return _file(number, "png")


def _file(number: str, form: str) -> Any:
    name = f"{_('Registration certificate')}-{number}.{form}"
    return downloads.file(MAKERS[form](number), TYPES[form], name, attached=True)
