"""Signing in with an identity elsewhere: OpenID Connect with state, nonce and PKCE (BJ-03)."""

from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from joserfc.errors import JoseError
from requests import RequestException

from app.scope import current_actor
from app.services import identification, identities, recovery
from app.services.identities import Person, Provider
from app.services.refusals import Refusal
from views.entrance import count, keep, kept, let_in, onward, safe
from views.guard import public, while_password_is_new
from views.joining import ask_for
from views.texts import in_words

PATIENCE = 10
"""Seconds that a provider may take."""
GIVEN = "given"
WAY = "way"
WAYS = 3
"""How many that are under way stay open beside a new one: those of other tabs."""


class Identity(BaseView):
    """The way to a provider and back."""

    route_base = "/sign-in/with"

    @expose("/<provider>")
    @public
    def go(self, provider: str) -> Any:
        """Send the browser to the provider; who is signed in comes back to link the account."""
        chosen = identities.providers().get(provider) or abort(404)
        back = _address(provider)
        session[WAY] = {"next": request.args.get("next", "")}
        _forget_old_ways()
        try:
            return _client(chosen).authorize_redirect(back)
        except (RequestException, OAuthError, ValueError):
            current_app.logger.warning("identity provider %s does not answer", provider)
            return _failed(chosen, _("It does not answer just now. Try again later."))

    @expose("/<provider>/back")
    @public
    @while_password_is_new
    def back(self, provider: str) -> Any:
        """What the provider says: sign in, link, or go on to the registration."""
        chosen = identities.providers().get(provider) or abort(404)
        try:
            token = _client(chosen).authorize_access_token(
                claims_options={"iss": {"essential": True, "value": chosen.issuer}}
            )
        except (OAuthError, JoseError, RequestException, ValueError) as fault:
            # its kind and the protocol's word for it: a library's message may hold a token
            kind, word = type(fault).__name__, str(getattr(fault, "error", ""))[:40]
            current_app.logger.warning("sign-in by %s: %s %r", provider, kind, word)
            return _failed(chosen, _("The sign-in there was not completed. Begin again."))
        claims = _claims(chosen, token)
        if claims is None:
            return _failed(chosen, _("The sign-in there was not completed. Begin again."))
        who = identities.person(chosen, claims)
        onto = (session.pop(WAY, None) or {}).get("next", "")
        try:
            return _linked(who, onto) if current_actor() else _entered(who, onto)
        except Refusal as fault:
            return _failed(chosen, in_words(fault.sentence))


def _forget_old_ways() -> None:
    """Of the ways that were begun and not ended the newest stay: the library notes each in the
    cookie for an hour, and a browser drops a cookie of more than 4 kB."""
    begun = [key for key in session if key.startswith("_state_")]
    begun.sort(key=lambda key: float(session[key]["exp"]))
    for key in begun[:-WAYS]:
        session.pop(key)


def _claims(chosen: Provider, token: dict[str, Any]) -> dict[str, Any] | None:
    """The claims of the identity token, whose signature, issuer, audience and nonce were checked,
    and of the userinfo of the same subject."""
    said = token.get("userinfo")
    if not said or "sub" not in said:
        return None
    more = _client(chosen).userinfo(token=token)
    return {**more, **said} if more.get("sub") == said["sub"] else None


def _entered(who: Person, onto: str) -> Any:
    account = identities.sign_in(who)
    if account is None:
        ask_for({"name": who.name, "id_number": who.id_number, "phone": who.phone})
        flash(
            _("The roster does not know you yet. Send your data to the office of your region."),
            "warning",
        )
        return redirect(url_for("Joining.feedback"))
    count(account)
    let_in(account)
    _remember(who)
    return redirect(safe(onto, "Home.start"))


def _linked(who: Person, onto: str) -> Any:
    identities.link(recovery.own(), who)
    _remember(who)
    flash(in_words(identification.DONE), "success")
    return redirect(safe(onto, "OwnAccount.overview"))


def _remember(who: Person) -> None:
    """What the provider said, for a 一键授权 that may follow; sealed, because cookies are
    readable."""
    keep(GIVEN, {"sealed": who.sealed()})


def given() -> Person | None:
    """What a provider said of this person a few minutes ago."""
    facts = kept(GIVEN)
    return Person.unsealed(facts["sealed"]) if facts else None


def _address(provider: str) -> str:
    """Where the provider sends the browser back: at the public address, whatever Host says."""
    base = current_app.config["PORTAL_URL"]
    path = url_for("Identity.back", provider=provider)
    return base + path if base else url_for("Identity.back", provider=provider, _external=True)


def _failed(chosen: Provider, sentence: str) -> Any:
    page = render_template(
        "account/told.html",
        title=_("%(provider)s: not signed in", provider=in_words(chosen.name)),
        paragraphs=[sentence],
        links=[
            (_("Try again"), url_for("Identity.go", provider=chosen.code)),
            (_("Personal centre"), url_for("Home.start"))
            if current_actor()
            else (_("Other ways to sign in"), onward("SignIn.login")),
        ],
    )
    return page, 400


def _client(chosen: Provider) -> Any:
    """The library's client of a provider; it keeps the provider's addresses for the process."""
    oauth = current_app.extensions.setdefault("oauth", OAuth(current_app))
    if chosen.code not in oauth._registry:
        oauth.register(
            chosen.code,
            client_id=chosen.client_id,
            client_secret=chosen.client_secret,
            server_metadata_url=f"{chosen.issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": chosen.scope,
                "code_challenge_method": "S256",
                "default_timeout": PATIENCE,
            },
        )
    return oauth.create_client(chosen.code)
