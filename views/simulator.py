"""Who would review: the way of an application filed today, for those who open accounts."""

from typing import Any

from flask import render_template, request
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.queries.names import region_names
from app.queries.simulation import Desk, kinds_of, simulate, takes_applications
from app.rules.fields import Choice, FieldSpec
from models.codes import ROLES
from views.guard import permitted

REGION = FieldSpec("region_code", "region", _l("Region"), lookup="regions")
FALLS = {
    "named": _l("The policy names this office for the region."),
    "above": _l("There is no such level here, so the next office above decides."),
    "none": None,
}


class Simulator(BaseView):
    """A question about the present policies and accounts; nothing is filed."""

    route_base = "/review/simulator"

    @expose("/")
    @permitted("simulator.ask")
    def ask(self) -> Any:
        """Who would see an application of this kind, filed today in this region."""
        region = request.args.get("region_code", "")
        name = region_names([region]).get(region) if takes_applications(region) else None
        kinds = kinds_of(region) if name else []
        asked = request.args.get("kind") or (kinds[0].code if kinds else "")
        found = simulate(region, asked) if name else None
        return render_template(
            "review/simulator.html",
            title=_("Who would review"),
            note=_("Who would see an application that is filed today, by policy and accounts"),
            region=(REGION, region, name),
            kind=(
                FieldSpec(
                    "kind",
                    "choice",
                    _l("Kind"),
                    choices=tuple(Choice(one.code, one.label) for one in kinds),
                ),
                found.kind.code if found else None,
            ),
            unknown=bool(region and not name),
            found=found,
            desks=[_desk(one) for one in found.desks] if found else [],
        )


def _desk(one: Desk) -> dict[str, Any]:
    return {
        "number": one.number,
        "label": one.stage.label,
        "office": one.office_name,
        "role": ROLES[one.role],
        "fall": FALLS[one.fall],
        "people": list(one.names),
        "hidden": one.count - len(one.names),
        "count": one.count,
        "together": one.together if one.together > 1 else None,
        "short": one.short,
        "days": one.stage.working_days,
    }
