"""The door: who is asking, whether anybody may, whether the form is ours, and what every answer
carries."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import prison  # type: ignore[import-untyped]
from flask import (
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    jsonify,
    redirect,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_jwt_extended import get_current_user, verify_jwt_in_request
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_login import current_user
from jwt.exceptions import PyJWTError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from app.extensions import csrf
from app.queries.listing import BadQuery
from app.scope import current_actor, enter
from app.security import actor_of
from app.services.refusals import Refusal
from views.faults import explain, wants_json, way_back

SURROGATE = re.compile("[\ud800-\udfff]")
View = TypeVar("View", bound=Callable[..., Any])

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
PLAIN = frozenset(("locale", "csrf_token", "_flashes", "_permanent"))
"""What the session of any visitor may hold."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), payment=()",
}


def public(view: View) -> View:
    """Mark a view as open to everybody; without the mark a view needs a sign-in."""
    view._public = True  # type: ignore[attr-defined]
    return view


def while_password_is_new(view: View) -> View:
    """Mark a view as open before an initial password was changed."""
    view._before_change = True  # type: ignore[attr-defined]
    return view


def receives(megabytes: int) -> Callable[[View], View]:
    """Mark a view as one that takes files, so many megabytes at once; without the mark nothing is
    larger than a form."""

    def marked(view: View) -> View:
        view._most_bytes = megabytes * 1024 * 1024  # type: ignore[attr-defined]
        return view

    return marked


def permitted(permission: str) -> Callable[[View], View]:
    """Mark a view as open to those whose role grants `resource.action`; the door asks."""

    def marked(view: View) -> View:
        view._permission = permission  # type: ignore[attr-defined]
        return view

    return marked


def signed_in(view: View) -> View:
    """Mark a view as open to everybody who is signed in, whatever the role."""
    view._signed_in = True  # type: ignore[attr-defined]
    return view


def shut(app: Flask, blueprint: str, permission: str) -> None:
    """Ask for a permission before every view of a blueprint that is not ours to mark."""
    app.config.setdefault("BLUEPRINT_PERMISSIONS", {})[blueprint] = permission


def permission_of(endpoint: str) -> str | None:
    """What an endpoint asks for: `resource.action`, "public", "signed in", "generated", or None.

    None is an undeclared endpoint: nobody gets through. A generated one asks FAB's decorators.
    """
    view = current_app.view_functions.get(endpoint)
    if endpoint.rpartition(".")[2] == "static" or getattr(view, "_public", False):
        return "public"
    if getattr(view, "_signed_in", False):
        return "signed in"
    marked = getattr(view, "_permission", None)
    shut_blueprints = current_app.config.get("BLUEPRINT_PERMISSIONS", {})
    if marked or endpoint.partition(".")[0] in shut_blueprints:
        return str(marked or shut_blueprints[endpoint.partition(".")[0]])
    return "generated" if hasattr(view, "_permission_name") else None


def install(app: Flask) -> None:
    """Put the door before every request of the application."""
    app.before_request(_enter)
    app.after_request(_leave)
    app.teardown_request(_forget)
    for fault in (Refusal, BadQuery, HTTPException, Exception):
        app.register_error_handler(fault, explain)


def _enter() -> Any:
    enter(None)
    if request.endpoint is None:
        return _enter_nowhere()
    if request.endpoint.rpartition(".")[2] == "static":
        return None
    try:
        account = _account()
    except (JWTExtendedException, PyJWTError):
        told = _refused(401, "not_signed_in", _("The token is not valid. Sign in again."))
        return told if request.endpoint else None
    if account is not None:
        g.user = account
        enter(actor_of(account, request.remote_addr))
    if _unstorable([request.path, *_texts(request.args)]):
        abort(400)
    refused = _admit(request.endpoint)  # first: whose session is over has lost its token as well
    if refused is None:
        _receive(request.endpoint)
    return refused


