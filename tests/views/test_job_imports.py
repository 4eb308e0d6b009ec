"""An administrator takes a table in: the trial first, then what is sound."""

import io
import re
from typing import Any

import pytest
from flask import Flask

from models.worker import Worker
from tests.services.test_imports import WORKERS, person_line
from tests.support.factories import every
from tests.views.people import Person, person, text

PAGE = "/workers/import"


@pytest.fixture
def office(app: Flask) -> Person:
    """The administrator of a county."""
    return person(app, "county_admin", "410105")


def upload(who: Person, file: str) -> Any:
    data = {"file": (io.BytesIO(file.encode()), "人员.csv")}
    return who.send(PAGE, data, PAGE)


def tried(answer: Any) -> str:
    found = re.search(r'name="tried" value="([^"]+)"', answer.text)
    assert found, "there is nothing to take in"
    return found[1]


def test_hn_10_a_table_is_tried_and_then_taken_in(office: Person) -> None:
    assert PAGE in office.client.get("/workers/list/").text
    file = WORKERS + person_line("李雷") + person_line("韩梅", number="410105")
    answer = upload(office, file)
    shown = text(answer)
    assert "可导入 1" in shown
    assert "身份证号: " in shown
    assert every(Worker) == []
    assert file.split(",")[7] not in answer.text, "what is sealed says no identity number"
    done = office.send(PAGE, {"tried": tried(answer)}, PAGE)
    assert "已导入 1" in text(done)
    assert [row.name for row in every(Worker)] == ["李雷"]
    again = office.send(PAGE, {"tried": tried(answer)}, PAGE)
    assert "已存在，保持不变 1" in text(again)
    assert len(every(Worker)) == 1


def test_the_blank_table_has_the_headings_that_are_asked_for(office: Person) -> None:
    blank = office.client.get(f"{PAGE}/blank.csv").data.decode("utf-8-sig")
    assert blank.startswith("地区,姓名,证件类型,身份证号")
    filled = blank + f"410105,李雷,居民身份证,{person_line().split(',')[2]},,,,,,,,\n"
    assert "可导入 1" in text(upload(office, filled))


def test_a_file_that_is_no_table_is_refused_beside_the_input(office: Person) -> None:
    answer = upload(office, "姓名,薪水\n")
    assert answer.status_code == 422
    assert "无法识别的表头：薪水" in text(answer)
    assert office.send(PAGE, {}, PAGE).status_code == 422


def test_nobody_takes_in_what_somebody_else_tried(app: Flask, office: Person) -> None:
    sealed = tried(upload(office, WORKERS + person_line()))
    other = person(app, "county_admin", "410105")
    for token in (sealed, "made-up"):
        assert other.send(PAGE, {"tried": token}, PAGE).status_code == 302
    assert every(Worker) == []


def test_reviewers_have_no_such_page(app: Flask) -> None:
    reviewer = person(app, "county_reviewer", "410105")
    assert PAGE not in reviewer.client.get("/workers/list/").text
    assert reviewer.client.get(PAGE).status_code == 403
