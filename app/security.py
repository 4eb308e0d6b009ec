"""Who may do what: permissions and roles as two tables, who may grant what, and FAB's manager."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from flask import Flask, current_app
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_jwt_extended import JWTManager
from flask_login import LoginManager
from sqlalchemy import bindparam, select
from sqlalchemy.orm import defer, joinedload
from werkzeug.security import check_password_hash, generate_password_hash

from app import clock
from app.extensions import LOCKED, PREPARED
from app.rules import regions
from app.scope import Actor, as_system, current_actor
from models.account import Account
from models.codes import ROLES as ROLE_LABELS
from models.sign_in import EndedSession

# resource: what can be permitted on it. `reveal` shows what is masked; the rest are verbs.
# The records are what administrators keep and what every office looks at.
RECORDS: dict[str, str] = {
    "workers": "read write remove import export reveal",
    "qualifications": "read write remove import export",
    "credits": "read write remove import export",
    "organizations": "read write remove import export reveal",
}
CASES: dict[str, str] = {
    "applications": "read export",
    "registrations": "read import export amend",
    "certificates": "read export end hold redraw",
    "measures": "read export",
    "amendments": "read export",
    "submissions": "read",
    "decisions": "read",
}
PUBLICATIONS: dict[str, str] = {
    "windows": "read write remove publish",
    "notices": "read write remove publish",
    "documents": "read write remove publish",
    "contacts": "read write remove publish",
}
PERMISSIONS: dict[str, str] = {
    **RECORDS,
    **CASES,
    **PUBLICATIONS,
    "applications": "read export apply decide",
    "deliveries": "read write export reveal",
    "profile": "keep",
    "corrections": "settle",
    "rechecks": "read decide report",
    "statistics": "read export",
    "due": "read export",
    "simulator": "ask",
    "accounts": "read manage export",
    "roster_requests": "read settle reveal",
    "regions": "read",
    "messages": "read deliver",
    "events": "read export",
    "reference": "read",
    "colleagues": "arrange",
    "console": "use",
}


def _every(table: dict[str, str], *actions: str) -> str:
    """`resource.action` for every resource of the table, or for those of the actions alone."""
    found = (
        f"{resource}.{action}"
        for resource, possible in table.items()
        for action in possible.split()
        if not actions or action in actions
    )
    return " ".join(found) + " "


_LOOK = _every(RECORDS | CASES, "read")
_EXPORTS = _every(RECORDS | CASES, "export")
_KEEP = _every(RECORDS)
_PUBLISH = _every(PUBLICATIONS)
_COMMON = _every(PUBLICATIONS, "read") + "regions.read messages.read reference.read "
_ACCOUNTS = "accounts.read accounts.manage accounts.export "
_MEND = "certificates.redraw messages.deliver "
_HISTORY = "registrations.import registrations.amend "
_FIGURES = "statistics.read statistics.export due.read due.export simulator.ask "
_REQUESTS = "corrections.settle roster_requests.read roster_requests.settle roster_requests.reveal "
_RECORDS_OFFICE = _LOOK + _COMMON + _EXPORTS + _KEEP + _ACCOUNTS + "deliveries.read "
_COLLEAGUES = "colleagues.arrange "
_ADMIN = _RECORDS_OFFICE + _REQUESTS + _FIGURES + _MEND + _COLLEAGUES + _HISTORY
_DECIDE = "applications.decide workers.reveal rechecks.read simulator.ask "
_REVIEW = _LOOK + _COMMON + _DECIDE + _COLLEAGUES
_POST = "deliveries.read deliveries.write deliveries.export deliveries.reveal "
_END = "certificates.end "
_BODY = _REVIEW + _POST + "applications.export certificates.export "
_OWN = (
    "qualifications.read registrations.read certificates.read applications.read "
    "applications.apply credits.read deliveries.read certificates.hold profile.keep "
)


@dataclass(frozen=True)
class Role:
    """What a role is called, at which level its office stands, what it may do and which roles it
    may give."""

    label: Any
    level: str
    permissions: frozenset[str]
    grants: tuple[str, ...] = field(default=())


def _role(label: Any, level: str, permissions: str, grants: str = "") -> Role:
    return Role(label, level, frozenset(permissions.split()), tuple(grants.split()))


ROLES: dict[str, Role] = {
    "platform_admin": _role(
        ROLE_LABELS["platform_admin"],
        "nation",
        _LOOK
        + _COMMON
        + _EXPORTS
        + _PUBLISH
        + _ACCOUNTS
        + _MEND
        + _FIGURES
        + "rechecks.report "
        + "roster_requests.read "
        + "deliveries.read deliveries.export events.read events.export console.use",
        "platform_admin province_admin province_reviewer body_reviewer auditor",
    ),
    "province_admin": _role(
        ROLE_LABELS["province_admin"],
        "province",
        _ADMIN + _PUBLISH + _END + "deliveries.export rechecks.report",
        "province_reviewer body_reviewer auditor "
        "city_admin county_admin county_reviewer organization applicant",
    ),
    "city_admin": _role(
        ROLE_LABELS["city_admin"],
        "city",
        _ADMIN + _END + "rechecks.report",
        "city_reviewer county_admin county_reviewer organization applicant",
    ),
    "county_admin": _role(
        ROLE_LABELS["county_admin"],
        "county",
        _ADMIN + _END,
        "county_reviewer organization applicant",
    ),
    "province_reviewer": _role(
        ROLE_LABELS["province_reviewer"], "province", _BODY + _END + "rechecks.decide"
    ),
    "city_reviewer": _role(ROLE_LABELS["city_reviewer"], "city", _BODY + _END + "rechecks.decide"),
    "county_reviewer": _role(ROLE_LABELS["county_reviewer"], "county", _REVIEW + _END),
    "body_reviewer": _role(ROLE_LABELS["body_reviewer"], "province", _BODY),
    "auditor": _role(ROLE_LABELS["auditor"], "any", "events.read events.export"),
    "organization": _role(
        ROLE_LABELS["organization"], "any", _COMMON + "organizations.read workers.read credits.read"
    ),
    "applicant": _role(ROLE_LABELS["applicant"], "any", _COMMON + _OWN),
}

LOCK_AFTER = 5
LOCK_FOR = timedelta(minutes=15)


def permission_names() -> Iterator[str]:
    """Every `resource.action` there is."""
    for resource, actions in PERMISSIONS.items():
        yield from (f"{resource}.{action}" for action in actions.split())


def may_grant(actor: Actor, role: str, region_code: str) -> bool:
    """Whether the actor may give this role in this region: below itself and at the role's level."""
    given = ROLES.get(role)
    if given is None or not regions.covers(actor.region_code, region_code):
        return False
    if given.level not in ("any", regions.level_of(region_code)):
        return False
    return any(role in ROLES[held].grants for held in actor.roles if held in ROLES)


