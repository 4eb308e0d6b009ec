"""The ways back to an account and on to a new telephone, each by a code that proves who asks."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.extensions import LOCKED
from app.queries import profiles
from app.scope import as_system, current_actor
from app.security import find_account
from app.services import accounts, codes, events
from app.services.profiles import take_phone
from app.services.refusals import LOOK_AGAIN, Conflict, Forbidden, Invalid
from app.services.unattended import unattended
from app.services.verbs import transaction
from models.account import Account
from models.worker import Worker

GONE = _l("This account cannot be reset any more. Begin again.")
TAKEN = _l("Another account uses this telephone.")


def by_code(phone: str, code: str) -> Account:
    """The account of whoever proves a telephone (BJ-07); raises Invalid for a wrong code."""
    codes.check("sign_in", phone, code)
    return _account(phone)


def prove(target: str, code: str) -> Account:
    """The account whose password may be replaced now; raises Invalid for a wrong code."""
    codes.check("recover", target, code)
    return _account(target)


def _account(target: str) -> Account:
    """The account behind a target that was just proved; it may be gone since the code went out."""
    with as_system("whoever has a code has not signed in") as session:
        found = codes.account_at(session, target)
        key = found.id if found else None
    account = find_account(id=key) if key else None
    if account is None:
        raise Invalid(codes.WRONG, {"code": codes.WRONG})
    return account


def reset_password(key: str, values: Mapping[str, Any]) -> Account:
    """Give the account of a session key a new password; every session elsewhere ends, and so does
    the proof itself.

    `values` are password and repeat. Raises Invalid for a weak one, Conflict when the account
    has another password since the proof.
    """
    account_id = int(key.partition(".")[0])
    with unattended("whoever forgot the password has not signed in") as session:
        account = session.get_one(Account, account_id, with_for_update=LOCKED)
        if account.get_id() != key or not account.active:
            raise Conflict("stale", GONE)
        faults = accounts.new_password_faults(
            account.username, values.get("password", ""), values.get("repeat", "")
        )
        if faults:
            raise Invalid(LOOK_AGAIN, faults)
        accounts.store_password(account, values["password"], must_change=False)
        account.fail_login_count, account.locked_until = 0, None
        events.record(session, f"account:{account.id}", "reset_password", account.region_code)
    found = find_account(id=account_id)
    assert found is not None
    return found


def own() -> Account:
    """The account of whoever is signed in; raises Forbidden for nobody."""
    actor = current_actor()
    found = find_account(id=actor.account_id) if actor else None
    if found is None:
        raise Forbidden("not_signed_in", _l("Sign in first."))
    return found


def ask_old() -> None:
    """Send a code to the present telephone, which is proved before it is given up."""
    codes.ask("old_phone", own().phone or "")


def prove_old(code: str) -> None:
    """Take the code that went to the present telephone; raises Invalid."""
    codes.check("old_phone", own().phone or "", code)


def change_phone(phone: str, code: str) -> None:
    """Sign in and be told at another telephone from now on, proved by the code that went there.

    Whoever calls this has proof of the present one, or of the password where there is none. Raises
    Invalid for a wrong code, Conflict when another account has proved the number.
    """
    codes.check("new_phone", phone, code)
    account_id = own().id
    with as_system("a telephone may be anybody's") as session:
        taken = codes.holder_of(session, phone) not in (None, account_id)
    if taken:
        raise Conflict("taken", TAKEN)
    with transaction() as session:
        account = session.get_one(Account, account_id, populate_existing=True)
        _tell_the_roster(session, account, phone)
        account.phone, account.phone_proved_at = phone, clock.real_now()
        events.record(session, f"account:{account.id}", "change_phone", account.region_code)


def _tell_the_roster(session: Session, account: Account, phone: str) -> None:
    """The person's telephone is where the portal's text messages go; 个人信息 that says the present
    one says the new one, and so do the drafts that take it from there."""
    query = select(Worker).where(Worker.id == (account.worker_id or 0)).with_for_update(**LOCKED)
    worker = session.scalar(query.execution_options(populate_existing=True))
    if worker is None:
        return
    said = profiles.of(worker.id)
    if said is not None and said.basic.get("phone") in (worker.phone, account.phone):
        take_phone(session, worker, phone)
    worker.phone = phone


def present_password(current: str) -> None:
    """Proof of the password, which counts and locks as at the door; raises Invalid."""
    accounts.refuse_a_wrong_present_password(own().id, current)
