"""Who somebody is at an identity provider: the unified identity of a city, by OpenID Connect
(BJ-03).

Providers are data: a file that the operator keeps (ADR 0051). What one says is believed as far as
its entry goes: an identity number counts only with the claim that says it was verified.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import vault
from app.extensions import db
from app.rules import identifiers
from app.rules.words import Words
from app.scope import as_system
from app.security import find_account
from app.services import accounts, codes, events, joining, roster
from app.services.refusals import Conflict, Forbidden
from app.services.unattended import unattended
from app.services.verbs import transaction
from models.account import Account
from models.sign_in import IdentityLink
from models.worker import Worker

CLAIMS = ("name", "id_number", "phone")
UNVERIFIED = Words(
    "“{provider}”尚未完成您的实名认证，请先在该平台完成实名认证，或使用其他方式登录。",
    "“{provider}” has not verified your identity yet. Have it verified there, or sign in another "
    "way.",
)
LINKED_ELSEWHERE = Words(
    "该账号已绑定另一个“{provider}”身份，不能更换。如非本人操作，请联系登记机构。",
    "This account is linked to another identity at “{provider}”, and that cannot be changed. If it "
    "was not you, ask your office.",
)
NOT_YOU = Words(
    "“{provider}”的身份与当前账号的姓名、证件号码不一致。",
    "The identity at “{provider}” is not the person of this account.",
)
SWITCHED_OFF = _l("This account is switched off. Ask your office.")


@dataclass(frozen=True)
class Provider:
    """One provider as its entry says; `claims` names its claim for each of CLAIMS, `verified` the
    claim and the values with which it says that the person was verified."""

    code: str
    name: Words
    issuer: str
    client_id: str
    client_secret: str
    scope: str = "openid profile phone"
    claims: Mapping[str, str] = field(default_factory=dict)
    verified: tuple[str, tuple[str, ...]] = ("", ())


@dataclass(frozen=True)
class Person:
    """What a provider says of somebody who just signed in there."""

    provider: str
    subject: str
    name: str
    id_number: str
    phone: str
    phone_proved: bool
    verified: bool

    def sealed(self) -> str:
        """The person for a cookie, unreadable there."""
        return vault.seal(json.dumps(asdict(self))).decode()

    @staticmethod
    def unsealed(text: str) -> "Person":
        """The person that was sealed."""
        return Person(**json.loads(vault.unseal(text.encode())))


def providers() -> dict[str, Provider]:
    """Every provider that is configured, by code, in the order of the file."""
    listed = current_app.config["IDENTITY_PROVIDERS"]
    return {one["code"]: _provider(one) for one in listed}


def _provider(one: Mapping[str, Any]) -> Provider:
    verified = one.get("verified", {})
    return Provider(
        code=one["code"],
        name=Words(one["name"]["zh"], one["name"]["en"]),
        issuer=one["issuer"].rstrip("/"),
        client_id=one["client_id"],
        client_secret=one["client_secret"],
        scope=one.get("scope", Provider.scope),
        claims={claim: one.get("claims", {}).get(claim, claim) for claim in CLAIMS},
        verified=(verified.get("claim", ""), tuple(map(str, verified.get("values", ())))),
    )


def person(provider: Provider, said: Mapping[str, Any]) -> Person:
    """What the claims say, by the mapping of the provider's entry."""
    values = {claim: str(said.get(provider.claims[claim]) or "").strip() for claim in CLAIMS}
    claim, good = provider.verified
    phone = values["phone"].removeprefix("+86").replace(" ", "").replace("-", "")
    return Person(
        provider=provider.code,
        subject=str(said["sub"]),
        name=roster.plain(values["name"]),
        id_number=identifiers.normalise_id_number(values["id_number"]),
        phone=phone if identifiers.check_phone(phone) is None else "",
        phone_proved=said.get("phone_number_verified") is True,
        verified=bool(claim) and str(said.get(claim, "")) in good,
    )


def sign_in(who: Person) -> Account | None:
    """The account of somebody who signed in at a provider: the linked one, else that of the worker
    with this identity number, which is opened and linked now (BJ-03).

    None when the roster does not know the person. Raises Forbidden for an unverified person and
    for an account that is linked to somebody else there.
    """
    try:
        with unattended("whoever comes from a provider has not signed in here") as session:
            key = _linked(session, who) or _first(session, who)
    except IntegrityError as fault:
        raise Conflict("stale", _l("Sign in once more: this account was just opened.")) from fault
    account = find_account(id=key) if key else None
    if account is not None and not account.active:
        raise Forbidden("switched_off", SWITCHED_OFF)
    return account


