"""Registering an applicant's account: known to the roster, at the telephone on record, once
(MC-01, MC-02, BJ-05).

A name and a number are known to many; whoever opens the account also has the telephone that the
office has on record, or brings proof to the office (ADR 0050).
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock
from app.extensions import LOCKED
from app.rules.fields import FieldSpec
from app.rules.words import Words
from app.scope import as_system
from app.security import find_account
from app.services import accounts, codes, consents, events, forms, roster
from app.services.refusals import LOOK_AGAIN, Conflict, Invalid
from app.services.roster import Identity, Match
from app.services.unattended import unattended
from models.account import Account
from models.worker import Worker

PURPOSE = "register"
HAS_ACCOUNT = Words(
    "您已有账号，用户名为“{username}”，请直接登录；忘记密码可以找回。",
    "You have an account already; its user name is “{username}”. Sign in, or reset its password.",
)
PHONE_TAKEN = _l("Another account uses this telephone. Sign in with it, or use another number.")
NAME_TAKEN = _l("This user name is taken. Choose another one.")
PLEASE_AGREE = _l("Please read this and tick it.")
LIKE_A_PHONE = _l("Choose a name with a letter in it.")

PHONE = FieldSpec("phone", "phone", _l("Phone"), autocomplete="tel")
ACCOUNT: tuple[FieldSpec, ...] = (
    FieldSpec(
        "username",
        "text",
        _l("User name"),
        min=4,
        max=64,
        pattern=r"^[A-Za-z0-9_.-]+$",
        help=_l("Letters, digits and . _ - only. To sign in, your telephone number does as well."),
        autocomplete="username",
    ),
)


def match(values: Mapping[str, Any], agreed: bool) -> tuple[Identity, Match]:
    """Whom the roster knows by what was typed.

    Raises Invalid: malformed in its own words, and the guide's text for everybody whom the roster
    does not know, with the code `not_on_roster` (MC-03).
    """
    who = _agreed(values, agreed)
    with as_system("whoever registers has no account yet") as session:
        found = roster.find(session, who)
    if found is None:
        refused = Invalid(roster.NOT_FOUND, {"id_number": roster.NOT_FOUND})
        refused.code = "not_on_roster"
        raise refused
    return who, found


def _agreed(values: Mapping[str, Any], agreed: bool) -> Identity:
    """The typed papers, all that is wrong with them and a missing tick being said at once."""
    errors: dict[str, Any] = {} if agreed else {"agree": PLEASE_AGREE}
    try:
        who = roster.identity(dict(values))
    except Invalid as fault:
        raise Invalid(fault.sentence, {**fault.errors, **errors}) from fault
    if errors:
        raise Invalid.at("agree", PLEASE_AGREE)
    return who


def again(worker_id: int) -> Match | None:
    """What the roster says now of somebody whom it knew a moment ago; None when that is over."""
    with as_system("whoever registers has no account yet") as session:
        return roster.known(session, session.get(Worker, worker_id))


def send_code(found: Match, typed: str) -> str:
    """Send a code to the telephone on record, or to the typed one where none is on record, and
    say to which; raises Invalid for a number that is none."""
    phone = found.phone or str(forms.load([PHONE], {"phone": typed})["phone"])
    codes.ask(PURPOSE, phone)
    return phone


def prove_phone(found: Match, phone: str, code: str) -> None:
    """Take the code that was sent; raises Invalid for a wrong one, and Conflict, which only the
    holder of the telephone gets to read, when there is an account already."""
    codes.check(PURPOSE, phone, code)
    if found.account:
        raise Conflict("has_account", HAS_ACCOUNT.fill(username=found.account))


def open_own(
    worker_id: int, phone: str, values: Mapping[str, Any], *, address: str | None, how: str
) -> Account:
    """The account of somebody who proved the telephone, with a verified real name (BJ-05).

    `values` are username, password and repeat. Raises Invalid, or Conflict when somebody else was
    faster with the worker, the name or the telephone.
    """
    _refuse_faulty(values)
    try:
        with unattended("whoever registers has no account yet") as session:
            worker = session.get_one(Worker, worker_id, with_for_update=LOCKED)
            _refuse_taken(session, values["username"], phone)
            account = join(session, worker, values["username"], values["password"], phone)
            text = consents.shown(consents.ACCOUNT)
            whose: dict[str, Any] = {"worker_id": worker.id, "region_code": worker.region_code}
            consents.agree(session, "account", text, address, **whose)
            events.record(
                session, f"account:{account.id}", "register", account.region_code, reason=how
            )
            key = account.id
    except IntegrityError as fault:
        raise Conflict("conflict", _l("This account was opened a moment ago. Sign in.")) from fault
    found = find_account(id=key)
    assert found is not None
    return found


def join(
    session: Session, worker: Worker, username: str, password: str, phone: str | None
) -> Account:
    """The row of an applicant's account; the caller has proof of who asks."""
    account = accounts.new_account(
        session,
        username=username,
        name=worker.name,
        role="applicant",
        region_code=worker.region_code,
        password=password,
        must_change=False,
        phone=phone,
        worker_id=worker.id,
    )
    account.phone_proved_at = clock.real_now() if phone else None
    worker.real_name = True
    worker.phone = worker.phone or phone
    session.flush()
    return account


def _refuse_faulty(values: Mapping[str, Any]) -> None:
    errors: dict[str, Any] = {}
    try:
        forms.load(ACCOUNT, {"username": values.get("username")})
    except Invalid as fault:
        errors |= fault.errors
    username = values.get("username") or ""
    if not errors and not any(sign.isalpha() for sign in username):
        errors["username"] = LIKE_A_PHONE
    errors |= accounts.new_password_faults(
        username, values.get("password", ""), values.get("repeat", "")
    )
    if errors:
        raise Invalid(LOOK_AGAIN, errors)


def _refuse_taken(session: Session, username: str, phone: str) -> None:
    errors: dict[str, Any] = {}
    if session.scalar(select(Account.id).where(Account.username == username)) is not None:
        errors["username"] = NAME_TAKEN
    if codes.holder_of(session, phone) is not None:
        errors[""] = PHONE_TAKEN
    if errors:
        raise Invalid(LOOK_AGAIN, errors)
