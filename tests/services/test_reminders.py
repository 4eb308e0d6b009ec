"""Reminders go to whoever may apply in a window, before it opens, once, whatever is killed."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app import clock
from app.rules.workflow import State
from app.scope import as_system
from app.services import outbox, reminders, timetable
from models.message import Message, Outbox, Reminder
from models.publication import Window
from models.worker import Worker
from tests.services.approved import approved, person, registration
from tests.services.faults import Killed, killed_at, later
from tests.support import factories
from tests.support.factories import every

pytestmark = pytest.mark.usefixtures("db")

OPENS, EVE = date(2021, 7, 1), date(2021, 6, 30)


def window(**facts: Any) -> Window:
    """A published window of Beijing's policy in 2021."""
    given = {
        "title": "2021年登记",
        "region_code": "110000",
        "policy_code": "beijing",
        "kinds": ["renewal", "late_renewal"],
        "opens_on": OPENS,
        "closes_on": date(2021, 7, 31),
        "state": "published",
        **facts,
    }
    return factories.keep(Window(**given))


def due(region_code: str = "110105", last: int = 2018) -> int:
    """Somebody whose last registration was in a year; 2018 is due in 2021."""
    who = person(region_code)
    registration(who, last)
    return who.worker.id


def told() -> set[int]:
    """Who was told."""
    return {row.worker_id for row in every_reminder()}


def every_reminder() -> list[Reminder]:
    """All rows, which have no key of their own."""
    with as_system("a test looks") as session:
        return list(session.query(Reminder))


def test_bj_55_on_the_eve_whoever_is_due_gets_one_text_message_and_one_message() -> None:
    window()
    renewing, late = due(), due(last=2016)
    due(last=2019)
    assert reminders.remind(EVE) == 2
    assert told() == {renewing, late}
    (sms, _) = every(Outbox, job="sms")
    assert "2021年7月1日至2021年7月31日您可以办理再登记" in sms.payload["body"]
    titles = [message.title for message in every(Message)]
    assert titles == ["登记提醒：再登记", "登记提醒：补登记"]


@pytest.mark.parametrize("on", [date(2021, 6, 29), OPENS, date(2021, 7, 2)])
def test_bj_55_on_any_other_day_nobody_is_told(on: date) -> None:
    window()
    due()
    assert reminders.remind(on) == 0


def test_bj_55_a_second_run_tells_nobody_but_whom_the_first_one_missed() -> None:
    window()
    first = due()
    assert [reminders.remind(EVE), reminders.remind(EVE)] == [1, 0]
    second = due()
    assert reminders.remind(EVE) == 1
    assert told() == {first, second}
    assert len(every(Outbox, job="sms")) == 2


def test_bj_55_a_case_in_flight_is_not_reminded_and_a_draft_of_the_window_is_nothing() -> None:
    window()
    who = person()
    registration(who, 2018)
    approved(case=who, kind="renewal", state=State.in_review, decided_at=None)
    assert reminders.remind(EVE) == 0


@pytest.mark.parametrize("state", ["draft", "proposed"])
def test_bj_55_a_window_that_is_not_published_reminds_nobody(state: str) -> None:
    window(state=state)
    due()
    assert reminders.remind(EVE) == 0


def test_bj_55_only_the_region_of_the_window_is_told() -> None:
    window(region_code="110105")
    here, _elsewhere, _far = due(), due("110106"), due("410105")
    assert reminders.remind(EVE) == 1
    assert told() == {here}


def test_bj_55_only_kinds_of_the_window_are_told_of() -> None:
    window(kinds=["late_renewal"])
    due()
    late = due(last=2016)
    assert reminders.remind(EVE) == 1
    assert told() == {late}


def test_bj_55_a_policy_that_reminds_nobody_has_no_reminders() -> None:
    window(region_code="410000", policy_code="national", kinds=["first"])
    person("410105")
    assert reminders.remind(EVE) == 0


def test_bj_55_each_window_reminds_by_itself() -> None:
    window(kinds=["renewal"])
    window(kinds=["late_renewal"], title="2021年补登记")
    due()
    due(last=2016)
    assert reminders.remind(EVE) == 2


@pytest.mark.slow
def test_bj_55_a_kill_at_any_step_tells_nobody_twice_and_misses_nobody(
    db: SQLAlchemy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at every statement and every commit, with a batch that three people do not fit in."""
    monkeypatch.setattr(reminders, "AT_ONCE", 2)
    monkeypatch.setattr(reminders, "AT_A_TIME", 1)
    window()
    due_ones = {due() for _ in range(3)}
    step, done = 0, False
    while not done:
        step += 1
        try:
            with killed_at(db, step):
                reminders.remind(EVE)
            done = True
        except Killed:
            count = len(told())
            assert (len(every(Message)), len(every(Outbox, job="sms"))) == (count, count), step
    assert step > 20
    assert told() == due_ones
    assert (len(every(Message)), len(every(Outbox, job="sms"))) == (3, 3)


def test_bj_55_the_worker_does_it_by_itself_once_a_day(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    window()
    due()
    with clock.frozen("2021-06-30T08:00"):
        for _ in range(3):
            timetable.go_round(app)
            later(monkeypatch, 1)
    assert len(every(Outbox, job="remind")) == 1
    assert len(every(Message)) == 1


def test_bj_55_a_window_published_on_its_eve_is_announced_all_the_same() -> None:
    due()
    with clock.frozen("2021-06-30T08:00"):
        reminders.promise_today()
        outbox.run_due()
        window()
        reminders.promise_today()
        outbox.run_due()
    assert len(told()) == 1


def test_bj_55_the_command_prints_how_many_were_told(app: Flask) -> None:
    window()
    due()
    run = app.test_cli_runner()
    done = run.invoke(args=["portal", "remind", "--on", "2021-06-30"])
    assert (done.exit_code, done.stdout) == (0, "1\n")
    again = run.invoke(args=["portal", "remind", "--on", "2021-06-30"])
    assert (again.exit_code, again.stdout) == (0, "0\n")
    assert run.invoke(args=["portal", "remind", "--on", "30/6"]).exit_code == 2


def test_a_worker_who_leaves_the_roster_takes_the_reminders_along() -> None:
    window()
    gone = factories.worker("110105")
    factories.keep(Reminder(window_id=every(Window)[-1].id, worker_id=gone.id, told_at=clock.now()))
    with as_system("a test") as session, session.begin():
        session.delete(session.get_one(Worker, gone.id))
    assert told() == set()
