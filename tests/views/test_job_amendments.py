"""An office corrects the registration that a person asked it to correct."""

from datetime import date

import pytest
from flask import Flask

from models.amendment import Amendment
from models.registration import Registration
from models.worker import Worker
from tests.services.test_amendments import past
from tests.support.factories import every, stored
from tests.views.people import Person, applicant, person, text


@pytest.fixture
def who(app: Flask) -> Person:
    """An applicant of Zhengzhou with a registration of the time before the portal."""
    found = applicant(app, "410105")
    past(stored(Worker, found.actor.worker_id or 0))
    return found


def test_x_45_from_the_request_to_the_corrected_record(app: Flask, who: Person) -> None:
    county, city = person(app, "county_admin", "410105"), person(app, "city_admin", "410100")
    (row,) = every(Registration)
    assert (
        f"/registrations/show/{row.id}" in county.client.get(f"/workers/show/{row.worker_id}").text
    )
    form = f"/amendments/of/{row.id}"
    assert form in county.client.get(f"/registrations/show/{row.id}").text
    asked = county.client.get(form).text
    assert 'value="2020-05-31"' in asked, "the form is filled with what is on record"
    typed = {
        "kind": row.kind,
        "cycle_year": "2017",
        "level": row.level,
        "registered_on": "2017-06-01",
        "valid_from": "2017-06-01",
        "valid_until": "2016-05-31",
        "legacy_number": "00001234",
        "note": "核对登记证书原件，有效期录错",
    }
    refused = county.send(form, typed)
    assert refused.status_code == 422
    for kept in ("2016-05-31", "核对登记证书原件，有效期录错"):
        assert kept in refused.text
    county.send(form, typed | {"valid_until": "2021-05-31"})
    (made,) = every(Amendment)
    said = "有效期止：2020-05-31 → 2021-05-31"
    shown = county.client.get(f"/amendments/show/{made.id}")
    assert said in text(shown)
    assert f"/registrations/show/{row.id}" in shown.text
    assert said in city.page("/amendments/list/")
    city.send(f"/amendments/act?ids={made.id}", {"action": "confirm"})
    assert stored(Registration, row.id).valid_until == date(2021, 5, 31)
    assert said in who.page("/messages/")
    assert said in text(county.client.get(f"/registrations/show/{row.id}")), "what it was, for good"
    auditor = person(app, "auditor", "410000")
    log = auditor.page("/events/list/?verb=amend")
    assert f"{said} · 核对登记证书原件，有效期录错" in log


def test_a_registration_out_of_reach_has_no_form(app: Flask, who: Person) -> None:
    (row,) = every(Registration)
    form = f"/amendments/of/{row.id}"
    assert person(app, "county_admin", "410102").client.get(form).status_code == 404
    assert person(app, "county_reviewer", "410105").client.get(form).status_code == 403
    assert who.client.get(form).status_code == 403
    shown = person(app, "county_reviewer", "410105").client.get(f"/registrations/show/{row.id}")
    assert form not in shown.text
