"""Retention: pictures of identity cards are deleted in time (docs/adr/0033)."""

import os
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app import clock
from app.queries.policies import policy_of
from app.scope import as_system
from app.services import applications, cases, materials, outbox, retention, timetable
from app.services.materials import store
from app.services.refusals import Invalid, Missing
from models.application import Application, Material
from models.event import Event
from models.message import Outbox
from tests.services.faults import Killed, killed_at
from tests.support import factories
from tests.support.cases import case, decide, picture
from tests.support.factories import IN_WINDOW, acting, every, stored

pytestmark = pytest.mark.usefixtures("db")

THE_DAY = "2021-01-06T08:00"  # 180 days after 10 July 2020
CARDS = {"id_front", "id_back"}


@pytest.fixture(autouse=True)
def hours_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as stored for long, unless a test says otherwise."""
    monkeypatch.setattr(retention, "BEING_STORED", -retention.BEING_STORED)


def pictures(of: Application) -> dict[str, Material]:
    return {one.slot: one for one in every(Material, application_id=of.id)}


def own_files(of: Application) -> None:
    """Let every picture of a case have bytes of its own: the factory's are all the same."""
    for turn, one in enumerate(sorted(pictures(of).values(), key=lambda row: row.id)):
        one.digest = store().put(f"{of.id} {turn}".encode())
        factories.keep(one)


def erase(at: str = THE_DAY) -> int:
    with clock.frozen(at):
        done = retention.erase_due()
        outbox.run_due()
    return done


def there(of: Application) -> set[str]:
    """The slots of a case whose files are stored."""
    return {slot for slot, one in pictures(of).items() if store().exists(one.digest)}


def test_the_time_counts_from_the_end_of_the_case() -> None:
    made = case(region_code="410105", submitted=True)
    assert stored(Application, made.id).erase_on is None
    for _stage in range(2):
        decide(made.id, "approve")
    found = stored(Application, made.id)
    assert (found.state, found.erase_on) == ("issued", date(2021, 1, 6))


@pytest.mark.parametrize("state", ["rejected", "withdrawn"])
def test_a_case_that_ended_otherwise_counts_as_well(state: str) -> None:
    end: dict[str, Any] = {state: True}
    made = case(region_code="410105", **end)
    assert stored(Application, made.id).erase_on == date(2021, 1, 6)


def test_whoever_takes_the_case_up_again_stops_the_clock() -> None:
    who = factories.applicant(region_code="410105")
    made = case(who, region_code="410105", rejected=True)
    with acting(who):
        applications.reopen(made.id)
    assert stored(Application, made.id).erase_on is None
    assert erase() == 0


def test_a_policy_without_the_key_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def policy(code: str, edition: int) -> Any:
        return replace(policy_of(code, edition), identity_days=None)

    monkeypatch.setattr(cases, "policy_of", policy)
    made = case(region_code="410105", approved=True)
    assert stored(Application, made.id).erase_on is None
    assert erase("2099-01-01") == 0


def test_the_cards_go_and_nothing_else_does() -> None:
    made = case(region_code="410105", approved=True)
    own_files(made)
    assert erase("2021-01-05T23:59") == 0
    assert there(made) == set(pictures(made))

    assert erase() == 1

    assert there(made) == set(pictures(made)) - CARDS
    gone = {slot for slot, one in pictures(made).items() if one.erased_at}
    assert gone == CARDS
    (event,) = every(Event, verb="erase")
    assert (event.subject, event.actor_role) == (f"application:{made.id}", "system")
    assert (event.reason, event.public) == ("id_back id_front", True)
    assert (event.from_state, event.to_state) == ("issued", "issued")


def test_done_twice_it_does_no_more() -> None:
    made = case(region_code="410105", approved=True)
    own_files(made)
    assert (erase(), erase()) == (1, 0)
    (promised,) = every(Outbox, job="erase_files")
    retention.erase_files(promised.payload["digests"])
    assert len(every(Event, verb="erase")) == 1
    assert there(made) == set(pictures(made)) - CARDS


