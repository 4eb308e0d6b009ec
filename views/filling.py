"""The form of one's own application: filled in, and saved while it is typed."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock
from app.documents.pictures import SIZE, TECHNICAL_MAX, TOO_LARGE
from app.queries import answers, own
from app.rules.fields import AskedSlot
from app.rules.kinds import Kind
from app.rules.workflow import State
from app.services import applications, completeness, identities, materials
from app.services.applications import Form
from app.services.cases import Ineligible
from app.services.refusals import Invalid, Refusal
from models.application import Application
from models.codes import KINDS, REGISTRATION_STATES
from views.earlier import asks_history
from views.guard import permitted, receives
from views.pictures import as_picture
from views.resource.reading import integer
from views.texts import in_words, moment

LONGEST = 5000
"""Signs of one answer that a draft keeps, right or wrong: far beyond what any field takes."""
MATERIALS = "materials"
OVERTAKEN = _l(
    "Not saved: this form was saved in another window in the meantime. What you typed here is "
    "still here; press Save to compare it with what was saved there."
)


class Filling(BaseView):
    """The form of one's own application."""

    route_base = "/applications"

    @expose("/<int(max=2147483647):key>/form", methods=["GET", "POST"])
    @permitted("applications.apply")
    @receives(64)
    def form(self, key: int) -> Any:
        """Fill in, save, look over; without a script the pictures come with the same form."""
        application = _mine(key)
        if request.method == "GET":
            if not application.open_for_change:
                return redirect(url_for("Cases.one", key=key))
            form = applications.form_of(application)
            return _page(form, lacking(form) if "check" in request.args else None)
        version = integer(request.form.get("version"))
        try:
            kept = applications.save(key, _typed(applications.questions(application)), version)
        except Refusal as fault:
            return _kept_on_screen(key, fault)
        errors = dict(_attached(kept))
        submits = request.form.get("action") == "submit"
        if submits and not errors:
            errors = lacking(applications.form_of(kept))
        if errors:
            return _again(key, errors), 422
        if submits:
            return redirect(url_for("Checking.check", key=key))
        return redirect(url_for("Filling.form", key=key, saved="1"))

    @expose("/<int(max=2147483647):key>/draft", methods=["POST"])
    @permitted("applications.apply")
    def draft(self, key: int) -> Any:
        """Keep what is typed while it is typed; answers the version to go on with."""
        version = integer(request.form.get("version"))
        try:
            kept = applications.save(key, _typed(applications.questions(_mine(key))), version)
        except Refusal as fault:
            return jsonify(code=fault.code, message=in_words(_said(fault))), fault.status
        missing = _missing(applications.form_of(kept))
        return jsonify(version=kept.version, saved=_savedin_words(), missing=missing)

    @expose("/<int(max=2147483647):key>/materials/<slot>", methods=["POST"])
    @permitted("applications.apply")
    @receives(64)
    def upload(self, key: int, slot: str) -> Any:
        """Take one picture at once; a refused one names its rule and changes nothing else."""
        file = request.files.get(slot)
        if file is None:
            abort(400)
        try:
            material = materials.attach(key, slot, file.filename or "", file.read())
        except Refusal as fault:
            return jsonify(code=fault.code, message=in_words(fault.sentence)), fault.status
        form = applications.form_of(_mine(key))
        version = form.application.version
        return jsonify(**as_picture(material), version=version, missing=_missing(form))


def _mine(key: int) -> Application:
    return own.application(key) or abort(404)


def _typed(kind: Kind) -> dict[str, Any]:
    """What was sent for a kind's open fields; a list without a tick is an empty list."""
    if any(len(value) > LONGEST for value in request.form.values()):
        abort(413)
    found: dict[str, Any] = {}
    for spec in kind.fields:
        if spec.locked:
            continue
        if spec.kind == "choices":
            found[spec.name] = request.form.getlist(spec.name)
        elif spec.name in request.form:
            found[spec.name] = request.form[spec.name]
    return found


def lacking(form: Form) -> dict[str, Any]:
    """All that stands against handing the form in now, by the name of its input."""
    try:
        completeness.ready(form.application, form.basis, form.values, known_places=form.places)
    except Invalid as fault:
        return dict(fault.errors)
    except Ineligible as fault:
        return {"": fault.sentence}
    return {}


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
    typed = _typed(form.kind)
    errors: dict[str, Any] = {"": _said(fault)}
    if isinstance(fault, Invalid):
        errors = dict(fault.errors)
    elif fault.code == "stale":
        errors.update(_elsewhere(form, typed))
    return _page(replace(form, values={**form.values, **typed}), errors), fault.status


def _said(fault: Refusal) -> Any:
    """The sentence of a refusal; whoever is stale in their own form was overtaken by themself."""
    return OVERTAKEN if fault.code == "stale" else fault.sentence


