"""The demonstration: what others' scripts and a newcomer's first ten minutes count on."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, select

from app.rules import identifiers
from app.rules.certificate import check_number
from app.rules.workflow import State
from app.scope import as_system
from app.services.demo.people import story
from app.services.demo.telling import tell
from app.services.refusals import Refusal
from app.vault import unseal
from models.account import Account
from models.application import Application
from models.certificate import Certificate
from models.credit import Credit
from models.organization import Organization
from models.publication import Notice
from models.qualification import Qualification
from models.registration import Registration
from models.worker import Worker
from tests.support.portal import Client

pytestmark = [pytest.mark.demo, pytest.mark.slow]

REGIONAL = (
    Worker,
    Qualification,
    Registration,
    Certificate,
    Application,
    Credit,
    Organization,
    Notice,
)
PROVINCES = {"110000", "410000", "510000"}


def everybody() -> list[str]:
    """The user names of the story."""
    applicants = [one["username"] for one in story()["applicants"]]
    offices = [username for username, *_rest in story()["accounts"]]
    return [*offices, *applicants, story()["organization_account"]["username"]]


def test_every_account_signs_in_with_the_password_of_the_readme(
    sign_in: Callable[[str], Client],
) -> None:
    for username in everybody():
        assert "退出登录" in sign_in(username).get("/", follow_redirects=True).text, username


@pytest.mark.parametrize("model", REGIONAL, ids=lambda model: model.__name__)
def test_every_resource_has_rows_inside_and_outside_the_county(db: SQLAlchemy, model: type) -> None:
    with as_system("a test counts") as session:
        codes = set(session.scalars(select(model.region_code)))  # type: ignore[attr-defined]
    assert "410105" in codes
    assert codes - {"410105"}


def test_there_are_about_500_workers_with_valid_numbers(db: SQLAlchemy) -> None:
    with as_system("a test looks") as session:
        workers = session.scalars(select(Worker)).all()
    assert 450 <= len(workers) <= 650
    assert {worker.province_code for worker in workers} == PROVINCES
    assert {identifiers.check_id_number(unseal(w.id_number_cipher)) for w in workers} == {None}


def test_there_are_cases_in_every_state_that_lasts(db: SQLAlchemy) -> None:
    """Approved lasts until the certificate is made; closed follows with the end of a window."""
    with as_system("a test counts") as session:
        found = set(session.scalars(select(Application.state)))
    assert found >= set(State) - {State.approved, State.closed}


def test_each_region_has_valid_certificates_that_download(
    db: SQLAlchemy, sign_in: Callable[[str], Client]
) -> None:
    with as_system("a test looks") as session:
        rows = session.scalars(select(Certificate)).all()
    assert {row.province_code for row in rows if row.state == "valid"} == PROVINCES
    assert all(check_number(row.number) for row in rows)
    reviewers = {"110000": "province_11", "410000": "review_41", "510000": "city_5101"}
    for province, username in reviewers.items():
        number = next(row.number for row in rows if row.province_code == province)
        answer = sign_in(username).get(f"/certificates/{number}.pdf")
        assert answer.data.startswith(b"%PDF"), username


@pytest.mark.parametrize(
    ("username", "remark"), [("county_410105", "需人工看"), ("county_510107", "全部符合")]
)
def test_bj_30_a_reviewer_finds_a_renewal_with_a_proof_whose_hours_are_to_be_counted(
    username: str, remark: str, sign_in: Callable[[str], Client]
) -> None:
    desk = sign_in(username)
    queue = desk.get("/review/?kind=renewal").text
    assert remark in queue
    key = re.findall(r'href="/review/(\d+)\?', queue)[0]
    case = desk.get(f"/review/{key}").text
    assert re.search(rf'action="/review/{key}/hours/\d+"', case), "hours are recorded beside it"


def test_the_applicants_may_begin(sign_in: Callable[[str], Client]) -> None:
    for one in story()["applicants"]:
        page = sign_in(one["username"]).get("/apply/first")
        assert "填写登记申请表" in page.text, one["username"]


def test_a_database_with_data_is_refused_and_left_alone(app: Flask, db: SQLAlchemy) -> None:
    def count() -> int | None:
        with as_system("a test counts") as session:
            return session.scalar(select(func.count(Account.id)))

    before = count()
    with pytest.raises(Refusal, match="not_empty"):
        list(tell())
    assert count() == before
