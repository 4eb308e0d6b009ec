"""Settling a request to be put on the roster: what was sent beside what is there, and the
pictures."""

from io import BytesIO
from typing import Any

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.queries.names import region_names
from app.scope import current_actor
from app.services import roster_requests
from app.services.refusals import Refusal
from models.codes import DOCUMENT_TYPES, LEVELS, REQUEST_STATES
from models.roster_request import RosterRequest
from views.guard import permitted
from views.resource.reading import seen
from views.texts import in_words, moment

TONES = {"pending": "warn", "accepted": "good", "refused": "bad"}


def links(row: Any) -> list[tuple[Any, str]]:
    """The further button of a request's page."""
    actor = current_actor()
    if actor is None or not actor.may("roster_requests.settle"):
        return []
    label = _l("Settle") if row.state == "pending" else _l("Evidence")
    return [(label, url_for("RosterRequests.settle", key=row.id))]


class RosterRequests(BaseView):
    """What the generated screens of the requests leave to a verb (MC-04, MC-05)."""

    route_base = "/roster_requests"

    @expose("/settle/<int(max=2147483647):key>", methods=["GET", "POST"])
    @permitted("roster_requests.settle")
    def settle(self, key: int) -> Any:
        """Compare, and accept or refuse; the person is told either way."""
        errors, status = {}, 200
        if request.method == "POST":
            try:
                self._answer(key, seen())
            except Refusal as fault:
                errors, status = fault.errors, fault.status
            else:
                flash(_("Recorded. The person is told."), "success")
                return redirect(url_for("RosterRequestScreens.browse", state="pending"))
        row = roster_requests.one(key)
        page = render_template(
            "roster_requests/settle.html",
            row=row,
            state=REQUEST_STATES[row.state],
            tone=TONES[row.state],
            sent=_sent(row),
            known=_known(row),
            pictures=[
                url_for(".picture", key=key, picture=number)
                for number in range(len(roster_requests.pictures(key)))
            ],
            errors=errors,
            crumbs=[(_l("Roster requests"), url_for("RosterRequestScreens.browse"))],
        )
        return page, status

    def _answer(self, key: int, version: int) -> None:
        if request.form.get("answer") == "accept":
            roster_requests.accept(key, version)
        else:
            roster_requests.refuse(key, request.form.get("reason", ""), version)

    @expose("/picture/<int(max=2147483647):key>/<int(max=99):picture>")
    @permitted("roster_requests.settle")
    def picture(self, key: int, picture: int) -> Any:
        """One picture of the evidence, marked with whoever looks, kept by no browser."""
        data = roster_requests.evidence(key, picture)
        answer: Response = send_file(BytesIO(data), "image/jpeg", download_name=f"{picture}.jpg")
        answer.headers["Cache-Control"] = "private, no-store"
        return answer


def _sent(row: RosterRequest) -> list[tuple[Any, Any]]:
    return [
        (_l("Name"), row.name),
        (_l("Document type"), DOCUMENT_TYPES[row.id_type]),
        (_l("Identity number"), row.id_number_masked),
        (_l("Level"), LEVELS[row.level]),
        (_l("Examination year"), row.exam_year),
        (_l("Management number"), row.management_number),
        (_l("Phone"), row.phone),
        (_l("E-mail"), row.email),
        (_l("Region"), region_names([row.region_code]).get(row.region_code)),
        (_l("Remark"), row.note),
        (_l("Sent at"), moment(row.created_at)),
        *([(_l("Reason"), in_words(row.reason))] if row.reason else []),
    ]


def _known(row: RosterRequest) -> list[tuple[Any, Any]]:
    """What the roster of the actor's region says of this number now."""
    known = roster_requests.known(row)
    if known is None:
        return []
    return [
        (_l("Name"), known.name),
        (_l("Management number"), known.management_number),
        (_l("Phone"), known.phone),
        (_l("Account"), known.account),
    ]
