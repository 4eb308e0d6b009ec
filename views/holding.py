"""The page of one certificate: what it is now, what came before and after, what may be done."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app import clock
from app.queries import lineage
from app.scope import current_actor
from app.services import certificates, holders
from app.services.refusals import Invalid, Refusal
from app.services.verdicts import VERDICTS
from models.certificate import Certificate
from models.codes import LEVELS, MEASURE_REASONS
from views import downloads, measures
from views.guard import permitted
from views.resource.reading import typed
from views.verification import spaced


class Holding(BaseView):
    """证书详情, for its holder and for the offices of its region (BJ-52, MC-16)."""

    route_base = "/certificates/view"

    @expose("/<number>")
    @permitted("certificates.read")
    def show(self, number: str) -> Any:
        """The certificate with its line, its files and its buttons."""
        return _page(certificates.seen(number))

    @expose("/<number>/copy", methods=["POST"])
    @permitted(holders.PERMISSION)
    def copy(self, number: str) -> Any:
        """加注件: one's own certificate marked with what the copy is for."""
        values = typed(list(holders.FIELDS))
        try:
            pdf = holders.annotated_copy(number, values)
        except Refusal as fault:
            errors = fault.errors if isinstance(fault, Invalid) else {"purpose": fault.sentence}
            return _page(certificates.seen(number), values, errors), fault.status
        name = f"{_('Annotated copy')}-{number}-{clock.today()}.pdf"
        return downloads.file(pdf, "application/pdf", name, attached=True)

    @expose("/<number>/lost", methods=["POST"])
    @permitted(holders.PERMISSION)
    def lose(self, number: str) -> Any:
        """Declare one's own certificate lost."""
        holders.report_lost(number)
        flash(
            _("Reported lost. This certificate is void; you can apply for a replacement."),
            "success",
        )
        return redirect(url_for("Holding.show", number=number))


def _page(
    row: Certificate, values: Mapping[str, Any] | None = None, errors: Mapping[str, Any] = {}
) -> str:
    actor = current_actor()
    mine = actor is not None and actor.worker_id == row.worker_id
    standing = certificates.standing(row)
    losable = mine and row.state == "valid" and holders.replaceable(row)
    lost = mine and standing == "lost" and holders.replaceable(row)
    verdict = VERDICTS[standing]
    return render_template(
        "certificates/page.html",
        crumbs=_crumbs(row, mine),
        number=row.number,
        note=spaced(row.number),
        verdict=verdict,
        pairs=list(_pairs(row)),
        line=[_step(one, row) for one in reversed(lineage.lineage(row))],
        buttons=[] if mine else measures.links(row),
        pdf_url=url_for("CertificateFiles.pdf", number=row.number),
        png_url=url_for("CertificateFiles.png", number=row.number),
        ofd_url=url_for("CertificateFiles.ofd", number=row.number),
        check_url=url_for("Verification.answer", number=row.number),
        mine=mine,
        copy_url=url_for("Holding.copy", number=row.number) if mine else None,
        copy_fields=holders.FIELDS,
        lost_url=url_for("Holding.lose", number=row.number) if losable else None,
        replace_url=url_for("Apply.start", kind="replacement") if lost else None,
        values=values or {},
        errors=errors,
    )


def _crumbs(row: Certificate, mine: bool) -> list[tuple[Any, str | None]]:
    if mine:
        return [(_("Personal centre"), url_for("Centre.index")), (row.number, None)]
    return [
        (_("Certificates"), url_for("CertificateScreens.browse")),
        (row.number, url_for("CertificateScreens.show", pk=row.id)),
        (_("Certificate"), None),
    ]


def _pairs(row: Certificate) -> Iterator[tuple[Any, Any]]:
    yield _("Name"), row.name
    yield _("Level"), LEVELS[row.level]
    yield _("Certificate number"), spaced(row.number)
    yield _("Management number"), row.management_number
    yield _("Date of issue"), row.issued_on
    yield _("Valid from"), row.valid_from
    yield _("Valid until"), row.valid_until
    yield _("Authority"), row.authority
    if row.handling_body:
        yield _("Handling body"), row.handling_body
    if row.ended_on:
        yield _("Out of force since"), row.ended_on
    if row.end_reason:
        yield _("Reason"), MEASURE_REASONS[row.end_reason]


def _step(one: Certificate, row: Certificate) -> dict[str, Any]:
    """One certificate of the line, the newest first."""
    verdict = VERDICTS[certificates.standing(one)]
    return {
        "number": spaced(one.number),
        "url": None if one.id == row.id else url_for("Holding.show", number=one.number),
        "tag": verdict.title,
        "tone": verdict.tone,
        "name": one.name if one.name != row.name else None,
        "days": _("issued %(on)s, valid until %(until)s", on=one.issued_on, until=one.valid_until),
    }
