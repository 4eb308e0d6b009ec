"""Looking up a row or a region by the beginning of its name, for forms and filters."""

from typing import Any

from flask import abort, jsonify, request
from flask_appbuilder import BaseView, expose

from app.queries import names, profiles
from app.rules.regions import NATION
from app.scope import current_actor
from views.guard import public, signed_in

# the table that a form points at, and the permission without which its rows have no names
PERMITTED = {
    "worker": "workers.read",
    "organization": "organizations.read",
    "registration_window": "windows.read",
    "qualification": "qualifications.read",
    "application": "applications.read",
    "ab_user": "accounts.read",
}


class Lookup(BaseView):
    """Twenty answers at the most, all of them within the scope."""

    route_base = "/lookup"

    @expose("/public/regions")
    @public
    def regions(self) -> Any:
        """Regions for those who have no account yet: their names are everybody's."""
        text = request.args.get("q", "").strip()[:64]
        found = names.look_up_regions(text, NATION) if text else []
        return jsonify(results=[{"id": key, "text": label} for key, label in found])

    @expose("/<table>")
    @signed_in
    def find(self, table: str) -> Any:
        """The rows whose name begins with `q`, as [{id, text}]."""
        actor, found = current_actor(), list[tuple[Any, str]]()
        text = request.args.get("q", "").strip()[:64]
        if actor is None or not text:
            return jsonify(results=[])
        if table == "units":  # whoever keeps personal information says where they work (MC-11)
            found = list(profiles.units(text))
        elif table == "regions":
            # an applicant may move anywhere; an office chooses within its own
            within = NATION if actor.reach.worker else actor.region_code
            found = list(names.look_up_regions(text, within))
        else:
            model = names.model_of(table)
            if model is None or not actor.may(PERMITTED.get(table, "nobody.read")):
                abort(403)
            found = names.look_up(model, text)
        return jsonify(results=[{"id": key, "text": label} for key, label in found])
