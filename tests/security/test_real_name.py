"""实名认证 gates every registration, whatever the policy; the roster, a provider or an office
verify it."""

from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app.services import applications, records
from app.services.refusals import Refusal
from models.application import Application
from models.event import Event
from models.worker import Worker
from tests.security.conftest import kept
from tests.support import factories
from tests.support.factories import acting, every
from tests.support.people import Person, person

REGIONS = ("110105", "510107", "410105")


def newcomer(app: Flask, region_code: str = "510107", **facts: Any) -> tuple[Person, str, int]:
    """An applicant whom nobody has verified, with the identity number and the worker's key."""
    number = factories.id_number()
    worker = factories.worker(region_code, number=number, real_name=False, **facts)
    factories.qualification(worker)
    return person(app, "applicant", region_code, worker_id=worker.id), number, worker.id


def papers(number: str, **more: str) -> dict[str, str]:
    """A name with a number, as typed."""
    return {"name": "王小红", "id_type": "id_card", "id_number": number, **more}


@pytest.mark.parametrize("region_code", REGIONS)
def test_bj_06_nobody_registers_before_the_verification(
    region_code: str, app: Flask, db: SQLAlchemy
) -> None:
    who, _number, _key = newcomer(app, region_code)
    for answer in (who.get("/apply/first"), who.post("/apply/first", region_code=region_code)):
        assert answer.headers["Location"] == "/account/identity?next=/apply/first"
    assert every(Application) == []


@pytest.mark.parametrize("region_code", REGIONS)
def test_bj_06_the_verb_refuses_as_the_page_does(region_code: str, db: SQLAlchemy) -> None:
    worker = factories.worker(region_code, real_name=False)
    factories.qualification(worker)
    with acting(factories.applicant(worker)), pytest.raises(Refusal) as refused:
        applications.start("first")
    assert refused.value.code in ("not_identified", "not_eligible", "profile_incomplete")
    assert every(Application) == []


def test_bj_05_the_right_papers_are_enough_and_lead_on(app: Flask, db: SQLAlchemy) -> None:
    who, number, key = newcomer(app)
    answer = who.post("/account/identity?next=/apply/first", **papers(number))
    assert answer.headers["Location"] == "/apply/first"
    assert "Your identity is verified" in who.get("/messages/").text
    assert getattr(kept(Worker, key), "real_name", False)
    assert every(Event, verb="identify")[0].actor_id == who.account.id
    assert who.get("/apply/first").status_code == 200


def test_bj_06_an_administrator_may_verify(app: Flask, db: SQLAlchemy) -> None:
    who, _number, key = newcomer(app)
    with acting(factories.actor("county_admin", "510107")):
        records.update(Worker, key, {"real_name": True})
    assert who.get("/apply/first").status_code == 200


@pytest.mark.parametrize("name", ["李大明", "王小"])
def test_another_name_verifies_nobody(name: str, app: Flask, db: SQLAlchemy) -> None:
    who, number, key = newcomer(app)
    assert who.post("/account/identity", **papers(number, name=name)).status_code == 422
    assert not getattr(kept(Worker, key), "real_name", True)


def test_the_papers_of_somebody_else_verify_nobody(app: Flask, db: SQLAlchemy) -> None:
    """Neither that person nor oneself, and the answer is that of an unknown number."""
    who, _number, key = newcomer(app)
    other = factories.id_number()
    elsewhere = factories.worker("110105", number=other, real_name=False)
    told = [who.post("/account/identity", **papers(n)) for n in (other, factories.id_number())]
    assert {answer.status_code for answer in told} == {422}
    assert len({len(answer.text) for answer in told}) == 1
    for one in (key, elsewhere.id):
        assert not getattr(kept(Worker, one), "real_name", True)


def test_somebody_without_a_person_behind_the_account_is_not_asked(
    app: Flask, db: SQLAlchemy
) -> None:
    office = person(app, "county_reviewer", "510107")
    assert office.get("/account/identity").status_code == 403
    page = office.get("/account/")
    assert page.status_code == 200
    assert "Identity verification" not in page.text


def test_the_page_of_the_account_says_what_is_verified(app: Flask, db: SQLAlchemy) -> None:
    who, number, _key = newcomer(app)
    page = who.get("/account/").text
    assert "Not verified yet" in page
    assert number not in page
    who.post("/account/identity", **papers(number))
    assert "Not verified yet" not in who.get("/account/").text