def may_manage(actor: Actor, account: Account) -> bool:
    """Whether the account is below the actor's: it could give each of its roles there."""
    roles = account.role_codes
    return bool(roles) and all(may_grant(actor, role, account.region_code) for role in roles)


def actor_of(account: Account, address: str | None = None) -> Actor:
    """The account as the one who acts, with the permissions of all its roles."""
    roles = account.role_codes
    held = [ROLES[code].permissions for code in roles if code in ROLES]
    return Actor(
        account_id=account.id,
        name=account.display_name,
        roles=roles,
        region_code=account.region_code,
        permissions=frozenset().union(*held),
        worker_id=account.worker_id,
        organization_id=account.organization_id,
        person_id=account.person_id,
        must_change_password=account.must_change_password,
        address=address,
    )


def find_account(session_name: str = "", **by: Any) -> Account | None:
    """One account with its roles, in one statement and loose; None when its session is over."""
    with as_system("an account comes before its scope", only_reads=True) as session:
        query = _account_by(*by), {**by, "session_name": session_name}
        account = session.scalars(*query, execution_options=PREPARED).unique().one_or_none()
        session.expunge_all()
    return account


@cache
def _account_by(*names: str) -> Any:
    """Built once: every request asks for it."""
    over = select(EndedSession.name).where(EndedSession.name == bindparam("session_name"))
    query = select(Account).options(joinedload(Account.roles), defer(Account.role))
    return query.filter_by(**{name: bindparam(name) for name in names}).where(~over.exists())


def _account_of(key: str, session_name: str = "") -> Account | None:
    account_id = key.partition(".")[0]
    account = find_account(session_name, id=int(account_id)) if account_id.isdecimal() else None
    return account if account and account.active and account.get_id() == key else None


