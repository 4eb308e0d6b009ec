"""Coming in: what a session begins with, where it goes on, and what is kept between two pages of
the way in."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import abort, current_app, request, session, url_for
from flask_appbuilder.security.decorators import limit
from flask_login import login_user
from limits import parse

from app import clock, vault
from app.queries import names
from app.rules.words import Words
from app.security import actor_of, record_entry
from app.services import accounts
from models.account import Account

MINUTES = 15
"""How long a step of the way in is kept for the next one."""

limited = limit("20 per minute;120 per hour", methods=["POST"])
"""Of one address: whoever types a number or a code wrong a few times is not kept out."""

ON_DEVELOPMENT = Words(
    "演示环境：短信和邮件写入文件 {path}。",
    "On this machine of development, texts are written to {path}.",
)


def count_try(number: str, most: str = "10 per hour") -> None:
    """Count one more try on a telephone or identity number, whatever address it comes from; past
    the limit it is answered with 429.

    By hand: a decorator's limit within a view would put those of its address out of force.
    """
    limiter = current_app.appbuilder.sm.limiter  # type: ignore[attr-defined]
    if limiter.enabled and not limiter.limiter.hit(parse(most), "number", vault.digest(number)):
        abort(429)


def let_in(account: Account) -> None:
    """Begin a session of the account; nothing of an earlier one may follow into it but the
    language, which the account keeps. Without one chosen just now it is the account's."""
    language = session.get("locale") or account.language
    session.clear()
    session.permanent = True
    if language:
        session["locale"] = language
    session["office"] = names.region_names([account.region_code]).get(account.region_code)
    login_user(account)
    if language and language != account.language:
        accounts.speak(actor_of(account, request.remote_addr), language)


def count(account: Account) -> None:
    """Count a sign-in without a password, which ends a lock as one with it does."""
    record_entry(account.id)


def destination() -> str:
    """Where somebody goes who has come in: the page that was asked for, else the start."""
    return safe(request.args.get("next", ""), "Home.start")


def onward(endpoint: str, **values: Any) -> str:
    """The address of the next step, which still knows where all this leads (BJ-08)."""
    return url_for(endpoint, **values, next=request.args.get("next") or None)


def safe(target: str, otherwise: str = "Home.index") -> str:
    """A path of this portal, never another site."""
    # browsers drop a tab or a line break before they read the address
    here = target.isprintable() and target.startswith("/") and target[1:2] not in ("/", "\\")
    return target if here and not urlsplit(target).netloc else url_for(otherwise)


def keep(name: str, facts: Mapping[str, Any]) -> None:
    """Keep facts in the session's cookie, which is signed, for MINUTES of real time."""
    session[name] = {**facts, "at": clock.real_now().timestamp()}


def kept(name: str) -> dict[str, Any] | None:
    """What was kept a moment ago; None when there is nothing or it is too old."""
    facts = session.get(name)
    fresh = facts and clock.real_now().timestamp() - facts["at"] < MINUTES * 60
    return dict(facts) if facts and fresh else None


def forget(name: str) -> None:
    """Drop what was kept."""
    session.pop(name, None)
