"""One's own account: how to sign in to it, the telephone, 实名认证 and 一键授权."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.queries import own
from app.rules import identifiers
from app.rules.identifiers import check_phone
from app.rules.words import Words
from app.services import codes, consents, identification, identities, recovery, roster
from app.services.identities import Person
from app.services.joining import PHONE
from app.services.refusals import Conflict, Invalid
from models.account import Account
from views.codes import NO_PHONE
from views.entrance import count_try, forget, keep, kept, limited, onward, safe
from views.guard import permitted, signed_in
from views.identity import given
from views.joining import code_page, step_page
from views.texts import in_words, moment

PROVED = "phone_change"
_CHANGE = _l("Change the telephone")


class OwnAccount(BaseView):
    """我的账号."""

    route_base = "/account"

    @expose("/")
    @signed_in
    def overview(self) -> Any:
        """How one signs in, and what is known of who one is."""
        account = recovery.own()
        links = identities.linked(account.id)
        return render_template(
            "account/overview.html",
            pairs=_pairs(account),
            person=own.worker() if account.worker_id else None,
            linked=[
                {
                    "name": one.name,
                    "at": moment(links[code].created_at) if code in links else None,
                    "url": url_for("Identity.go", provider=code, next=url_for(".overview")),
                }
                for code, one in identities.providers().items()
                if account.worker_id
            ],
            urls={
                "password": url_for("Password.change"),
                "phone": url_for(".phone"),
                "identity": url_for(".identity"),
            },
        )

    @expose("/phone", methods=["GET", "POST"])
    @limited
    @signed_in
    def phone(self) -> Any:
        """First the proof of what there is: a code to the present telephone, or the password."""
        account = recovery.own()
        if request.method == "POST" and account.phone_proved_at:
            recovery.ask_old()
            return redirect(url_for(".old_phone"))
        errors: Mapping[str, Any] = {}
        if request.method == "POST":
            try:
                recovery.present_password(request.form.get("current", ""))
            except Invalid as fault:
                errors = fault.errors
            else:
                keep(PROVED, {"account": account.id})
                return redirect(url_for(".new_phone"))
        phone = identifiers.mask_phone(account.phone or "") if account.phone_proved_at else None
        page = render_template(
            "account/phone.html", present=phone, crumbs=_crumbs(_CHANGE), errors=errors
        )
        return page, 422 if errors else 200

    @expose("/phone/present", methods=["GET", "POST"])
    @limited
    @signed_in
    def old_phone(self) -> Any:
        """The code that went to the present telephone."""
        account = recovery.own()
        if not account.phone_proved_at:
            return redirect(url_for(".phone"))
        errors: Mapping[str, Any] = {}
        if request.method == "POST":
            try:
                recovery.prove_old(request.form.get("code", ""))
            except Invalid as fault:
                errors = fault.errors
            else:
                keep(PROVED, {"account": account.id})
                return redirect(url_for(".new_phone"))
        page = _code_page(account.phone or "", errors, "1 / 3", "OwnAccount.phone")
        return page, 422 if errors else 200

    @expose("/phone/new", methods=["GET", "POST"])
    @limited
    @signed_in
    def new_phone(self) -> Any:
        """The new number, which gets a code too."""
        if not _proved():
            return redirect(url_for(".phone"))
        phone, errors = request.form.get("phone", "").strip(), {}
        if request.method == "POST":
            if check_phone(phone) is None:
                count_try(phone)
                codes.ask("new_phone", phone)
                keep(PROVED, {"account": recovery.own().id, "new": phone})
                return redirect(url_for(".confirm_phone"))
            errors = {"phone": NO_PHONE}
        page = step_page(
            in_words(_CHANGE),
            step="2 / 3",
            crumbs=_crumbs(_CHANGE),
            fields=[PHONE],
            values={"phone": phone},
            errors=errors,
            submit_label=_l("Send the code"),
        )
        return page, 422 if errors else 200

    @expose("/phone/confirm", methods=["GET", "POST"])
    @limited
    @signed_in
    def confirm_phone(self) -> Any:
        """The code that went to the new number."""
        new = (_proved() or {}).get("new")
        if not new:
            return redirect(url_for(".phone"))
        errors: Mapping[str, Any] = {}
        if request.method == "POST":
            try:
                recovery.change_phone(new, request.form.get("code", ""))
            except Invalid as fault:
                errors = fault.errors
            except Conflict as fault:
                errors = {"": fault.sentence}
            else:
                forget(PROVED)
                flash(_("Your telephone has been changed."), "success")
                return redirect(url_for(".overview"))
        page = _code_page(new, errors, "3 / 3", "OwnAccount.new_phone")
        return page, 422 if errors else 200

    @expose("/identity", methods=["GET", "POST"])
    @limited
    @permitted("applications.apply")
    def identity(self) -> Any:
        """实名认证: by the roster, or by a provider (BJ-05, BJ-06)."""
        errors: Mapping[str, Any] = {}
        values = {spec.name: request.form.get(spec.name) for spec in roster.WHO}
        onto = safe(request.args.get("next", ""), "OwnAccount.overview")
        if request.method == "POST":
            try:
                count_try(str(values["id_number"]))
                identification.by_papers(values)
            except Invalid as fault:
                errors = fault.errors
            else:
                flash(in_words(identification.DONE), "success")
                return redirect(onto)
        page = step_page(
            _("Identity verification"),
            crumbs=_crumbs(_l("Identity verification")),
            note=_("Nobody registers before it is known who they are."),
            fields=roster.WHO,
            values={**values, "id_type": values.get("id_type") or "id_card"},
            errors=errors,
            submit_label=_l("Verify"),
            others=[
                (_("Verify with %(provider)s", provider=in_words(one.name)), _go(one.code))
                for one in identities.providers().values()
            ]
            + [(_l("Help and contacts"), url_for("Help.contacts"))],
        )
        return page, 422 if errors else 200

    @expose("/fill", methods=["GET", "POST"])
    @permitted("applications.apply")
    def fill(self) -> Any:
        """一键授权: what the provider would give, and the consent to it (CD-14)."""
        onto = safe(request.args.get("next", ""), "Centre.index")
        who = given()
        if who is None:
            return self._ask_a_provider()
        identification.refuse_another(who)
        text = consents.shown(consents.FILL.fill(provider=_name_of(who)))
        if request.method == "POST":
            if request.form.get("answer") == "yes":
                identification.fill(who, text)
                flash(_("Your data have been filled in."), "success")
            return redirect(onto)
        return render_template("account/fill.html", text=text, pairs=_offered(who))

    def _ask_a_provider(self) -> Any:
        """Whoever came by a password asks the provider now, and comes back here."""
        return render_template(
            "account/told.html",
            title=_("Fill in with one click"),
            paragraphs=[_("Sign in with the identity that may fill in your data.")]
            if identities.providers()
            else [_("No identity provider is set up here. Type your data into the form.")],
            links=[
                (one.name, url_for("Identity.go", provider=one.code, next=request.full_path))
                for one in identities.providers().values()
            ]
            + [(_l("Back"), safe(request.args.get("next", ""), "Centre.index"))],
        )


def _crumbs(title: Any) -> list[tuple[Any, str | None]]:
    return [(_l("My account"), url_for("OwnAccount.overview")), (title, None)]


def _code_page(target: str, errors: Mapping[str, Any], step: str, again: str) -> str:
    return code_page(in_words(_CHANGE), target, errors, step, again, crumbs=_crumbs(_CHANGE))


def _go(code: str) -> str:
    return onward("Identity.go", provider=code)


def _name_of(who: Person) -> Words:
    return identities.providers()[who.provider].name


def _proved() -> dict[str, Any] | None:
    """The proof of the present telephone or password, of this very account."""
    facts = kept(PROVED)
    return facts if facts and facts["account"] == recovery.own().id else None


def _pairs(account: Account) -> list[tuple[Any, Any]]:
    phone = identifiers.mask_phone(account.phone) if account.phone else None
    proved = _("can be used to sign in") if account.phone_proved_at else _("not confirmed yet")
    return [
        (_l("User name"), account.username),
        (_l("Phone"), f"{phone} · {proved}" if phone else None),
    ]


def _offered(who: Person) -> list[tuple[Any, Any]]:
    """The five entries of 一键授权, as far as they may stand on a screen."""
    number = who.id_number
    sex = _("Male") if identifiers.sex_of(number) == "male" else _("Female")
    return [
        (_l("Name"), who.name),
        (_l("Phone"), identifiers.mask_phone(who.phone) if who.phone else None),
        (_l("Identity number"), identifiers.mask_id_number(number)),
        (_l("Sex"), sex),
        (_l("Age"), identification.age(number)),
    ]
