"""Accounts: opened below one's own office, switched off, and the passwords to them."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash

from app import clock
from app.rules.fields import Choice, Condition, FieldSpec
from app.scope import Actor, acting_as, current_actor
from app.security import (
    LOCK_AFTER,
    ROLES,
    PortalSecurityManager,
    find_account,
    hash_password,
    may_grant,
    may_manage,
    record_attempt,
)
from app.services import events, forms
from app.services.refusals import LOOK_AGAIN, Forbidden, Invalid, Missing
from app.services.verbs import need, transaction
from models.account import Account
from models.organization import Organization
from models.region import Region
from models.worker import Worker

SHORTEST = 10
LINKS: dict[str, Any] = {
    "region_code": Region,
    "worker_id": Worker,
    "organization_id": Organization,
    "person_id": Worker,
}
FOUR_EYES = frozenset(("applications.decide", "certificates.end"))
"""What nobody does to what is their own."""
PERSON = FieldSpec(
    "person_id",
    "lookup",
    _l("On the roster"),
    required=False,
    lookup="worker",
    help=_l(
        "The record of this person, if there is one: nobody decides a case of their own or of "
        "their own organization."
    ),
)
"""Who of the roster stands behind the account of somebody who decides."""
PASSWORD_RULE = _l("At least 10 characters, with letters and digits.")
OLD_OR_NAME = _l("Choose one that is neither the old one nor contains your user name.")
# never whether the name exists, nor whether the account is locked
REFUSED = _l(
    "The user name or the password is not right. "
    "After %(count)s failed tries an account is locked for 15 minutes.",
    count=LOCK_AFTER,
)


def grantable() -> list[FieldSpec]:
    """The form of a new account: only the roles that the actor may give."""
    actor = need("accounts.manage")
    roles = {role for held in actor.roles if held in ROLES for role in ROLES[held].grants}
    choices = tuple(Choice(code, ROLES[code].label) for code in ROLES if code in roles)
    deciding = tuple(one.code for one in choices if FOUR_EYES & ROLES[one.code].permissions)
    return [
        FieldSpec(
            name="username",
            kind="text",
            label=_l("User name"),
            min=3,
            max=64,
            pattern=r"^[A-Za-z0-9_.-]+$",
        ),
        FieldSpec(name="name", kind="text", label=_l("Name"), max=64),
        FieldSpec(name="role", kind="choice", label=_l("Role"), choices=choices),
        FieldSpec(name="region_code", kind="region", label=_l("Region"), lookup="regions"),
        _whose("worker_id", "worker", _l("Social worker"), "applicant"),
        _whose("organization_id", "organization", _l("Organization"), "organization"),
        *([replace(PERSON, required_when=Condition("role", deciding))] if deciding else []),
        FieldSpec(name="phone", kind="phone", label=_l("Phone"), required=False),
    ]


def _whose(name: str, table: str, label: Any, role: str) -> FieldSpec:
    """Whose rows an account of this role has; asked for with that role alone."""
    condition = Condition("role", (role,))
    return FieldSpec(name=name, kind="lookup", label=label, lookup=table, required_when=condition)


def open_account(values: Mapping[str, Any]) -> tuple[Account, str]:
    """A new account with an initial password, which has to be changed at the first sign-in (HN-06).

    Raises Invalid, Forbidden (a role or a region that is not the actor's to give), Conflict.
    """
    actor = need("accounts.manage")
    loaded = forms.load(grantable(), values)
    if not may_grant(actor, loaded["role"], loaded["region_code"]):
        raise Forbidden("not_grantable", _l("You cannot give this role in this region."))
    password = secrets.token_urlsafe(9)
    with transaction() as session:
        for name, model in LINKS.items():
            if loaded.get(name) is not None and session.get(model, loaded[name]) is None:
                raise Invalid.at(name, _l("There is no such entry in your region."))
        account = new_account(session, password=password, must_change=True, **loaded)
        session.flush()
        events.record(
            session, f"account:{account.id}", "open", account.region_code, reason=loaded["role"]
        )
    return account, password


def new_account(
    session: Session,
    *,
    username: str,
    name: str,
    role: str,
    region_code: str,
    password: str,
    must_change: bool,
    phone: str | None = None,
    **links: Any,
) -> Account:
    """The row of an account with one role; the caller has checked who may give it."""
    role_model = Account.roles.property.mapper.class_
    account = Account(
        username=username,
        first_name="",
        last_name=name,
        email=f"{username}@accounts.invalid",
        active=True,
        password=hash_password(password),
        region_code=region_code,
        phone=phone,
        must_change_password=must_change,
        credentials_changed_at=None,
        **links,
    )
    account.roles = list(session.scalars(select(role_model).where(role_model.name == role)))
    session.add(account)
    return account


def _below(session: Session, actor: Actor, key: int) -> Account:
    account = session.get(Account, key, populate_existing=True)
    if account is None:
        raise Missing("missing", _l("There is no such account in your region."))
    if not may_manage(actor, account):
        raise Forbidden("not_grantable", _l("This account is not below yours."))
    return account


def set_active(key: int, active: bool) -> None:
    """Switch an account of a lower office off or on again; raises Missing or Forbidden."""
    actor = need("accounts.manage")
    with transaction() as session:
        account = _below(session, actor, key)
        account.active = active
        if not active:
            account.credentials_changed_at = clock.real_now()  # or switched on, old cookies open it
        verb = "switch_on" if active else "switch_off"
        events.record(session, f"account:{account.id}", verb, account.region_code)


def decides(account: Account) -> bool:
    """Whether the account is of somebody who decides cases or ends certificates."""
    held = (ROLES[code].permissions for code in account.role_codes if code in ROLES)
    return any(FOUR_EYES & permissions for permissions in held)


def name_person(key: int, values: Mapping[str, Any]) -> None:
    """Say who of the roster stands behind the account of a lower office that decides, or that
    nobody does: own cases and those of the own organization are decided by others.

    `values` are those of PERSON. Raises Missing, Forbidden, or Invalid for nobody of the region.
    """
    actor = need("accounts.manage")
    found: int | None = forms.load([PERSON], values)[PERSON.name]
    with transaction() as session:
        account = _below(session, actor, key)
        if not decides(account):
            raise Missing("missing", _l("There is no such account in your region."))
        if found is not None and session.get(Worker, found) is None:
            raise Invalid.at(PERSON.name, _l("There is no such entry in your region."))
        account.person_id = found
        said = f"worker:{found}" if found else "—"
        subject = f"account:{account.id}"
        events.record(session, subject, "name_person", account.region_code, reason=said)


def new_password(key: int) -> str:
    """A new initial password for an account of a lower office, told once to whoever
    asked for it."""
    actor = need("accounts.manage")
    password = secrets.token_urlsafe(9)
    with transaction() as session:
        account = _below(session, actor, key)
        store_password(account, password, must_change=True)
        events.record(session, f"account:{account.id}", "new_password", account.region_code)
    return password


def change_own_password(current: str, new: str, again: str) -> Account:
    """Replace one's own password; raises Invalid with what is wrong with which entry."""
    actor = current_actor()
    if actor is None:
        raise Forbidden("not_signed_in", _l("Sign in first."))
    refuse_a_wrong_present_password(actor.account_id, current)
    with transaction() as session:
        account = session.get(Account, actor.account_id, populate_existing=True)
        assert account is not None
        errors = _password_faults(account, current, new, again)
        if errors:
            raise Invalid(LOOK_AGAIN, errors)
        store_password(account, new, must_change=False)
        events.record(session, f"account:{account.id}", "change_password", account.region_code)
    found = find_account(id=actor.account_id)
    assert found is not None
    return found


def speak(actor: Actor, language: str) -> None:
    """Keep the language that somebody has chosen: it is the one they are written to in."""
    with acting_as(actor), transaction() as session:
        account = session.get_one(Account, actor.account_id, populate_existing=True)
        if account.language != language:
            account.language = language
            subject = f"account:{account.id}"
            events.record(session, subject, "choose_language", account.region_code, reason=language)


def refuse_a_wrong_present_password(account_id: int, current: str) -> None:
    """Guessing it here counts like guessing it at the door, and is locked out like there."""
    account = find_account(id=account_id)
    assert account is not None
    locked = PortalSecurityManager.is_locked(account)
    right = check_password_hash(account.password or "", current)
    if locked or not record_attempt(account_id, right, entering=False):
        sentence = REFUSED if locked else _l("This is not your present password.")
        raise Invalid(LOOK_AGAIN, {"current": sentence})


def store_password(account: Account, password: str, *, must_change: bool) -> None:
    """Give an account a password; every session and token of before ends with it."""
    account.password = hash_password(password)
    account.must_change_password = must_change
    account.credentials_changed_at = clock.real_now()


def _password_faults(account: Account, current: str, new: str, again: str) -> dict[str, Any]:
    faults = new_password_faults(account.username, new, again)
    return {"password": OLD_OR_NAME, **faults} if new == current else faults


def new_password_faults(username: str, new: str, again: str) -> dict[str, Any]:
    """What is wrong with a new password, by input."""
    faults: dict[str, Any] = {}
    if len(new) < SHORTEST or new.isalpha() or new.isdigit():
        faults["password"] = PASSWORD_RULE
    elif username and username.lower() in new.lower():
        faults["password"] = OLD_OR_NAME
    if new != again:
        faults["repeat"] = _l("The two entries differ.")
    return faults
