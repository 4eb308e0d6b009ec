"""The history step: a page on which one states the registrations of before (BJ-19 to BJ-23)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose

from app.queries import own
from app.queries.facts import assessment
from app.queries.policies import policy_for
from app.rules.fields import FieldSpec
from app.rules.kinds import Kind
from app.rules.policy import Policy
from app.services import applications, earlier
from app.services.cases import Ineligible
from app.services.refusals import Invalid, Refusal
from models.codes import KINDS, REGISTRATION_STATES
from models.registration import Registration
from views.guard import permitted
from views.profile import led_to_profile
from views.resource.reading import integer

SIX = re.compile(r"[0-9]{6}")
COLUMNS = {
    "kind": "kind",
    "year": "cycle_year",
    "on": "registered_on",
    "valid_until": "valid_until",
    "number": "legacy_number",
}
Line = Mapping[str, Any]


def asks_history(kind: Kind, rows: Sequence[Any]) -> bool:
    """Whether a person may still say something about registrations before this kind: it asks for
    them, and the latest one on record, the last of these rows, is not verified."""
    return kind.history is not None and not (rows and rows[-1].state == "verified")


def history_first(kind: str, region_code: str | None) -> bool:
    """Whether the history step comes before the form, for one to whom the kind is not closed."""
    person = own.worker() or abort(403)
    found = assessment(person, _region(region_code), kinds=[kind])
    open_to = found.eligible(kind) or (kind in found.policy.kinds and found.may_supply(kind))
    return open_to and asks_history(found.policy.kinds[kind], found.registrations)


class EarlierStep(BaseView):
    """历史登记记录补充表, before the form of a kind that asks for it."""

    route_base = "/apply"

    @expose("/<kind>/history", methods=["GET", "POST"])
    @permitted("applications.apply")
    def step(self, kind: str) -> Any:
        """Show what is on record, take what is stated, and go on to the form."""
        region_code = request.values.get("region_code") or None
        policy = _policy(region_code)
        if kind not in policy.kinds or policy.kinds[kind].history is None:
            abort(404)
        if request.method == "GET":
            rows = own.registrations()
            return _page(policy, kind, _stated(policy, kind, rows), rows=rows)
        lines = _typed(earlier.questions(policy, kind))
        action = request.form.get("action", "")
        if action == "add":
            return _page(policy, kind, [*lines, {}])
        if action.startswith("leave_"):
            left = integer(action.removeprefix("leave_"))
            return _page(policy, kind, [one for i, one in enumerate(lines) if i != left] or [{}])
        return _complete(policy, kind, lines, region_code)


def _complete(policy: Policy, kind: str, lines: Sequence[Line], region_code: str | None) -> Any:
    """Keep what was stated and begin the form; else what is wrong, or which kind it leads to."""
    try:
        earlier.state(kind, lines, region_code)
    except Refusal as fault:
        return _page(policy, kind, lines, fault.errors), fault.status
    try:
        application = applications.start(kind, region_code)
    except Ineligible:
        return redirect(url_for("Apply.start", kind=kind))
    except Invalid:
        return redirect(url_for("Apply.start", kind=kind, region="other"))
    except Refusal as fault:
        if fault.code == "profile_incomplete":
            return led_to_profile(fault)
        return _page(policy, kind, lines, fault.errors), fault.status
    return redirect(url_for("Filling.form", key=application.id))


def _policy(region_code: str | None) -> Policy:
    person = own.worker() or abort(403)
    return policy_for(_region(region_code) or person.region_code)


def _region(code: str | None) -> str | None:
    """What may be a region; what cannot be is refused where the region is asked for."""
    return code if code and SIX.fullmatch(code) else None


def _stated(policy: Policy, kind: str, rows: Sequence[Registration]) -> list[dict[str, Any]]:
    """What was stated before; one line to fill in where nothing is on record yet."""
    names = [spec.name for spec in earlier.questions(policy, kind)]
    claimed = [row for row in rows if row.state == "claimed"]
    if "on" in names and len(claimed) > 1:
        return [
            _line(claimed[0], names) | {"valid_until": _line(claimed[-1], names)["valid_until"]}
        ]
    return [_line(row, names) for row in claimed] or ([] if rows else [{}])


def _line(row: Registration, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, COLUMNS[name]) for name in names}


def _typed(specs: Sequence[FieldSpec]) -> list[dict[str, str]]:
    count = min(integer(request.form.get("lines")) or 0, earlier.MOST)
    return [
        {spec.name: request.form.get(f"{spec.name}_{i}", "") for spec in specs}
        for i in range(count)
    ]


def _page(
    policy: Policy,
    kind: str,
    lines: Sequence[Line],
    errors: Mapping[str, Any] | None = None,
    rows: Sequence[Registration] | None = None,
) -> str:
    current, asked = policy.kinds[kind], earlier.questions(policy, kind)
    step = current.history
    assert step is not None
    rows = own.registrations() if rows is None else rows
    locked = [row for row in rows if row.state == "verified"]
    return render_template(
        "applicant/earlier.html",
        title=current.label,
        step=step,
        locked=[_told(policy, row) for row in locked],
        lines=[_asked(policy, asked, i, one, bool(locked)) for i, one in enumerate(lines)],
        full=len(lines) >= earlier.MOST,
        errors=errors or {},
        labels={f"{s.name}_{i}": s.label for s in asked for i in range(len(lines))},
        region_code=request.values.get("region_code", ""),
        back_url=url_for("Apply.start", kind=kind),
        centre_url=url_for("Centre.index"),
    )


def _asked(
    policy: Policy, asked: Sequence[FieldSpec], number: int, line: Line, known: bool
) -> dict[str, Any]:
    named = [replace(spec, name=f"{spec.name}_{number}") for spec in asked]
    kind = "renewal" if number or known else "first"
    return {
        "title": _kind(policy, kind),
        "fields": named,
        "given": {spec.name: line.get(one.name) for spec, one in zip(named, asked, strict=True)},
    }


def _told(policy: Policy, row: Registration) -> dict[str, Any]:
    return {
        "title": _kind(policy, row.kind),
        "year": row.cycle_year,
        "until": row.valid_until,
        "state": REGISTRATION_STATES[row.state],
    }


def _kind(policy: Policy, code: str) -> Any:
    return policy.kinds[code].label if code in policy.kinds else KINDS[code]
