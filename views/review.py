"""The review desk: the cases that wait for one's office, and one case on one screen."""

import re
from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.queries import queue
from app.queries.cases import Case, Picture, case
from app.queries.names import region_names
from app.queries.policies import editions, reasons
from app.queries.queue import QueueRow, Wanted
from app.rules.identifiers import normalise_id_number
from app.scope import current_actor
from app.services import review
from app.services.refusals import Invalid, Refusal
from models.application import Application
from models.codes import KINDS, LEVELS
from views.cases import steps
from views.guard import permitted
from views.resource.reading import here, integer
from views.texts import in_words, moment

SEARCH = "q"
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
        page = queue.queue(
            _wanted(),
            after=integer(request.args.get("after")),
            before=integer(request.args.get("before")),
        )
        regions = region_names(row.region_code for row in page.rows)
        actor = current_actor()
        assert actor is not None
        return render_template(
            "review/queue.html",
            title=_("Waiting for my review"),
            note=_("Oldest first"),
            start_url=url_for("Review.case", key=page.rows[0].id) if page.rows else None,
            search={
                "name": SEARCH,
                "value": request.args.get(SEARCH),
                "placeholder": _l("Name"),
            },
            keep={k: v for k, v in request.args.items() if k in ("kind", "region_code")},
            chips=_chips(),
            columns=[{"label": label} for label in HEADS],
            rows=[_row(row, regions) for row in page.rows],
            count_text=page.count_text,
            prev_url=page.before is not None and here(before=page.before, after=None),
            next_url=page.after is not None and here(after=page.after, before=None),
        )

    @expose("/<int(max=2147483647):key>", methods=["GET", "POST"])
    @permitted("applications.decide")
    def case(self, key: int) -> Any:
        """One case; a decision on one that moved on meanwhile keeps what was typed (409)."""
        found = case(key) or abort(404)
        if request.method == "GET":
            return _page(found)
        _earlier, next_key = queue.neighbours(found.application)
        verdict = request.form.get("verdict", "")
        try:
            review.decide(
                key, verdict, version=integer(request.form.get("version")), **_why(verdict)
            )
        except Refusal as fault:
            errors = fault.errors if isinstance(fault, Invalid) else {"": fault.sentence}
            return _page(case(key) or abort(404), errors), fault.status
        flash(str(DONE[verdict]) % {"name": found.worker.name}, "success")
        if next_key is None:
            return redirect(url_for("Review.queue"))
        return redirect(url_for("Review.case", key=next_key))


HEADS = (
    _l("Name"),
    _l("Kind"),
    _l("Level"),
    _l("Region"),
    _l("Submitted"),
    _l("Stage"),
    _l("Case number"),
)


def _wanted() -> Wanted:
    """What was asked for; a bad region or kind finds nothing that is not there anyway."""
    text = request.args.get(SEARCH, "").strip()[:64]
    kind, region = request.args.get("kind"), request.args.get("region_code")
    number = normalise_id_number(text) if len(text) == 18 else None
    return Wanted(
        kind=kind if kind in KINDS else None,
        region_code=region if region and re.fullmatch("[0-9]{6}", region) else None,
        name=None if number else text or None,
        id_number=number,
    )


def _why(verdict: str) -> dict[str, Any]:
    """The reason and what to correct; a reason that was picked before an approval is none."""
    if verdict == "approve":
        return {}
    return {
        "reason_code": request.form.get("reason_code") or None,
        "reason": request.form.get("reason", "").strip() or None,
        "items": request.form.getlist("items") if verdict == "return" else (),
    }


def _chips() -> list[dict[str, Any]]:
    """One for each kind that anybody reviews; a choice of one is none."""
    offered = {k.code for policy in editions() for k in policy.kinds.values() if k.review}
    chosen = request.args.get("kind")
    known = [(None, _l("All")), *((k, label) for k, label in KINDS.items() if k in offered)]
    return [
        {"label": label, "url": here(kind=code), "current": chosen == code}
        for code, label in known
        if len(offered) > 1
    ]


def _row(row: QueueRow, regions: Mapping[str, str]) -> dict[str, Any]:
    again = _("attempt %(number)s", number=row.attempt) if row.attempt > 1 else None
    return {
        "id": row.id,
        "url": url_for("Review.case", key=row.id),
        "cells": [
            {"text": row.name, "note": row.id_number_masked},
            {"text": KINDS[row.kind], "note": again},
            LEVELS[row.level],
            regions.get(row.region_code, row.region_code),
            moment(row.submitted_at),
            row.stage_label,
            row.reference,
        ],
    }


def _page(found: Case, errors: Mapping[str, Any] | None = None) -> str:
    application = found.application
    previous_key, next_key = queue.neighbours(application)
    refused = review.may_decide(application)
    return render_template(
        "review/case.html",
        title=f"{found.worker.name} · {in_words(found.kind.label)}",
        note=_note(found),
        crumbs=[
            (_("Waiting for my review"), url_for("Review.queue")),
            (application.reference, None),
        ],
        previous_url=url_for("Review.case", key=previous_key) if previous_key else None,
        next_url=url_for("Review.case", key=next_key) if next_key else None,
        print_url=url_for("Cases.pdf", key=application.id),
        comparison=[{"title": part.label, "rows": part.rows} for part in found.parts],
        findings=found.findings,
        steps=steps(application, found.deciders),
        pictures=[_picture(one) for one in found.pictures],
        decision=None if refused else _decision(found),
        errors=errors or {},
        kept_text=request.form.get("reason"),
        locked_text=refused.sentence if refused else None,
    )


def _note(found: Case) -> str:
    application = found.application
    region = region_names([application.region_code]).get(application.region_code, "")
    basis = _(
        "%(policy)s, edition %(number)s",
        policy=in_words(found.policy.title),
        number=found.policy.version,
    )
    parts = (
        in_words(found.kind.wording("level", application.level)),
        region,
        _("submitted %(at)s", at=moment(application.submitted_at)),
        basis,
    )
    return " · ".join(part for part in parts if part)


def _picture(one: Picture) -> dict[str, Any]:
    remarks = " ".join(in_words(text) for text in one.warnings)
    size = f"{one.width} × {one.height} · {-(-one.size // 1024)} KB"
    return {
        "title": one.label,
        "url": url_for("Materials.one", key=one.id),
        "note": f"{size} {remarks}".strip(),
        "warning": remarks,
    }


def _decision(found: Case) -> dict[str, Any]:
    """The form of a decision, with what was typed before it was refused."""
    kind, stage = found.kind, found.office.stage if found.office else None
    verdicts = ["approve", "reject"] + (["return"] if kind.return_ == "allowed" else [])
    offered = [one for one in reasons().values() if set(one.verdicts) & set(verdicts)]
    return {
        "title": stage.label if stage else _("Review"),
        "form_url": url_for("Review.case", key=found.application.id),
        "version": found.application.version,
        "name": found.worker.name,
        "verdicts": verdicts,
        "reasons": offered,
        "unlockable": [(one.name, one.label) for one in kind.materials]
        + [(spec.name, spec.label) for spec in kind.fields if not spec.locked],
        "given": {
            "reason_code": request.form.get("reason_code"),
            "reason": request.form.get("reason"),
            "unlocked": request.form.getlist("items"),
        },
    }
