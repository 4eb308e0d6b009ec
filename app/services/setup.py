"""Filling an empty database with what the portal cannot run without; harmless when done again."""

import csv
import secrets
from collections.abc import Iterator
from pathlib import Path

from chinese_calendar.constants import Holiday as Named
from chinese_calendar.constants import holidays, workdays
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.keys import KeyStore
from app.rules.regions import NATION
from app.scope import as_system
from app.security import ROLES
from app.services import accounts, messages, policies
from models.account import Account
from models.holiday import Holiday
from models.region import Region

REGIONS = Path(__file__).parent.parent / "data" / "regions.csv"


def initialise() -> Iterator[str]:
    """Regions, holidays, roles, policies with their windows, message templates and the key that
    certificates are signed with; one line for each step."""
    with as_system("installation happens before anybody can sign in") as session, session.begin():
        yield f"regions: {_load_regions(session)} added"
        yield f"holidays: {_load_holidays(session)} added"
        yield f"roles: {_load_roles(session)} added"
        policies.install(session)
        messages.install(session)
        yield "policies, windows and message templates: up to date"
    keys: KeyStore = current_app.extensions["keys"]
    yield f"signing key: {keys.signing_key().kid}"


def _load_regions(session: Session) -> int:
    """Add the regions that are missing, parents first; edited ones are left as they are."""
    known = set(session.scalars(select(Region.code)))
    with REGIONS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["code"] not in known]
    order = {"nation": 0, "province": 1, "city": 2, "county": 3}
    for level in order:
        session.add_all(
            Region(
                code=row["code"],
                name=row["name"],
                level=row["level"],
                parent_code=row["parent_code"] or None,
            )
            for row in rows
            if row["level"] == level
        )
        session.flush()
    return len(rows)


def _load_holidays(session: Session) -> int:
    """Add the holidays of the years of which there are none yet; what the console keeps stays."""
    kept = {day.year for day in session.scalars(select(Holiday.day))}
    names = {one.value: one.chinese for one in Named}
    rows = [
        Holiday(day=day, name=names[name], works=works)
        for named, works in ((holidays, False), (workdays, True))
        for day, name in named.items()
        if day.year not in kept
    ]
    session.add_all(rows)
    return len(rows)


def _load_roles(session: Session) -> int:
    role_model = Account.roles.property.mapper.class_
    known = set(session.scalars(select(role_model.name)))
    missing = [code for code in ROLES if code not in known]
    session.add_all(role_model(name=code) for code in missing)
    return len(missing)


def first_administrator(username: str) -> str:
    """Open a platform administrator's account; its initial password is returned and kept nowhere.

    Raises ValueError when the name is taken.
    """
    password = secrets.token_urlsafe(12)
    with as_system("nobody is there yet who could open an account") as session, session.begin():
        if session.scalar(select(Account.id).where(Account.username == username)) is not None:
            raise ValueError(f"the account {username} exists")
        account = accounts.new_account(
            session,
            username=username,
            name=username,
            role="platform_admin",
            region_code=NATION,
            password=password,
            must_change=True,
        )
        account.created_on = clock.real_now().replace(tzinfo=None)
    return password
