"""An office that may do everything in its county, and the county's rows."""

from dataclasses import replace

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app import security
from tests.support.estates import Estate, estate
from tests.support.people import Person, person

HERE = "410105"


@pytest.fixture
def own(db: SQLAlchemy, app: Flask) -> Estate:
    """One row of every resource in the county."""
    return estate(HERE)


@pytest.fixture
def office(db: SQLAlchemy, app: Flask) -> Person:
    """Somebody who keeps the county's records, and may see what is masked."""
    return person(app, "province_admin", HERE)


@pytest.fixture
def clerk(db: SQLAlchemy, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Somebody who keeps records but may reveal nothing; no role of the portal is like that yet."""
    role = security.ROLES["county_admin"]
    hidden = {name for name in role.permissions if name.endswith(".reveal")}
    less = replace(role, permissions=role.permissions - hidden)
    monkeypatch.setitem(security.ROLES, "county_admin", less)
    return person(app, "county_admin", HERE)
