"""The review desk: the cases that wait for one's office, and one case on one screen."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.queries import queue
from app.queries.cases import case
from app.queries.names import region_names
from app.scope import current_actor
from app.services import records, review
from app.services.refusals import Invalid, Refusal
from app.services.verbs import need
from models.application import Application
from models.worker import Worker
from views.guard import permitted
from views.resource.reading import here, integer
from views.review_case import page, url_of
from views.review_queue import HEADS, SEARCH, chips, kept, row, wanted

CASE = "review/case.html"
DONE = {
    "approve": _l("%(name)s: approved."),
    "return": _l("%(name)s: returned for correction."),
    "reject": _l("%(name)s: not approved."),
}


def links(row: Application) -> list[tuple[Any, str]]:
    """The further buttons of an application's page."""
    actor = current_actor()
    if actor is None or row.submitted_at is None:
        return []
    found = [(_l("Application form"), url_for("Cases.pdf", key=row.id))]
    if actor.may("applications.decide"):
        found.insert(0, (_l("Review"), url_for("Review.case", key=row.id)))
    return found


class Review(BaseView):
    """What waits for one's decision."""

    route_base = "/review"

    @expose("/")
    @permitted("applications.decide")
    def queue(self) -> Any:
        """The cases that wait for this office and this person, the oldest first."""
        found = queue.queue(
            wanted(),
            after=integer(request.args.get("after")),
            before=integer(request.args.get("before")),
        )
        regions = region_names(one.region_code for one in found.rows)
        return render_template(
            "review/queue.html",
            title=_("Waiting for my review"),
            note=_("Oldest first"),
            start_url=url_of(found.rows[0].id) if found.rows else None,
            search={
                "name": SEARCH,
                "value": request.args.get(SEARCH),
                "placeholder": _l("Name"),
            },
            keep={k: v for k, v in kept().items() if k != SEARCH},
            chips=chips(),
            columns=[{"label": label} for label in HEADS],
            rows=[row(one, regions) for one in found.rows],
            count_text=found.count_text,
            prev_url=found.before is not None and here(before=found.before, after=None),
            next_url=found.after is not None and here(after=found.after, before=None),
        )

    @expose("/<int(max=2147483647):key>", methods=["GET", "POST"])
    @permitted("applications.decide")
    def case(self, key: int) -> Any:
        """One case; a decision on one that moved on meanwhile keeps what was typed (409)."""
        found = case(key) or abort(404)
        if request.method == "GET":
            return render_template(CASE, **page(found))
        _earlier, next_key = queue.neighbours(found.application, wanted())
        verdict = request.form.get("verdict", "")
        try:
            review.decide(
                key, verdict, version=integer(request.form.get("version")), **_why(verdict)
            )
        except Refusal as fault:
            errors = fault.errors if isinstance(fault, Invalid) else {"": fault.sentence}
            return render_template(CASE, **page(case(key) or abort(404), errors)), fault.status
        flash(str(DONE[verdict]) % {"name": found.worker.name}, "success")
        return redirect(url_of(next_key) or url_for("Review.queue", **kept()))

    @expose("/<int(max=2147483647):key>/identity", methods=["POST"])
    @permitted("applications.decide")
    def identity(self, key: int) -> Any:
        """The applicant's identity number in clear, after a reason that goes on record."""
        need("workers.reveal")
        found = case(key) or abort(404)
        number, errors = None, {}
        try:
            number = records.reveal(Worker, found.worker.id, request.form.get("why", ""))
        except Invalid as fault:
            errors = {"why": fault.sentence}
        shown = page(case(key) or abort(404), errors, number)
        return render_template(CASE, **shown), 422 if errors else 200


def _why(verdict: str) -> dict[str, Any]:
    """The reason and what to correct; a reason that was picked before an approval is none."""
    if verdict == "approve":
        return {}
    return {
        "reason_code": request.form.get("reason_code") or None,
        "reason": request.form.get("reason", "").strip() or None,
        "items": request.form.getlist("items") if verdict == "return" else (),
    }
