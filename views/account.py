"""Signing in and out, tokens for programs, one's own password, and the language."""

from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.api import SecurityApi
from flask_appbuilder.security.decorators import limit
from flask_babel import gettext as _
from flask_login import login_user, logout_user

from app.scope import current_actor
from app.services import accounts, gateway, identities, sessions
from app.services.refusals import Invalid
from views.entrance import destination, let_in, onward, safe
from views.guard import public, signed_in, while_password_is_new
from views.resource.rest import PortalApi

FAILED_TRIES = "30 per minute"


def _failed(response: Response) -> bool:
    """Only failed tries count: an office behind one address signs in all morning."""
    return response.status_code == 401


limited = limit(FAILED_TRIES, methods=["POST"], deduct_when=_failed)


class SignIn(BaseView):
    """The sign-in page."""

    route_base = ""

    @expose("/login/", methods=["GET", "POST"])
    @limited
    @public
    def login(self) -> Any:
        """A plain form of name and password."""
        if current_actor() is not None:
            return redirect(destination())
        if request.method == "GET":
            return self._page()
        name = request.form.get("username", "")
        account = current_app.appbuilder.sm.auth_user_db(name, request.form.get("password", ""))  # type: ignore[attr-defined]
        if account is None:
            return self._page(accounts.REFUSED), 401
        let_in(account)
        return redirect(destination())

    @expose("/logout/", methods=["POST"])
    @signed_in
    @while_password_is_new
    def logout(self) -> Any:
        """End the session; a POST, so that no picture on another page can do it."""
        language = session.get("locale")
        sessions.end(session.get("_user_id", ""))
        logout_user()
        session.clear()
        session["locale"] = language
        flash(_("You have signed out."), "info")
        answer = redirect(url_for("Home.index"))
        answer.headers["Clear-Site-Data"] = '"cache"'  # one's own pictures, on a shared computer
        return answer

    @expose("/language", methods=["POST"])
    @public
    def language(self) -> Any:
        """Choose the language of the portal."""
        wanted = request.form.get("locale", "")
        if wanted in current_app.config["LANGUAGES"]:
            session["locale"] = wanted
            if actor := current_actor():
                accounts.speak(actor, wanted)
        return redirect(safe(request.form.get("next", "")))

    def _page(self, error: Any = None) -> str:
        return render_template(
            "appbuilder/general/security/login_db.html",
            title=_("Sign in"),
            error=error,
            code_url=onward("CodeSignIn.ask") if gateway.offers("sms") else None,
            providers=[
                (one.name, onward("Identity.go", provider=one.code))
                for one in identities.providers().values()
            ],
            register_url=onward("Joining.who"),
            recover_url=onward("Recovery.ask") if gateway.offers("sms") else None,
            manual_url=url_for("Manual.file"),
        )


class Password(BaseView):
    """One's own password."""

    route_base = "/account"

    @expose("/password", methods=["GET", "POST"])
    @signed_in
    @while_password_is_new
    def change(self) -> Any:
        """Replace one's password; every other session and token of the account ends."""
        errors: dict[str, Any] = {}
        if request.method == "POST":
            try:
                account = accounts.change_own_password(
                    *(request.form.get(name, "") for name in ("current", "password", "repeat"))
                )
            except Invalid as fault:
                errors = fault.errors
            else:
                login_user(account)
                flash(_("Your password has been changed. Other sessions have ended."), "success")
                return redirect(url_for("Home.index"))
        actor = current_actor()
        page = render_template(
            "account/password.html",
            forced=actor is not None and actor.must_change_password,
            rule_text=accounts.PASSWORD_RULE,
            errors=errors,
        )
        return page, 422 if errors else 200


class Tokens(PortalApi, SecurityApi):
    """FAB's token API, with the same limit and the same lock as the sign-in page.

    There is no refresh: a token lives for an hour, and then the password is asked again.
    """

    login = limited(public(SecurityApi.login))
    exclude_route_methods = {"refresh"}

    def response_401(self) -> Response:
        """One sentence for an unknown name, a wrong password and a locked account."""
        return self.response(401, message=str(accounts.REFUSED))
