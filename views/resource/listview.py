"""What the list page of a resource shows: rows as cells, filters that can be taken off, links to
its neighbours."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask import request

from app.queries import listing
from app.queries.listing import Filter, Order
from app.rules.fields import FieldSpec
from views.resource import present
from views.resource.declaration import Action, Resource
from views.resource.reading import head, here, label_of, reference_texts
from views.resource.rowview import allows

Url = Callable[..., str]


def list_context(
    resource: Resource,
    page: listing.Page,
    filters: Iterable[Filter],
    order: Order,
    url: Url,
    actions: Sequence[Action],
) -> dict[str, Any]:
    """The context of resource/list.html; of the verbs, those that a row of the page allows."""
    values = {one.column: one.value for one in filters}
    rows = _rows(resource, page, url, actions)
    return {
        "title": resource.label,
        "search": _search(resource, values),
        "filters": resource.filtered,
        "filter_values": values,
        "keep": {k: v for k, v in request.args.items() if k in ("order", "direction")},
        "clear_url": url("browse"),
        "columns": [head(resource.meanings[name], name, order) for name in resource.listed],
        "rows": rows,
        "actions": [one for one in actions if any(one.name in row["verbs"] for row in rows)],
        "action_url": url("act"),
        "count_text": page.count_text,
        "prev_url": page.before is not None and here(before=page.before, after=None),
        "next_url": page.after is not None and here(after=page.after, before=None),
        **_active(resource, values, _shared(resource, rows)),
    }


def _search(resource: Resource, values: dict[str, Any]) -> dict[str, Any] | None:
    name = resource.searched
    if name is None:
        return None
    label = resource.meanings[name].field.label
    return {"name": name, "value": values.get(name), "placeholder": label}


def _rows(
    resource: Resource, page: listing.Page, url: Url, actions: Sequence[Action]
) -> list[dict[str, Any]]:
    key = listing.key_of(resource.model).key
    cells = present.as_texts(resource, page.rows, resource.listed)
    return [
        {
            "id": getattr(row, key),
            "url": url("show", pk=getattr(row, key)),
            "cells": line,
            "verbs": [one.name for one in actions if allows(row, one)],
        }
        for row, line in zip(page.rows, cells, strict=True)
    ]


def _shared(resource: Resource, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What every row says alike under a filter by what it points at: no second look is needed."""
    return dict(zip(resource.listed, rows[0]["cells"], strict=True)) if rows else {}


def _active(resource: Resource, values: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    known = {s.name: shared[s.name] for s in resource.filtered if _pointing(s, values, shared)}
    asked = [s for s in resource.filtered if s.name in values and s.name not in known]
    texts = {**reference_texts(asked, values), **known}
    active = [
        {
            "label": label_of(resource, name),
            "text": texts.get(name) or _said(resource, name, value),
            "remove_url": here(**{name: None}),
        }
        for name, value in values.items()
        if name != resource.searched
    ]
    return {"active_filters": active, "filter_texts": texts}


def _pointing(spec: FieldSpec, values: dict[str, Any], shared: dict[str, Any]) -> bool:
    return spec.kind == "lookup" and spec.name in values and bool(shared.get(spec.name))


def _said(resource: Resource, name: str, value: Any) -> Any:
    meaning = resource.meanings.get(name)
    if meaning is None:
        return "…"
    choice = meaning.field.choice(str(value))
    return choice.label if choice else value
