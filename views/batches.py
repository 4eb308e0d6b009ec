"""Batches: pre-check the chosen cases, confirm, and watch what comes of each."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from views.resource.reading import chosen, integer
from views.review_case import offered, unlockable
from views.review_queue import kept
from views.texts import in_words, moment

GROUPS = {
    "clear": (_l("Clear"), "good"),
    "look": (_l("Needs a look"), "warn"),
    "not_yours": (_l("Not yours to decide"), "idle"),
}
TOGETHER = _l("Can be decided together")
TONES = {"waiting": "idle", "done": "good", "refused": "bad"}


@dataclass(frozen=True)
class Said:
    """How one verdict is spoken of: its page, its button, and what came of the cases."""

    title: Any
    press: Any
    confirm: Any
    tone: str
    done: Any
    decided: Any
    left: Any


SAID = {
    "approve": Said(
        _l("Approve several cases"),
        _l("Approve what is ticked"),
        None,
        "good",
        _l("Approved"),
        lambda count: _("%(count)s approved", count=count),
        lambda count: _("%(count)s not approved", count=count),
    ),
    "return": Said(
        _l("Return several cases for correction"),
        _l("Return what is ticked"),
        _l("Return all that is ticked, for this one reason?"),
        "warn",
        _l("Returned for correction"),
        lambda count: _("%(count)s returned", count=count),
        lambda count: _("%(count)s not returned", count=count),
    ),
    "reject": Said(
        _l("Refuse several cases"),
        _l("Refuse what is ticked"),
        _l("Refuse all that is ticked, for this one reason?"),
        "bad",
        _l("Not approved"),
        lambda count: _("%(count)s refused", count=count),
        lambda count: _("%(count)s not refused", count=count),
    ),
}
"""What can be decided on many cases at once."""


class Batches(BaseView):
    """Many cases of the queue at once."""

    route_base = "/review/batches"

    @expose("/check", methods=["POST"])
    @permitted("applications.decide")
    def check(self) -> Any:
        """What a batch of the chosen cases would meet; nothing is decided yet."""
        keys = chosen()
        if not keys:
            flash(_("Choose at least one case."), "warning")
            return redirect(url_for("Review.queue", **kept()))
        return _check_page(keys, _verdict("action"), batches.new_batch(), {})

    @expose("/", methods=["POST"])
    @permitted("applications.decide")
    def start(self) -> Any:
        """Promise the decisions that were confirmed; pressed twice it is one batch."""
        batch = request.form.get("batch", "")
        if not re.fullmatch(r"[\w-]{16,32}", batch):
            batch = batches.new_batch()
        cases, verdict = list(_ticked()), _verdict("verdict")
        try:
            batches.start(batch, cases, what_was_typed(verdict))
        except Invalid as fault:
            if cases and "ids" not in fault.errors:
                return _check_page([key for key, _ in cases], verdict, batch, fault.errors), 422
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
        said = SAID[lines[0].item.verdict]
        return render_template(
            "review/batch.html",
            title=said.title,
            crumbs=_crumbs(),
            total=len(lines),
            done=done,
            decided=said.decided(done - refused),
            left=said.left(refused) if refused else None,
            reason=lines[0].item.reason,
            rows=[_line(line) for line in lines],
            here_url=url_for("Batches.one", batch=batch, **kept()),
            back_url=url_for("Review.queue", **kept()),
        )


def _verdict(name: str) -> str:
    """What is asked for: an approval, unless something else that there is."""
    asked = request.form.get(name, "")
    return asked if asked in SAID else "approve"


def what_was_typed(verdict: str) -> batches.Verdict:
    """What is to be decided, why, and what to correct; a reason that was picked before an approval
    is none."""
    if verdict == "approve":
        return batches.APPROVE
    return batches.Verdict(
        verdict,
        request.form.get("reason_code") or None,
        request.form.get("reason", "").strip() or None,
        tuple(request.form.getlist("items")) if verdict == "return" else (),
    )


def _check_page(keys: list[int], verdict: str, batch: str, errors: Mapping[str, Any]) -> str:
    """The cases in their groups, and where to say why; what was typed stays."""
    found, said = precheck(keys, verdict), SAID[verdict]
    groups = [
        {
            "name": name,
            "title": TOGETHER if name == "clear" and verdict != "approve" else title,
            "tone": tone,
            "rows": [_checked(one) for one in found if one.group == name],
        }
        for name, (title, tone) in GROUPS.items()
    ]
    return render_template(
        "review/batch_check.html",
        title=said.title,
        note=_("Nothing has been decided yet."),
        crumbs=_crumbs(),
        groups=groups,
        batch=batch,
        verdict=verdict,
        press={"label": said.press, "tone": said.tone, "confirm": said.confirm},
        decision=None if verdict == "approve" else _decision(found, verdict),
        errors=errors,
        start_url=url_for("Batches.start", **kept()),
        back_url=url_for("Review.queue", **kept()),
    )


def _decision(found: Sequence[Checked], verdict: str) -> dict[str, Any]:
    """The reasons and the items that every one of the clear cases has."""
    clear = [one.found for one in found if one.group == "clear" and one.found]
    shared = [offered(case, [verdict]) for case in clear]
    items = [unlockable(case.kind) for case in clear] if verdict == "return" else []
    return {
        "reasons": [one for one in shared[0] if all(one in more for more in shared)]
        if shared
        else [],
        "unlockable": [
            (name, label)
            for name, label in (items[0] if items else [])
            if all(name in dict(more) for more in items)
        ],
        "given": {
            "reason_code": request.form.get("reason_code"),
            "reason": request.form.get("reason"),
            "unlocked": request.form.getlist("items"),
        },
    }


def _crumbs() -> list[tuple[Any, str | None]]:
    return [(_("Waiting for my review"), url_for("Review.queue", **kept())), (_("Batch"), None)]


def _ticked() -> Iterator[tuple[int, int]]:
    """The cases that were ticked, each with the version that the pre-check saw."""
    for text in request.form.getlist("cases"):
        key, _colon, version = text.partition(":")
        if (number := integer(key)) and (seen := integer(version)) is not None:
            yield number, seen


def _checked(one: Checked) -> dict[str, Any]:
    found = one.found
    return {
        "value": _key(one),
        "url": url_for("Review.case", key=one.application_id, **kept()) if found else None,
        "name": found.worker.name if found else _("Case %(number)s", number=one.application_id),
        "note": found.application.reference if found else None,
        "kind": found.kind.label if found else None,
        "reasons": one.reasons,
        "ticked": "cases" not in request.form or _key(one) in request.form.getlist("cases"),
    }


def _key(one: Checked) -> str | None:
    """A case with the version that was looked at."""
    return f"{one.application_id}:{one.found.application.version}" if one.found else None


def _line(line: batches.Line) -> dict[str, Any]:
    item = line.item
    return {
        "name": line.name,
        "note": line.reference,
        "url": url_for("Review.case", key=item.application_id, **kept()),
        "state": SAID[item.verdict].done if item.state == "done" else BATCH_STATES[item.state],
        "tone": TONES[item.state],
        "text": Words(**item.sentence) if item.sentence else None,
        "at": moment(item.decided_at),
    }
