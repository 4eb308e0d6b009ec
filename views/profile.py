"""The personal centre's 个人信息: basic information, work experience, honours, and the pictures
that every form needs again."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

from flask import (
    Response,
    abort,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.documents.pictures import SIZE, TECHNICAL_MAX, TOO_LARGE
from app.queries import answers, own, profiles
from app.rules.fields import Condition, FieldSpec, Slot, answered
from app.rules.profile import Sheet
from app.services import profiles as keeping
from app.services.profiles import PARTS, PROOF, Part
from app.services.refusals import Invalid, Refusal
from models.profile import PersonalFile, Profile
from models.worker import Worker
from views.guard import permitted, receives
from views.pictures import SUFFIXES
from views.texts import in_words

LIMITS = {"max_bytes": TECHNICAL_MAX, "too_large": TOO_LARGE, "bytes": SIZE}
TITLES = {"experience": _l("Work experience"), "honor": _l("Personal honours")}
PLANNED = Condition("plan", ("three_areas", "hand_in_hand"))
"""When an experience needs its proof (MC-13)."""
ROSTER = ("name", "id_type", "id_number_masked", "sex", "born_on")


class Personal(BaseView):
    """个人信息, in three parts."""

    route_base = "/profile"

    @expose("/", methods=["GET", "POST"])
    @permitted("profile.keep")
    @receives(64)
    def index(self) -> Any:
        """Everything that was said, what is missing, and the pictures; without a script these come
        with a form."""
        if request.method == "GET":
            return _overview()
        errors = dict(_attached({s.name: s.name for s in profiles.sheet().documents}))
        return (_overview(errors), 422) if errors else redirect(url_for("Personal.index"))

    @expose("/basic", methods=["GET", "POST"])
    @permitted("profile.keep")
    def basic(self) -> Any:
        """基础信息: kept as far as it has been said."""
        sheet = profiles.current_sheet()
        if request.method == "GET":
            return _basic_page(sheet, _begun(own.worker() or abort(403)))
        typed = _typed(sheet.fields)
        try:
            keeping.save_basic(typed)
        except Invalid as fault:
            return _basic_page(sheet, typed, fault.errors), fault.status
        flash(_("Saved. Your open drafts follow."), "success")
        return redirect(url_for("Personal.index"))

    @expose("/<any(experience, honor):part>/new", methods=["GET", "POST"])
    @permitted("profile.keep")
    @receives(64)
    def new(self, part: str) -> Any:
        """One more part of a working life, or one more honour."""
        return _entry(PARTS[part], None)

    @expose("/<any(experience, honor):part>/<int(max=2147483647):key>", methods=["GET", "POST"])
    @permitted("profile.keep")
    @receives(64)
    def entry(self, part: str, key: int) -> Any:
        """One entry, to be changed."""
        return _entry(PARTS[part], key)

    @expose("/<any(experience, honor):part>/<int(max=2147483647):key>/removal", methods=["POST"])
    @permitted("profile.keep")
    def remove(self, part: str, key: int) -> Any:
        """Take an entry out."""
        keeping.remove_entry(PARTS[part], key)
        flash(_("Removed. Your open drafts follow."), "success")
        return redirect(url_for("Personal.index"))

    @expose("/pictures/<slot>", methods=["POST"])
    @permitted("profile.keep")
    @receives(64)
    def upload(self, slot: str) -> Any:
        """Take one picture at once; a refused one names its rule and changes nothing else."""
        file = next(iter(request.files.values()), None) or abort(400)
        try:
            row = keeping.attach(slot, file.filename or "", file.read())
        except Refusal as fault:
            return jsonify(code=fault.code, message=in_words(fault.sentence)), fault.status
        return jsonify(**_as_picture(row))

    @expose("/pictures/<slot>/removal", methods=["POST"])
    @permitted("profile.keep")
    def take_out(self, slot: str) -> Any:
        """Take one picture out; drafts keep what they have."""
        keeping.detach(slot)
        flash(_("The picture has been removed."), "success")
        return redirect(url_for("Personal.index"))

    @expose("/pictures/<int(max=2147483647):key>")
    @permitted("profile.keep")
    def picture(self, key: int) -> Any:
        """One's own picture; a row is never changed, so the browser may keep it."""
        data, media_type = keeping.picture_bytes(key)
        name = f"picture-{key}.{SUFFIXES.get(media_type, 'bin')}"
        answer: Response = send_file(BytesIO(data), media_type, download_name=name)
        answer.headers["Cache-Control"] = "private, max-age=3600, immutable"
        answer.headers["Vary"] = "Cookie, Authorization"
        return answer


