"""The generated REST API of a resource, in FAB's query language, with the portal's own errors."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from flask import Response, jsonify, make_response, request
from flask_appbuilder import ModelRestApi
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields

from app.queries import listing
from app.queries.listing import BadQuery, Filter, Order
from app.scope import current_actor
from app.services import forms, records
from app.services.refusals import NO_RECORD, Invalid, Missing, Refusal
from views.resource import present
from views.resource.declaration import Resource
from views.texts import in_words

NEEDS = {"get_list": "read", "get": "read", "post": "write", "put": "write", "delete": "remove"}
LAST_PAGE = 10_000_000  # beyond it an offset is no number that a database takes
CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "not_permitted",
    404: "missing",
    422: "invalid",
}


def api(resource: Resource) -> type[ModelRestApi]:
    """The API class of a resource; it has only the routes of the writes that are declared."""
    routes = {"get_list", "get"}
    routes |= {
        name
        for name, write in (("post", "add"), ("put", "edit"), ("delete", "remove"))
        if resource.declares(write)
    }
    name = f"{resource.model.__name__}Api"
    return type(
        name,
        (ResourceApi,),
        {
            "resource": resource,
            "resource_name": resource.name,
            "datamodel": SQLAInterface(resource.model),
            "class_permission_name": resource.name,
            "method_permission_name": NEEDS,
            "include_route_methods": routes,
            "list_columns": list(resource.shown),
            "show_columns": list(resource.shown),
            "order_columns": [k for k, m in resource.meanings.items() if m.sort],
            "search_columns": [listing.key_of(resource.model).key],
            "list_model_schema": _output(resource)(),
            "show_model_schema": _output(resource)(),
            "add_model_schema": forms.schema_for(resource.fields, name=f"{name}Add")(),
            "edit_model_schema": forms.schema_for(resource.fields, name=f"{name}Edit")(),
        },
    )


def _output(resource: Resource) -> type[Schema]:
    """What a row looks like, for the OpenAPI document."""
    kinds: dict[str, Callable[[], fields.Field[Any]]] = {
        "choices": lambda: fields.List(fields.String()),
        "integer": fields.Integer,
        "year": fields.Integer,
        "lookup": fields.Integer,
        "decimal": fields.Float,
        "boolean": fields.Boolean,
        "date": fields.Date,
        "moment": fields.DateTime,
    }
    members: dict[str, Any] = {"id": fields.Integer(), "version": fields.Integer()}
    for key in resource.shown:
        members[key] = kinds.get(resource.meanings[key].field.kind, fields.String)()
    return type(f"{resource.model.__name__}Row", (Schema,), members)


def answers(verb: Callable[..., Response]) -> Callable[..., Response]:
    """Turn what a verb refuses into the portal's JSON error; FAB would make a 500 of it."""

    @wraps(verb)
    def answered(self: "PortalApi", *args: Any, **kwargs: Any) -> Response:
        try:
            return verb(self, *args, **kwargs)
        except Refusal as fault:
            return self.response(fault.status, **refusal_json(fault))
        except BadQuery as fault:
            return self.response(400, code="bad_query", message=str(fault))

    return answered


def refusal_json(fault: Refusal) -> dict[str, Any]:
    """The body of a refused call: a code for programs, a sentence for people, a message for each
    field."""
    body: dict[str, Any] = {"code": fault.code, "message": in_words(fault.sentence)}
    if isinstance(fault, Invalid):
        body["errors"] = {name: in_words(sentence) for name, sentence in fault.errors.items()}
    return body


class PortalApi:
    """Errors of every API of the portal are JSON with `code` and `message`."""

    def response(self, status: int, /, **body: Any) -> Response:
        """A JSON answer; FAB's own takes the status as `code` and so cannot carry one."""
        if status >= 400:
            body.setdefault("code", CODES.get(status, "error"))
            body.setdefault("message", "")
        return make_response(jsonify(body), status)

    def response_404(self) -> Response:
        """One sentence for what is not there and for what is not theirs."""
        return self.response(404, message=str(NO_RECORD))

    def response_403(self) -> Response:
        """The role does not permit it."""
        return self.response(403, message=str(_l("Your role does not permit this.")))


class ResourceApi(PortalApi, ModelRestApi):
    """List, get, add, change and remove: FAB's routes and documents over our queries and verbs."""

    resource: Resource
    allow_browser_login = True

    @answers
    def get_list_headless(self, **kwargs: Any) -> Response:
        """One page; `count` is exact up to 1,000 and 1,001 beyond."""
        args = kwargs.get("rison", {})
        columns = self._columns(args)
        filters = [_filter(given) for given in args.get("filters", [])]
        order = _order(args, self.resource.order)
        number = min(max(int(args.get("page", 0)), 0), LAST_PAGE)
        size = min(int(args.get("page_size", 25)), 100)
        size = size if size > 0 else 100
        page = listing.numbered_page(self.resource.model, filters, order, page=number, size=size)
        rows = [present.as_json(self.resource, row, columns) for row in page.rows]
        key = listing.key_of(self.resource.model).key
        return self.response(
            200, result=rows, ids=[getattr(r, key) for r in page.rows], count=page.count
        )

    @answers
    def get_headless(self, pk: int, **kwargs: Any) -> Response:
        """One row."""
        row = listing.find(self.resource.model, pk)
        if row is None:
            return self.response_404()
        columns = self._columns(kwargs.get("rison", {}))
        return self.response(200, id=pk, result=present.as_json(self.resource, row, columns))

    @answers
    def post_headless(self) -> Response:
        """A new row."""
        row = records.create(self.resource.model, self._json())
        return self.response(
            201, id=row.id, result=present.as_json(self.resource, row, self.resource.shown)
        )

    @answers
    def put_headless(self, pk: int) -> Response:
        """The given fields of a row; `version` in the body refuses to overwrite a newer row."""
        values, key = dict(self._json()), self._key(pk)
        version = values.pop("version", None)
        actor = current_actor()
        reveals = actor is not None and actor.may(f"{self.resource.name}.reveal")
        row = records.update(self.resource.model, key, values, version, reveals)
        return self.response(
            200, id=key, result=present.as_json(self.resource, row, self.resource.shown)
        )

    @answers
    def delete_headless(self, pk: int) -> Response:
        """Take a row out."""
        records.remove(self.resource.model, self._key(pk))
        return self.response(200, message=str(_l("Removed.")))

    def _key(self, pk: Any) -> int:
        """The key of a row in scope; FAB hands over what stands in the address."""
        row = listing.find(self.resource.model, pk)
        if row is None:
            raise Missing("missing", NO_RECORD)
        key: int = row.id
        return key

    def _json(self) -> dict[str, Any]:
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            sentence = _l("The body has to be a JSON object.")
            raise Invalid(sentence, {})
        return body

    def _columns(self, args: dict[str, Any]) -> Iterable[str]:
        wanted = args.get("columns") or self.resource.shown
        return [key for key in wanted if key in self.resource.shown]


def _filter(given: dict[str, Any]) -> Filter:
    try:
        return Filter(given["col"], given["opr"], given["value"])
    except KeyError as fault:
        raise BadQuery(f"filters: {fault.args[0]}") from fault


def _order(args: dict[str, Any], default: Order) -> Order:
    column = args.get("order_column")
    return Order(column, args.get("order_direction", "desc") != "asc") if column else default
