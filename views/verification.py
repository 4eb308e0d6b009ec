"""查验: whether a certificate is genuine and in force, for anyone, as a page and for programs."""

from typing import Any

from flask import Response, jsonify, make_response, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.api import BaseApi
from flask_babel import gettext as _

from app import clock
from app.documents.code_payload import PHOTO_BYTES
from app.documents.signature import LARGEST
from app.services.file_checks import FIELD, check_file
from app.services.refusals import Invalid
from app.services.verdicts import Verdict
from app.services.verification import PublicStatus, cleaned, fault_of, public_status
from views.allowance import CHECKS, FILES, GUESSES
from views.guard import public, receives
from views.markup import Cell
from views.resource.rest import PortalApi
from views.texts import in_words, moment

HTTP = {"unknown": 404, "mistyped": 422, "wrong_digit": 422}


class Verification(BaseView):
    """The form, and the answer to a number."""

    route_base = "/verify"

    @expose("/")
    @public
    def ask(self) -> Any:
        """The form, and the answer to what was typed into it."""
        typed = request.args.get("number", "").strip()
        return self._answer(typed) if typed else page()

    @expose("/<number>")
    @public
    def answer(self, number: str) -> Any:
        """The answer under the address that a certificate's QR code carries."""
        return self._answer(number)

    @expose("/file", methods=["POST"])
    @public
    @receives(8)
    def file(self) -> Any:
        """The answer to the PDF of a certificate."""
        FILES.take()
        upload = request.files.get(FIELD)
        try:
            found = check_file(upload.stream.read(LARGEST + 1) if upload else b"")
        except Invalid as refusal:
            return page(422, file_error=refusal.sentence)
        status = found.status
        as_of = moment(status.as_of if status else clock.now())
        return page(
            number=status.number if status else None,
            result={**_told(found.verdict), "as_of": as_of},
            pairs=pairs(status) if status else None,
        )

    def _answer(self, typed: str) -> Response:
        status = counted(typed)
        return page(
            number=status.number,
            result={**_told(status.verdict), "as_of": moment(status.as_of)},
            pairs=pairs(status),
            code=_code(status),
        )


class CertificateStatus(PortalApi, BaseApi):
    """What a number stands for now, for programs of employers and authorities."""

    resource_name = "certificates"
    openapi_spec_tag = "CertificateStatus"
    allow_browser_login = True

    @expose("/<number>/status", methods=["GET"])
    @public
    def status(self, number: str) -> Response:
        """The state of a certificate, as of now.
        ---
        get:
          description: >-
            Open to everybody and limited in rate. `status` is valid, due (valid, and ends within 90
            days), expired, replaced, lost, revoked, cancelled, unknown, wrong_digit or mistyped; of
            an eight-digit number of paper: paper, paper_expired, paper_replaced, paper_doubtful.
          security: []
          parameters:
          - in: path
            name: number
            schema: {type: string}
          responses:
            200: {description: "What the certificate is, with the holder's name masked"}
            404: {description: No certificate with this number was issued}
            422: {description: The number is mistyped; nothing was looked up}
            429: {description: Too many questions from this address}
        """
        found = counted(number)
        answer = make_response(jsonify(_for_programs(found)), HTTP.get(found.standing, 200))
        return fresh(answer)


def counted(typed: str) -> PublicStatus:
    """The answer to a number; it and what a guess would look for count against the allowances.

    A number that cannot be one costs nothing more, because nothing was looked up.
    """
    CHECKS.take()
    if fault_of(cleaned(typed)) is None:
        GUESSES.check()
    status = public_status(typed)
    if status.could_be_a_guess:
        GUESSES.spend()
    return status


def fresh(answer: Response) -> Response:
    """An answer that nothing on the way keeps: a certificate may be revoked the next minute."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


def page(status: int = 200, **answer: Any) -> Response:
    """The page of the form, with or without an answer."""
    text = render_template(
        "certificates/verify.html",
        verify_url=url_for("Verification.ask"),
        list_url=url_for("NumberLists.ask"),
        offline_url=url_for("Offline.page"),
        keys_url=url_for("Offline.keys"),
        file_url=url_for("Verification.file"),
        **answer,
    )
    return fresh(make_response(text, status))


def _told(verdict: Verdict) -> dict[str, Any]:
    """An answer in words: how it looks, what it says, what to do."""
    return {
        "tone": verdict.tone,
        "title": verdict.title,
        "text": verdict.text,
        "advice": verdict.advice,
    }


def _code(status: PublicStatus) -> dict[str, str] | None:
    """What the signed code of a scan has to agree with; the page's script compares."""
    printed = status.printed
    if printed is None:
        return None
    return {
        "number": status.number,
        "name": printed.name,
        "level": printed.level_code,
        "until": printed.valid_until.isoformat(),
        "photo": printed.photo_digest[: 2 * PHOTO_BYTES],
    }


def pairs(status: PublicStatus) -> list[tuple[Any, Any]]:
    """What stands under the answer, label by label."""
    printed, later = status.printed, status.successor
    lines: list[tuple[Any, Any]] = []
    if printed:
        lines += [(_("Holder"), printed.name), (_("Level"), printed.level)]
    if status.typed_right:
        lines.append((_("Certificate number"), spaced(status.number)))
    if later:
        url = None if "*" in later.number else url_for("Verification.answer", number=later.number)
        lines.append((_("Why replaced"), later.reason))
        lines.append((_("New number"), Cell(spaced(later.number), url=url)))
    if printed:
        lines.append((_("Date of issue"), printed.issued_on))
    if status.valid_until:
        lines.append((_("Valid until"), status.valid_until))
    if printed:
        lines.append((_("Authority"), printed.authority))
        if printed.handling_body:
            lines.append((_("Handling body"), printed.handling_body))
    return lines


def spaced(number: str) -> str:
    """A number as people read it aloud: province, year, serial, check digit; paper as it is."""
    if len(number) != 15:
        return number
    return f"{number[:2]} {number[2:6]} {number[6:14]} {number[14:]}"


def _for_programs(status: PublicStatus) -> dict[str, Any]:
    verdict, printed = status.verdict, status.printed
    body: dict[str, Any] = {
        "number": status.number,
        "status": status.standing,
        "in_force": status.in_force,
        "as_of": clock.local(status.as_of).isoformat(timespec="seconds"),
        "message": in_words(verdict.text),
        "advice": in_words(verdict.advice),
        "valid_until": status.valid_until.isoformat() if status.valid_until else None,
        "replaced_by": status.successor.number if status.successor else None,
    }
    if printed:
        body |= {
            "holder": printed.name,
            "level": printed.level_code,
            "valid_from": printed.valid_from.isoformat(),
            "issued_on": printed.issued_on.isoformat(),
            "authority": printed.authority,
            "handling_body": printed.handling_body,
        }
    return body
