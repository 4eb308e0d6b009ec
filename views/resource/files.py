"""The files of a row on its generated page: shown to whoever sees the row, attached and taken out
while it is a draft."""

from collections.abc import Callable
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _

from app.documents.attachments import ACCEPTED
from app.queries import attachments as kept
from app.queries import listing
from app.rules.words import Words
from app.services import attachments
from app.services.refusals import Invalid
from views import downloads
from views.guard import receives
from views.resource.declaration import Resource
from views.resource.rowview import is_open, permits

Refused = list[tuple[str, Any]]
NAMED = Words("{name}：{sentence}", "{name}: {sentence}")


def has_files(resource: Resource) -> bool:
    """Whether rows of the resource may have files: its model has a class of files."""
    return kept.file_model(resource.model) is not None


def section(resource: Resource, row: Any, view: str, refused: Refused) -> dict[str, Any] | None:
    """What the page of a row says of its files; None where rows have none."""
    if not has_files(resource):
        return None
    changes = resource.declares("edit") and permits(resource, "write") and is_open(row)
    at = {"pk": row.id}
    return {
        "files": [
            downloads.told(one, url_for(f"{view}.file", **at, file=one.id))
            | {"detach_url": url_for(f"{view}.detach", **at, file=one.id) if changes else None}
            for one in kept.of_row(row)
        ],
        "attach_url": url_for(f"{view}.attach", **at) if changes else None,
        "accepted": ACCEPTED,
        "most": attachments.MOST,
        "refused": [NAMED.fill(name=name, sentence=said) for name, said in refused],
    }


NEEDS = {"file": "read", "attach": "write", "detach": "write"}
"""Which permission each screen needs."""


class FileScreens(BaseView):
    """The screens of files; a resource whose rows have none has no such routes."""

    resource: Resource
    page_of: Callable[[Any, Refused], Any]
    """The page of a row, with what was refused; a method of the class that has these screens."""

    @expose("/file/<pk>/<int(max=2147483647):file>")
    @has_access
    def file(self, pk: str, file: int) -> Response:
        """A file of a row in scope, before it is published as well; what a browser can show it
        shows."""
        row = listing.find(self.resource.model, pk) or abort(404)
        found = kept.one(row, file) or abort(404)
        return downloads.attachment(found, shown=True)

    @expose("/attach/<pk>", methods=["POST"])
    @has_access
    @receives(64)
    def attach(self, pk: str) -> Any:
        """Attach the chosen files; each that is refused is told with its reason, the others are
        kept."""
        row = listing.find(self.resource.model, pk) or abort(404)
        chosen = [one for one in request.files.getlist(attachments.FIELD) if one.filename]
        refused: Refused = []
        for one in chosen:
            name = one.filename or ""
            try:
                attachments.attach(self.resource.model, row.id, name, one.read())
            except Invalid as fault:
                refused.append((name, fault.sentence))
        if not chosen:
            flash(_("Choose a file first."), "warning")
        elif len(chosen) > len(refused):
            flash(_("Attached: %(count)s.", count=len(chosen) - len(refused)), "success")
        if refused:
            return self.page_of(row.id, refused), 422
        return redirect(url_for(f"{type(self).__name__}.show", pk=pk))

    @expose("/detach/<pk>/<int(max=2147483647):file>", methods=["POST"])
    @has_access
    def detach(self, pk: str, file: int) -> Any:
        """Take a file out."""
        row = listing.find(self.resource.model, pk) or abort(404)
        attachments.detach(self.resource.model, row.id, file)
        flash(_("Taken out."), "success")
        return redirect(url_for(f"{type(self).__name__}.show", pk=pk))
