"""The worklist of requests for correction, for the administrators of a region."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.queries.names import labels
from app.services import corrections
from app.services.refusals import Refusal
from models.codes import CORRECTION_STATES, CORRECTIONS
from models.own_data import Correction
from models.worker import Worker
from views.guard import permitted
from views.own_data import TONES
from views.resource.reading import seen
from views.texts import moment


class Corrections(BaseView):
    """更正申请 of one's region."""

    route_base = "/corrections"

    @expose("/")
    @permitted("corrections.settle")
    def worklist(self) -> Any:
        """What waits for an answer, the oldest first; or what was settled."""
        state = request.args.get("state", "open")
        state = state if state in CORRECTION_STATES else "open"
        page = corrections.worklist(state, request.args.get("after"), request.args.get("before"))
        names = labels(Worker, {row.worker_id for row in page.rows})
        here = url_for("Corrections.worklist", state=state)
        return render_template(
            "office/corrections.html",
            tabs=[
                (label, url_for("Corrections.worklist", state=code), code == state)
                for code, label in CORRECTION_STATES.items()
            ],
            rows=[_line(row, names.get(row.worker_id, "")) for row in page.rows],
            count=page.count_text,
            prev_url=page.before and f"{here}&before={page.before}",
            next_url=page.after and f"{here}&after={page.after}",
        )

    @expose("/<int(max=2147483647):key>", methods=["GET", "POST"])
    @permitted("corrections.settle")
    def one(self, key: int) -> Any:
        """One request, with the way to the record and the answer."""
        if request.method == "GET":
            return _page(corrections.find(key))
        typed = {spec.name: request.form.get(spec.name, "") for spec in corrections.ANSWER}
        try:
            corrections.settle(key, typed, seen())
        except Refusal as fault:
            return _page(corrections.find(key), typed, fault.errors), fault.status
        flash(_("The request has been settled, and the person is told."), "success")
        return redirect(url_for("Corrections.worklist"))


def _line(row: Correction, name: str) -> dict[str, Any]:
    return {
        "title": CORRECTIONS[row.about],
        "name": name,
        "text": row.wanted,
        "at": moment(row.created_at),
        "tag": CORRECTION_STATES[row.state],
        "tone": TONES[row.state],
        "url": url_for("Corrections.one", key=row.id),
    }


def _page(
    row: Correction,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Any] | None = None,
) -> str:
    name = labels(Worker, [row.worker_id]).get(row.worker_id, "")
    listed = url_for("Corrections.worklist")
    return render_template(
        "office/correction.html",
        crumbs=[(_("Requests for correction"), listed), (name, None)],
        one=_line(row, name),
        answer=row.answer,
        settled=moment(row.settled_at),
        worker_url=url_for("WorkerScreens.show", pk=row.worker_id),
        questions=corrections.ANSWER if row.state == "open" else (),
        labels={spec.name: spec.label for spec in corrections.ANSWER},
        values=values or {},
        errors=errors or {},
        version=row.version,
    )
