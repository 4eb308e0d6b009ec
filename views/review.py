"""The review desk: the cases that wait for one's office, and one case on one screen."""

from dataclasses import asdict
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import escape

from app.queries import queue
from app.queries.cases import case
from app.queries.decided import decided_today
from app.queries.listing import Filter
from app.scope import current_actor
from app.services import access, credits, records, review, undoing
from app.services.refusals import Invalid, Refusal
from app.services.verbs import need
from models.application import Application
from models.worker import Worker
from views.batches import what_was_typed
from views.guard import permitted
from views.markup import LINK
from views.resource.reading import here, integer, seen
from views.review_case import decided_row, page, url_of
from views.review_queue import (
    COLUMNS,
    KEPT,
    SEARCHED,
    as_file,
    chips,
    choices,
    elsewhere,
    found_by,
    kept,
    searched,
    stage_names,
    table,
    tiles,
    wanted,
)
from views.texts import in_words

CASE = "review/case.html"
KEY = "<int(max=2147483647):key>"
ACTIONS = (
    {"name": "approve", "label": _l("Approve several…"), "tone": "good"},
    {"name": "return", "label": _l("Return several…")},
    {"name": "reject", "label": _l("Refuse several…")},
)
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
        return render_template(
            "review/queue.html",
            title=_("Waiting for my review"),
            note=" · ".join([*map(in_words, stage_names(found.rows)), _("Oldest first")]),
            start_url=url_for("Review.start", **kept()) if found.rows else None,
            links=_links() if found.rows else [],
            tiles=tiles(found.figures),
            search={
                "url": url_for("Review.search"),
                "name": "q",
                "value": request.args.get("q"),
                "placeholder": _l("Name, identity, certificate or case number"),
                "found_by": found_by(),
                "clear_url": here(**dict.fromkeys(SEARCHED)),
            },
            keep={name: value for name, value in kept().items() if name not in SEARCHED},
            chips=chips(found.figures),
            choices=choices(found.figures),
            actions=_actions(found.returns),
            action_url=url_for("Batches.check", **kept()),
            columns=COLUMNS,
            rows=table(found.rows),
            filtered=bool(kept()),
            elsewhere=None if found.rows else elsewhere(wanted()),
            all_url=url_for("Review.queue"),
            count_text=found.count_text,
            prev_url=found.before is not None and here(before=found.before, after=None),
            next_url=found.after is not None and here(after=found.after, before=None),
        )

    @expose("/export.csv")
    @permitted("applications.export")
    def export(self) -> Any:
        """The filtered queue as CSV, its identity numbers masked; who takes it is on record."""
        text = as_file(queue.listed(wanted()))
        access.exported("queue", [Filter(name, "eq", said) for name, said in kept().items()])
        disposition = "attachment; filename=queue.csv"
        return Response(text, mimetype="text/csv", headers={"Content-Disposition": disposition})

    @expose("/search", methods=["POST"])
    @permitted("applications.decide")
    def search(self) -> Any:
        """From what was typed to an address: an identity number never stands in one."""
        kept_on = {n: v for n, v in request.form.items() if n in KEPT and n not in SEARCHED and v}
        address: dict[str, Any] = {**kept_on, **searched(request.form.get("q", ""))}
        return redirect(url_for("Review.queue", **address))

    @expose("/start", methods=["POST"])
    @permitted("applications.decide")
    def start(self) -> Any:
        """Take the oldest case that nobody is at, and open it."""
        return redirect(_next(None))

    @expose(f"/{KEY}", methods=["GET", "POST"])
    @permitted("applications.decide")
    def case(self, key: int) -> Any:
        """One case; a decision on one that moved on meanwhile keeps what was typed (409)."""
        found = case(key) or abort(404)
        if request.method == "GET":
            return render_template(CASE, **page(found))
        verdict = request.form.get("verdict", "")
        try:
            review.decide(key, version=seen(), **asdict(what_was_typed(verdict)))
        except Refusal as fault:
            return _refused(key, fault)
        said = str(DONE[verdict]) % {"name": found.worker.name}
        today = LINK % (url_for("Review.today"), _("Decided by me today"))
        flash(escape(said) + " " + today, "success")
        return redirect(_next(key))

    @expose(f"/{KEY}/claim", methods=["POST"])
    @permitted("applications.decide")
    def claim(self, key: int) -> Any:
        """Take the case for a while, or leave it to others."""
        try:
            if request.form.get("leave"):
                review.leave(key)
            else:
                review.take(key, seen())
        except Refusal as fault:
            return _refused(key, fault)
        return redirect(url_of(key) or "")

    @expose("/today")
    @permitted("applications.decide")
    def today(self) -> Any:
        """One's own decisions of today, and which of them can still be taken back."""
        return render_template(
            "review/today.html",
            title=_("Decided by me today"),
            note=_("A decision can be taken back on its day, while nobody has acted on it."),
            crumbs=[
                (_("Waiting for my review"), url_for("Review.queue", **kept())),
                (_("Decided by me today"), None),
            ],
            rows=[decided_row(one) for one in decided_today()],
        )

    @expose(f"/{KEY}/undo", methods=["POST"])
    @permitted("applications.decide")
    def undo(self, key: int) -> Any:
        """Take one's own decision of today back."""
        try:
            undoing.undo(key, seen())
        except Refusal as fault:
            return _refused(key, fault)
        flash(_("The decision is taken back; you can decide the case again."), "success")
        return redirect(url_of(key) or "")

    @expose(f"/{KEY}/hours/<int(max=2147483647):material>", methods=["POST"])
    @permitted("applications.decide")
    def hours(self, key: int, material: int) -> Any:
        """Record the hours that one picture shows, accepted or refused."""
        typed = {spec.name: request.form.get(spec.name) for spec in credits.FIELDS}
        state = credits.REFUSED if request.form.get("refuse") else credits.ACCEPTED
        try:
            credits.record(key, material, state, typed)
        except Refusal as fault:
            return _refused(key, fault)
        flash(_("Recorded."), "success")
        return redirect(f"{url_of(key)}#hours")

    @expose(f"/{KEY}/hours/undo/<int(max=2147483647):credit>", methods=["POST"])
    @permitted("applications.decide")
    def undo_hours(self, key: int, credit: int) -> Any:
        """Take out what was recorded wrongly."""
        try:
            credits.undo(key, credit)
        except Refusal as fault:
            return _refused(key, fault)
        flash(_("Taken out."), "success")
        return redirect(f"{url_of(key)}#hours")

    @expose(f"/{KEY}/identity", methods=["POST"])
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


def _links() -> list[tuple[Any, str]]:
    actor = current_actor()
    may = actor is not None and actor.may("applications.export")
    return [(_l("Export CSV"), url_for("Review.export", **kept()))] if may else []


def _actions(returns: bool) -> list[dict[str, Any]]:
    """What can be done with several cases of this queue at once."""
    if request.args.get("state") == "returned":
        return []
    return [one for one in ACTIONS if returns or one["name"] != "return"]


def _refused(key: int, fault: Refusal) -> Any:
    """The page of the case as it is now, with what is wrong and what was typed."""
    return render_template(CASE, **page(case(key) or abort(404), fault.errors)), fault.status


def _next(key: int | None) -> str:
    """The page of the next case of this queue that could be taken, or the queue when there is
    none."""
    taken = review.take_first(queue.free(wanted(), after=key))
    return url_of(taken) or url_for("Review.queue", **kept())
