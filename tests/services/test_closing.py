"""Closing: what only its window could have carried on ends with it (H, BJ-38, HN-25)."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app import clock
from app.rules.workflow import State
from app.services import closing, timetable
from models.application import Application
from models.event import Event
from models.publication import Window
from tests.services.approved import Case, approved
from tests.services.faults import kills
from tests.support import factories
from tests.support.factories import every, stored

pytestmark = pytest.mark.usefixtures("db")

LAST_DAY, NEXT_DAY = "2020-07-31T23:59:59", "2020-08-01T00:00"


def of_window(state: State, **facts: Any) -> Case:
    """A case of Beijing's window of 2020, which closes on 31 July."""
    (window,) = every(Window, policy_code="beijing")
    return approved(state=state, window_id=window.id, decided_at=None, **facts)


def state_of(case: Case) -> str:
    """What has become of a case."""
    return stored(Application, case.application.id).state


@pytest.mark.parametrize("state", [State.draft, State.rejected, State.withdrawn])
def test_h_what_was_not_submitted_again_is_closed_when_the_window_is_over(state: State) -> None:
    case = of_window(state)
    with clock.frozen(LAST_DAY):
        assert closing.close_over() == 0
    with clock.frozen(NEXT_DAY):
        assert closing.close_over() == 1
        assert closing.close_over() == 0
    assert state_of(case) == State.closed
    (event,) = every(Event, verb="close")
    assert (event.from_state, event.to_state, event.public) == (state, "closed", True)
    assert event.actor_role == "system"


@pytest.mark.parametrize("state", [State.in_review, State.returned, State.approved, State.issued])
def test_hn_25_what_an_office_has_or_asked_for_goes_on_after_the_window(state: State) -> None:
    case = of_window(state)
    with clock.frozen(NEXT_DAY):
        assert closing.close_over() == 0
    assert state_of(case) == state


def test_x_35_a_policy_that_takes_new_attempts_at_any_time_closes_nothing() -> None:
    case = approved("410105", state=State.rejected, decided_at=None)
    with clock.frozen(NEXT_DAY):
        assert closing.close_over() == 0
    assert state_of(case) == State.rejected


def test_bj_38_a_case_that_another_window_takes_up_stays_open() -> None:
    case = of_window(State.rejected)
    factories.keep(
        Window(
            title="2020年第二批",
            region_code="110000",
            policy_code="beijing",
            kinds=["first"],
            opens_on=date(2020, 8, 1),
            closes_on=date(2020, 8, 31),
            state="published",
        )
    )
    with clock.frozen(NEXT_DAY):
        assert closing.close_over() == 0
    with clock.frozen("2020-09-01T00:00"):
        assert closing.close_over() == 1
    assert state_of(case) == State.closed


def test_the_worker_closes_once_a_day(app: Flask) -> None:
    case = of_window(State.draft)
    with clock.frozen(NEXT_DAY):
        timetable.go_round(app)
    assert state_of(case) == State.closed


def test_a_kill_at_any_step_closes_each_case_once(
    db: SQLAlchemy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "AT_ONCE", 1)
    cases = [of_window(State.draft) for _ in range(2)]

    def close() -> None:
        with clock.frozen(NEXT_DAY):
            closing.close_over()

    for step in kills(db, close):
        closed = [case for case in cases if state_of(case) == State.closed]
        assert len(every(Event, verb="close")) == len(closed), step
    assert [state_of(case) for case in cases] == [State.closed] * 2
