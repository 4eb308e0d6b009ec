"""Re-checks: what was drawn for one's office, the screen that decides on it, and the figures."""

from collections.abc import Iterator
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.queries import listing, rechecks
from app.queries.cases import case
from app.queries.names import region_names
from app.queries.rechecks import Line, Show, Tally
from app.rules.fields import FieldSpec
from app.scope import current_actor
from app.services import rechecks as verbs
from app.services.refusals import Refusal
from models.codes import KINDS, RECHECK_REASONS, RECHECK_VERDICTS
from models.recheck import Recheck
from views.guard import permitted
from views.markup import Cell
from views.resource.reading import day, here
from views.review_case import page as case_page
from views.texts import moment

KEY = "<int(max=2147483647):key>"
LISTS: dict[Show, Any] = {
    "waiting": _l("To be checked by us"),
    "checked": _l("Checked by us"),
    "notes": _l("Disagreements with our approvals"),
}
NOTES: dict[Show, Any] = {
    "waiting": _l("Approvals of the offices below that were drawn by lot, the oldest first"),
    "checked": _l("What we found, the newest first"),
    "notes": _l("What the office above found; certificates stay in force"),
}
HEADS = (_l("Name"), _l("Kind"), _l("Office"), _l("Drawn on"), _l("Verdict"), _l("Note"))
TONES = {"agree": "good", "disagree": "bad"}
DAYS = (
    FieldSpec("first", "date", _l("Drawn from")),
    FieldSpec("last", "date", _l("Drawn until")),
)


class Rechecks(BaseView):
    """The second look by the office above."""

    route_base = "/rechecks"

    @expose("/")
    @permitted("rechecks.read")
    def worklist(self) -> Any:
        """What waits for this office; an office that checks nobody reads what was found of it."""
        offered: list[Show] = ["waiting", "checked", "notes"] if _checks() else ["notes"]
        show = next((one for one in offered if one == request.args.get("show")), offered[0])
        found = rechecks.page(show, request.args.get("after"), request.args.get("before"))
        lines = rechecks.lines(found.rows)
        names = region_names(line.recheck.office_code for line in lines)
        return render_template(
            "resource/list.html",
            title=LISTS[show],
            note=NOTES[show],
            links=[
                (LISTS[one], url_for("Rechecks.worklist", show=one))
                for one in offered
                if one != show
            ],
            columns=[{"label": label} for label in (HEADS[:4] if show == "waiting" else HEADS)],
            rows=[_row(line, names) for line in lines],
            count_text=found.count_text,
            prev_url=found.before is not None and here(before=found.before, after=None),
            next_url=found.after is not None and here(after=found.after, before=None),
        )

    @expose(f"/{KEY}", methods=["GET", "POST"])
    @permitted("rechecks.decide")
    def one(self, key: int) -> Any:
        """The whole case, with the form at the place of the decision."""
        found: Recheck = listing.find(Recheck, key) or abort(404)
        if request.method == "GET":
            return _shown(found)
        verdict = request.form.get("verdict", "")
        try:
            verbs.check(
                key,
                verdict,
                reason_code=request.form.get("reason_code"),
                note=request.form.get("note"),
            )
        except Refusal as fault:
            return _shown(listing.find(Recheck, key) or abort(404), fault.errors), fault.status
        flash(_("Recorded."), "success")
        return redirect(url_for("Rechecks.worklist"))

    @expose("/figures")
    @permitted("rechecks.report")
    def figures(self) -> Any:
        """How often the offices above disagree, by region and by reason."""
        first, last = day("first"), day("last")
        if first and last and last < first:
            first, last = last, first
        found = rechecks.tallies(first, last)
        whole = Tally()
        for one in found.values():
            whole.drawn += one.drawn
            whole.agree += one.agree
            whole.disagree += one.disagree
            whole.reasons += one.reasons
        names = region_names(found)
        return render_template(
            "review/quality.html",
            title=_("Quality of review"),
            note=_("Approvals drawn by lot and checked again by the office above"),
            filters=DAYS,
            values={"first": first, "last": last},
            tiles=list(_tiles(whole)),
            columns=list(_heads(whole)),
            rows=[_tallied(names.get(code, code), one, whole) for code, one in found.items()]
            + ([_tallied(_("All"), whole, whole)] if len(found) > 1 else []),
            reasons=[
                {
                    "cells": [
                        RECHECK_REASONS.get(code, code),
                        number,
                        _percent(number / whole.disagree),
                    ]
                }
                for code, number in whole.reasons.most_common()
            ],
        )