def link(account: Account, who: Person) -> None:
    """Link the account of somebody who is signed in, and who is the same person there; the real
    name is verified with it (BJ-06). Raises Forbidden for anybody else."""
    with as_system("a link may be anybody's") as session:
        holder = session.scalar(select(IdentityLink.user_id).where(*_at(who)))
    if holder not in (None, account.id):
        raise Forbidden("linked", _say(LINKED_ELSEWHERE, who))
    with transaction() as session:
        worker = worker_of(session, who)
        if worker is None or worker.id != account.worker_id:
            raise Forbidden("not_you", _say(NOT_YOU, who))
        if holder is None:
            _link(session, account, worker, who)
        _verified(session, worker, who)


def linked(account_id: int) -> dict[str, IdentityLink]:
    """The links of one's own account by provider."""
    query = select(IdentityLink).where(IdentityLink.user_id == account_id)
    return {row.provider: row for row in db.session.scalars(query)}


def _linked(session: Session, who: Person) -> int | None:
    row = session.scalar(select(IdentityLink).where(*_at(who)))
    if row is None:
        return None
    worker = worker_of(session, who) if who.verified else None
    holder: int = row.user_id
    account = session.get_one(Account, holder)
    if worker is not None and worker.id == account.worker_id:
        _verified(session, worker, who)
    return holder


def _at(who: Person) -> tuple[ColumnElement[bool], ...]:
    return IdentityLink.provider == who.provider, IdentityLink.subject == who.subject


def _first(session: Session, who: Person) -> int | None:
    """The first sign-in: link by identity number, with an account of its own if there is none."""
    if not who.verified:
        raise Forbidden("unverified", _say(UNVERIFIED, who))
    worker = worker_of(session, who)
    if worker is None:
        return None
    account = session.scalar(select(Account).where(Account.worker_id == worker.id))
    if account is None:
        # nobody knows this password: the provider is the way in until the holder sets one
        name, password = f"u{secrets.token_hex(5)}", secrets.token_urlsafe(32)
        proved = who.phone_proved and codes.holder_of(session, who.phone) is None
        account = joining.join(session, worker, name, password, who.phone if proved else None)
        facts = {"reason": f"identity of {who.provider}"}
        events.record(session, f"account:{account.id}", "register", account.region_code, **facts)
    if account.must_change_password:
        # an initial password is known to an office, and its holder may never have seen it
        accounts.store_password(account, secrets.token_urlsafe(32), must_change=False)
    _link(session, account, worker, who)
    key: int = account.id
    return key


def worker_of(session: Session, who: Person) -> Worker | None:
    """The worker with this number and this name; a number under another name is nobody's."""
    if not (who.verified and who.id_number):
        return None
    same = Worker.id_number_digest == vault.digest(who.id_number)
    worker = session.scalar(select(Worker).where(Worker.id_type == "id_card", same))
    return worker if worker and roster.plain(worker.name) == who.name else None


def _link(session: Session, account: Account, worker: Worker, who: Person) -> None:
    """Keep the link; raises Forbidden when the account has another one there."""
    other = select(IdentityLink.id).where(
        IdentityLink.provider == who.provider, IdentityLink.user_id == account.id
    )
    if session.scalar(other) is not None:
        raise Forbidden("linked", _say(LINKED_ELSEWHERE, who))
    session.add(IdentityLink(provider=who.provider, subject=who.subject, user_id=account.id))
    _verified(session, worker, who)
    session.flush()
    events.record(
        session, f"account:{account.id}", "link", account.region_code, reason=who.provider
    )


def _verified(session: Session, worker: Worker, who: Person) -> None:
    """That a provider knows the person is an act of its own, once (BJ-06)."""
    if not worker.real_name:
        worker.real_name = True
        session.flush()
        subject, said = f"worker:{worker.id}", f"identity of {who.provider}"
        events.record(session, subject, "identify", worker.region_code, reason=said)


def _say(text: Words, who: Person) -> Words:
    return text.fill(provider=providers()[who.provider].name)