def led_to_profile(fault: Refusal) -> Any:
    """To personal information, where that is what keeps a form from being begun (HN-39)."""
    if fault.code != "profile_incomplete":
        raise fault
    flash(in_words(fault.sentence), "warning")
    return redirect(url_for("Personal.index"))


def _overview(errors: Mapping[str, Any] | None = None) -> str:
    person = own.worker() or abort(403)
    profile, files = profiles.of(person.id), profiles.files(person.id)
    sheet = profiles.current_sheet()
    held = own.viewable_certificate(person)
    return render_template(
        "applicant/profile.html",
        crumbs=[(_("Personal centre"), url_for("Centre.index")), (_("My details"), None)],
        missing=profiles.missing_of(profile),
        roster=_on_roster(person),
        sections=list(_said(sheet, profile)),
        basic_url=url_for("Personal.basic"),
        lists=[
            _list(PARTS["experience"], profiles.experiences(person.id)),
            _list(PARTS["honor"], profiles.honors(person.id)),
        ],
        slots=[_slot(one, files.get(one.name), one.name) for one in sheet.documents],
        removals=[
            (one.label, url_for("Personal.take_out", slot=one.name))
            for one in sheet.documents
            if one.name in files
        ],
        limits=LIMITS,
        errors=errors or {},
        correction_url=url_for("OwnData.index", _anchor="corrections"),
        certificate_url=url_for("CertificateFiles.pdf", number=held.number) if held else None,
    )


def _on_roster(person: Worker) -> list[tuple[Any, Any]]:
    """What the roster says, which only an office corrects."""
    specs = {name: spec for name, spec in keeping.labels_of(Worker).items() if name in ROSTER}
    return [(specs[n].label, answers.said(specs[n], getattr(person, n), {})) for n in ROSTER]


def _said(sheet: Sheet, profile: Profile | None) -> Iterator[dict[str, Any]]:
    values = dict(profile.basic) if profile else {}
    shown = answered(sheet.fields, values)
    if "unit_id" in shown:
        shown["unit_id"] = values.get("unit_name")
    for section in sheet.layout:
        pairs = [
            (s.label, answers.said(s, shown.get(s.name), {}))
            for s in section.fields
            if s.asked(shown)
        ]
        yield {"title": section.label, "pairs": pairs}


def _list(part: Part, rows: Any) -> dict[str, Any]:
    return {
        "title": TITLES[part.name],
        "rows": [
            {
                "title": getattr(row, part.model.__label__),
                "note": " · ".join(_notes(part, row)),
                "url": url_for("Personal.entry", part=part.name, key=row.id),
            }
            for row in rows
        ],
        "new_url": url_for("Personal.new", part=part.name),
        "optional": part.name == "honor",
    }


def _notes(part: Part, row: Any) -> Iterator[str]:
    if part.name == "honor":
        yield row.awarded_on
        yield _choice(part, "level", row.level)
        if row.issuer:
            yield row.issuer
        return
    until = row.ended or _("to the present")
    yield f"{row.started} — {until}"
    yield row.post
    if row.plan != "no":
        yield _choice(part, "plan", row.plan)


def _choice(part: Part, name: str, code: str) -> str:
    spec = next(one for one in keeping.specs_of(part) if one.name == name)
    choice = spec.choice(code)
    return in_words(choice.label) if choice else code


