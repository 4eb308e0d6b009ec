"""What went wrong, in a sentence that says what to do next, to a person or a program."""

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, jsonify, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.queries.listing import BadQuery
from app.scope import current_actor
from app.services.refusals import Refusal
from views.texts import in_words

SENTENCES = {
    400: _l("The request could not be read. Go back and try again."),
    403: _l("Your role does not permit this, or it lies outside your region."),
    404: _l("There is nothing here, or it lies outside your region."),
    405: _l("This page cannot be reached in this way."),
    413: _l("This is too large to be received. Choose fewer or smaller files."),
    429: _l("Too many attempts. Wait a minute and try again."),
    500: _l(
        "Something failed on our side. What you had saved is kept; try again in a few minutes."
    ),
}


EXPIRED = _l(
    "The page was open for too long, or you have signed in again. Open it once more; what was "
    "saved is kept."
)
TO_SEND_AGAIN = (400, 409, 413, 429, 500)

TO_THE_PUBLIC = {
    403: _l("This page is not for your account."),
    404: _l("There is nothing here. The address may be wrong, or the page is gone."),
}
"""What those read who administer no region."""


def wants_json() -> bool:
    """Whether the answer goes to a program."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def way_back() -> str | None:
    """The page to come back to after the sign-in: this one, or the one a form was on (BJ-54)."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    page = urlsplit(request.referrer or "")
    pages = current_app.create_url_adapter(request)
    if page.netloc != request.host or pages is None or not pages.test(page.path, method="GET"):
        return None
    return f"{page.path}?{page.query}" if page.query else page.path


def explain(fault: Exception) -> Any:
    """Every error is a sentence that says what to do next, on a page or in JSON."""
    if isinstance(fault, MethodNotAllowed) and (above := _page_above()):
        return redirect(above)
    status, code, sentence = _told(fault)
    if wants_json():
        body: dict[str, Any] = {"code": code, "message": in_words(sentence)}
        errors = getattr(fault, "errors", None)
        if errors:
            body["errors"] = {name: in_words(text) for name, text in errors.items()}
        return jsonify(body), status
    page = render_template(
        "errors/error.html",
        status=status,
        title=_("The page has expired") if code == "csrf" else _title(status),
        message=sentence,
        **_way_out(status),
    )
    return page, status


def _way_out(status: int) -> dict[str, Any]:
    """The form again from which something came that can be sent once more; else the home page."""
    back = way_back() if request.method == "POST" and status in TO_SEND_AGAIN else None
    return {"back_url": back, "back_label": _("Open the page again")} if back else {}


def _page_above() -> str | None:
    """The page that an act belongs to, for who opens the address of the act itself: it stands in
    the address bar after a refusal, and choosing the language or loading again asks for it."""
    pages = current_app.create_url_adapter(request)
    if request.method != "GET" or wants_json() or pages is None:
        return None
    path = request.path.rstrip("/")
    while path and not pages.test(path, method="GET"):
        path = path.rpartition("/")[0]
    query = request.query_string.decode()
    return (f"{path}?{query}" if query else path) or None


def _told(fault: Exception) -> tuple[int, str, Any]:
    if isinstance(fault, Refusal):
        return fault.status, fault.code, fault.sentence
    if isinstance(fault, BadQuery):
        return 400, "bad_query", _("This filter or order is not offered: %(what)s", what=str(fault))
    if isinstance(fault, CSRFError):
        return 400, "csrf", EXPIRED
    if isinstance(fault, HTTPException) and fault.code:
        return (
            fault.code,
            str(fault.name).lower().replace(" ", "_"),
            _sentence(fault.code),
        )
    current_app.logger.error("unexpected fault", exc_info=fault)
    return 500, "error", SENTENCES[500]


def _sentence(status: int) -> Any:
    actor = current_actor()
    if status in TO_THE_PUBLIC and (actor is None or actor.worker_id is not None):
        return TO_THE_PUBLIC[status]
    return SENTENCES.get(status, SENTENCES[400])


def _title(status: int) -> str:
    titles: dict[int, str] = {
        401: _("Not signed in"),
        403: _("Not permitted"),
        404: _("Not found"),
        409: _("Changed in the meantime"),
        413: _("Too large"),
        429: _("Too many attempts"),
        500: _("Something went wrong"),
    }
    return titles.get(status) or str(_("Not possible"))
