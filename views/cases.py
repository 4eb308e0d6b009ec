"""One's own applications: 登记历史, the result of each, taking it back or up again, print."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.queries import answers, own, progress, records
from app.queries.erased import erased_slots
from app.queries.names import region_names
from app.queries.records import Snapshot
from app.rules.kinds import Kind
from app.rules.workflow import Refused, State, withdraw_refusal
from app.services import applications, drafts, printing
from app.services.refusals import Refusal
from models.application import Application
from models.certificate import Delivery
from models.codes import DELIVERIES, DELIVERY_STATES
from views import downloads
from views.entries import TONES
from views.guard import permitted
from views.resource.reading import integer
from views.texts import decided_by, in_words, moment

TEXTS = {
    State.approved: _l("Your registration is complete. The certificate follows in a moment."),
    State.issued: _l("Your registration is complete and the certificate has been issued."),
    State.withdrawn: _l("You have taken this application back."),
    State.returned: _l("Correct what the reviewer says and submit again."),
}
ANSWERED = (State.rejected, State.returned)
RETAKEN = (State.rejected, State.withdrawn)


class Cases(BaseView):
    """One's own applications after they were submitted."""

    route_base = "/applications"

    @expose("/<int(max=2147483647):key>")
    @permitted("applications.apply")
    def one(self, key: int) -> Any:
        """One application as it was submitted, or an earlier attempt of it, and its result, word
        for word as its policy says it (BA-20, BJ-39, CD-39)."""
        application = _mine(key)
        attempt = integer(request.args.get("attempt"))
        past = progress.history(application)
        seen = records.snapshot(application, past[0], attempt)
        if seen is None or (application.state == State.draft and attempt is None):
            return redirect(url_for("Filling.form", key=key))
        if attempt is not None and attempt != application.attempt:
            return _former(application, seen, past)
        return _present(application, seen, past)

    @expose("/<int(max=2147483647):key>/withdrawal", methods=["POST"])
    @permitted("applications.apply")
    def withdraw(self, key: int) -> Any:
        """Take an application back, where the policy allows it."""
        try:
            applications.withdraw(_mine(key).id, integer(request.form.get("version")))
        except Refusal as fault:
            flash(in_words(fault.sentence), "danger")
        else:
            flash(_("The application has been taken back."), "success")
        return redirect(url_for("Cases.one", key=key))

    @expose("/<int(max=2147483647):key>/reopening", methods=["POST"])
    @permitted("applications.apply")
    def reopen(self, key: int) -> Any:
        """Take a refused application up again, with all that was filled in (BA-22)."""
        try:
            applications.reopen(_mine(key).id, integer(request.form.get("version")))
        except Refusal as fault:
            flash(in_words(fault.sentence), "danger")
            return redirect(url_for("Cases.one", key=key))
        return redirect(url_for("Filling.form", key=key))

    @expose("/<int(max=2147483647):key>/form.pdf")
    @permitted("applications.read")
    def pdf(self, key: int) -> Any:
        """The application form to print, for the applicant and the offices (BA-10)."""
        content = printing.application_form(key)
        name = f"{_('Application form')}-{key}.pdf"
        return downloads.file(content, "application/pdf", name)


def _present(application: Application, seen: Snapshot, past: progress.History) -> str:
    key, state = application.id, State(application.state)
    held = own.holdings(key) if state == State.issued else []
    refused = own.reopening_refused(application) if state in RETAKEN else None
    names = _names(application, seen, past)
    waiting = state == State.in_review
    headline = seen.kind.submitted if waiting else own.wording(application).state
    return render_template(
        "applicant/result.html",
        title=seen.kind.label,
        draft_url=url_for("Filling.draft", key=key),
        crumbs=_crumbs(application),
        tone=TONES[state],
        headline=headline,
        text=refused.message if refused and state == State.rejected else TEXTS.get(state),
        reason=_reason(seen, past) if state in ANSWERED else None,
        opened=[
            (f"{url_for('Filling.form', key=key)}#f-{name}", label)
            for name, label in _opened(application, seen)
        ],
        actions=list(_actions(application, seen, past, held, refused)),
        steps=told(progress.steps(application, past=past, names=names)),
        pairs=_facts(application, held),
        **_submitted(application, seen, names),
    )


def _former(application: Application, seen: Snapshot, past: progress.History) -> str:
    """An attempt before the present one, with the answer that it got (CD-41)."""
    return render_template(
        "applicant/result.html",
        title=seen.kind.label,
        draft_url=None,
        crumbs=_crumbs(application),
        tone="bad",
        headline=_("Not approved"),
        text=_("This is an earlier attempt, as it was submitted then."),
        reason=_reason(seen, past),
        actions=[
            {"label": _("To the present attempt"), "url": url_for("Cases.one", key=application.id)}
        ],
        pairs=[
            (_("Case number"), application.reference),
            (_("Submitted"), moment(seen.submission.submitted_at)),
        ],
        **_submitted(application, seen, _names(application, seen, past)),
    )


def _names(application: Application, seen: Snapshot, past: progress.History) -> Mapping[str, str]:
    """The names of all regions on the page, in one statement."""
    offices = progress.offices_of(past[1]) | {progress.office_now(application)}
    return region_names(offices | answers.regions_of(seen.kind, seen.submission.form))


