"""What machines ask: is the process alive, and can it work."""

from typing import Any

from flask import jsonify
from flask_appbuilder import BaseView, expose

from app.services import health
from views.guard import public


class Health(BaseView):
    """Two probes without a sign-in; neither says more than yes or no."""

    route_base = ""

    @expose("/healthz")
    @public
    def alive(self) -> Any:
        """The process answers."""
        return jsonify(status="ok")

    @expose("/readyz")
    @public
    def ready(self) -> Any:
        """The database and the storage answer: 200, else 503."""
        found = health.ready()
        good = all(found.values())
        return jsonify(status="ok" if good else "not ready", **found), 200 if good else 503
