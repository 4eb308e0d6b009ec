"""Applying: what to have ready, the form as the policy has it, its pictures, its submission."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock
from app.documents.pictures import SIZE, TECHNICAL_MAX, TOO_LARGE
from app.queries import listing, own
from app.queries.facts import Assessment, assessment
from app.queries.names import region_names
from app.rules.fields import FieldSpec
from app.rules.workflow import State
from app.services import applications, materials
from app.services.applications import Form
from app.services.cases import Ineligible
from app.services.drafts import DECLARATION
from app.services.refusals import Invalid, Refusal
from models.application import Application
from models.codes import KINDS
from views import entries
from views.guard import permitted
from views.pictures import as_picture
from views.resource.reading import integer, reference_texts
from views.texts import in_words, moment

REGION = FieldSpec(
    "region_code",
    "region",
    _l("Region of registration"),
    help=_l("Where you serve: this office gets your application, and its rules apply."),
)
LONGEST = 5000
"""Signs of one answer that a draft keeps, right or wrong: far beyond what any field takes."""


class Apply(BaseView):
    """The entry to one kind: the way into its form, or why there is none (BJ-14)."""

    route_base = "/apply"

    @expose("/<kind>", methods=["GET", "POST"])
    @permitted("applications.apply")
    def start(self, kind: str) -> Any:
        """Go on with what is there; else what to have ready; else every reason against it."""
        person = own.worker() or abort(403)
        case = own.of_kind(kind, own.applications())
        if request.method == "POST":
            if kind not in KINDS:
                abort(404)
            return self._begin(kind, request.form.get("region_code", "").strip() or None)
        if case is not None and "region" not in request.args:
            if case.open_for_change:
                return redirect(url_for("Filling.form", key=case.id))
            if case.state in entries.UNDER_WAY:
                return redirect(url_for("Cases.one", key=case.id))
        found = assessment(person, case.region_code if case else None, kinds=[kind])
        if kind not in found.policy.kinds:
            abort(404)
        if not found.eligible(kind) and "region" not in request.args:
            return self._closed(found, kind)
        return self._ready(found, kind)

    def _begin(self, kind: str, region_code: str | None) -> Any:
        try:
            application = applications.start(kind, region_code)
        except Ineligible as fault:
            person = own.worker() or abort(403)
            return self._closed(assessment(person, region_code), kind), fault.status
        except Invalid as fault:
            found = assessment(own.worker() or abort(403), kinds=[kind])
            return self._ready(found, kind, region_code, fault.errors), fault.status
        return redirect(url_for("Filling.form", key=application.id))

    def _ready(
        self,
        found: Assessment,
        kind: str,
        region_code: str | None = None,
        errors: Mapping[str, Any] | None = None,
    ) -> str:
        current = found.policy.kind_on(kind, found.on)
        region = region_code or found.facts.service_region_code or ""
        asked = (spec for spec in current.fields if spec.name == REGION.name)
        label = next((spec.label for spec in asked), REGION.label)
        return render_template(
            "applicant/start.html",
            title=current.label,
            summary=current.summary,
            countdown=found.countdown,
            steps=current.guide,
            materials=[(slot.label, slot.hint) for slot in current.materials],
            region=replace(REGION, label=label),
            values={REGION.name: region},
            texts={REGION.name: region_names([region]).get(region)},
            errors=errors or {},
            back_url=url_for("Centre.index"),
        )

    def _closed(self, found: Assessment, kind: str) -> str:
        shown = found.policy.kinds[kind]
        awaits = entries.awaits_notice(found.policy, shown, found.on)
        person = own.worker() or abort(403)
        others = entries.of_person(assessment(person), own.applications())
        return render_template(
            "applicant/closed.html",
            title=shown.label,
            summary=shown.summary,
            tag=_("To be announced") if awaits else _("Not open to you now"),
            tone="idle" if awaits else "warn",
            findings=found.of(kind),
            others=[one for one in others if one["open"]],
            region_url=url_for("Apply.start", kind=kind, region="other"),
            back_url=url_for("Centre.index"),
        )


class Filling(BaseView):
    """The form of one's own application."""

    route_base = "/applications"

    @expose("/<int(max=2147483647):key>/form", methods=["GET", "POST"])
    @permitted("applications.apply")
    def form(self, key: int) -> Any:
        """Fill in, save, submit; without a script the pictures come with the same form."""
        application = _mine(key)
        if request.method == "GET":
            if not application.open_for_change:
                return redirect(url_for("Cases.one", key=key))
            return _page(applications.form_of(application))
        version = integer(request.form.get("version"))
        try:
            kept = applications.save(key, _typed(application), version)
        except Refusal as fault:
            return _kept_on_screen(key, fault)
        errors = dict(_attached(kept))
        submits = request.form.get("action") == "submit"
        if not errors and not submits:
            return redirect(url_for("Filling.form", key=key, saved="1"))
        return self._submit(key) if submits and not errors else (_again(key, errors), 422)

    def _submit(self, key: int) -> Any:
        declared = request.form.get(DECLARATION) == "yes"
        try:
            applications.submit(key, declared)
        except Ineligible as fault:
            return _again(key, {"": fault.sentence}), fault.status
        except Invalid as fault:
            return _again(key, fault.errors), fault.status
        except Refusal as fault:
            return _again(key, {"": fault.sentence}), fault.status
        return redirect(url_for("Cases.one", key=key))

    @expose("/<int(max=2147483647):key>/draft", methods=["POST"])
    @permitted("applications.apply")
    def draft(self, key: int) -> Any:
        """Keep what is typed while it is typed; answers the version to go on with."""
        version = integer(request.form.get("version"))
        try:
            kept = applications.save(key, _typed(_mine(key)), version)
        except Refusal as fault:
            return jsonify(code=fault.code, message=in_words(fault.sentence)), fault.status
        return jsonify(version=kept.version, saved=_savedin_words())

    @expose("/<int(max=2147483647):key>/materials/<slot>", methods=["POST"])
    @permitted("applications.apply")
    def upload(self, key: int, slot: str) -> Any:
        """Take one picture at once; a refused one names its rule and changes nothing else."""
        file = request.files.get(slot)
        if file is None:
            abort(400)
        try:
            material = materials.attach(key, slot, file.filename or "", file.read())
        except Refusal as fault:
            return jsonify(code=fault.code, message=in_words(fault.sentence)), fault.status
        return jsonify(**as_picture(material), version=_mine(key).version)


