"""How long a session lasts: prolonged by the pages that somebody opens, by nothing that comes
along with them, and by nobody once it is over."""

from flask import Flask, Response, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie, which every answer would carry.

    A picture, a style sheet or an autosave that is late would bring a session back that was ended
    meanwhile, and nothing with a cookie is kept by a cache between here and the browser.
    """

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Whether an answer carries the cookie: when the session has changed, and with a page."""
        is_page = request.headers.get("Sec-Fetch-Dest", "document") == "document"
        is_file = (request.endpoint or "").rpartition(".")[2] == "static"
        may = is_page and not is_file and g.get("unproved") is None
        return session.modified or (may and super().should_set_cookie(app, session))

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Sign no key of a session that is over once more: its copies end with their signature,
        and then it need not be remembered any longer."""
        if self.should_set_cookie(app, session):
            unproved = g.get("unproved")  # the key that opened nothing here, as the door says
            if unproved is not None and session.get("_user_id") == unproved:
                session.pop("_user_id")
        super().save_session(app, session, response)


def install(app: Flask) -> None:
    """Keep the sessions of an application like this."""
    app.session_interface = Sessions()
