"""Opening the accounts of all offices at once, as the country does on its first day (HN-05)."""

import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.rules.regions import NATION, covers
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
        has_one = _with_administrator(session)
        regions = session.scalars(select(Region).order_by(Region.code)).all()
        missing = [
            row
            for row in regions
            if covers(region_code, row.code)
            and row.code != NATION
            and (row.code, ADMINISTRATORS[row.level]) not in has_one
        ]
        return [_open(session, row) for row in missing]


def _with_administrator(session: Session) -> set[tuple[str, str]]:
    """The regions and the roles that some account has there."""
    role = Account.roles.property.mapper.class_
    query = select(Account.region_code, role.name).join(Account.roles)
    return {(code, name) for code, name in session.execute(query) if code}


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
