"""Applying: what to have ready before a form is begun, or why there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.queries import own
from app.queries.facts import Assessment, assessment
from app.queries.names import region_names
from app.rules import sentences
from app.rules.fields import FieldSpec
from app.services import applications
from app.services.cases import Ineligible
from app.services.drafts import CASE
from app.services.refusals import Conflict, Invalid
from models.application import Application
from models.codes import KINDS
from models.worker import Worker
from views import entries
from views.earlier import asks_history, history_first
from views.guard import permitted
from views.profile import led_to_profile
from views.texts import in_words

REGION = FieldSpec(
    "region_code",
    "region",
    _l("Region of registration"),
    help=_l("Where you serve: this office gets your application, and its rules apply."),
)


class Apply(BaseView):
    """The entry to one kind: the way into its form, or why there is none (BJ-14)."""

    route_base = "/apply"

    @expose("/<kind>", methods=["GET", "POST"])
    @permitted("applications.apply")
    def start(self, kind: str) -> Any:
        """Go on with what is there; else what to have ready; else every reason against it."""
        me = own.person() or abort(403)
        person = me.worker
        if not person.real_name:  # BJ-06
            flash(in_words(sentences.NOT_IDENTIFIED), "warning")
            return redirect(url_for("OwnAccount.identity", next=request.path))
        cases = own.applications()
        case = own.of_kind(kind, cases)
        if request.method == "POST":
            if kind not in KINDS:
                abort(404)
            return self._begin(kind)
        if case is not None and "region" not in request.args:
            if case.open_for_change:
                return redirect(url_for("Filling.form", key=case.id))
            if case.state in entries.UNDER_WAY:
                return redirect(url_for("Cases.one", key=case.id))
        found = assessment(person, case.region_code if case else None)
        if kind not in found.policy.kinds:
            abort(404)
        open_to = found.eligible(kind) or found.may_supply(kind)
        if not open_to and "region" not in request.args:
            return self._closed(found, kind, me, cases)
        return self._ready(found, kind)

    def _begin(self, kind: str) -> Any:
        region_code = request.form.get(REGION.name, "").strip() or None
        if history_first(kind, region_code):
            return redirect(url_for("EarlierStep.step", kind=kind, region_code=region_code))
        try:
            application = applications.start(kind, region_code, request.form.get(CASE))
        except Ineligible as fault:
            me = own.person() or abort(403)
            found, cases = assessment(me.worker, region_code), own.applications()
            return self._closed(found, kind, me, cases), fault.status
        except Invalid as fault:
            found = assessment(own.worker() or abort(403), kinds=[kind])
            return self._ready(found, kind, region_code, fault.errors), fault.status
        except Conflict as fault:
            return led_to_profile(fault)
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
            countdown=found.countdown_of(kind),
            steps=current.guide,
            materials=[(slot.label, slot.hint) for slot in current.materials],
            first=[spec for spec in current.fields if spec.name == CASE],
            region=replace(REGION, label=label),
            values={REGION.name: region, CASE: request.form.get(CASE)},
            texts={REGION.name: region_names([region]).get(region)},
            errors=errors or {},
            guide_url=url_for("Guide.kind", code=found.policy.code, kind=kind),
            back_url=url_for("Centre.index"),
        )

    def _closed(
        self, found: Assessment, kind: str, me: own.Person, cases: Sequence[Application]
    ) -> str:
        shown = found.policy.kinds[kind]
        awaits = entries.awaits_notice(found.policy, shown, found.on)
        others = entries.of_person(_at_home(me.worker, found), cases, me.profile)
        return render_template(
            "applicant/closed.html",
            title=shown.label,
            summary=shown.summary,
            tag=_("To be announced") if awaits else _("Not open to you now"),
            tone="idle" if awaits else "warn",
            findings=found.of(kind),
            others=[one for one in others if one["open"] or one["recommended"]],
            guide_url=url_for("Guide.kind", code=found.policy.code, kind=kind),
            history_url=url_for("EarlierStep.step", kind=kind)
            if asks_history(shown, found.registrations)
            else None,
            region_url=url_for("Apply.start", kind=kind, region="other"),
            back_url=url_for("Centre.index"),
        )


def _at_home(person: Worker, found: Assessment) -> Assessment:
    """What the policy of the person's own region says."""
    at_home = found.facts.service_region_code == person.region_code
    return found if at_home else assessment(person, held=found.held)
