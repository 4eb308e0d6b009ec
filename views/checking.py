"""The last look: all answers, pictures and statements as they will be sent, and the submission."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.queries import answers, own
from app.queries.standing_texts import OWN
from app.services import applications, completeness
from app.services.applications import Form
from app.services.cases import Ineligible
from app.services.completeness import Ready
from app.services.drafts import consent
from app.services.refusals import Invalid, Refusal
from models.application import Application
from views.guard import permitted
from views.pictures import as_picture
from views.resource.reading import integer


class Checking(BaseView):
    """The page between the form and the submission: nobody submits by accident."""

    route_base = "/applications"

    @expose("/<int(max=2147483647):key>/check", methods=["GET", "POST"])
    @permitted("applications.apply")
    def check(self, key: int) -> Any:
        """Look over what will be sent, agree and send it; what is incomplete leads back to the
        form, and what was sent already (a second click) to its page."""
        application = _mine(key)
        if application.open_for_change and request.method == "POST":
            return _submit(application)
        return _shown(application)


def _submit(application: Application) -> Any:
    """Hand in exactly what was looked over: what another window changed since is shown first."""
    key, version = application.id, integer(request.form.get("version"))
    try:
        applications.submit(key, _agreed(application), version)
    except Refusal as fault:
        return _shown(_mine(key), fault.errors, fault.status)
    return redirect(url_for("Cases.one", key=key))


def _shown(
    application: Application, errors: Mapping[str, Any] | None = None, status: int = 200
) -> Any:
    key = application.id
    if not application.open_for_change:
        return redirect(url_for("Cases.one", key=key))
    form = applications.form_of(application)
    try:
        ready = completeness.ready(application, form.basis, form.values, known_places=form.places)
    except (Invalid, Ineligible):
        return redirect(url_for("Filling.form", key=key, check="1"))
    return _page(form, ready, errors), status


def _page(form: Form, ready: Ready, errors: Mapping[str, Any] | None) -> str:
    kind, key = form.kind, form.application.id
    form_url = url_for("Filling.form", key=key)
    return render_template(
        "applicant/check.html",
        title=kind.label,
        draft_url=url_for("Filling.draft", key=key),
        form_url=form_url,
        crumbs=[
            (_("Personal centre"), url_for("Centre.index")),
            (kind.label, form_url),
            (_("Check your answers"), None),
        ],
        version=form.application.version,
        sections=list(_sections(form, ready, form_url)),
        pictures=[
            {"label": slot.label, **as_picture(ready.materials[slot.name])}
            for slot in kind.slots()
            if slot.name in ready.materials
        ],
        errors=errors or {},
        unchanged=list(_unchanged(form, ready)),
        statements=[
            (
                consent(one.code),
                one.text,
                request.form.get(consent(one.code)) == "yes",
                _behind(one.code, form.application.region_code),
            )
            for one in kind.consents
        ],
        final=kind.withdraw == "never",
        button=kind.button,
    )


def _behind(code: str, region_code: str) -> str | None:
    """Where the whole text is that a statement rests on."""
    return url_for("StandingTexts.privacy", region=region_code) if code in OWN else None


def _sections(form: Form, ready: Ready, form_url: str) -> Iterator[dict[str, Any]]:
    """Every section that asked for something, with the way back to it."""
    parts = answers.answers(form.kind, ready.form, form.places.names)
    for section, part in zip(form.sections, parts, strict=True):
        pairs = list(answers.pairs(part))
        if pairs:
            yield {"title": part.label, "pairs": pairs, "url": f"{form_url}#s-{section.name}"}


def _unchanged(form: Form, ready: Ready) -> Iterator[Any]:
    """What the office asked to be corrected and still is as it was, by label."""
    left = own.as_before(form.application, ready.form, ready.materials)
    yield from (spec.label for spec in form.kind.fields if spec.name in left)
    yield from (slot.label for slot in form.kind.slots() if slot.name in left)


def _agreed(application: Application) -> list[str]:
    """The codes of the statements that were ticked."""
    statements = applications.questions(application).consents
    return [one.code for one in statements if request.form.get(consent(one.code)) == "yes"]


def _mine(key: int) -> Application:
    return own.application(key) or abort(404)
