"""One's own applications: 登记历史, the result of each, taking it back or up again, print."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.queries import answers, listing, own, progress
from app.queries.erased import erased_slots
from app.rules.workflow import State
from app.services import applications, printing
from app.services.applications import Form
from app.services.refusals import Refusal
from models.application import Application
from models.certificate import Delivery
from models.codes import DELIVERIES, DELIVERY_STATES
from views import downloads
from views.entries import TONES
from views.filling import opened
from views.guard import permitted
from views.pictures import as_picture
from views.resource.reading import integer
from views.texts import decided_by, in_words, moment

TEXTS = {
    State.approved: _l("Your registration is complete. The certificate follows in a moment."),
    State.issued: _l("Your registration is complete and the certificate has been issued."),
    State.withdrawn: _l("You have taken this application back."),
    State.returned: _l("Correct what the reviewer says and submit again."),
}
ANSWERED = (State.rejected, State.returned)


class Cases(BaseView):
    """One's own applications after they were submitted."""

    route_base = "/applications"

    @expose("/mine")
    @permitted("applications.apply")
    def mine(self) -> Any:
        """登记历史: every application with its result and, when refused, why (BA-22, BJ-52)."""
        return render_template(
            "applicant/history.html",
            back_url=url_for("Centre.index"),
            applications=list(_lines(own.applications())),
        )

    @expose("/<int(max=2147483647):key>")
    @permitted("applications.apply")
    def one(self, key: int) -> Any:
        """The result of one application, word for word as its policy says it (BA-20, BJ-39)."""
        application = _mine(key)
        if application.state == State.draft:
            return redirect(url_for("Filling.form", key=key))
        form = applications.form_of(application)
        state = State(application.state)
        waiting = state == State.in_review
        held = own.holdings(key) if state == State.issued else []
        gone = erased_slots(application)
        return render_template(
            "applicant/result.html",
            title=form.kind.label,
            draft_url=url_for("Filling.draft", key=key),
            crumbs=[
                (_("Personal centre"), url_for("Centre.index")),
                (_("Registration history"), url_for("Cases.mine")),
                (application.reference, None),
            ],
            tone=TONES[state],
            headline=form.kind.submitted if waiting else own.wording(application).state,
            text=_text(application),
            reason=_reason(form),
            opened=[
                (f"{url_for('Filling.form', key=key)}#f-{name}", label)
                for name, label in opened(form)
            ],
            actions=list(_actions(application, held)),
            steps=steps(application),
            pairs=_facts(application, held),
            sections=[
                {"title": part.label, "pairs": list(answers.pairs(part))}
                for part in answers.answers(form.kind, form.values)
            ],
            pictures=[
                as_picture(one.material) | {"label": one.slot.label}
                for one in form.slots
                if one.material
            ],
            erased=[
                (one.slot.label, gone[one.slot.name]) for one in form.slots if one.slot.name in gone
            ],
        )

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


def _lines(cases: Sequence[Application]) -> Iterator[dict[str, Any]]:
    wordings, reasons = own.wordings(cases), own.reasons(cases)
    held = {one.certificate.application_id: one for one in reversed(own.holdings())}
    for case in cases:
        yield {
            "title": wordings[case.id].kind,
            "note": moment(case.submitted_at) or _("Not submitted yet"),
            "tag": wordings[case.id].state,
            "tone": TONES[State(case.state)],
            "reason": reasons.get(case.id) if case.state in ANSWERED else None,
            "url": url_for("Cases.one", key=case.id),
            "links": files_of(held[case.id].certificate.number) if case.id in held else [],
        }


def files_of(number: str) -> list[tuple[str, str]]:
    """The two files of a certificate."""
    return [
        (_("Download PDF"), url_for("CertificateFiles.pdf", number=number)),
        (_("Save picture"), url_for("CertificateFiles.png", number=number)),
    ]


def steps(application: Application, deciders: Mapping[int, str] = {}) -> list[dict[str, Any]]:
    """The progress of a case for the timeline; people are named where `deciders` has them."""
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
        for step in progress.steps(application, deciders)
    ]


def _mine(key: int) -> Application:
    found: Application | None = listing.find(Application, key)
    return found or abort(404)


def _text(application: Application) -> Any:
    state = State(application.state)
    refused = own.reopening_refused(application) if state == State.rejected else None
    return refused.message if refused else TEXTS.get(state)


def _reason(form: Form) -> dict[str, Any] | None:
    if form.application.state not in ANSWERED or form.last is None:
        return None
    return {"label": _("The reviewer says"), "text": form.last.reason or ""}


def _actions(application: Application, held: Sequence[own.Holding]) -> Iterator[dict[str, Any]]:
    key, state = application.id, State(application.state)
    if state == State.returned:
        url = url_for("Filling.form", key=key)
        yield {"label": _("Correct and submit again"), "url": url, "tone": "primary"}
    if state in (State.rejected, State.withdrawn) and not own.reopening_refused(application):
        url = url_for("Cases.reopen", key=key)
        question = _("Open the form again, with all that you filled in?")
        label = _("Correct and submit again") if state == State.rejected else _("Apply again")
        yield _post(label, url, question, "primary")
    for one in held:
        for label, url in files_of(one.certificate.number):
            yield {"label": label, "url": url, "tone": "primary"}
    yield {"label": _("Print the application form"), "url": url_for("Cases.pdf", key=key)}
    if own.may_withdraw(application):
        url = url_for("Cases.withdraw", key=key)
        yield _post(_("Take back"), url, _("Take this application back?"), "plain")


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
