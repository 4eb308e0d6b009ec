"""Certificates: the files for holder and offices, the answer to anyone who has a number."""

from typing import Any, Literal

from flask import render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import limit
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.scope import current_actor
from app.services import certificates
from app.services.certificates import Printed
from models.certificate import Certificate
from views import downloads
from views.guard import permitted, public
from views.texts import moment

TYPES = {"pdf": "application/pdf", "png": "image/png"}
CHECKS = "60 per minute"
"""How often one address may ask: enough for an office with a pile of paper, not for all numbers."""


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
        (_l("Download PDF"), url_for("CertificateFiles.pdf", number=row.number)),
        (_l("Save picture"), url_for("CertificateFiles.png", number=row.number)),
        (_l("Check"), url_for("Verification.answer", number=row.number)),
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

    @expose("/<number>.png")
    @permitted("certificates.read")
    def png(self, number: str) -> Any:
        """The certificate to keep on a phone."""
        return _file(number, "png")


class Verification(BaseView):
    """查验: whether a certificate is genuine and in force, for anyone."""

    route_base = "/verify"

    @expose("/")
    @limit(CHECKS)  # FAB puts it on the whole view, so on every answer below too
    @public
    def ask(self) -> Any:
        """The form, and the answer to what was typed into it."""
        number = request.args.get("number", "").strip()
        return self._answer(number) if number else self._page()

    @expose("/<number>")
    @public
    def answer(self, number: str) -> Any:
        """The answer under the address that a certificate's QR code carries."""
        return self._answer(number)

    def _answer(self, typed: str) -> str:
        status = certificates.public_status(typed)
        verdict = status.verdict
        result = {
            "tone": verdict.tone,
            "title": verdict.title,
            "text": verdict.text,
            "as_of": moment(status.as_of),
        }
        pairs = _pairs(status.number, status.printed) if status.printed else None
        return self._page(number=status.number, result=result, pairs=pairs)

    def _page(self, **answer: Any) -> str:
        return render_template(
            "certificates/verify.html", verify_url=url_for("Verification.ask"), **answer
        )


def _pairs(number: str, printed: Printed) -> list[tuple[Any, Any]]:
    pairs = [
        (_("Holder"), printed.name),
        (_("Level"), printed.level),
        (_("Certificate number"), spaced(number)),
        (_("Date of issue"), printed.issued_on),
        (_("Valid until"), printed.valid_until),
        (_("Authority"), printed.authority),
    ]
    return pairs + ([(_("Handling body"), printed.handling_body)] if printed.handling_body else [])


def spaced(number: str) -> str:
    """A number as people read it aloud: province, year, serial, check digit."""
    return f"{number[:2]} {number[2:6]} {number[6:14]} {number[14:]}"


def _file(number: str, form: Literal["pdf", "png"]) -> Any:
    content = certificates.render(number, form, request.url_root)
    name = f"{_('Registration certificate')}-{number}.{form}"
    return downloads.file(content, TYPES[form], name, attached=True)