def _submitted(
    application: Application, seen: Snapshot, names: Mapping[str, str]
) -> dict[str, Any]:
    """What was filled in and uploaded; a picture that was deleted since says so instead."""
    over = application.state not in (State.draft, State.in_review, State.returned)
    gone = erased_slots(application) if over and application.erase_on is None else {}
    shown = [(slot, kept) for slot, kept in seen.pictures if slot.name not in gone]
    return {
        "sections": [
            {"title": part.label, "pairs": list(answers.pairs(part))}
            for part in answers.answers(seen.kind, seen.submission.form, names)
        ],
        "pictures": [
            {"url": url_for("Materials.one", key=kept["id"]), "label": slot.label}
            for slot, kept in shown
        ],
        "erased": [
            (slot.label, gone[slot.name]) for slot, _kept in seen.pictures if slot.name in gone
        ],
    }


def _crumbs(application: Application) -> list[tuple[Any, Any]]:
    return [
        (_("Personal centre"), url_for("Centre.index")),
        (_("My applications"), url_for("Records.mine")),
        (application.reference, None),
    ]


def _opened(application: Application, seen: Snapshot) -> Iterator[tuple[str, Any]]:
    """What a return opened for correction, by the name and label of its input."""
    if application.state != State.returned:
        return
    names, values = drafts.corrected(application, seen.kind), application.form
    asked = (spec for spec in seen.kind.fields if spec.name in names and spec.asked(values))
    yield from ((spec.name, spec.label) for spec in asked)
    slots = (slot for slot in seen.kind.slots() if slot.name in names and slot.page == 1)
    yield from ((slot.name, slot.label) for slot in slots)


def files_of(number: str) -> list[tuple[str, str]]:
    """The two files of a certificate."""
    return [
        (_("Download PDF"), url_for("CertificateFiles.pdf", number=number)),
        (_("Save picture"), url_for("CertificateFiles.png", number=number)),
    ]


def steps(application: Application, deciders: Mapping[int, str] = {}) -> list[dict[str, Any]]:
    """The progress of a case for the timeline; people are named where `deciders` has them."""
    return told(progress.steps(application, deciders))


def told(found: Iterable[progress.Step]) -> list[dict[str, Any]]:
    """Steps for the timeline."""
    return [
        {
            "title": step.title,
            "state": step.state,
            "at": moment(step.at),
            "who": step.who,
            "text": step.text,
            "due": decided_by(step.due) if step.due else None,
            "overdue": step.due is not None and step.due.overdue,
        }
        for step in found
    ]


def _mine(key: int) -> Application:
    return own.application(key) or abort(404)


def _reason(seen: Snapshot, past: progress.History) -> dict[str, Any] | None:
    """What the reviewer says, and at which level (CD-42)."""
    mine = [one for one in past[1] if one.submission_id == seen.submission.id]
    last = next((one for one in reversed(mine) if one.verdict in records.REFUSING), None)
    if last is None:
        return None
    level = seen.kind.review[last.stage - 1].label
    title = _("Not approved at") if last.verdict == "reject" else _("Returned by")
    return {"label": _("The reviewer says"), "text": last.reason or "", "level": (title, level)}


def _actions(
    application: Application,
    seen: Snapshot,
    past: progress.History,
    held: Sequence[own.Holding],
    refused: Refused | None,
) -> Iterator[dict[str, Any]]:
    key, state = application.id, State(application.state)
    attempts = {one.id: one.attempt for one in past[0]}
    made = sum(attempts.get(one.submission_id) == application.attempt for one in past[1])
    if state == State.returned:
        first = next((f"#f-{name}" for name, _label in _opened(application, seen)), "")
        url = url_for("Filling.form", key=key) + first
        yield {"label": _("Correct and submit again"), "url": url, "tone": "primary"}
    for one in held:
        for label, url in files_of(one.certificate.number):
            yield {"label": label, "url": url, "tone": "primary"}
    may = state == State.in_review and not withdraw_refusal(seen.kind.withdraw, made)
    if refused is None:
        yield from retakes(application, seen.kind, may)
    yield {"label": _("Print the application form"), "url": url_for("Cases.pdf", key=key)}


def retakes(application: Application, kind: Kind, withdrawable: bool) -> Iterator[dict[str, Any]]:
    """撤回, 编辑, 重新申请: taking a case back and up again (CD-37, CD-38, CD-41)."""
    key, state = application.id, State(application.state)
    if withdrawable:
        url = url_for("Cases.withdraw", key=key)
        yield _post(_("Take back"), url, _("Take this application back?"), "plain")
    if state in RETAKEN:
        url = url_for("Cases.reopen", key=key)
        again = state == State.rejected
        label = _("Apply again") if again else _("Edit the application")
        yield _post(label, url, "", "primary")


def _post(label: str, url: str, question: str, tone: str) -> dict[str, Any]:
    return {"label": label, "url": url, "method": "post", "confirm": question, "tone": tone}


def _facts(application: Application, held: Sequence[own.Holding]) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = [
        (_("Case number"), application.reference),
        (_("Submitted"), moment(application.submitted_at)),
    ]
    for one in held:
        found += [
            (_("Certificate number"), one.certificate.number),
            (_("Valid until"), one.certificate.valid_until),
        ]
        found += delivery_facts(one.delivery) if one.delivery else []
    return found


def delivery_facts(delivery: Delivery) -> list[tuple[Any, Any]]:
    """How the certificate travels, and under which number (BA-25)."""
    found: list[tuple[Any, Any]] = [
        (_("Delivery"), DELIVERIES[delivery.method]),
        (_("State of delivery"), DELIVERY_STATES[delivery.state]),
    ]
    if delivery.tracking_number:
        found.append((_("Carrier"), delivery.carrier))
        found.append((_("Tracking number"), delivery.tracking_number))
    return found