def _checks() -> bool:
    actor = current_actor()
    return actor is not None and actor.may("rechecks.decide")


def _row(line: Line, names: dict[str, str]) -> dict[str, Any]:
    one = line.recheck
    url = (
        url_for("Rechecks.one", key=one.id)
        if _checks()
        else url_for("Review.case", key=one.application_id)
    )
    return {
        "id": one.id,
        "url": url,
        "cells": [
            Cell(line.name, note=line.reference),
            KINDS[line.kind],
            names.get(one.office_code),
            one.drawn_on.isoformat(),
            *(_found(one, one.verdict) if one.verdict else ()),
        ],
    }


def _found(one: Recheck, verdict: str) -> tuple[Any, Any]:
    why = RECHECK_REASONS[one.reason_code] if one.reason_code else None
    said = Cell(RECHECK_VERDICTS[verdict], tone=TONES[verdict])
    return said, Cell(why, note=one.reason) if why else one.reason


def _shown(recheck: Recheck, errors: dict[str, Any] | None = None) -> str:
    """The case with the form, or with what was found, or with why this is not one's own to say."""
    found = case(recheck.application_id) or abort(404)
    refused = verbs.may_check(recheck)
    crumbs = [(_("Re-checks"), url_for("Rechecks.worklist")), (found.application.reference, None)]
    shown = case_page(found, errors) | {
        "crumbs": crumbs,
        "previous_url": None,
        "next_url": None,
        "claim": None,
        "recheck": {
            "form_url": url_for("Rechecks.one", key=recheck.id),
            "open": refused is None,
            "locked_text": refused.sentence if refused and recheck.verdict is None else None,
            "facts": list(_facts(recheck)),
            "reasons": list(RECHECK_REASONS.items()),
            "given": {name: request.form.get(name, "") for name in ("reason_code", "note")},
        },
    }
    return render_template("review/recheck.html", **shown)


def _facts(recheck: Recheck) -> Iterator[tuple[Any, Any]]:
    office = region_names([recheck.office_code]).get(recheck.office_code)
    yield _("Approved by"), office
    yield _("Drawn on"), recheck.drawn_on
    if recheck.verdict:
        yield _("Verdict"), Cell(RECHECK_VERDICTS[recheck.verdict], tone=TONES[recheck.verdict])
        yield _("Checked at"), moment(recheck.checked_at)
    if recheck.reason_code:
        yield _("Reason"), RECHECK_REASONS[recheck.reason_code]
    if recheck.reason:
        yield _("Note"), recheck.reason


def _tiles(whole: Tally) -> Iterator[tuple[Any, str, str | None]]:
    yield _("Drawn"), f"{whole.drawn:,}", None
    yield _("Checked"), f"{whole.checked:,}", None
    yield _("Not checked yet"), f"{whole.drawn - whole.checked:,}", None
    yield _("Disagreed"), f"{whole.disagree:,}", "warn" if whole.disagree else None
    yield _("Share of disagreement"), _percent(whole.share), None


def _heads(whole: Tally) -> Iterator[dict[str, Any]]:
    yield {"label": _("Region")}
    for label in (_("Drawn"), _("Checked"), _("Disagreed"), _("Share of disagreement")):
        yield {"label": label, "right": True}
    for code in sorted(whole.reasons):
        yield {"label": RECHECK_REASONS.get(code, code), "right": True}


def _tallied(name: Any, one: Tally, whole: Tally) -> dict[str, Any]:
    counts = [one.drawn, one.checked, one.disagree, _percent(one.share)]
    return {"cells": [name, *counts, *(one.reasons[code] for code in sorted(whole.reasons))]}


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{100 * share:.1f}%"
