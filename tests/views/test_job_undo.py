"""Taking a decision back on the screen, and a page that somebody else was faster than."""

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app.services import applications, review
from models.application import Application
from tests.support import factories
from tests.support.cases import ITEMS, REASON, case, decide
from tests.support.factories import acting, stored
from tests.support.watching import statements
from tests.views.people import person, text

HENAN = "410105"


def test_a_decision_is_taken_back_from_the_case_and_from_the_list_of_today(app: Flask) -> None:
    made = case(region_code=HENAN, submitted=True)
    office = person(app, "county_reviewer", HENAN)
    office.send(f"/review/{made.id}", {"verdict": "reject", "reason": REASON}, seen=made)
    assert 'href="/review/today">今日已办</a>' in office.client.get("/review/").text  # told once
    page = office.client.get(f"/review/{made.id}")
    assert "撤销我的决定" in page.text
    assert f'action="/review/{made.id}/undo"' in office.client.get("/review/today").text
    version = stored(Application, made.id).version
    done = office.send(f"/review/{made.id}/undo", {"version": version})
    assert done.headers["Location"].endswith(f"/review/{made.id}")
    assert "审核决定已撤销" in office.page(f"/review/{made.id}")
    assert stored(Application, made.id).state == "in_review"
    assert "今天还没有" in office.page("/review/today")
    again = office.send(f"/review/{made.id}/undo", {"version": version})
    assert again.status_code == 409


def test_what_cannot_be_taken_back_says_why(app: Flask) -> None:
    made = case(submitted=True)
    office = person(app, "body_reviewer", "110000")
    office.send(f"/review/{made.id}", {"verdict": "approve"}, seen=made)
    shown = office.client.get("/review/today")
    assert "证书已经出具" in shown.text
    assert f"/review/{made.id}/undo" not in shown.text
    answer = office.send(f"/review/{made.id}/undo", {}, seen=made)
    assert answer.status_code == 409
    assert "证书已经出具" in text(answer)


def test_of_two_decisions_on_one_case_the_newest_alone_is_taken_back(app: Flask) -> None:
    who = factories.applicant(region_code=HENAN)
    made = case(who, region_code=HENAN, submitted=True)
    office = person(app, "county_reviewer", HENAN)
    returned = {"verdict": "return", "reason": REASON, "items": list(ITEMS)}
    office.send(f"/review/{made.id}", returned, seen=made)
    with acting(who):
        applications.submit(made.id, agreed=["truth"])
    office.send(f"/review/{made.id}", {"verdict": "reject", "reason": REASON}, seen=made)
    shown = office.client.get("/review/today").text
    assert shown.count(f'action="/review/{made.id}/undo"') == 1
    assert shown.index('/undo"') < shown.index("请先撤销更晚的那一项"), "the newest stands first"


def test_a_day_of_many_decisions_is_read_with_the_statements_of_one(
    app: Flask, db: SQLAlchemy
) -> None:
    office = person(app, "county_reviewer", HENAN)

    def one_more() -> list[str]:
        made = case(region_code=HENAN, submitted=True)
        with acting(office.actor):
            review.decide(made.id, "reject", reason=REASON)
        with statements(db) as seen:
            assert f'action="/review/{made.id}/undo"' in office.client.get("/review/today").text
        return seen.read

    one_more()  # what a process reads once
    assert one_more() == one_more()


def test_nobody_takes_back_what_another_decided(app: Flask) -> None:
    made = case(region_code=HENAN, submitted=True)
    decide(made.id, "reject")
    office = person(app, "county_reviewer", HENAN)
    assert "撤销我的决定" not in office.page(f"/review/{made.id}")
    assert office.send(f"/review/{made.id}/undo", {}, seen=made).status_code == 403
    assert person(app, "county_admin", HENAN).client.get("/review/today").status_code == 403
    assert office.send("/review/999999/undo", {}).status_code == 404


def test_a_case_is_taken_on_the_page_that_shows_it_as_it_is(app: Flask) -> None:
    """Two reviewers: the one whose page is old is told, and takes nothing."""
    made = case(region_code=HENAN, submitted=True)
    first, second = (person(app, "county_reviewer", HENAN) for _ in range(2))
    assert f'name="version" value="{made.version}"' in first.client.get(f"/review/{made.id}").text
    with acting(second.actor):
        review.decide(made.id, "approve")
    answer = first.send(f"/review/{made.id}/claim", {"version": made.version})
    assert answer.status_code == 409
    assert "他人已修改" in text(answer)


def test_a_case_that_a_colleague_took_meanwhile_says_so(app: Flask) -> None:
    made = case(region_code=HENAN, submitted=True)
    first, second = (person(app, "county_reviewer", HENAN) for _ in range(2))
    with acting(second.actor):
        review.take(made.id)
    answer = first.send(f"/review/{made.id}/claim", {"version": made.version})
    assert answer.status_code == 409
    assert "正在审核这份申请" in text(answer)
