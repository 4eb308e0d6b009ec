"""`portal feed`: a province's own data go back to it, what is new alone (HN-04)."""

import json
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.services import records
from models.worker import Worker
from tests.support import factories
from tests.support.cases import case
from tests.support.factories import acting

pytestmark = pytest.mark.usefixtures("db")
LATER = "2020-07-10T12:00"
Lines = dict[tuple[str, int], dict[str, Any]]


def fed(app: Flask, region: str = "410000", after: int = 0, at: str = LATER) -> tuple[Lines, int]:
    with clock.frozen(at):
        done = app.test_cli_runner().invoke(
            args=["portal", "feed", "--region", region, "--after", str(after)]
        )
    assert done.exit_code == 0, done.output
    *rows, last = map(json.loads, done.stdout.splitlines())
    return {(row["resource"], row["id"]): row for row in rows}, last["cursor"]


def test_hn_04_a_province_gets_its_own_rows_and_no_other(app: Flask) -> None:
    mine, other = case(region_code="410105", approved=True), case(region_code="510107")
    found, _cursor = fed(app)
    application = found["applications", mine.id]
    assert (application["state"], application["region_code"]) == ("issued", "410105")
    assert {name for name, _key in found} == {"applications", "registrations", "certificates"}
    assert all(row["region_code"].startswith("41") for row in found.values())
    assert ("applications", other.id) not in found


def test_hn_04_asked_with_the_cursor_only_what_is_new_comes(app: Flask) -> None:
    case(region_code="410105", approved=True)
    first, cursor = fed(app)
    assert first
    assert fed(app, after=cursor) == ({}, cursor)
    new = case(region_code="410102", submitted=True, at="2020-07-11T09:00")
    found, further = fed(app, after=cursor, at="2020-07-11T12:00")
    assert set(found) == {("applications", new.id)}
    assert further > cursor


def test_hn_04_what_may_still_be_written_is_told_again(app: Flask) -> None:
    made = case(region_code="410105", submitted=True)
    found, cursor = fed(app, at="2020-07-10T09:05")
    assert ("applications", made.id) in found
    assert cursor == 0
    assert ("applications", made.id) in fed(app, after=cursor)[0]


def test_hn_04_who_has_moved_away_is_taken_out(app: Flask) -> None:
    worker = factories.worker("410105")
    held = factories.qualification(worker)
    with acting(factories.actor("province_admin", "410000")):
        records.update(Worker, worker.id, {"name": "欧阳静宜", "region_code": "410105"})
    found, cursor = fed(app)
    assert found["workers", worker.id]["name"] == "欧阳静宜"
    assert found["qualifications", held.id]["level"] == held.level
    move(worker.id, "420102")
    gone, _cursor = fed(app, after=cursor, at="2020-07-12T12:00")
    assert gone["workers", worker.id] == {
        "resource": "workers",
        "id": worker.id,
        "removed": True,
    }
    assert ("workers", worker.id) in fed(app, "420000", at="2020-07-12T12:00")[0]


def move(worker_id: int, to: str) -> None:
    """A submission to another region takes the worker along."""
    who = factories.actor("applicant", "410105", worker_id=worker_id)
    case(who, region_code=to, submitted=True, at="2020-07-12T09:00")


def test_hn_04_nothing_that_names_a_person_is_in_clear(app: Flask) -> None:
    number = factories.id_number("410105")
    worker = factories.worker("410105", number=number)
    with acting(factories.actor("province_admin", "410000")):
        records.update(Worker, worker.id, {"name": "王小兰", "region_code": "410105"})
    text = json.dumps(list(fed(app)[0].values()), ensure_ascii=False)
    assert "王小兰" in text
    assert number not in text
    assert "13800000000" not in text


@pytest.mark.parametrize("options", [["--region", "x"], [], ["--region", "410000", "--after", "x"]])
def test_hn_04_wrong_use_ends_with_2(app: Flask, options: list[str]) -> None:
    assert app.test_cli_runner().invoke(args=["portal", "feed", *options]).exit_code == 2
