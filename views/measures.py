"""Measures on certificates: the form of a proposal, and what a second person does with it."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.scope import current_actor
from app.services import certificates, measures
from app.services.refusals import Refusal
from models.certificate import Certificate
from models.codes import MEASURES
from views.guard import permitted
from views.resource.declaration import Action, by_another
from views.resource.reading import typed

ACTIONS = (
    Action(
        "confirm",
        _l("Confirm the measure"),
        lambda key: measures.confirm(key),
        measures.PERMISSION,
        _l("Carry it out? It is public at once and cannot be taken back."),
        "bad",
        when=lambda row: row.state == "proposed" and by_another(row),
    ),
    Action(
        "decline",
        _l("Decline"),
        lambda key: measures.decline(key),
        measures.PERMISSION,
        _l("Leave the certificate as it is?"),
        when=lambda row: row.state == "proposed",
    ),
)
TITLES = {
    "revoke": _l("Propose to revoke a certificate"),
    "cancel": _l("Propose to cancel a certificate"),
    "reissue": _l("Propose to make a certificate anew"),
}
NOTES = {
    "revoke": _l("For a registration that should never have been granted (撤销)."),
    "cancel": _l("For a registration that has come to its end (注销)."),
    "reissue": _l(
        "For a certificate whose entries have changed since: it is replaced by a new one with a "
        "number of its own, and its validity stays (换发)."
    ),
}


def links(row: Certificate) -> list[tuple[Any, str]]:
    """The buttons that begin a proposal, each where the office may do it."""
    actor = current_actor()
    return [
        (label, url_for("Measures.propose", number=row.number, act=act))
        for act, label in MEASURES.items()
        if measures.refused(row, act, actor) is None
    ]


class Measures(BaseView):
    """撤销、注销、换发: what one person proposes and a second one confirms."""

    route_base = "/measures"

    @expose("/<number>/<act>", methods=["GET", "POST"])
    @permitted(measures.PERMISSION)
    def propose(self, number: str, act: str) -> Any:
        """The form of a proposal; what was typed survives every refusal."""
        row = certificates.seen(number)
        if act not in MEASURES:
            abort(404)
        specs = measures.fields((act,))
        if request.method == "GET":
            return self._form(row, act, {}, {})
        values = typed(list(specs))
        try:
            made = measures.propose(number, act, values)
        except Refusal as fault:
            return self._form(row, act, values, fault.errors), fault.status
        flash(_("Proposed. It takes effect when a second person confirms it."), "success")
        return redirect(url_for("MeasureScreens.show", pk=made.id))

    def _form(self, row: Certificate, act: str, values: Any, errors: Any) -> str:
        return render_template(
            "resource/form.html",
            title=TITLES[act],
            note=NOTES[act],
            crumbs=[
                (_l("Certificates"), url_for("CertificateScreens.browse")),
                (row.number, url_for("CertificateScreens.show", pk=row.id)),
            ],
            known=[
                (_("Certificate number"), row.number),
                (_("Name"), row.name),
                (_("Valid until"), row.valid_until),
                (_("Authority"), row.authority),
            ],
            sections=[{"title": None, "fields": measures.fields((act,))}],
            values=values,
            errors=errors,
            submit_label=_l("Propose"),
            cancel_url=url_for("CertificateScreens.show", pk=row.id),
        )