@pytest.mark.slow
def test_killed_at_any_statement_the_next_run_does_the_rest(db: SQLAlchemy) -> None:
    made = case(region_code="410105", approved=True)
    own_files(made)
    step, ended = 0, False
    while not ended:
        step += 1
        try:
            with killed_at(db, step):
                erase()
            ended = True
        except Killed:
            marked = {slot for slot, one in pictures(made).items() if one.erased_at}
            assert marked in (set(), CARDS)  # all of a case or nothing
            assert len(every(Event, verb="erase")) == (1 if marked else 0)
            assert there(made) >= set(pictures(made)) - CARDS
            with as_system("the next worker comes later") as session, session.begin():
                for row in session.query(Outbox):
                    row.due_at = clock.real_now()
    erase()
    assert step > 10
    assert there(made) == set(pictures(made)) - CARDS
    assert len(every(Event, verb="erase")) == 1


def test_a_file_that_another_case_needs_stays() -> None:
    made = case(region_code="410105", approved=True)
    other = case(region_code="410105", submitted=True)
    shared = pictures(made)["id_front"].digest
    assert shared == pictures(other)["id_front"].digest
    assert erase() == 1
    assert store().exists(shared)
    assert pictures(made)["id_front"].erased_at is not None
    assert pictures(other)["id_front"].erased_at is None


def test_pictures_that_were_replaced_go_too() -> None:
    who = factories.applicant(region_code="410105")
    draft = case(who, region_code="410105")
    with acting(who):
        first = pictures(draft)["id_front"].id
        materials.attach(draft.id, "id_front", "again.jpg", picture(color="navy"))
        applications.submit(draft.id, agreed=["truth"])
    for _stage in range(2):
        decide(draft.id, "approve")
    assert erase() == 1
    assert stored(Material, first).erased_at is not None


def test_nobody_sees_them_afterwards_and_everybody_reads_when_they_went() -> None:
    who = factories.applicant(region_code="410105")
    made = case(who, region_code="410105", approved=True)
    card = pictures(made)["id_front"].id
    erase()
    for reader in (who, factories.actor("city_reviewer", "410100")):
        with acting(reader, THE_DAY), pytest.raises(Missing) as refused:
            materials.material_bytes(card)
        assert refused.value.sentence.zh == "已按规定于2021-01-06删除"


def test_a_case_taken_up_afterwards_asks_for_the_cards_anew() -> None:
    who = factories.applicant(region_code="410105")
    made = case(who, region_code="410105", rejected=True)
    erase()
    with acting(who):
        applications.reopen(made.id)
        with pytest.raises(Invalid) as refused:
            applications.submit(made.id, agreed=["truth"])
        assert refused.value.errors.keys() == CARDS
        for slot in CARDS:
            materials.attach(made.id, slot, "again.jpg", picture(color="navy"))
        applications.submit(made.id, agreed=["truth"])
    assert stored(Application, made.id).state == "in_review"


# Files that nothing points at


def test_what_nothing_points_at_is_swept_away() -> None:
    made = case(region_code="410105", approved=True)
    own_files(made)
    left = store().put(b"an upload that never became a row")
    assert retention.sweep() >= 1
    assert not store().exists(left)
    assert there(made) == set(pictures(made))
    assert retention.sweep() == 0


def test_an_upload_that_is_going_on_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BEING_STORED", -retention.BEING_STORED)
    digest = store().put(b"just now")
    assert retention.sweep() == 0
    path = store()._path(digest)
    os.utime(path, (0, 0))
    store().put(b"just now")  # wanted again: somebody uploads the same
    assert retention.sweep() == 0
    os.utime(path, (0, 0))
    assert retention.sweep() == 1


def test_the_worker_promises_both_once_a_day(app: Flask) -> None:
    with clock.frozen(IN_WINDOW):
        for _round in range(2):
            timetable.go_round(app)
    assert {row.key: row.state for row in every(Outbox) if row.job in ("retention", "sweep")} == {
        "retention:2020-07-10": "done",
        "sweep:2020-07-10": "done",
    }


def test_issue_4_rounds_that_take_until_after_midnight_are_not_taken_for_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case(region_code="410105", rejected=True)
    prolonged: list[str | None] = []
    monkeypatch.setattr(outbox, "prolong", prolonged.append)
    with clock.frozen("2021-01-06T23:59"):
        retention.promise_today()
    with clock.frozen("2021-01-07T00:01"):
        outbox.run_due()
    assert set(prolonged) == {"retention:2021-01-06", "sweep:2021-01-06"}
