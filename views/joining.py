"""Registering an account: who one is, the telephone, a name and a password; and 反馈 where the
roster knows nobody of that name and number."""

import json
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import vault
from app.queries.names import region_names
from app.rules import identifiers
from app.rules.fields import FieldSpec
from app.scope import current_actor
from app.services import accounts, consents, gateway, identification, joining, roster
from app.services import roster_requests as requests
from app.services.codes import PAUSE
from app.services.refusals import Conflict, Invalid
from app.services.roster import Match
from views.entrance import (
    ON_DEVELOPMENT,
    count_try,
    destination,
    forget,
    keep,
    kept,
    let_in,
    limited,
    onward,
)
from views.guard import public, receives
from views.texts import in_words

KEPT = "joining"
ASKED = "asked"
CODE = FieldSpec(
    "code",
    "text",
    _l("Code from the message"),
    min=6,
    max=6,
    pattern=r"^\d{6}$",
    autocomplete="one-time-code",
)


class Joining(BaseView):
    """注册账号, in three steps (MC-01 to MC-05, BJ-05)."""

    route_base = "/register"

    @expose("/", methods=["GET", "POST"])
    @limited
    @public
    def who(self) -> Any:
        """Name and identity number, compared with the roster."""
        if current_actor() is not None:
            return redirect(destination())
        if request.method == "GET":
            return self._who(_asked(), {})
        values = {spec.name: request.form.get(spec.name) for spec in roster.WHO}
        keep(ASKED, {"sealed": _sealed(values)})
        try:
            count_try(str(values["id_number"]))
            _papers, found = joining.match(values, request.form.get("agree") == "yes")
        except Invalid as fault:
            return self._who(values, fault.errors, fault.code == "not_on_roster"), 422
        keep(KEPT, {"worker": found.worker_id})
        return redirect(onward("Joining.phone"))

    @expose("/phone", methods=["GET", "POST"])
    @limited
    @public
    def phone(self) -> Any:
        """The management number, filled in and locked, and the telephone that a code goes to."""
        found = _found()
        if found is None:
            return redirect(onward("Joining.who"))
        errors: Mapping[str, Any] = {}
        if request.method == "POST":
            try:
                phone = joining.send_code(found, request.form.get("phone", ""))
            except Invalid as fault:
                errors = fault.errors
            else:
                keep(KEPT, {"worker": found.worker_id, "phone": phone})
                return redirect(onward("Joining.code"))
        page = step_page(
            _("Register an account"),
            "2 / 3",
            note=_("A code by text message shows that the telephone is yours."),
            known=_known(found),
            fields=[] if found.phone else [joining.PHONE],
            values=request.form,
            errors=errors,
            submit_label=_l("Send the code"),
            others=[(_l("This is not my number any more: send a request"), _feedback())]
            if found.phone
            else [],
        )
        return page, 422 if errors else 200

    @expose("/code", methods=["GET", "POST"])
    @limited
    @public
    def code(self) -> Any:
        """The code that was sent."""
        found, facts = _found(), kept(KEPT) or {}
        if found is None or "phone" not in facts:
            return redirect(onward("Joining.who"))
        if request.method == "GET":
            return self._code(facts, {})
        try:
            joining.prove_phone(found, facts["phone"], request.form.get("code", ""))
        except Invalid as fault:
            return self._code(facts, fault.errors), 422
        except Conflict as fault:
            forget(KEPT)
            flash(in_words(fault.sentence), "info")
            return redirect(onward("SignIn.login"))
        keep(KEPT, {**facts, "proved": True})
        return redirect(onward("Joining.account"))

    @expose("/account", methods=["GET", "POST"])
    @limited
    @public
    def account(self) -> Any:
        """A user name and a password; then the account is there and its holder signed in."""
        found, facts = _found(), kept(KEPT) or {}
        if found is None or not facts.get("proved"):
            return redirect(onward("Joining.who"))
        if request.method == "GET":
            return self._account(found, {})
        try:
            made = joining.open_own(
                found.worker_id,
                facts["phone"],
                request.form,
                address=request.remote_addr,
                how="roster and telephone",
            )
        except Invalid as fault:
            return self._account(found, fault.errors), fault.status
        except Conflict as fault:
            return self._account(found, {"": fault.sentence}), fault.status
        let_in(made)
        flash(in_words(identification.DONE), "success")
        return redirect(destination())

    @expose("/request", methods=["GET", "POST"])
    @limited
    @public
    @receives(64)
    def feedback(self) -> Any:
        """反馈: one's own data with pictures, for the office of the region (MC-04)."""
        if current_actor() is not None:
            return redirect(destination())
        values = {spec.name: request.form.get(spec.name) for spec in requests.fields()}
        if request.method == "GET":
            return self._feedback(_asked(), {})
        files = [one.read() for one in request.files.getlist("evidence") if one.filename]
        try:
            asked = requests.check(values, files, request.form.get("agree") == "yes")
            count_try(str(values["id_number"]), "3 per hour")  # of what is sent, not of mistakes
            requests.send(asked, request.remote_addr)
        except Invalid as fault:
            return self._feedback(values, fault.errors), fault.status
        forget(KEPT)
        return redirect(url_for("Joining.sent"))

    @expose("/request/sent")
    @public
    def sent(self) -> Any:
        """What happens next with a request."""
        return render_template(
            "account/told.html",
            title=_("Your request has been sent"),
            paragraphs=[
                _(
                    "The office of your region checks it and answers by text message, and by "
                    "e-mail if you gave an address."
                ),
                _("When it is accepted, come back and register your account."),
            ],
            links=[(_("Home"), url_for("Home.index"))],
        )

    def _who(
        self, values: Mapping[str, Any], errors: Mapping[str, Any], unknown: bool = False
    ) -> str:
        return step_page(
            _("Register an account"),
            "1 / 3",
            note=_("For social workers: name and number are compared with the roster."),
            fields=roster.WHO,
            values={**values, "id_type": values.get("id_type") or "id_card"},
            errors=errors,
            statement=consents.ACCOUNT,
            submit_label=_l("Next"),
            feedback_url=_feedback() if unknown else None,
            others=[(_l("I have an account: sign in"), onward("SignIn.login"))],
        )

    def _code(self, facts: Mapping[str, Any], errors: Mapping[str, Any]) -> str:
        return code_page(_("Register an account"), facts["phone"], errors, "2 / 3", "Joining.phone")

    def _account(self, found: Match, errors: Mapping[str, Any]) -> str:
        return step_page(
            _("Register an account"),
            "3 / 3",
            known=_known(found),
            fields=joining.ACCOUNT,
            values=request.form,
            errors=errors,
            password=True,
            rule_text=accounts.PASSWORD_RULE,
            submit_label=_l("Register"),
        )

    def _feedback(self, values: Mapping[str, Any], errors: Mapping[str, Any]) -> str:
        region = values.get("region_code") or ""
        return step_page(
            _("Feedback: ask to be put on the roster"),
            None,
            note=_(
                "Your number may be right and the roster may not have it yet. Send your data to "
                "the office of your region; it checks them and answers."
            ),
            fields=requests.fields(),
            values={**values, "id_type": values.get("id_type") or "id_card"},
            texts={"region_code": region_names([region]).get(region)},
            errors=errors,
            files={
                "name": "evidence",
                "label": _l("Pictures of your identity card and your certificate"),
                "help": _l("JPEG, PNG or WebP, up to four pictures, each at most 10 MB"),
            },
            statement=consents.ACCOUNT,
            submit_label=_l("Send the feedback"),
            others=[(_l("Back to the registration"), onward("Joining.who"))],
        )


