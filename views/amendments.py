"""Correcting registrations on record: the form of a proposal, and what a second person does."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.queries.names import labels
from app.services import amendments
from app.services.refusals import Invalid, Refusal
from models.amendment import Amendment
from models.registration import Registration
from models.worker import Worker
from views.guard import permitted
from views.resource.declaration import Action, by_another
from views.resource.reading import typed

ACTIONS = (
    Action(
        "confirm",
        _l("Confirm the correction"),
        lambda key: amendments.confirm(key),
        amendments.PERMISSION,
        _l(
            "Correct the registration? What it said before stays on record, and the person is told."
        ),
        "primary",
        when=lambda row: row.state == "proposed" and by_another(row),
    ),
    Action(
        "decline",
        _l("Decline"),
        lambda key: amendments.decline(key),
        amendments.PERMISSION,
        _l("Leave the registration as it is?"),
        when=lambda row: row.state == "proposed",
    ),
)


def links(row: Registration) -> list[tuple[Any, str]]:
    """The button that begins a correction, where the office may do it."""
    if not amendments.offered(row):
        return []
    return [(_l("Propose a correction"), url_for("Amendments.propose", key=row.id))]


def to_registration(row: Amendment) -> list[tuple[Any, str]]:
    """The way from a correction to what it corrects."""
    return [(_l("Registration"), url_for("RegistrationScreens.show", pk=row.registration_id))]


class Amendments(BaseView):
    """更正登记记录: what one person proposes and a second one confirms."""

    route_base = "/amendments"

    @expose("/of/<int(max=2147483647):key>", methods=["GET", "POST"])
    @permitted(amendments.PERMISSION)
    def propose(self, key: int) -> Any:
        """The form, filled with what is on record; what was typed survives every refusal."""
        row = amendments.find(key)
        specs = list(amendments.fields())
        if request.method == "GET":
            return _form(row, {spec.name: getattr(row, spec.name, None) for spec in specs}, {})
        values = typed(specs)
        try:
            made = amendments.propose(key, values)
        except Refusal as fault:
            errors = fault.errors if isinstance(fault, Invalid) else {"": fault.sentence}
            return _form(row, values, errors), fault.status
        flash(_("Proposed. It takes effect when a second person confirms it."), "success")
        return redirect(url_for("AmendmentScreens.show", pk=made.id))


def _form(row: Registration, values: Any, errors: Any) -> str:
    back = url_for("RegistrationScreens.show", pk=row.id)
    name = labels(Worker, [row.worker_id]).get(row.worker_id, "")
    return render_template(
        "resource/form.html",
        title=_l("Propose a correction"),
        note=_l("Change what is wrong and say why. It takes effect when a second person confirms."),
        crumbs=[
            (_l("Registrations"), url_for("RegistrationScreens.browse")),
            (f"{name} · {row.cycle_year}", back),
        ],
        sections=[{"title": None, "fields": amendments.fields()}],
        values=values,
        errors=errors,
        submit_label=_l("Propose"),
        cancel_url=back,
    )
