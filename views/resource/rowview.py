"""What the page of a row shows besides its columns: what may be done with it, and its children."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l

from app.queries import listing
from app.queries.listing import Filter
from app.queries.names import labels
from app.scope import current_actor
from models.base import Published
from views.resource import present
from views.resource.declaration import Action, Resource

Url = Callable[..., str]
Button = dict[str, Any]


def permits(resource: Resource, action: str) -> bool:
    """Whether the person who is signed in may do this with rows of the resource."""
    actor = current_actor()
    return actor is not None and actor.may(f"{resource.name}.{action}")


def buttons(
    resource: Resource, row: Any, url: Url, actions: Iterable[Action]
) -> list[dict[str, Any]]:
    """The buttons of a row in their order: links, reveal, edit, its verbs, remove."""
    return [
        *_links(resource, row),
        *_editing(resource, row, url),
        *(_verb(a, row, url) for a in actions if allows(row, a) and a.name != "remove"),
        *_removing(resource, row, url),
    ]


def allows(row: Any, action: Action) -> bool:
    """Whether a verb is offered for a row, on its page and in the bar below the list."""
    return action.when(row) and (action.name != "remove" or is_open(row))


def called(resource: Resource, key: int) -> str:
    """What a row is called in a message about it; its key where it has no name."""
    return labels(resource.model, [key]).get(key, str(key))


def is_open(row: Any) -> bool:
    """Whether a row can be changed: what two persons published is taken back before."""
    return not isinstance(row, Published) or row.state == "draft"


def _links(resource: Resource, row: Any) -> Iterator[Button]:
    for label, target in resource.links(row) if resource.links else []:
        yield {"label": label, "url": target, "method": "get"}


def _editing(resource: Resource, row: Any, url: Url) -> Iterator[Button]:
    if resource.has_identity and permits(resource, "reveal"):
        yield {"label": _l("Show the identity number"), "url": url("reveal", pk=row.id)}
    if resource.declares("edit") and permits(resource, "write") and is_open(row):
        yield {"label": _l("Edit"), "url": url("edit", pk=row.id), "tone": "primary"}


def _removing(resource: Resource, row: Any, url: Url) -> Iterator[Button]:
    if resource.declares("remove") and permits(resource, "remove") and is_open(row):
        yield {"label": _l("Remove"), "url": url("delete", pk=row.id), "tone": "bad"}


def _verb(action: Action, row: Any, url: Url) -> Button:
    return {
        "label": action.label,
        "url": f"{url('act')}?ids={row.id}",
        "method": "post",
        "tone": action.tone,
        "confirm": action.confirm or action.label,
        "name": "action",
        "value": action.name,
    }


def children(resource: Resource, siblings: Iterable[Resource], row: Any) -> list[dict[str, Any]]:
    """The rows that lie with this one, ten of each resource, with the way to all of them."""
    table = resource.model.__table__.name
    return [
        _child(child, key, row)
        for child in siblings
        for key, meaning in child.meanings.items()
        if meaning.ref == table and meaning.parent
        if child.screens and child.with_parent and permits(child, "read")
    ]


def _child(child: Resource, key: str, row: Any) -> dict[str, Any]:
    page = listing.keyset_page(child.model, [Filter(key, "eq", row.id)], child.order, size=10)
    columns = [name for name in child.listed if name != key]
    cells = present.as_texts(child, page.rows, columns)
    view = f"{child.model.__name__}Screens"
    adds = child.declares("add") and permits(child, "write")
    return {
        "title": child.label,
        "columns": [{"label": child.meanings[name].field.label} for name in columns],
        "rows": [
            {"id": one.id, "url": url_for(f"{view}.show", pk=one.id), "cells": line}
            for one, line in zip(page.rows, cells, strict=True)
        ],
        "count_text": page.count_text,
        "add_url": url_for(f"{view}.add", **{key: row.id}) if adds else None,
        "more_url": url_for(f"{view}.browse", **{key: row.id}),
    }
