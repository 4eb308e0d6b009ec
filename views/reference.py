"""The reference of the data model: every resource, every column, straight from the declarations."""

from typing import Any

from flask import render_template
from flask_appbuilder import BaseView, expose

from app.queries.listing import operators
from views import contents
from views.guard import permitted


class Reference(BaseView):
    """One page that cannot be out of date."""

    route_base = "/reference"

    @expose("/models")
    @permitted("reference.read")
    def models(self) -> Any:
        """All resources with what their columns say about themselves."""
        return render_template(
            "reference/models.html", resources=[_described(r) for r in contents.RESOURCES]
        )


def _described(resource: Any) -> dict[str, Any]:
    return {
        "name": resource.name,
        "label": resource.label,
        "writes": resource.writes.split(),
        "purpose": (resource.model.__doc__ or "").strip(),
        "columns": [
            {
                "name": key,
                "label": meaning.field.label,
                "kind": meaning.field.kind,
                "required": meaning.field.required,
                "written": meaning.written,
                "masked": meaning.mask is not None,
                "refers": meaning.ref,
                "operators": ", ".join(operators(meaning)),
                "sorted": meaning.sort,
                "codes": [(choice.code, choice.label) for choice in meaning.field.choices],
            }
            for key, meaning in resource.meanings.items()
        ],
    }
