"""The first page of the portal, and whom to ask."""

from typing import Any

from flask import render_template
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from views.guard import public


class Home(BaseView):  # type: ignore[misc]
    """What everybody sees first."""

    route_base = ""
    default_view = "index"

    @expose("/")
    @public
    def index(self) -> Any:
        """The home page."""
        return render_template("public/home.html", heading=_("Certificate registration"))

    @expose("/help")
    @public
    def help(self) -> Any:
        """Whom to ask."""
        return render_template("public/home.html", heading=_("Help and contacts"))
