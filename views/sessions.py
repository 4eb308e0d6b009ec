"""How long a session lasts: prolonged by the pages that somebody opens, by nothing that comes
along with them."""

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie, which every answer would carry.

    A picture, a style sheet or an autosave that is late would bring a session back that was ended
    meanwhile, and nothing with a cookie is kept by a cache between here and the browser.
    """

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Whether an answer carries the cookie: when the session has changed, and with a page."""
        is_page = request.headers.get("Sec-Fetch-Dest", "document") == "document"
        return session.modified or (is_page and super().should_set_cookie(app, session))


def install(app: Flask) -> None:
    """Keep the sessions of an application like this."""
    app.session_interface = Sessions()
