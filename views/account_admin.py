"""Opening accounts of lower offices and giving them new initial passwords."""

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.queries import listing, names
from app.scope import current_actor
from app.services import accounts
from app.services.refusals import Invalid, Refusal
from models.account import Account
from models.worker import Worker
from views.guard import permitted
from views.resource.declaration import Action

ACTIONS = (
    Action(
        "switch_off",
        _l("Switch off"),
        lambda key: accounts.set_active(key, False),
        "accounts.manage",
        _l("Nobody will be able to sign in with it. Continue?"),
        "bad",
        when=lambda row: bool(row.active),
    ),
    Action(
        "switch_on",
        _l("Switch on"),
        lambda key: accounts.set_active(key, True),
        "accounts.manage",
        _l("Let people sign in with it again?"),
        when=lambda row: not row.active,
    ),
)


def links(row: Any) -> list[tuple[Any, str]]:
    """The further buttons of an account's page."""
    actor = current_actor()
    if actor is None or not actor.may("accounts.manage"):
        return []
    person = (_l("On the roster"), url_for("AccountAdmin.person", key=row.id))
    password = (_l("New initial password"), url_for("AccountAdmin.password", key=row.id))
    return [person, password] if accounts.decides(row) else [password]


def list_links() -> list[tuple[Any, str]]:
    """The further buttons of the list of accounts."""
    actor = current_actor()
    may = actor is not None and actor.may("accounts.manage")
    return [(_l("Open an account"), url_for("AccountAdmin.open"))] if may else []


class AccountAdmin(BaseView):
    """What the generated account screens leave to a verb."""

    route_base = "/accounts"

    @expose("/open", methods=["GET", "POST"])
    @permitted("accounts.manage")
    def open(self) -> Any:
        """The form of a new account; the initial password is shown once."""
        errors: dict[str, Any] = {}
        if request.method == "POST":
            try:
                account, password = accounts.open_account(_typed())
            except Refusal as fault:
                errors = fault.errors
            else:
                return self._told(account.username, password, account.id)
        page = render_template(
            "resource/form.html",
            title=_("Open an account"),
            note=_("You can give the roles of the offices below yours."),
            crumbs=[(_l("Accounts"), url_for("AccountScreens.browse"))],
            sections=[{"title": None, "fields": accounts.grantable()}],
            values=request.form,
            errors=errors,
            texts={"region_code": names.region_names([code]).get(code)}
            if (code := request.form.get("region_code"))
            else {},
            cancel_url=url_for("AccountScreens.browse"),
        )
        return page, 422 if errors else 200

    @expose("/password/<int:key>", methods=["GET", "POST"])
    @permitted("accounts.manage")
    def password(self, key: int) -> Any:
        """A new initial password, after a question."""
        account = listing.find(Account, key) or abort(404)
        if request.method == "POST":
            return self._told(account.username, accounts.new_password(key), key)
        return render_template(
            "resource/delete.html",
            title=_("New initial password"),
            crumbs=[
                (_l("Accounts"), url_for("AccountScreens.browse")),
                (account.username, url_for("AccountScreens.show", pk=key)),
            ],
            subject=account.username,
            warning=_("The present password and every open session end at once."),
            submit_label=_("Make a new password"),
            cancel_url=url_for("AccountScreens.show", pk=key),
        )

    @expose("/person/<int:key>", methods=["GET", "POST"])
    @permitted("accounts.manage")
    def person(self, key: int) -> Any:
        """Who of the roster stands behind the account of an office."""
        account = listing.find(Account, key) or abort(404)
        shown = url_for("AccountScreens.show", pk=key)
        typed = request.form.get(accounts.PERSON.name) if request.method == "POST" else None
        errors: Mapping[str, Any] = {}
        if typed is not None:
            try:
                accounts.name_person(key, {accounts.PERSON.name: typed})
            except Invalid as fault:
                errors = fault.errors
            else:
                flash(_("The account has been changed."), "success")
                return redirect(shown)
        at = account.person_id if typed is None else typed
        page = render_template(
            "resource/form.html",
            title=account.display_name,
            crumbs=[(_l("Accounts"), url_for("AccountScreens.browse")), (account.username, shown)],
            sections=[{"title": None, "fields": [accounts.PERSON]}],
            values={accounts.PERSON.name: at},
            errors=errors,
            texts={accounts.PERSON.name: person.name}
            if at and (person := listing.find(Worker, at))
            else {},
            cancel_url=shown,
        )
        return page, 422 if errors else 200

    def _told(self, username: str, password: str, key: int) -> str:
        flash(_("Write the password down now: it is shown once and kept nowhere."), "warning")
        return render_template(
            "resource/show.html",
            title=username,
            note=_("It has to be changed at the first sign-in."),
            crumbs=[(_l("Accounts"), url_for("AccountScreens.browse"))],
            sections=[
                {
                    "title": None,
                    "pairs": [(_l("User name"), username), (_l("Initial password"), password)],
                }
            ],
            actions=[
                {
                    "label": _l("Open"),
                    "url": url_for("AccountScreens.show", pk=key),
                    "method": "get",
                }
            ],
        )


def _typed() -> dict[str, Any]:
    return {spec.name: request.form.get(spec.name) for spec in accounts.grantable()}