def code_page(
    title: str,
    target: str,
    errors: Mapping[str, Any],
    step: str | None,
    again: str,
    crumbs: Any = (),
) -> str:
    """The page on which a code is typed that went to a telephone or a mailbox."""
    mask = identifiers.mask_email if "@" in target else identifiers.mask_phone
    return step_page(
        title,
        step,
        crumbs=crumbs,
        note=_("If this number can be used, a code went to %(target)s.", target=mask(target)),
        fields=[CODE],
        values={},
        errors=errors,
        submit_label=_l("Next"),
        hint=_on_development(),
        others=[
            (
                _("Send another code, %(count)s seconds later", count=int(PAUSE.total_seconds())),
                onward(again),
            )
        ],
    )


def _on_development() -> Any:
    path = gateway.file()
    return ON_DEVELOPMENT.fill(path=path) if path else None


def step_page(title: str, step: str | None = None, **facts: Any) -> str:
    """One page of the way in; `facts` are what the template expects."""
    given = {"fields": (), "errors": {}, **facts}
    return render_template("account/step.html", title=title, step=step, **given)


def _known(found: Match) -> list[tuple[Any, Any]]:
    pairs = [(_l("Name"), found.name), (_l("Management number"), found.management_number)]
    return [*pairs, (_l("Phone"), identifiers.mask_phone(found.phone))] if found.phone else pairs


def _found() -> Match | None:
    facts = kept(KEPT)
    return joining.again(facts["worker"]) if facts and current_actor() is None else None


def _feedback() -> str:
    return onward("Joining.feedback")


def _sealed(values: Mapping[str, Any]) -> str:
    return vault.seal(json.dumps(values)).decode()


def _asked() -> dict[str, Any]:
    """What was typed or said on the page before; a number is never readable in the cookie."""
    facts = kept(ASKED)
    return dict(json.loads(vault.unseal(facts["sealed"].encode()))) if facts else {}


def ask_for(values: Mapping[str, Any]) -> None:
    """Begin the next page with what is known already."""
    keep(ASKED, {"sealed": _sealed(values)})
