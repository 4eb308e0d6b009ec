"""The OpenAPI document of the REST API, for everybody: how to ask is no secret, the answers are."""

from typing import Any

from flask import jsonify
from flask_appbuilder.api import BaseApi, expose
from flask_appbuilder.api.manager import OpenApi

from views.guard import public


class ApiDocument(BaseApi):
    """What FAB documents of every API class, in one document."""

    route_base = "/api"

    @expose("/<version>/_openapi")
    @public
    def document(self, version: str) -> Any:
        """OpenAPI 3 of one version of the API."""
        spec = OpenApi._create_api_spec(version)
        apis = [
            one
            for one in self.appbuilder.baseviews
            if isinstance(one, BaseApi) and one.version == version and one is not self
        ]
        if not apis:
            return jsonify(code="missing", message="There is no such version."), 404
        for one in apis:
            one.add_api_spec(spec)
        return jsonify(spec.to_dict())