def _receive(endpoint: str) -> None:
    """Read what was sent, not before somebody may send it: a body of files fills a disk."""
    view = current_app.view_functions[endpoint]
    request.max_content_length = getattr(view, "_most_bytes", None)
    if _unreadable() or _unstorable(_sent()):
        abort(400)
    if not _by_token() and not _is_bare_api():
        csrf.protect()


def _enter_nowhere() -> None:
    """404 and 405 are said by the error handler, around it what stands on every page of whoever is
    signed in; a program's token opens nothing here."""
    if not _by_token() and (account := _account()) is not None:
        g.user = account
        enter(actor_of(account, request.remote_addr))


def _account() -> Any:
    """A token is taken at its word alone: a cookie beside it must not lend it somebody's rights.

    What a cookie says of somebody is unproved until the account was found.
    """
    g.unproved = session.get("_user_id")
    if _by_token():
        verify_jwt_in_request()
        return get_current_user()
    if not current_user.is_authenticated:
        return None
    g.unproved = None
    return current_user._get_current_object()


def _unreadable() -> bool:
    """Whether a body, or a query in FAB's language, breaks its reader, such as by its depth: the
    readers tell of some faults, and fall over others."""
    try:
        if request.is_json:
            request.get_json(silent=True)
        if request.path.startswith("/api/") and (query := request.args.get("q")):
            prison.loads(query)
    except prison.decoder.ParserException:
        return False  # FAB says so itself
    except (RecursionError, LookupError, TypeError, ValueError, AttributeError):
        return True
    return False


def _sent() -> Iterator[str]:
    """Every text of a body."""
    yield from _texts(request.form)
    if request.is_json:
        body = json.dumps(request.get_json(silent=True), ensure_ascii=False)
        yield body.replace("\\u0000", "\x00")


def _texts(given: MultiDict[str, str]) -> Iterator[str]:
    return (text for _name, text in given.items(multi=True))


def _unstorable(typed: Iterable[str]) -> bool:
    """Whether a text holds what no database stores and nobody can type: a zero byte, or half of
    a pair of surrogates."""
    return any("\x00" in text or SURROGATE.search(text) for text in typed)


def _by_token() -> bool:
    return request.headers.get("Authorization", "").startswith("Bearer ")


def _is_bare_api() -> bool:
    """An API call without a session cookie has nothing that another site could borrow."""
    cookie = current_app.config["SESSION_COOKIE_NAME"]
    return request.path.startswith("/api/") and cookie not in request.cookies


def _admit(endpoint: str) -> Any:
    asked = permission_of(endpoint)
    if asked == "public":
        return None
    actor = current_actor()
    if actor is None:
        return _ask_to_sign_in()
    before_change = getattr(current_app.view_functions[endpoint], "_before_change", False)
    if actor.must_change_password and not before_change:
        return _ask_for_password()
    if asked is None or ("." in asked and not actor.may(asked)):
        abort(403)
    return None


def _ask_to_sign_in() -> Any:
    if wants_json():
        return _refused(401, "not_signed_in", _("Sign in first."))
    flash(_("Please sign in to continue."), "info")
    return redirect(url_for("SignIn.login", next=way_back()))


def _ask_for_password() -> Any:
    if wants_json():
        sentence = _("Change your initial password in the portal first.")
        return _refused(403, "must_change_password", sentence)
    flash(_("Please replace your initial password before you go on."), "warning")
    return redirect(url_for("Password.change"))


def _refused(status: int, code: str, sentence: str) -> tuple[Response, int]:
    return jsonify(code=code, message=sentence), status


def _leave(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_actor() is not None or _is_known():
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _is_known() -> bool:
    """Whether the session holds more than every visitor's: a step of the way in, which shows whom
    the roster knows."""
    return session.accessed and not PLAIN.issuperset(session)


def _forget(_fault: BaseException | None) -> None:
    enter(None)
