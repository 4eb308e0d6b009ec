"""申请记录 and 登记历史: one's own applications in two tabs, and the registrations that came of
them."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import abort, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.queries import own, records
from app.queries.policies import policy_of
from app.queries.records import Answer
from app.rules.kinds import Kind
from app.rules.workflow import State
from models.application import Application
from models.codes import KINDS, REGISTRATION_STATES
from models.registration import Registration
from views import cases
from views.entries import TONES
from views.guard import permitted
from views.texts import moment

WAITING = (State.draft, State.in_review, State.returned, State.withdrawn)
TABS = {"waiting": _l("Under review"), "decided": _l("Reviewed")}
ANSWERED = (State.rejected, State.returned)


class Records(BaseView):
    """What one has applied for, and what is registered."""

    route_base = "/applications"

    @expose("/mine")
    @permitted("applications.apply")
    def mine(self) -> Any:
        """申请记录 in two tabs (CD-36); a refused attempt stays under the second one (CD-41)."""
        lines = {name: list[dict[str, Any]]() for name in TABS}
        for tab, line in _lines(own.applications()):
            lines[tab].append(line)
        wanted = request.args.get("tab")
        shown = wanted if wanted in TABS else "waiting" if lines["waiting"] else "decided"
        return render_template(
            "applicant/records.html",
            crumbs=[(_("Personal centre"), url_for("Centre.index")), (_("My applications"), None)],
            tabs=[
                (f"{label} {len(lines[name])}", url_for("Records.mine", tab=name), name == shown)
                for name, label in TABS.items()
            ],
            applications=lines[shown],
            back_url=url_for("Centre.index"),
            history_url=url_for("Records.past"),
        )

    @expose("/registered")
    @permitted("applications.apply")
    def past(self) -> Any:
        """登记历史: every registration, with its certificate (BJ-52)."""
        person = own.worker() or abort(403)
        return render_template(
            "applicant/registered.html",
            crumbs=[
                (_("Personal centre"), url_for("Centre.index")),
                (_("Registration history"), None),
            ],
            rows=[_registered(row, number) for row, number in records.past(person.id)],
            records_url=url_for("Records.mine"),
            certificates_url=url_for("MyCertificates.index"),
        )


def _lines(mine: Sequence[Application]) -> Iterator[tuple[str, dict[str, Any]]]:
    wordings, answered, numbers = (
        own.wordings(mine),
        records.answers_to(mine),
        records.numbers(mine),
    )
    for case in mine:
        kind = policy_of(case.policy_code, case.policy_version).kinds[case.kind]
        state, answers = State(case.state), answered[case.id]
        refused = records.refusal(answers, case.attempt) if state in ANSWERED else None
        yield (
            "waiting" if state in WAITING else "decided",
            {
                "title": kind.label,
                "note": moment(case.submitted_at) or _("Not submitted yet"),
                "tag": wordings[case.id].state,
                "tone": TONES[state],
                "pairs": _why(kind, refused),
                "actions": list(_actions(case, kind, answers, numbers.get(case.id))),
            },
        )
        yield from _former(case, kind, answers)


def _former(
    case: Application, kind: Kind, answers: Sequence[Answer]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The attempts before the present one that were refused."""
    for one in answers:
        if one.verdict == "reject" and one.attempt < case.attempt:
            url = url_for("Cases.one", key=case.id, attempt=one.attempt)
            yield (
                "decided",
                {
                    "title": kind.label,
                    "note": moment(one.at),
                    "tag": _("Not approved"),
                    "tone": "bad",
                    "pairs": _why(kind, one),
                    "actions": [{"label": _("Details"), "url": url}],
                },
            )


def _why(kind: Kind, refused: Answer | None) -> list[tuple[Any, Any]]:
    """Reason and level of a refusal (CD-42)."""
    if refused is None:
        return []
    rejected = refused.verdict == "reject"
    level = _("Not approved at") if rejected else _("Returned by")
    return [
        (level, records.failed_at(kind, refused)),
        (_("The reviewer says"), refused.reason or ""),
    ]


def _actions(
    case: Application, kind: Kind, answers: Sequence[Answer], number: str | None
) -> Iterator[dict[str, Any]]:
    key, state = case.id, State(case.state)
    if state in (State.draft, State.returned):
        label = _("Edit the application") if state == State.draft else _("Correct and submit again")
        yield {"label": label, "url": url_for("Filling.form", key=key), "tone": "primary"}
    if state != State.draft:
        yield {"label": _("Details"), "url": url_for("Cases.one", key=key)}
    yield from cases.retakes(case, kind, records.may_withdraw(case, kind, answers))
    for label, url in cases.files_of(number) if number else ():
        yield {"label": label, "url": url}


def _registered(row: Registration, number: str | None) -> dict[str, Any]:
    if number is None:
        links = []
    else:
        links = [{"label": label, "url": url} for label, url in cases.files_of(number)]
    if row.application_id:
        url = url_for("Cases.one", key=row.application_id)
        links = [{"label": _("Details"), "url": url}, *links]
    until = row.valid_until.isoformat() if row.valid_until else None
    return {
        "title": KINDS[row.kind],
        "year": row.cycle_year,
        "tag": REGISTRATION_STATES[row.state],
        "tone": "good" if row.state == "verified" else "idle",
        "pairs": [
            pair
            for pair in (
                (_("Registered on"), row.registered_on),
                (_("Valid until"), until),
                (_("Certificate number"), number or row.legacy_number),
            )
            if pair[1]
        ],
        "actions": links,
    }