def _elsewhere(form: Form, typed: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What another window has saved instead of what was typed in this one, by its input."""
    for spec in form.kind.fields:
        stored = form.values.get(spec.name)
        if spec.name in typed and (typed[spec.name] or None) != (stored or None):
            words = answers.said(spec, stored, form.places.names)
            saved = in_words(words) if words else _("nothing")
            yield spec.name, _("The other window has saved: %(answer)s", answer=saved)


def _page(form: Form, errors: Mapping[str, Any] | None = None) -> str:
    application, kind = form.application, form.kind
    key, told = application.id, dict(_told(form))
    return render_template(
        "applicant/apply.html",
        title=kind.label,
        note=" · ".join(
            (application.reference, in_words(kind.wording("level", application.level)))
        ),
        countdown=form.assessment.countdown_of(kind.code),
        back_url=url_for("Centre.index"),
        previous=_previous(form),
        form_url=url_for("Filling.form", key=key),
        autosave_url=url_for("Filling.draft", key=key),
        region_url=url_for("Apply.start", kind=kind.code, region="other")
        if application.state == State.draft
        else None,
        fill_url=url_for("OwnAccount.fill", next=url_for("Filling.form", key=key))
        if application.state == State.draft and identities.providers()
        else None,
        version=application.version,
        sections=form.sections,
        values=form.values,
        errors=_in_order(form, {**form.errors, **(errors or {})}),
        labels={spec.name: spec.label for spec in kind.fields},
        texts=dict(_region_texts(form)),
        asked=form.asked,
        slots=[one for one in _slots(form) if _may_be_asked(one["slot"], form, told)],
        missing=_missing(form),
        limits={"max_bytes": TECHNICAL_MAX, "too_large": TOO_LARGE, "bytes": SIZE},
        opened=opened(form),
        earlier=_earlier(form),
        told=told,
        profile_url=url_for("Personal.index"),
        saved_text=_savedin_words() if "saved" in request.args else None,
    )


def _told(form: Form) -> Iterator[tuple[str, list[tuple[Any, Any]]]]:
    """The parts that a draft takes from elsewhere as a whole, in words: nothing of them is typed
    here (MC-17)."""
    if not form.kind.profile or form.application.state != State.draft:
        return
    parts = answers.answers(form.kind, form.values, form.places.names)
    for section, part in zip(form.sections, parts, strict=True):
        if all(spec.locked for spec in section.fields):
            yield section.name, list(answers.pairs(part))


def _region_texts(form: Form) -> Iterator[tuple[str, str]]:
    """What the codes of regions in a form are called, by the name of their input."""
    for spec in form.kind.fields:
        value = form.values.get(spec.name)
        if spec.kind == "region" and value not in (None, ""):
            yield spec.name, form.places.names.get(str(value), "")


def _in_order(form: Form, errors: Mapping[str, Any]) -> dict[str, Any]:
    """The errors as one meets them going down the page."""
    names = [
        "",
        *(spec.name for spec in form.kind.fields),
        *(one.slot.name for one in form.slots),
    ]
    places = {name: place for place, name in enumerate(names)}
    return dict(sorted(errors.items(), key=lambda one: places.get(one[0], len(places))))


def _slots(form: Form) -> Iterator[dict[str, Any]]:
    """Each picture that is asked for, with where to send it; a further page waits for the one
    before it."""
    turned = True
    for one in form.slots:
        waits = one.slot.page > 1 and not turned
        turned = one.material is not None
        url = url_for("Filling.upload", key=form.application.id, slot=one.slot.name)
        yield {
            "slot": one.slot,
            "material": as_picture(one.material) if one.material else None,
            "upload_url": url if one.open else None,
            "spared": one.spared and one.material is None,
            "waits": waits and one.material is None,
            "told": one.hours.message if one.hours and one.slot.page == 1 else None,
        }


def _may_be_asked(slot: AskedSlot, form: Form, told: Collection[str]) -> bool:
    """Whether the page has to have room for a picture: not when an answer that cannot be changed
    here says that it is not asked for."""
    settled = {s.name for part in form.sections if part.name in told for s in part.fields}
    when = slot.required_when
    return when is None or when.field not in settled or slot.asked(form.asked)


def _earlier(form: Form) -> dict[str, Any] | None:
    """The earlier registrations that the form goes by, and where they are stated (BJ-19)."""
    application, kind = form.application, form.kind
    if kind.history is None:
        return None
    known = form.policy.kinds
    region, draft = application.region_code, application.state == State.draft
    rows = form.basis.whose.holdings.registrations[application.worker_id]
    url = url_for("EarlierStep.step", kind=kind.code, region_code=region)
    return {
        "title": kind.history.title,
        "rows": [
            {
                "title": known[row.kind].label if row.kind in known else KINDS[row.kind],
                "year": row.cycle_year,
                "until": row.valid_until,
                "state": REGISTRATION_STATES[row.state],
                "tone": "good" if row.state == "verified" else "idle",
            }
            for row in rows
        ],
        "url": url if draft and asks_history(kind, rows) else None,
    }


def _missing(form: Form) -> dict[str, int]:
    """How many answers or pictures every part of the form still needs."""
    values = form.asked
    found = {
        section.name: sum(
            spec.needed(values) and values.get(spec.name) in (None, "", [])
            for spec in section.fields
        )
        for section in form.sections
    }
    return {**found, MATERIALS: sum(one.missing(values) for one in form.slots)}


def opened(form: Form) -> list[tuple[str, Any]]:
    """What a return opened for correction, by the name and label of its input."""
    if form.application.state != State.returned:
        return []
    asked = [(s.name, s.label) for s in form.kind.fields if not s.locked and s.asked(form.asked)]
    return asked + [
        (one.slot.name, one.slot.label) for one in form.slots if one.open and one.slot.page == 1
    ]


def _previous(form: Form) -> dict[str, Any] | None:
    """The rejection or return that the applicant answers now (BA-22)."""
    last = applications.last_refusal(form.application)
    if last is None:
        return None
    title = _("Returned for correction") if last.verdict == "return" else _("Not approved")
    return {"title": title, "reason": last.reason or "", "at": moment(last.decided_at)}


def _savedin_words() -> str:
    return str(_("Saved at %(time)s", time=clock.local(clock.now()).strftime("%H:%M")))
