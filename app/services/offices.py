"""Opening the accounts of all offices at once, as the country does on its first day (HN-05)."""

import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.security import ROLES
from app.services import accounts, events
from app.services.unattended import unattended
from models.account import Account
from models.region import Region

ADMINISTRATORS = {ROLES[role].level: role for role in ROLES if role.endswith("_admin")}
"""The role that keeps the records of an office, by the level of its region."""


@dataclass(frozen=True)
class Opened:
    """One account that was opened, with the password that has to be changed at once (HN-06)."""

    region_code: str
    region: str
    username: str
    password: str


def open_offices(region_code: str) -> list[Opened]:
    """An administrator's account for every region of the subtree, the region itself included, that
    has none; told once, and harmless when repeated."""
    with unattended("offices are opened before anybody is there") as session:
        missing = [row for row in _regions(session, region_code) if not _has_one(session, row)]
        return [_open(session, row) for row in missing]


def _regions(session: Session, region_code: str) -> list[Region]:
    levels = [level for level in ADMINISTRATORS if level != "nation"]
    query = select(Region).where(Region.level.in_(levels)).order_by(Region.code)
    width = {"province": 2, "city": 4, "county": 6}
    top = session.get(Region, region_code)
    if top is None:
        return []
    kept = region_code[: width.get(top.level, 0)]
    return list(session.scalars(query.where(Region.code.startswith(kept))))


def _has_one(session: Session, region: Region) -> bool:
    role = Account.roles.property.mapper.class_
    named = role.name == ADMINISTRATORS[region.level]
    here = select(Account.id).where(Account.region_code == region.code, Account.roles.any(named))
    return session.scalar(here.limit(1)) is not None


def _open(session: Session, region: Region) -> Opened:
    username, password = f"admin_{region.code}", secrets.token_urlsafe(9)
    account = accounts.new_account(
        session,
        username=username,
        name=region.name,
        role=ADMINISTRATORS[region.level],
        region_code=region.code,
        password=password,
        must_change=True,
    )
    session.flush()
    events.record(session, f"account:{account.id}", "open", region.code, reason="all offices")
    return Opened(region.code, region.name, username, password)
