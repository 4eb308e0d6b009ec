"""The generated screens of a resource: list, show, add, edit, remove, verbs, export, reveal."""

from collections.abc import Mapping
from typing import Any

from flask import (
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import scope, vault
from app.queries import listing
from app.rules.fields import FieldSpec
from app.scope import current_actor
from app.services import access, records
from app.services.refusals import Invalid, Refusal
from views.resource import export, files, importing, present
from views.resource.declaration import Action, Resource
from views.resource.listview import list_context
from views.resource.reading import (
    begun,
    chosen,
    filter_args,
    filters_of,
    optional_identity,
    order_of,
    own_region,
    reference_texts,
    seen,
    typed,
)
from views.resource.rowview import buttons, called, children, permits
from views.texts import in_words

# which permission each screen needs; a resource without the write has no such route at all
NEEDS = {
    "browse": "read",
    "show": "read",
    "add": "write",
    "edit": "write",
    "delete": "remove",
    "export": "export",
    "find": "read",
    "reveal": "reveal",
    "act": "read",  # each verb asks for its own permission besides
    **files.NEEDS,
    **importing.NEEDS,
}


def screens(resource: Resource, siblings: Mapping[str, Resource]) -> type[BaseView]:
    """The view class of a resource; `siblings` are all resources by the name of their table."""
    routes = {"browse", "show", "export", "act"}
    routes |= {
        name
        for name, write in (("add", "add"), ("edit", "edit"), ("delete", "remove"))
        if resource.declares(write)
    }
    if resource.has_identity:
        routes |= {"reveal", "find"}
    if resource.declares("import"):
        routes |= importing.NEEDS.keys()
    if files.has_files(resource):
        routes |= files.NEEDS.keys()
    return type(
        f"{resource.model.__name__}Screens",
        (ResourceView,),
        {
            "resource": resource,
            "siblings": siblings,
            "route_base": f"/{resource.name}",
            "class_permission_name": resource.name,
            "method_permission_name": NEEDS,
            "include_route_methods": routes,
        },
    )


class ResourceView(files.FileScreens, importing.ImportScreens):
    """Every screen of every resource; a model adds nothing here, it says more about itself."""

    resource: Resource
    siblings: Mapping[str, Resource]

    @expose("/list/")
    @has_access
    def browse(self) -> Any:
        """One page of the rows in scope, with the filters and the order of the URL."""
        filters, order = filters_of(self.resource), order_of(self.resource)
        after, before = request.args.get("after"), request.args.get("before")
        model = self.resource.model
        page = listing.keyset_page(model, filters, order, after=after, before=before)
        may_add = self.resource.declares("add") and self._may("write")
        return self.render_template(
            "resource/list.html",
            **list_context(self.resource, page, filters, order, self._url, self._actions()),
            add_url=self._url("add") if may_add else None,
            export_url=self._url("export", **filter_args()) if self._may("export") else None,
            import_url=self.import_url(),
            links=self._list_links(),
        )

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: str) -> Any:
        """One row with its files, its children and what may be done with it."""
        return self.page_of(pk, [])

    def page_of(self, pk: Any, refused: files.Refused) -> Any:
        """The page of a row, after an upload with what was refused of it."""
        row = self._row(pk)
        columns = self.resource.shown
        cells = present.as_texts(self.resource, [row], columns)[0]
        labels = [self.resource.meanings[key].field.label for key in columns]
        return self.render_template(
            "resource/show.html",
            title=present.title(self.resource, row),
            note=self.resource.singular,
            crumbs=[(self.resource.label, self._url("browse"))],
            sections=[{"title": None, "pairs": list(zip(labels, cells, strict=True))}],
            actions=buttons(self.resource, row, self._url, self._actions()),
            attached=files.section(self.resource, row, type(self).__name__, refused),
            children=children(self.resource, self.siblings.values(), row),
        )

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        """The form of a new row; what was typed survives every refusal."""
        specs = self.resource.fields
        values = begun(self.resource)
        values["region_code"] = values.get("region_code") or own_region()
        if request.method == "GET":
            return self._form(_l("Add"), specs, values, {})
        try:
            row = records.create(self.resource.model, typed(specs))
        except Refusal as fault:
            return self._form(_l("Add"), specs, typed(specs), fault.errors), fault.status
        flash(_("Saved."), "success")
        return redirect(self._url("show", pk=row.id))

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        """The form of a row; a version that is no longer the row's is refused, not overwritten."""
        row = self._row(pk)
        specs, version = self._editable(), request.form.get("version", row.version)
        if request.method == "GET":
            values = {spec.name: getattr(row, spec.name, None) for spec in specs}
            return self._form(_l("Edit"), specs, values, {}, version, row)
        values = typed(specs)
        if not values.get(records.IDENTITY):
            values.pop(records.IDENTITY, None)  # left empty means left as it is
        try:
            records.update(self.resource.model, row.id, values, seen(), self._reveals())
        except Refusal as fault:
            return self._form(_l("Edit"), specs, values, fault.errors, version, row), fault.status
        flash(_("Saved."), "success")
        return redirect(self._url("show", pk=pk))

    @expose("/delete/<pk>", methods=["GET", "POST"])
    @has_access
    def delete(self, pk: str) -> Any:
        """Asks first, then removes."""
        row = self._row(pk)
        if request.method == "POST":
            records.remove(self.resource.model, row.id, seen())
            flash(_("Removed."), "success")
            return redirect(self._url("browse"))
        return self.render_template(
            "resource/delete.html",
            title=_("Remove this record?"),
            subject=str(getattr(row, row.__label__)),
            warning=_("It cannot be brought back. The removal itself stays on record."),
            hidden={"version": row.version},
            cancel_url=self._url("show", pk=pk),
        )

    @expose("/act", methods=["POST"])
    @has_access
    def act(self) -> Any:
        """One verb on the chosen rows: each its own transaction, the rest goes on when one is
        refused."""
        action = next((a for a in self._actions() if a.name == request.form.get("action")), None)
        if action is None:
            abort(403)
        keys = chosen()
        if not keys:
            flash(_("Choose at least one record."), "warning")
            return redirect(self._url("browse"))
        done = sum(self._acted(action, key) for key in keys)
        if done:
            flash(_("%(label)s: %(count)s done.", label=action.label, count=done), "success")
        return redirect(
            self._url("show", pk=keys[0])
            if len(keys) == 1 and action.name != "remove"
            else self._url("browse")
        )

    @expose("/export.csv")
    @has_access
    def export(self) -> Any:
        """Every row in scope under the filters of the URL, as CSV that a spreadsheet opens in
        Chinese."""
        filters, order = filters_of(self.resource), order_of(self.resource)
        rows = listing.stream(self.resource.model, filters, order)
        access.exported(self.resource.name, filters)
        lines = stream_with_context(scope.streamed(export.lines(self.resource, rows)))
        disposition = f"attachment; filename={self.resource.name}.csv"
        return Response(lines, mimetype="text/csv", headers={"Content-Disposition": disposition})

    @expose("/reveal/<pk>", methods=["GET", "POST"])
    @has_access
    def reveal(self, pk: str) -> Any:
        """The identity number in clear, after a reason that goes on record."""
        row = self._row(pk)
        reason = FieldSpec(name="reason", kind="text", label=_l("Reason"), min=4, max=200)
        errors: Mapping[str, Any] = {}
        pairs = [(_l("Identity number"), row.id_number_masked)]
        if request.method == "POST":
            try:
                number = records.reveal(self.resource.model, row.id, request.form.get("reason", ""))
                pairs = [(_l("Identity number"), number)]
            except Invalid as fault:
                errors = fault.errors
        return self.render_template(
            "resource/form.html",
            title=_("Show the identity number"),
            note=_("Your reason, your name and the time go on record."),
            crumbs=[
                (self.resource.label, self._url("browse")),
                (row.name, self._url("show", pk=pk)),
            ],
            known=pairs,
            sections=[{"title": None, "fields": [reason]}],
            values=request.form,
            errors=errors,
            submit_label=_("Show"),
            cancel_url=self._url("show", pk=pk),
        )

    @expose("/find", methods=["GET", "POST"])
    @has_access
    def find(self) -> Any:
        """Find a row by its identity number, which never stands in an address or a log."""
        if request.method == "POST":
            number = request.form.get("id_number", "")
            return redirect(self._url("browse", identity=vault.digest(number)))
        field = FieldSpec(name="id_number", kind="id_number", label=_l("Identity number"))
        return self.render_template(
            "resource/form.html",
            title=_("Find by identity number"),
            crumbs=[(self.resource.label, self._url("browse"))],
            sections=[{"title": None, "fields": [field]}],
            submit_label=_("Search"),
            cancel_url=self._url("browse"),
        )

    # what the screens are put together from

    def _list_links(self) -> list[tuple[Any, str]]:
        found = list(self.resource.list_links() if self.resource.list_links else [])
        if self.resource.has_identity:
            found.append((_l("Find by identity number"), self._url("find")))
        return found

    def _url(self, screen: str, **values: Any) -> str:
        return url_for(f"{type(self).__name__}.{screen}", **values)

    def _row(self, pk: str) -> Any:
        return listing.find(self.resource.model, pk) or abort(404)

    def _may(self, action: str) -> bool:
        return permits(self.resource, action)

    def _reveals(self) -> bool:
        return self._may("reveal")

    def _editable(self) -> list[FieldSpec]:
        hidden = frozenset() if self._reveals() else self.resource.masked
        return [
            spec if spec.name != records.IDENTITY else optional_identity(spec)
            for spec in self.resource.fields
            if spec.name not in hidden
        ]

    def _actions(self) -> list[Action]:
        actor = current_actor()
        held = [a for a in self.resource.actions if actor and actor.may(a.permission)]
        if self.resource.declares("remove") and self._may("remove"):
            verb = lambda key: records.remove(self.resource.model, key)  # noqa: E731
            held.append(
                Action(
                    "remove",
                    _l("Remove"),
                    verb,
                    f"{self.resource.name}.remove",
                    _l("Remove the chosen records?"),
                    "bad",
                )
            )
        return held

    def _acted(self, action: Action, key: int) -> bool:
        try:
            remarks = action.verb(key)
        except Refusal as fault:
            why = " ".join(in_words(one) for one in fault.errors.values())
            flash(f"{called(self.resource, key)}: {why}", "danger")
            return False
        for remark in remarks if isinstance(remarks, tuple) else ():
            flash(in_words(remark), "warning")
        return True

    def _form(
        self,
        verb: Any,
        specs: list[FieldSpec],
        values: Mapping[str, Any],
        errors: Mapping[str, Any],
        version: Any = None,
        row: Any = None,
    ) -> str:
        crumbs, back = [(self.resource.label, self._url("browse"))], self._url("browse")
        if row is not None:
            back = self._url("show", pk=row.id)
            crumbs.append((present.title(self.resource, row), back))
        return render_template(
            "resource/form.html",
            title=f"{verb} · {self.resource.singular}",
            crumbs=crumbs,
            sections=[{"title": None, "fields": specs}],
            values=values,
            errors=errors,
            texts=reference_texts(specs, values),
            hidden={"version": version} if version is not None else None,
            cancel_url=back,
        )
