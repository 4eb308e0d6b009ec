"""My messages."""

from typing import Any

from flask import render_template
from flask_appbuilder import BaseView, expose

from views.guard import signed_in


class Messages(BaseView):  # type: ignore[misc]
    """One's own messages and nobody else's."""

    route_base = "/messages"

    @expose("/")
    @signed_in
    def inbox(self) -> Any:
        """The newest first."""
        return render_template("public/home.html")
