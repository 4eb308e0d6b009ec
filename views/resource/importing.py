"""Taking a table in: an upload is tried and kept nowhere, and what came of it is shown before
anything is written."""

import json
import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from cryptography.fernet import InvalidToken
from flask import Response, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import vault
from app.scope import current_actor
from app.services import imports, sheets
from app.services.imports import MOST, Line, Rows
from app.services.refusals import Invalid
from views.guard import receives
from views.resource import export
from views.resource.declaration import Resource
from views.resource.rowview import permits
from views.texts import in_words

NO_FILE = _l("Choose a file.")
STATES = {
    "new": (_l("To be taken in"), "good"),
    "known": (_l("There already, stays as it is"), "idle"),
    "refused": (_l("Not to be taken in"), "bad"),
}
DONE = {**STATES, "new": (_l("Taken in"), "good")}
SHOWN = 200
"""Lines of a page, the refused ones first."""


NEEDS = {"bring": "import", "blank": "import"}
"""Which permission each screen needs."""


class ImportScreens(BaseView):
    """The screens of an import; a resource that takes none in has no such routes."""

    resource: Resource

    @expose("/import", methods=["GET", "POST"])
    @has_access
    @receives(4)
    def bring(self) -> Any:
        """The form; then, with a file, the trial; then, with what was tried, the import."""
        if request.method == "GET":
            return self._import_page()
        name = self.resource.name
        if sealed := request.form.get("tried"):
            rows = _unsealed(sealed, name)
            if rows is None:
                flash(_("This trial is not yours or is damaged. Choose the file again."), "danger")
                return redirect(url_for(f"{type(self).__name__}.bring"))
            return self._import_page(lines=imports.take(name, rows), words=DONE)
        try:
            rows = imports.few(imports.IMPORTED[name], sheets.table(_uploaded()))
        except Invalid as fault:
            return self._import_page(error=fault.errors[sheets.FIELD]), fault.status
        lines = imports.trial(name, rows)
        found = any(line.state == "new" for line in lines)
        return self._import_page(lines=lines, tried=_sealed(name, rows) if found else None)

    @expose("/import/blank.csv")
    @has_access
    def blank(self) -> Response:
        """The headings of the table, as a spreadsheet opens them."""
        asked = imports.columns(imports.IMPORTED[self.resource.name])
        text = "\ufeff" + export.written([[in_words(column.heading) for column in asked]])
        disposition = f"attachment; filename={self.resource.name}.csv"
        return Response(text, mimetype="text/csv", headers={"Content-Disposition": disposition})

    def import_url(self) -> str | None:
        """Where a table is taken in, for whoever may."""
        if not (self.resource.declares("import") and permits(self.resource, "import")):
            return None
        return url_for(f"{type(self).__name__}.bring")

    def _import_page(
        self,
        error: Any = None,
        lines: Sequence[Line] = (),
        tried: str | None = None,
        words: Any = STATES,
    ) -> str:
        view = type(self).__name__
        counts = Counter(line.state for line in lines)
        ordered = sorted(lines, key=lambda line: (line.state != "refused", line.number))
        return render_template(
            "resource/import.html",
            title=f"{_('Import')} · {self.resource.label}",
            crumbs=[(self.resource.label, url_for(f"{view}.browse"))],
            import_url=url_for(f"{view}.bring"),
            blank_url=url_for(f"{view}.blank"),
            back_url=url_for(f"{view}.browse"),
            most=MOST,
            columns=[_told(one) for one in imports.columns(imports.IMPORTED[self.resource.name])],
            error=error,
            figures=[(words[state][0], counts[state]) for state in words] if lines else [],
            new=counts["new"],
            lines=[_shown(line, words) for line in ordered[:SHOWN]],
            more=max(0, len(lines) - SHOWN),
            tried=tried,
        )


def _uploaded() -> bytes:
    upload = request.files.get(sheets.FIELD)
    if upload is None or not upload.filename:
        raise Invalid.at(sheets.FIELD, NO_FILE)
    data: bytes = upload.stream.read()
    return data


def _told(column: imports.Column) -> dict[str, Any]:
    """A column as the page explains it: what it is called, whether it is needed, its entries."""
    entries = [in_words(choice.label) for choice in column.spec.choices]
    kinds = {"boolean": [_("Yes"), _("No")], "date": ["2020-07-01"], "region": ["410105"]}
    return {
        "heading": column.heading,
        "needed": column.spec.required,
        "entries": entries or kinds.get(column.spec.kind, []),
    }


def _shown(line: Line, words: Any) -> dict[str, Any]:
    label, tone = words[line.state]
    faults = [
        f"{in_words(heading)}: {in_words(said)}" if heading else in_words(said)
        for heading, said in line.faults
    ]
    return {
        "number": line.number,
        "cells": " · ".join(line.shown),
        "state": label,
        "tone": tone,
        "faults": faults,
    }


def _sealed(name: str, rows: Rows) -> str:
    """What was tried, for the form of this account alone: identity numbers are never in clear."""
    said = json.dumps([_mine(name), rows], ensure_ascii=False).encode()
    return vault.seal_bytes(zlib.compress(said)).decode()


def _unsealed(sealed: str, name: str) -> Rows | None:
    """What this account tried; None for anything else."""
    try:
        whose, rows = json.loads(zlib.decompress(vault.unseal_bytes(sealed.encode())))
    except InvalidToken:
        return None
    return [(number, cells) for number, cells in rows] if whose == _mine(name) else None


def _mine(name: str) -> list[Any]:
    actor = current_actor()
    return [name, actor.account_id if actor else None]
