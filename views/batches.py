"""Batches: pre-check the chosen cases, confirm, and watch what comes of each."""

import re
from collections.abc import Iterator
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.rules.words import Words
from app.services import batches
from app.services.precheck import Checked, precheck
from app.services.refusals import Invalid
from models.codes import BATCH_STATES
from views.guard import permitted
from views.resource.reading import integer
from views.review_queue import kept
from views.texts import in_words, moment

GROUPS = {
    "clear": (_l("Clear"), "good"),
    "look": (_l("Needs a look"), "warn"),
    "not_yours": (_l("Not yours to decide"), "idle"),
}
TONES = {"waiting": "idle", "done": "good", "refused": "bad"}


class Batches(BaseView):
    """Many cases of the queue at once."""

    route_base = "/review/batches"

    @expose("/check", methods=["POST"])
    @permitted("applications.decide")
    def check(self) -> Any:
        """What a batch of the chosen cases would meet; nothing is decided yet."""
        keys = [key for text in request.form.getlist("ids") if (key := integer(text))]
        if not keys:
            flash(_("Choose at least one case."), "warning")
            return redirect(url_for("Review.queue", **kept()))
        found = precheck(keys)
        groups = [
            {
                "name": name,
                "title": title,
                "tone": tone,
                "rows": [_checked(one) for one in found if one.group == name],
            }
            for name, (title, tone) in GROUPS.items()
        ]
        return render_template(
            "review/batch_check.html",
            title=_("Approve several cases"),
            note=_("Nothing has been decided yet."),
            crumbs=_crumbs(),
            groups=groups,
            batch=batches.new_batch(),
            start_url=url_for("Batches.start", **kept()),
            back_url=url_for("Review.queue", **kept()),
        )

    @expose("/", methods=["POST"])
    @permitted("applications.decide")
    def start(self) -> Any:
        """Promise the approvals that were confirmed; pressed twice it is one batch."""
        batch = request.form.get("batch", "")
        if not re.fullmatch(r"[\w-]{16,32}", batch):
            batch = batches.new_batch()
        try:
            batches.start(batch, list(_chosen()))
        except Invalid as fault:
            flash(in_words(fault.sentence), "warning")
            return redirect(url_for("Review.queue", **kept()))
        return redirect(url_for("Batches.one", batch=batch, **kept()))

    @expose("/<batch>")
    @permitted("applications.decide")
    def one(self, batch: str) -> Any:
        """How far one's own batch is, and what came of each case."""
        lines = batches.lines(batch)
        done = sum(line.item.state != "waiting" for line in lines)
        refused = sum(line.item.state == "refused" for line in lines)
        return render_template(
            "review/batch.html",
            title=_("Approve several cases"),
            crumbs=_crumbs(),
            total=len(lines),
            done=done,
            approved=done - refused,
            refused=refused,
            rows=[_line(line) for line in lines],
            here_url=url_for("Batches.one", batch=batch, **kept()),
            back_url=url_for("Review.queue", **kept()),
        )


def _crumbs() -> list[tuple[Any, str | None]]:
    return [(_("Waiting for my review"), url_for("Review.queue", **kept())), (_("Batch"), None)]


def _chosen() -> Iterator[tuple[int, int]]:
    """The cases that were ticked, each with the version that the pre-check saw."""
    for text in request.form.getlist("cases"):
        key, _colon, version = text.partition(":")
        if (number := integer(key)) and (seen := integer(version)) is not None:
            yield number, seen


def _checked(one: Checked) -> dict[str, Any]:
    found = one.found
    return {
        "value": f"{one.application_id}:{found.application.version}" if found else None,
        "url": url_for("Review.case", key=one.application_id, **kept()) if found else None,
        "name": found.worker.name if found else _("Case %(number)s", number=one.application_id),
        "note": found.application.reference if found else None,
        "kind": found.kind.label if found else None,
        "reasons": one.reasons,
    }


def _line(line: batches.Line) -> dict[str, Any]:
    item = line.item
    return {
        "name": line.name,
        "note": line.reference,
        "url": url_for("Review.case", key=item.application_id, **kept()),
        "state": BATCH_STATES[item.state],
        "tone": TONES[item.state],
        "text": Words(**item.sentence) if item.sentence else None,
        "at": moment(item.decided_at),
    }
