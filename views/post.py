"""The post: address labels for what is waiting, and the number under which it left."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock
from app.queries import listing
from app.queries.listing import Filter
from app.scope import current_actor
from app.services import deliveries
from app.services.refusals import Conflict, Refusal
from models.certificate import Delivery
from views import downloads
from views.guard import permitted
from views.resource.reading import seen, typed
from views.texts import in_words


def links(row: Delivery) -> list[tuple[Any, str]]:
    """The further buttons of a delivery's page."""
    actor = current_actor()
    if actor is None or not actor.may("deliveries.write"):
        return []
    text = _l("Hand over to the post") if row.method == "post" else _l("Record as handed out")
    label = _l("Correct the tracking number") if row.state == "sent" else text
    collected = row.state == "sent" and row.method != "post"
    return [] if collected else [(label, url_for("Post.send", key=row.id))]


def list_links() -> list[tuple[Any, str]]:
    """The further buttons of the list of deliveries; the labels follow the list's filters."""
    actor = current_actor()
    if actor is None or not actor.may("deliveries.reveal"):
        return []
    region = request.args.get("region_code")
    return [(_l("Print address labels"), url_for("Post.labels", region_code=region or None))]


class Post(BaseView):
    """What the list of deliveries leaves to a verb (BA-14, BA-25)."""

    route_base = "/deliveries"

    @expose("/labels.pdf")
    @permitted("deliveries.reveal")
    def labels(self) -> Any:
        """Sheets of address labels for all that is still to be posted, in a region or in all."""
        region = request.args.get("region_code")
        filters = [Filter("region_code", "eq", region)] if region else []
        try:
            sheets = deliveries.labels(filters)
        except Conflict as fault:
            flash(in_words(fault.sentence), "warning")
            return redirect(url_for("DeliveryScreens.browse", region_code=region or None))
        return downloads.file(sheets, "application/pdf", f"labels-{clock.today()}.pdf")

    @expose("/send/<int(max=2147483647):key>", methods=["GET", "POST"])
    @permitted("deliveries.write")
    def send(self, key: int) -> Any:
        """Carrier and tracking number of one parcel, which its holder is told."""
        row = listing.find(Delivery, key) or abort(404)
        specs = list(deliveries.BY_POST) if row.method == "post" else []
        if request.method == "GET":
            values = {spec.name: getattr(row, spec.name) for spec in specs}
            return self._form(row, values, {}, row.version)
        values, version = typed(specs), request.form.get("version", row.version)
        try:
            deliveries.send(key, **values, version=seen())
        except Refusal as fault:
            return self._form(row, values, fault.errors, version), fault.status
        flash(_("Recorded. The holder has been told."), "success")
        return redirect(url_for("DeliveryScreens.show", pk=key))

    def _form(self, row: Delivery, values: Any, errors: Any, version: Any) -> str:
        by_post = row.method == "post"
        known = [(_("Certificate number"), row.certificate_number), (_("Recipient"), row.recipient)]
        return render_template(
            "resource/form.html",
            title=_("Hand over to the post") if by_post else _("Record as handed out"),
            crumbs=[
                (_l("Deliveries"), url_for("DeliveryScreens.browse")),
                (row.certificate_number, url_for("DeliveryScreens.show", pk=row.id)),
            ],
            known=known,
            sections=[{"title": None, "fields": deliveries.BY_POST}] if by_post else [],
            values=values,
            errors=errors,
            hidden={"version": version},
            cancel_url=url_for("DeliveryScreens.show", pk=row.id),
        )