def find_named(name: str) -> Account | None:
    """The account that somebody names at the sign-in: by its user name, or else by a telephone
    that its holder has proved."""
    with as_system("an account comes before its scope", only_reads=True) as session:
        proved = Account.phone_proved_at.is_not(None), Account.phone == name
        username = session.scalar(select(Account.username).where(*proved))
    return find_account(username=name) or (find_account(username=username) if username else None)


class PortalSecurityManager(SecurityManager):
    """FAB's manager with permissions from ROLES, a lock after failures and no screen of its own."""

    user_model = Account

    def register_views(self) -> None:
        """Nothing: FAB adds 42 writing routes here; `views.contents` lists the ones we want."""

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """FAB asks for `can_read` on `workers`; the answer is in ROLES, without a statement."""
        actor = current_actor()
        return actor is not None and actor.may(
            f"{view_name}.{permission_name.removeprefix('can_')}"
        )

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        """Nothing that FAB generates is for anybody; public pages say so themselves."""
        return False

    def create_login_manager(self, app: Flask) -> LoginManager:
        """Flask-Login with a name in each session, so that it can be ended alone."""
        manager: LoginManager = super().create_login_manager(app)
        manager.id_attribute = Account.new_session.__name__
        return manager

    def load_user(self, key: str) -> Account | None:
        """The account of a session; None once it is over, or the account switched off."""
        return _account_of(*str(key).rpartition(".")[::2])

    def create_jwt_manager(self, app: Flask) -> JWTManager:
        """FAB's tokens, with the session's key in them, so that they too end with the password."""
        manager: JWTManager = super().create_jwt_manager(app)
        manager.additional_claims_loader(_session_claim)
        return manager

    def load_user_jwt(self, _header: Any, data: dict[str, Any]) -> Account | None:
        """The account of a token; None when its password changed since, or it was switched off."""
        return _account_of(str(data.get("session", "")))

    def auth_user_db(self, username: str, password: str) -> Account | None:
        """The account when the password is right and the account is not locked."""
        named = bool(username) and username.isprintable()
        account = find_named(username.strip()) if named else None
        if account is None or not account.active or self.is_locked(account):
            # as slow as a real check, so that the time does not tell which names exist
            check_password_hash(current_app.config["AUTH_DB_FAKE_PASSWORD_HASH_CHECK"], password)
            return None
        right = check_password_hash(account.password or "", password)
        return account if record_attempt(account.id, right) else None

    @staticmethod
    def is_locked(account: Account) -> bool:
        """Whether too many failures lock the account now, in real time."""
        return account.locked_until is not None and account.locked_until > clock.real_now()


def _session_claim(identity: str) -> dict[str, str]:
    account = find_account(id=int(identity))
    return {"session": account.get_id()} if account else {}


def record_attempt(account_id: int, right: bool, *, entering: bool = True) -> bool:
    """Count a try with a password; whether it opens. After LOCK_AFTER failures the account is
    locked for LOCK_FOR, also for the tries that were sent at the same moment: they are counted one
    after another. `entering` says that a right one is a sign-in."""
    with _counting(account_id) as account:
        if account is None or PortalSecurityManager.is_locked(account):
            return False
        if right:
            _open(account, entering)
            return True
        account.fail_login_count = (account.fail_login_count or 0) + 1
        if account.fail_login_count >= LOCK_AFTER:
            account.fail_login_count = 0
            account.locked_until = clock.real_now() + LOCK_FOR
        return False


def record_entry(account_id: int) -> None:
    """Count a sign-in that needed no password; it ends a lock."""
    with _counting(account_id) as account:
        if account is not None:
            _open(account, True)


@contextmanager
def _counting(account_id: int) -> Iterator[Account | None]:
    with as_system("signing in happens before there is an actor") as session, session.begin():
        session.connection(execution_options={"writes": True})
        yield session.get(Account, account_id, with_for_update=LOCKED)


def _open(account: Account, entering: bool) -> None:
    account.fail_login_count, account.locked_until = 0, None
    if entering:
        account.last_login = clock.real_now().replace(tzinfo=None)
        account.login_count = (account.login_count or 0) + 1


def hash_password(password: str) -> str:
    """The salted hash that is stored in place of a password."""
    method = current_app.config["FAB_PASSWORD_HASH_METHOD"]
    return generate_password_hash(password, method=method)
