"""The accounts of offices: opened in one go, each with its office and region, each for its work."""

import csv
import io

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app.rules import regions
from app.security import RECORDS, ROLES, find_account
from app.services import accounts, offices
from app.services.refusals import Invalid
from models.account import Account
from tests.support import factories
from tests.support.factories import acting, every

CITY = "410300"


def test_hn_05_every_office_of_a_subtree_gets_its_administrator_once(db: SQLAlchemy) -> None:
    there = factories.account("county_admin", "410305")
    made = offices.open_offices(CITY)
    codes = [one.region_code for one in made]
    assert codes[0] == CITY
    assert len(codes) == len(set(codes)) > 5
    assert "410305" not in codes, "it has one"
    assert all(regions.covers(CITY, code) for code in codes)
    assert offices.open_offices(CITY) == []
    assert {row.username for row in every(Account)} == {
        there.username,
        *(one.username for one in made),
    }


def test_hn_05_hn_06_each_has_a_password_of_its_own_that_has_to_be_changed(db: SQLAlchemy) -> None:
    made = offices.open_offices("410305")
    assert [one.username for one in made] == ["admin_410305"]
    account = find_account(username="admin_410305")
    assert account is not None
    assert account.must_change_password
    assert account.role_codes == {"county_admin"}


def test_hn_05_the_command_prints_a_table(app: Flask, db: SQLAlchemy) -> None:
    runner = app.test_cli_runner()
    told = runner.invoke(args=["portal", "open-offices", "410305"])
    (row,) = csv.DictReader(io.StringIO(told.output))
    assert (row["region"], row["username"]) == ("410305", "admin_410305")
    assert len(row["initial_password"]) >= 12
    again = runner.invoke(args=["portal", "open-offices", "410305"])
    assert len(again.output.splitlines()) == 1


def test_hn_07_an_administrator_without_a_region_cannot_be(db: SQLAlchemy) -> None:
    with acting(factories.actor("province_admin", "410000")), pytest.raises(Invalid) as refused:
        accounts.open_account({"username": "nowhere", "name": "某人", "role": "county_admin"})
    assert list(refused.value.errors) == ["region_code"]


@pytest.mark.parametrize(
    ("role", "code"),
    [("county_admin", "410105"), ("city_admin", CITY), ("province_admin", "410000")],
)
def test_hn_07_an_administrators_office_is_of_its_own_level(
    role: str, code: str, db: SQLAlchemy
) -> None:
    assert ROLES[role].level == regions.level_of(code)
    assert factories.actor(role, code).region_code == code


def test_hn_13_workers_organizations_and_associations_have_accounts(db: SQLAlchemy) -> None:
    worker = factories.worker("410105")
    kinds = {"applicant": {"worker_id": worker.id}}
    for kind in ("service", "association"):
        row = factories.organization("410105", kind=kind)
        kinds[kind] = {"organization_id": row.id}
    with acting(factories.actor("county_admin", "410105")):
        for number, (kind, link) in enumerate(kinds.items()):
            role = "applicant" if kind == "applicant" else "organization"
            values = {"username": f"kind.{number}", "name": "某人", "role": role, **link}
            account, _password = accounts.open_account({**values, "region_code": "410105"})
            assert account.username == f"kind.{number}"


def test_hn_18_the_platforms_operator_decides_no_case() -> None:
    held = ROLES["platform_admin"].permissions
    assert not {"applications.decide", "applications.apply", "workers.write"} & held
    assert {"console.use", "accounts.manage", "applications.read"} <= held


@pytest.mark.parametrize("role", ["province_admin", "city_admin", "county_admin"])
def test_hn_20_administrators_enter_and_check_data_and_decide_no_case(role: str) -> None:
    held = ROLES[role].permissions
    for resource in RECORDS:
        assert {f"{resource}.read", f"{resource}.write", f"{resource}.export"} <= held
    assert {"accounts.manage", "roster_requests.settle"} <= held
    assert "applications.decide" not in held
    assert ("contacts.publish" in held) == (role == "province_admin")
