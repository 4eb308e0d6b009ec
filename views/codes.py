"""Signing in by a code, and the way back to an account whose password is forgotten."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.rules.fields import FieldSpec
from app.rules.identifiers import check_phone
from app.scope import current_actor
from app.services import accounts, codes, gateway, recovery
from app.services.joining import PHONE
from app.services.refusals import Conflict, Invalid
from models.account import Account
from views.entrance import (
    count,
    count_try,
    destination,
    forget,
    keep,
    kept,
    let_in,
    limited,
    onward,
)
from views.guard import public
from views.joining import code_page, step_page
from views.texts import in_words

TO = FieldSpec("target", "text", _l("Telephone or e-mail address"), max=254, autocomplete="tel")
NO_PHONE = _l("Enter a mainland mobile number of 11 digits.")
TO_PHONE = _l("A code goes to the telephone of your account.")
TO_BOTH = _l("A code goes to the telephone or the e-mail address of your account.")
NO_LONGER = _l("You no longer have the telephone of your account? Ask your office.")
NO_TARGET = _l("Enter the telephone number or the e-mail address of your account.")


class CodeSignIn(BaseView):
    """短信验证码登录 (BJ-07)."""

    route_base = "/sign-in/code"

    @expose("/", methods=["GET", "POST"])
    @limited
    @public
    def ask(self) -> Any:
        """The telephone; what comes next is the same whether anybody has it or not."""
        return _asked(
            "sign_in",
            PHONE,
            NO_PHONE if check_phone(_typed(PHONE)) else None,
            "CodeSignIn.enter",
            (_l("Register an account"), onward("Joining.who")),
            title=_("Sign in by text message"),
        )

    @expose("/enter", methods=["GET", "POST"])
    @limited
    @public
    def enter(self) -> Any:
        """The code, which opens a session once."""
        facts = kept("sign_in")
        if current_actor() is not None or facts is None:
            return redirect(onward("CodeSignIn.ask"))
        if request.method == "POST":
            try:
                account = recovery.by_code(facts["target"], request.form.get("code", ""))
            except Invalid as fault:
                return _code(facts["target"], fault.errors), 401
            return _entered(account)
        return _code(facts["target"], {})


def _typed(spec: FieldSpec) -> str:
    return request.form.get(spec.name, "").strip()


def _asked(
    purpose: str, spec: FieldSpec, wrong: Any, onto: str, way: tuple[Any, str], **page: Any
) -> Any:
    """Send a code to what was typed and go on, or ask (again) where it goes; what the kept facts
    are called is what the code is for. `way` leads on whom no code can reach."""
    if current_actor() is not None or not gateway.offers("sms"):
        return redirect(destination())
    typed, sent = _typed(spec), request.method == "POST"
    if sent and not wrong:
        count_try(typed)
        codes.ask(purpose, typed)
        keep(purpose, {"target": typed})
        return redirect(onward(onto))
    shown = step_page(
        fields=[spec],
        values={spec.name: typed},
        errors={spec.name: wrong} if sent else {},
        submit_label=_l("Send the code"),
        others=[(_l("Sign in with your password"), onward("SignIn.login")), way],
        **page,
    )
    return shown, 422 if sent else 200


def _entered(account: Account) -> Any:
    count(account)
    let_in(account)
    return redirect(destination())


def _code(target: str, errors: dict[str, Any]) -> str:
    return code_page(_("Sign in by text message"), target, errors, None, "CodeSignIn.ask")


class Recovery(BaseView):
    """A new password for whoever proves the telephone or the mailbox of the account."""

    route_base = "/recover"

    @expose("/", methods=["GET", "POST"])
    @limited
    @public
    def ask(self) -> Any:
        """Where the code goes; the answer does not tell whether there is an account."""
        mail = gateway.offers("email")
        spec, wrong = (TO, NO_TARGET) if mail else (PHONE, NO_PHONE)
        return _asked(
            "recover",
            spec,
            None if _is_target(_typed(spec), mail) else wrong,
            "Recovery.enter",
            (NO_LONGER, url_for("Help.contacts")),
            title=_("Reset your password"),
            step="1 / 3",
            note=TO_BOTH if mail else TO_PHONE,
        )

    @expose("/code", methods=["GET", "POST"])
    @limited
    @public
    def enter(self) -> Any:
        """The code that proves the telephone or the mailbox."""
        facts = kept("recover")
        if current_actor() is not None or facts is None or "target" not in facts:
            return redirect(onward("Recovery.ask"))
        errors: dict[str, Any] = {}
        if request.method == "POST":
            try:
                account = recovery.prove(facts["target"], request.form.get("code", ""))
            except Invalid as fault:
                errors = fault.errors
            else:
                keep("recover", {"key": account.get_id(), "name": account.username})
                return redirect(onward("Recovery.password"))
        title, target = _("Reset your password"), facts["target"]
        page = code_page(title, target, errors, "2 / 3", "Recovery.ask")
        return page, 401 if errors else 200

    @expose("/password", methods=["GET", "POST"])
    @limited
    @public
    def password(self) -> Any:
        """The new password; whoever was signed in elsewhere is not any more."""
        facts = kept("recover")
        if current_actor() is not None or facts is None or "key" not in facts:
            return redirect(onward("Recovery.ask"))
        errors: dict[str, Any] = {}
        if request.method == "POST":
            try:
                account = recovery.reset_password(facts["key"], request.form)
            except Invalid as fault:
                errors = fault.errors
            except Conflict as fault:
                forget("recover")
                flash(in_words(fault.sentence), "warning")
                return redirect(onward("Recovery.ask"))
            else:
                flash(_("Your password has been changed. Other sessions have ended."), "success")
                return _entered(account)
        page = step_page(
            _("Reset your password"),
            step="3 / 3",
            known=[(_l("User name"), facts["name"])],
            errors=errors,
            password=True,
            rule_text=accounts.PASSWORD_RULE,
            submit_label=_l("Change password"),
        )
        return page, 422 if errors else 200


def _is_target(target: str, mail: bool) -> bool:
    account, at, domain = target.partition("@")
    mailbox = bool(account and at and "." in domain and target.isprintable() and len(target) < 254)
    return (mail and mailbox) or check_phone(target) is None
