"""我的数据: a copy of what is held about oneself, corrections, consents, and who has looked."""

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.queries import own_data
from app.services import corrections
from app.services import own_data as copies
from app.services.refusals import Refusal
from models.codes import ACTS, CORRECTION_STATES, CORRECTIONS, EXPORT_STATES, ROLES
from models.own_data import Correction, DataExport
from views import downloads
from views.guard import permitted
from views.texts import in_words, moment

TONES = {"open": "info", "corrected": "good", "refused": "warn"}
COPIES = {"waiting": "info", "ready": "good", "over": "idle"}


class OwnData(BaseView):
    """What the portal holds about the person who is signed in."""

    route_base = "/my-data"

    @expose("/")
    @permitted("profile.keep")
    def index(self) -> Any:
        """Everything on one page."""
        return _page()

    @expose("/exports", methods=["POST"])
    @permitted("profile.keep")
    def request_copy(self) -> Any:
        """Ask for a copy; a job makes it."""
        try:
            copies.request_copy()
        except Refusal as fault:
            flash(in_words(fault.sentence), "warning")
        else:
            flash(_("The copy is being made. A message tells you when it is ready."), "success")
        return redirect(url_for("OwnData.index"))

    @expose("/exports/<int(max=2147483647):key>.zip")
    @permitted("profile.keep")
    def copy(self, key: int) -> Any:
        """The archive, for the session of its owner alone: a program's token does not do."""
        if request.headers.get("Authorization"):
            abort(403)
        name = f"{_('My data')}-{key}.zip"
        return downloads.file(copies.fetch(key), "application/zip", name, attached=True)

    @expose("/consents/<int(max=2147483647):key>")
    @permitted("profile.keep")
    def consented(self, key: int) -> Any:
        """The whole text that a consent of one's own rests on, as it was then."""
        title, *paragraphs = copies.text_of(key).split("\n\n")
        crumbs = [(_("My data"), url_for("OwnData.index")), (title, None)]
        return render_template(
            "public/notice.html", title=title, paragraphs=paragraphs, crumbs=crumbs
        )

    @expose("/corrections", methods=["POST"])
    @permitted("profile.keep")
    def ask(self) -> Any:
        """Ask the office to correct what it holds."""
        typed = {spec.name: request.form.get(spec.name, "") for spec in corrections.questions()}
        try:
            corrections.ask(typed)
        except Refusal as fault:
            return _page(typed, fault.errors), fault.status
        flash(_("Your request has gone to the administrators of your region."), "success")
        return redirect(url_for("OwnData.index"))


def _page(values: Mapping[str, Any] | None = None, errors: Mapping[str, Any] | None = None) -> str:
    asked, made = corrections.questions(), own_data.exports()
    return render_template(
        "applicant/own_data.html",
        crumbs=[(_("Personal centre"), url_for("Centre.index")), (_("My data"), None)],
        exports=[_copy(row) for row in made],
        export_url=url_for("OwnData.request_copy"),
        may_ask=all(row.state not in ("waiting", "ready") for row in made),
        questions=asked,
        labels={spec.name: spec.label for spec in asked},
        values=values or {},
        errors=errors or {},
        ask_url=url_for("OwnData.ask"),
        requests=[_request(row) for row in own_data.corrections()],
        consents=[_consent(one) for one in own_data.consents()],
        looks=[_look(one) for one in own_data.looks()],
    )


def _copy(row: DataExport) -> dict[str, Any]:
    ready = row.state == "ready"
    return {
        "at": moment(row.created_at),
        "tag": EXPORT_STATES[row.state],
        "tone": COPIES[row.state],
        "size": f"{(row.size or 0) / 1048576:.1f} MB" if ready else None,
        "until": moment(row.expires_at) if ready else None,
        "url": url_for("OwnData.copy", key=row.id) if ready else None,
    }


def _request(row: Correction) -> dict[str, Any]:
    return {
        "title": CORRECTIONS[row.about],
        "text": row.wanted,
        "at": moment(row.created_at),
        "tag": CORRECTION_STATES[row.state],
        "tone": TONES[row.state],
        "answer": row.answer,
        "settled": moment(row.settled_at),
    }


def _consent(one: own_data.Agreed) -> dict[str, Any]:
    row = one.consent
    return {
        "text": row.text,
        "at": moment(row.agreed_at),
        "address": row.address,
        "url": url_for("OwnData.consented", key=row.id) if row.text_digest else None,
        "edition": " · ".join(part for part in (one.policy, row.digest[:12]) if part),
    }


def _look(one: own_data.Look) -> dict[str, Any]:
    return {
        "at": moment(one.at),
        "what": ACTS.get(one.verb, one.verb),
        "who": f"{one.office} · {in_words(ROLES.get(one.role, one.role))} · {one.name}",
        "reason": one.what if one.verb == "reveal" else None,
    }