def _begun(person: Worker) -> dict[str, Any]:
    """What was said, and for the first time what the roster says."""
    profile = profiles.of(person.id)
    return dict(profile.basic) if profile else {"phone": person.phone, "email": person.email}


def _basic_page(
    sheet: Sheet, values: Mapping[str, Any], errors: Mapping[str, Any] | None = None
) -> str:
    named = profiles.unit(values.get("unit_id")) if values.get("unit_id") else None
    return _form(
        _("Basic information"),
        [(section.label, section.fields) for section in sheet.layout],
        values,
        errors,
        texts={"unit_id": named[1]} if named else {},
    )


def _entry(part: Part, key: int | None) -> Any:
    specs = keeping.specs_of(part)
    if request.method == "GET":
        return _entry_page(part, key, keeping.entry_values(part, key))
    typed = _typed(specs)
    errors = dict(_attached({PROOF.name: part.slot(key)}))
    try:
        if not errors:
            keeping.keep_entry(part, typed, key)
    except Invalid as fault:
        errors = dict(fault.errors)
    if errors:
        return _entry_page(part, key, typed, errors), 422
    flash(_("Saved. Your open drafts follow."), "success")
    return redirect(url_for("Personal.index"))


def _entry_page(
    part: Part, key: int | None, values: Mapping[str, Any], errors: Mapping[str, Any] | None = None
) -> str:
    person = own.worker() or abort(403)
    named = profiles.unit(values.get("unit_id")) if values.get("unit_id") else None
    slot = part.slot(key)
    asked = replace(PROOF, required=True, required_when=PLANNED) if part.name != "honor" else PROOF
    proof = _slot(asked, profiles.files(person.id).get(slot), slot)
    removal = url_for("Personal.remove", part=part.name, key=key) if key else None
    sections = [(None, keeping.specs_of(part))]
    texts = {"unit_id": named[1]} if named else {}
    more = {"proof": proof, "removal_url": removal, "texts": texts}
    return _form(TITLES[part.name], sections, values, errors, **more)


def _form(
    title: Any,
    sections: list[tuple[Any, Any]],
    values: Mapping[str, Any],
    errors: Mapping[str, Any] | None,
    **more: Any,
) -> str:
    specs = [spec for _label, fields in sections for spec in fields]
    return render_template(
        "applicant/profile_form.html",
        title=title,
        crumbs=[
            (_("Personal centre"), url_for("Centre.index")),
            (_("My details"), url_for("Personal.index")),
            (title, None),
        ],
        sections=sections,
        values=values,
        asked=answered(specs, values),
        errors=errors or {},
        labels={spec.name: spec.label for spec in specs},
        limits=LIMITS,
        back_url=url_for("Personal.index"),
        **more,
    )


def _typed(specs: Any) -> dict[str, Any]:
    def sent(spec: FieldSpec) -> Any:
        many = spec.kind == "choices"
        return request.form.getlist(spec.name) if many else request.form.get(spec.name)

    found = {spec.name: sent(spec) for spec in specs}
    return {name: value for name, value in found.items() if value is not None}


def _attached(slots: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Store each picture that came with a form; the refused ones with their reasons."""
    for name, slot in slots.items():
        file = request.files.get(name)
        if file is None or not file.filename:
            continue
        try:
            keeping.attach(slot, file.filename, file.read())
        except Refusal as fault:
            yield name, fault.sentence


def _slot(slot: Slot, row: PersonalFile | None, name: str) -> dict[str, Any]:
    return {
        "slot": {**vars(slot), "page": 1},
        "material": _as_picture(row) if row else None,
        "upload_url": url_for("Personal.upload", slot=name),
    }


def _as_picture(row: PersonalFile) -> dict[str, Any]:
    return {
        "url": url_for("Personal.picture", key=row.id),
        "name": row.original_name,
        "width": row.width,
        "height": row.height,
        "size": row.size,
        "warnings": [],
    }
