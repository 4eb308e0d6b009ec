"""Registrations on record are corrected by two people, and what they said before stays."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.scope import Actor
from app.services import amendments, certificates
from app.services.refusals import Conflict, Forbidden, Invalid, Missing
from models.amendment import Amendment
from models.event import Event
from models.message import Message
from models.registration import Registration
from models.worker import Worker
from tests.services.approved import approved
from tests.support import factories
from tests.support.factories import acting, actor, every, stored
from tests.support.race import race

pytestmark = pytest.mark.usefixtures("db")

ON = "2020-08-01T09:00"
NOTE = "核对登记证书原件，有效期录错"
KNOWN = {
    "kind": "first",
    "cycle_year": 2017,
    "level": "assistant",
    "registered_on": date(2017, 6, 1),
    "valid_from": date(2017, 6, 1),
    "valid_until": date(2020, 5, 31),
    "legacy_number": "00001234",
}


@pytest.fixture
def row() -> Registration:
    """A verified registration of the time before the portal, of somebody with an account."""
    worker = factories.worker("410105")
    factories.applicant(worker)
    return past(worker)


def past(worker: Worker, **facts: Any) -> Registration:
    """A registration that was on record before the portal."""
    given = {"worker_id": worker.id, "region_code": worker.region_code, "state": "verified"}
    return factories.keep(Registration(**given, **(KNOWN | facts)))


def county(region_code: str = "410105") -> Actor:
    return actor("county_admin", region_code)


def proposed(row: Registration, who: Actor | None = None, /, **values: Any) -> Amendment:
    typed = {name: str(value) for name, value in KNOWN.items()}
    with acting(who or county(), ON):
        return amendments.propose(row.id, typed | {"note": NOTE} | values)


def confirmed(made: Amendment, who: Actor | None = None) -> Amendment:
    with acting(who or actor("city_admin", "410100"), "2020-08-02T09:00"):
        return amendments.confirm(made.id)


def test_x_45_history_is_corrected_with_a_reason_by_two_people_and_what_it_said_stays(
    row: Registration,
) -> None:
    made = proposed(row, valid_until="2021-05-31", legacy_number="")
    assert stored(Registration, row.id).valid_until == date(2020, 5, 31), "nothing yet"
    confirmed(made)
    now = stored(Registration, row.id)
    assert (now.valid_until, now.legacy_number) == (date(2021, 5, 31), None)
    assert now.registered_on == KNOWN["registered_on"]
    kept = stored(Amendment, made.id)
    assert kept.changes == {
        "valid_until": ["2020-05-31", "2021-05-31"],
        "legacy_number": ["00001234", None],
    }
    assert (kept.state, kept.note) == ("confirmed", NOTE)


def test_x_45_both_acts_are_events_that_say_what_it_was_and_is(row: Registration) -> None:
    confirmed(proposed(row, valid_until="2021-05-31"))
    told = [one for one in every(Event, subject=f"worker:{row.worker_id}") if "amend" in one.verb]
    assert [one.verb for one in told] == ["propose_amendment", "amend"]
    assert all("valid_until 2020-05-31 > 2021-05-31" in (one.reason or "") for one in told)
    assert all(NOTE in (one.reason or "") for one in told)


def test_the_person_is_told_in_both_languages_when_it_is_confirmed(row: Registration) -> None:
    made = proposed(row, valid_until="2021-05-31", level="social_worker")
    assert every(Message) == []
    confirmed(made)
    (message,) = every(Message)
    assert "级别：助理社会工作师 → 社会工作师" in message.body
    assert "有效期止：2020-05-31 → 2021-05-31" in message.body
    assert "Valid until: 2020-05-31 → 2021-05-31" in message.body_en


def test_x_45_whoever_proposed_it_does_not_confirm_it(row: Registration) -> None:
    who = county()
    made = proposed(row, who, valid_until="2021-05-31")
    with pytest.raises(Forbidden):
        confirmed(made, who)
    with acting(who, ON):
        amendments.decline(made.id)
    assert stored(Amendment, made.id).state == "declined"
    assert stored(Registration, row.id).valid_until == date(2020, 5, 31)
    with pytest.raises(Conflict):
        confirmed(made)


@pytest.mark.parametrize(
    ("values", "at"),
    [
        ({}, ""),
        ({"cycle_year": "2021"}, "cycle_year"),
        ({"cycle_year": "2014"}, "cycle_year"),
        ({"registered_on": "2020-09-01"}, "registered_on"),
        ({"valid_until": "2017-05-01"}, "valid_until"),
        ({"registered_on": "", "valid_until": "2017-05-01"}, "valid_until"),
        ({"legacy_number": "1234"}, "legacy_number"),
        ({"valid_until": "2021-05-31", "note": ""}, "note"),
        ({"level": "chief"}, "level"),
    ],
)
def test_what_cannot_be_or_changes_nothing_is_refused_where_it_was_typed(
    row: Registration, values: dict[str, str], at: str
) -> None:
    past(stored(Worker, row.worker_id), cycle_year=2014, registered_on=date(2014, 6, 1))
    with pytest.raises(Invalid) as refusal:
        proposed(row, **values)
    assert list(refusal.value.errors) == [at]
    assert every(Amendment) == []


def test_one_proposal_at_a_time_waits(row: Registration) -> None:
    proposed(row, valid_until="2021-05-31")
    with pytest.raises(Conflict):
        proposed(row, valid_until="2022-05-31")


def test_a_proposal_on_what_has_changed_meanwhile_is_not_carried_out(row: Registration) -> None:
    made = proposed(row, valid_until="2021-05-31")
    with factories.changing(row) as changed:
        changed.valid_until = date(2019, 5, 31)
    with pytest.raises(Conflict):
        confirmed(made)


def test_x_45_what_has_become_impossible_is_not_carried_out(row: Registration) -> None:
    other = past(stored(Worker, row.worker_id), cycle_year=2011, registered_on=date(2011, 6, 1))
    first, second = proposed(row, cycle_year="2014"), proposed(other, cycle_year="2014")
    confirmed(first)
    with pytest.raises(Conflict) as refusal:
        confirmed(second)
    assert refusal.value.sentence == amendments.SAME_TURN
    assert stored(Registration, other.id).cycle_year == 2011


def test_a_registration_with_a_certificate_of_the_portal_is_left_to_its_measures(
    app: Flask,
) -> None:
    case = approved("410105")
    with clock.frozen("2020-07-15T10:00"):
        certificates.issue(case.application.id)
    (row,) = every(Registration)
    with pytest.raises(Conflict) as refusal:
        proposed(row, valid_until="2021-05-31")
    assert refusal.value.code == "certified"
    with acting(county(), ON):
        assert not amendments.offered(row)


def test_bj_23_what_a_person_stated_and_nobody_verified_is_theirs_to_change(
    row: Registration,
) -> None:
    with factories.changing(row) as changed:
        changed.state = "claimed"
    with pytest.raises(Conflict):
        proposed(row, valid_until="2021-05-31")


def test_nobody_corrects_or_confirms_their_own(row: Registration) -> None:
    own_record = actor("county_admin", "410105", person_id=row.worker_id)
    with pytest.raises(Forbidden):
        proposed(row, own_record, valid_until="2021-05-31")
    made = proposed(row, valid_until="2021-05-31")
    with pytest.raises(Forbidden):
        confirmed(made, own_record)


@pytest.mark.parametrize("who", ["county_reviewer", "applicant", "auditor"])
def test_other_roles_have_no_say(row: Registration, who: str) -> None:
    with pytest.raises(Forbidden):
        proposed(row, actor(who, "410105"), valid_until="2021-05-31")


def test_another_region_does_not_see_it(row: Registration) -> None:
    with pytest.raises(Missing):
        proposed(row, county("410102"), valid_until="2021-05-31")
    made = proposed(row, valid_until="2021-05-31")
    with pytest.raises(Missing):
        confirmed(made, county("410102"))


@pytest.mark.database("postgres")
def test_of_two_who_confirm_and_decline_at_once_one_is_told_that_it_is_over(
    app: Flask, row: Registration
) -> None:
    made = proposed(row, valid_until="2021-05-31")

    city = actor("city_admin", "410100")

    def act(verb: Callable[[int], Amendment]) -> Amendment:
        with acting(city, ON):
            return verb(made.id)

    outcomes = race(app, lambda: act(amendments.confirm), lambda: act(amendments.decline))
    assert sum(isinstance(one, Conflict) for one in outcomes) == 1
