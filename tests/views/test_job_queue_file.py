"""The filtered queue as a file: masked, capped, and on record."""

import csv

import pytest
from flask import Flask

from app.queries import queue
from models.event import Event
from models.worker import Worker
from tests.support import factories
from tests.support.cases import case
from tests.support.factories import every, stored
from tests.views.people import person

CITY = "460400"
PATH = "/review/export.csv"


def test_the_queue_is_a_file_without_identity_numbers_and_whoever_takes_it_is_on_record(
    app: Flask,
) -> None:
    number = factories.id_number()
    worker = factories.worker(CITY, name="=欧阳", number=number)
    factories.qualification(worker)
    made = case(factories.applicant(worker), region_code=CITY, submitted=True)
    case(region_code=CITY, submitted=True)
    office = person(app, "city_reviewer", CITY)
    assert PATH in office.client.get("/review/").text
    answer = office.client.get(f"{PATH}?q=%3D欧阳")
    assert answer.mimetype == "text/csv"
    assert number not in answer.text
    _head, row = csv.reader(answer.text.removeprefix("\ufeff").splitlines())
    masked = stored(Worker, worker.id).id_number_masked
    assert row[:4] == [made.reference, "'=欧阳", masked, "首次登记"]
    (event,) = every(Event, verb="export")
    assert (event.actor_id, event.reason) == (office.actor.account_id, "q eq =欧阳")


def test_an_identity_number_that_was_searched_for_is_not_on_record(app: Flask) -> None:
    office = person(app, "city_reviewer", CITY)
    assert office.client.get(f"{PATH}?identity={'a' * 64}").status_code == 200
    assert every(Event, verb="export")[0].reason == "identity eq …"


def test_a_file_is_no_longer_than_it_says(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        case(region_code=CITY, submitted=True)
    monkeypatch.setattr(queue, "MOST_LISTED", 2)
    text = person(app, "city_reviewer", CITY).client.get(PATH).text
    assert len(text.splitlines()) == 3


@pytest.mark.parametrize("role", ["county_reviewer", "auditor"])
def test_who_exports_no_cases_exports_no_queue(app: Flask, role: str) -> None:
    place = "410105" if role == "county_reviewer" else CITY
    case(region_code=place, submitted=True)
    who = person(app, role, place)
    assert who.client.get(PATH).status_code == 403