def _mine(key: int) -> Application:
    found: Application | None = listing.find(Application, key)
    return found or abort(404)


def _typed(application: Application) -> dict[str, Any]:
    """What was sent for the form's open fields; a list without a tick is an empty list."""
    if any(len(value) > LONGEST for value in request.form.values()):
        abort(413)
    found: dict[str, Any] = {}
    for spec in applications.form_of(application).kind.fields:
        if spec.locked:
            continue
        if spec.kind == "choices":
            found[spec.name] = request.form.getlist(spec.name)
        elif spec.name in request.form:
            found[spec.name] = request.form[spec.name]
    return found


def _attached(application: Application) -> Iterator[tuple[str, Any]]:
    """Store each picture that came with the form; the refused ones with their reasons."""
    for slot, file in request.files.items():
        if not file.filename:
            continue
        try:
            materials.attach(application.id, slot, file.filename, file.read())
        except Refusal as fault:
            yield slot, fault.sentence


def _again(key: int, errors: Mapping[str, Any]) -> str:
    return _page(applications.form_of(_mine(key)), errors)


def _kept_on_screen(key: int, fault: Refusal) -> Any:
    """The page with what was typed, when it could not be stored: nobody types it twice."""
    application = _mine(key)
    if not application.open_for_change:
        flash(in_words(fault.sentence), "danger")
        return redirect(url_for("Cases.one", key=key), 303)
    form = applications.form_of(application)
    errors = fault.errors if isinstance(fault, Invalid) else {"": fault.sentence}
    return _page(replace(form, values={**form.values, **_typed(application)}), errors), fault.status


def _page(form: Form, errors: Mapping[str, Any] | None = None) -> str:
    application, kind = form.application, form.kind
    key = application.id
    declared = request.form.get(DECLARATION) == "yes"
    regions = [spec for spec in kind.fields if spec.kind == "region"]
    return render_template(
        "applicant/apply.html",
        title=kind.label,
        note=" · ".join(
            (application.reference, in_words(kind.wording("level", application.level)))
        ),
        countdown=form.assessment.countdown,
        back_url=url_for("Centre.index"),
        previous=_previous(form),
        form_url=url_for("Filling.form", key=key),
        autosave_url=url_for("Filling.draft", key=key),
        region_url=url_for("Apply.start", kind=kind.code, region="other")
        if application.state == State.draft
        else None,
        version=application.version,
        sections=form.sections,
        values=form.values,
        errors={**form.errors, **(errors or {})},
        labels={spec.name: spec.label for spec in kind.fields},
        texts=reference_texts(regions, form.values),
        slots=[
            (
                one.slot,
                as_picture(one.material) if one.material else None,
                url_for("Filling.upload", key=key, slot=one.slot.name) if one.open else None,
            )
            for one in form.slots
        ],
        limits={"max_bytes": TECHNICAL_MAX, "too_large": TOO_LARGE, "bytes": SIZE},
        opened=opened(form),
        final=kind.withdraw == "never",
        declaration=form.declaration,
        declared=declared,
        saved_text=_savedin_words() if "saved" in request.args else None,
    )


def opened(form: Form) -> list[tuple[str, Any]]:
    """What a return opened for correction, by the name and label of its input."""
    if form.application.state != State.returned:
        return []
    asked = [(s.name, s.label) for s in form.kind.fields if not s.locked and s.asked(form.values)]
    return asked + [(one.slot.name, one.slot.label) for one in form.slots if one.open]


def _previous(form: Form) -> dict[str, Any] | None:
    """The rejection or return that the applicant answers now (BA-22)."""
    if form.last is None:
        return None
    returned = form.last.verdict == "return"
    title = _("Returned for correction") if returned else _("Not approved")
    return {"title": title, "reason": form.last.reason or "", "at": moment(form.last.decided_at)}


def _savedin_words() -> str:
    return str(_("Saved at %(time)s", time=clock.local(clock.now()).strftime("%H:%M")))
