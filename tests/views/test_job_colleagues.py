"""Absence and hand-over on the screen, and the absent one's cases in the queue."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app.services import review
from models.claim import Claim
from models.substitution import Substitution
from tests.support.cases import case
from tests.support.factories import acting, every, stored
from tests.support.watching import statements
from tests.views.people import Person, person, text

HENAN = "410105"
PAGE = "/review/colleagues/"


def two(app: Flask) -> tuple[Person, Person]:
    return person(app, "county_reviewer", HENAN), person(app, "county_reviewer", HENAN)


def days(absent: Person, substitute: Person, **changed: Any) -> dict[str, Any]:
    people = {
        "absent_id": str(absent.actor.account_id),
        "substitute_id": str(substitute.actor.account_id),
    }
    return {**people, "from_on": "2020-07-10", "until_on": "2020-07-20", **changed}


def test_a_reviewer_has_a_colleague_stand_in_and_ends_it(app: Flask) -> None:
    absent, substitute = two(app)
    assert PAGE in absent.client.get("/review/").text
    assert "目前没有代办安排" in absent.page(PAGE)
    done = absent.send(f"{PAGE}substitutions", days(absent, substitute))
    assert done.headers["Location"].endswith(PAGE)
    shown = substitute.page(PAGE)
    assert "2020-07-10 – 2020-07-20" in shown
    assert "代办中" in shown
    (row,) = every(Substitution)
    assert row.until_on == date(2020, 7, 20)
    substitute.send(f"{PAGE}substitutions/{row.id}/end", {})
    assert every(Substitution) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"until_on": "2020-07-09"}, "结束日期不能早于开始日期"),
        ({"until_on": ""}, "结束日期"),
        ({"substitute_id": "999999"}, "代办人"),
        ({"substitute_id": "x"}, "代办人"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    app: Flask, changed: dict[str, str], said: str
) -> None:
    absent, substitute = two(app)
    answer = absent.send(f"{PAGE}substitutions", days(absent, substitute, **changed))
    assert answer.status_code == 422
    assert said in text(answer)
    assert 'value="2020-07-10"' in answer.text
    assert every(Substitution) == []


def test_the_absent_one_s_cases_stand_in_the_queue_under_their_name(app: Flask) -> None:
    absent, substitute = two(app)
    made = case(region_code=HENAN, submitted=True)
    with acting(absent.actor):
        review.take(made.id)
    assert "正在审核这份申请" in substitute.page(f"/review/{made.id}")
    absent.send(f"{PAGE}substitutions", days(absent, substitute))
    shown = substitute.client.get("/review/").text
    assert f"of={absent.actor.account_id}" in shown
    assert "代张三" in shown
    only = substitute.client.get(f"/review/?of={absent.actor.account_id}").text
    assert f"/review/{made.id}?of=" in only
    page = substitute.client.get(f"/review/{made.id}").text
    assert "代张三" in page
    assert "我已领取至" not in page, "it is still to be taken"
    assert 'value="approve"' in page
    assert substitute.client.get("/review/?of=abc").status_code == 200


def test_cases_are_handed_over_with_what_came_of_each(app: Flask) -> None:
    giver, taker = two(app)
    made = case(region_code=HENAN, submitted=True)
    people = {
        "giver_id": str(giver.actor.account_id),
        "taker_id": str(taker.actor.account_id),
    }
    nothing = giver.send(f"{PAGE}handover", people)
    assert (nothing.status_code, "没有待办的申请" in text(nothing)) == (409, True)
    with acting(giver.actor):
        review.take(made.id)
    done = giver.send(f"{PAGE}handover", people)
    assert "已移交 1 件" in text(done)
    assert made.reference in text(done)
    assert stored(Claim, made.id).account_id == taker.actor.account_id


def test_an_administrator_arranges_for_the_reviewers_of_the_office(app: Flask) -> None:
    absent, substitute = two(app)
    admin = person(app, "county_admin", HENAN)
    assert PAGE in admin.client.get("/").text
    admin.send(f"{PAGE}substitutions", days(absent, substitute))
    assert len(every(Substitution)) == 1
    other = person(app, "county_reviewer", HENAN)
    data = days(substitute, other, from_on="2020-07-21", until_on="2020-07-22")
    assert other.send(f"{PAGE}substitutions", data).status_code in (403, 422)
    assert len(every(Substitution)) == 1


def test_an_office_of_one_is_told_what_to_do(app: Flask) -> None:
    alone = person(app, "county_reviewer", HENAN)
    assert "没有可代办的同事" in alone.page(PAGE)
    assert person(app, "county_admin", "410102").client.get(PAGE).status_code == 200


@pytest.mark.parametrize("role", ["auditor", "organization"])
def test_it_is_for_offices(app: Flask, role: str) -> None:
    assert person(app, role, HENAN).client.get(PAGE).status_code == 403


def test_the_page_reads_as_much_for_many_colleagues_as_for_few(app: Flask, db: SQLAlchemy) -> None:
    absent, substitute = two(app)
    chief = person(app, "county_admin", HENAN)

    def arranged(first: Person, second: Person, month: int) -> None:
        given = {"from_on": f"2020-{month}-01", "until_on": f"2020-{month}-09"}
        chief.send(f"{PAGE}substitutions", days(first, second, **given))

    arranged(absent, substitute, 10)
    chief.page(PAGE)
    with statements(db) as few:
        chief.client.get(PAGE)
    for month in (11, 12):
        arranged(*two(app), month)
    with statements(db) as many:
        shown = chief.client.get(PAGE).text
    assert shown.count("/end") == 3
    assert many.read == few.read
