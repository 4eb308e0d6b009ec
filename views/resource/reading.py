"""Reading a request for a resource: typed values, filters, order, and links back to
the same page."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext as _l

from app.queries import names
from app.queries.listing import BadQuery, Filter, Order
from app.rules.fields import FieldSpec
from app.scope import current_actor
from app.services.refusals import Conflict
from models.columns import Semantics
from views.resource.declaration import Resource

UNSEEN = _l(
    "This page did not say which state of the record you saw, so nothing was done. Look at it as "
    "it is now and repeat your step."
)


def typed(specs: list[FieldSpec]) -> dict[str, Any]:
    """What a form sent for these fields, as text; absent ones are None."""
    return {
        spec.name: request.form.getlist(spec.name)
        if spec.kind == "choices"
        else request.form.get(spec.name)
        for spec in specs
    }


def begun(resource: Resource) -> dict[str, Any]:
    """What the form of a new row says before anything is typed: what the address names, else what
    the row would be given (a figure is left for its writer)."""
    columns = resource.model.__mapper__.columns
    by_itself = ("boolean", "choice", "date")
    given: dict[str, Any] = {
        spec.name: getattr(columns.get(spec.name), "default", None)
        for spec in resource.fields
        if spec.kind in by_itself
    }
    values = {
        name: default.arg(None) if default.is_callable else default.arg
        for name, default in given.items()
        if default is not None
    }
    named = {spec.name: request.args.get(spec.name) for spec in resource.fields}
    return {name: value or values.get(name) for name, value in named.items()}


def optional_identity(spec: FieldSpec) -> FieldSpec:
    """The identity number in the form of a present row."""
    return replace(spec, required=False, help=_l("Leave empty to keep the present number."))


def integer(text: Any) -> int | None:
    """A key or a version from a request, up to nine digits, or None."""
    # str.isdigit alone takes signs such as a superscript two, which int refuses
    return int(text) if re.fullmatch(r"[0-9]{1,9}", str(text)) else None


def seen() -> int:
    """The version of the row that a form was filled in before; raises Conflict for a form that does
    not say it, because nobody knows then what its sender saw."""
    version = integer(request.form.get("version"))
    if version is None:
        raise Conflict("unseen", UNSEEN)
    return version


def chosen(most: int = 1000) -> list[int]:
    """The keys that are ticked in a list, at most so many; what is no key is left out."""
    keys = map(integer, request.values.getlist("ids")[:most])
    return [key for key in keys if key is not None]


def day(name: str) -> date | None:
    """A day of the address; raises BadQuery for what is none."""
    text = request.args.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as fault:
        raise BadQuery(f"{name}: {text}") from fault


def filters_of(resource: Resource) -> list[Filter]:
    """The filters of the URL; raises BadQuery for one that the model does not declare."""
    found = []
    for name, value in request.args.items():
        meaning = resource.meanings.get(name)
        if value == "" or (meaning is None and name != "identity"):
            continue
        operator = "sw" if meaning is not None and meaning.find == "prefix" else "eq"
        found.append(Filter(name, operator, value.strip()))
    return found


def order_of(resource: Resource) -> Order:
    """The order of the URL, else the resource's own."""
    column = request.args.get("order")
    return Order(column, request.args.get("direction") != "asc") if column else resource.order


def filter_args() -> dict[str, str]:
    """The filters and the order of this page for a link, which begins at the first page again."""
    # url_for would take the middle names, and all that begin with "_", for its own
    left_out = ("after", "before", "endpoint", "screen", "values")
    return {k: v for k, v in request.args.items() if not k.startswith("_") and k not in left_out}


def here(**changes: Any) -> str:
    """This page with other query arguments."""
    args = {**filter_args(), **changes}
    return url_for(request.endpoint or "", **{k: v for k, v in args.items() if v not in (None, "")})


def label_of(resource: Resource, name: str) -> Any:
    """The label of a filter."""
    meaning = resource.meanings.get(name)
    return meaning.field.label if meaning else _l("Identity number")


def head(meaning: Semantics, name: str, order: Order) -> dict[str, Any]:
    """One column's head, with the link that sorts by it."""
    sorted_here = order.column == name
    direction = "asc" if sorted_here and order.descending else "desc"
    return {
        "label": meaning.field.label,
        "sort_url": here(order=name, direction=direction) if meaning.sort else None,
        "sorted": ("desc" if order.descending else "asc") if sorted_here else None,
        "right": meaning.field.kind in ("integer", "decimal"),
        "whole": meaning.field.kind in ("date", "moment"),
    }


def reference_texts(specs: Any, values: Mapping[str, Any]) -> dict[str, str]:
    """What the codes and keys in a form mean, for the fields that are looked up."""
    found = {}
    for spec in specs:
        value = values.get(spec.name)
        if value in (None, ""):
            continue
        if spec.kind == "region":
            found[spec.name] = names.region_names([str(value)]).get(str(value), "")
        elif (
            spec.kind == "lookup"
            and (key := integer(value)) is not None
            and (model := names.model_of(spec.lookup))
        ):
            found[spec.name] = names.labels(model, [key]).get(key, "")
    return found


def own_region() -> str | None:
    """The region of the person who is signed in: where most of what they write belongs."""
    actor = current_actor()
    return actor.region_code if actor else None
