"""The outbox: what a verb promised is done after it, once, and a fault is kept until mended."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Lock
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app import clock
from app.scope import as_system
from app.services import jobs, outbox, timetable
from app.services.jobs import LONGEST_PAUSE, Undeliverable, pause_after
from app.services.unattended import unattended
from app.services.verbs import transaction
from models.message import Outbox
from tests.services.faults import kills, later


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the job `note` was asked to do; `broken` fails five times, `hopeless` for ever."""
    noted: list[Any] = []

    def fail(secret: str) -> None:
        noted.append(secret)
        raise ConnectionError(f"no answer for {secret}")

    def despair() -> None:
        raise Undeliverable("no address is on record")

    table = {
        "note": jobs.Job(lambda what: noted.append(what), None),
        "keep": jobs.Job(lambda what: {"provider": what}, None),
        "broken": jobs.Job(fail, 5),
        "hopeless": jobs.Job(despair, None),
    }
    monkeypatch.setattr(outbox, "JOBS", table)
    return noted


pytestmark = pytest.mark.usefixtures("db")


def promise(job: str, key: str, **payload: Any) -> None:
    """Promise a job in a verb of its own."""
    with transaction() as session:
        outbox.promise(session, job, key, **payload)


def promise_and_fail() -> None:
    """A verb that promised something before it went wrong."""
    with transaction() as session:
        outbox.promise(session, "note", "never", what="never")
        _ = 1 / 0


def row(key: str) -> Outbox:
    """The row of a promise."""
    with as_system("a test looks") as session:
        found = session.scalars(select(Outbox).where(Outbox.key == key)).one()
        session.expunge(found)
    return found


def test_a_promise_is_done_once_and_says_when(done: list[Any]) -> None:
    promise("note", "a", what="first")
    assert (outbox.run_due(), outbox.run_due()) == (1, 0)
    assert done == ["first"]
    assert (row("a").state, row("a").attempts) == ("done", 1)
    assert row("a").done_at is not None


def test_what_a_job_answers_is_kept_with_its_content(done: list[Any]) -> None:
    promise("keep", "a", what="record")
    outbox.run_due()
    assert row("a").payload == {"what": "record", "provider": "record"}


def test_a_key_is_promised_once(done: list[Any]) -> None:
    promise("note", "a", what="first")
    promise("note", "a", what="second")
    with transaction() as session:
        outbox.promise(session, "note", "b", what="third")
        outbox.promise(session, "note", "b", what="fourth")
    outbox.run_due()
    assert done == ["first", "third"]


def test_a_verb_that_fails_promised_nothing(done: list[Any]) -> None:
    with pytest.raises(ZeroDivisionError):
        promise_and_fail()
    assert outbox.run_due() == 0
    assert done == []


def test_the_oldest_promise_comes_first_and_the_limit_holds(done: list[Any]) -> None:
    for n in range(4):
        promise("note", f"k{n}", what=n)
    assert outbox.run_due(limit=3) == 3
    assert done == [0, 1, 2]


def test_a_walk_through_another_time_does_not_hold_the_post_back(done: list[Any]) -> None:
    with clock.frozen("2050-01-01T00:00"):
        promise("note", "a", what="future")
    assert outbox.run_due() == 1
    with clock.frozen("2020-07-01T00:00"):
        promise("note", "b", what="past")
        assert outbox.run_due() == 1


def test_a_fault_is_kept_and_the_job_tried_again_later(
    done: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    promise("broken", "a", secret="139")
    assert (outbox.run_due(), outbox.run_due()) == (1, 0)  # not again before the pause is over
    assert (row("a").state, row("a").fault) == (
        "waiting",
        "ConnectionError: no answer for 139",
    )
    later(monkeypatch, 0.1)
    assert outbox.run_due() == 1
    assert row("a").attempts == 2


def test_a_mended_fault_leaves_no_trace(done: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    promise("broken", "a", secret="139")
    outbox.run_due()
    monkeypatch.setattr(outbox, "JOBS", {"broken": jobs.Job(lambda secret: None, 5)})
    later(monkeypatch, 1)
    outbox.run_due()
    assert (row("a").state, row("a").fault) == ("done", None)


def test_a_job_that_keeps_failing_is_given_up_and_stays_to_be_seen(
    done: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    promise("broken", "a", secret="139")
    for _ in range(7):
        outbox.run_due()
        later(monkeypatch, 2)
    assert len(done) == 5
    assert (row("a").state, row("a").attempts) == ("failed", 5)


def test_a_hopeless_job_is_tried_once(done: list[Any]) -> None:
    promise("hopeless", "a")
    outbox.run_due()
    assert (row("a").state, row("a").fault) == ("failed", "Undeliverable: no address is on record")


def test_a_job_of_no_name_waits_for_a_release_that_knows_it(done: list[Any]) -> None:
    promise("unheard_of", "a")
    outbox.run_due()
    assert (row("a").state, row("a").fault) == ("waiting", "KeyError: 'unheard_of'")


def test_one_fault_does_not_stop_the_others(done: list[Any]) -> None:
    promise("broken", "a", secret="1")
    promise("note", "b", what="2")
    assert outbox.run_due() == 2
    assert done == ["1", "2"]


def test_the_log_names_the_fault_and_not_the_person(
    done: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    promise("broken", "a", secret="13911112222")
    with caplog.at_level(logging.DEBUG, logger="app"):
        outbox.run_due()
    assert "ConnectionError" in caplog.text
    assert "13911112222" not in caplog.text


def test_two_workers_do_every_job_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[int] = []
    lock, together = Lock(), Barrier(2)

    def note(n: int) -> None:
        with lock:
            noted.append(n)

    monkeypatch.setattr(outbox, "JOBS", {"note": jobs.Job(note, None)})
    for n in range(12):
        promise("note", f"k{n}", n=n)

    def work(_n: int) -> int:
        with app.app_context():
            together.wait(10)
            return outbox.run_due()

    with ThreadPoolExecutor(2) as pool:
        tried = sum(pool.map(work, range(2)))
    assert (tried, sorted(noted)) == (12, list(range(12)))


def test_a_worker_killed_at_any_step_drops_nothing(
    db: SQLAlchemy, done: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    promise("note", "a", what="once or more")
    for _step in kills(db, outbox.run_due):
        assert row("a").state in ("waiting", "done")
        later(monkeypatch, 1)
    assert row("a").state == "done"
    assert set(done) == {"once or more"}


def test_a_dropped_job_comes_due_when_its_lease_is_over(
    done: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    promise("note", "a", what="dropped")
    assert outbox._claim() is not None  # and then the worker dies
    assert outbox.run_due() == 0
    later(monkeypatch, outbox.LEASE / timedelta(hours=1) + 0.01)
    assert outbox.run_due() == 1


def test_one_job_can_be_tried_at_once_by_who_promised_it(done: list[Any]) -> None:
    promise("note", "other", what="other")
    promise("note", "mine", what="mine")
    assert outbox.attempt("mine") is True
    assert (outbox.attempt("mine"), outbox.attempt("never promised")) == (False, False)
    assert done == ["mine"]


def test_a_fault_is_never_the_callers(done: list[Any]) -> None:
    promise("broken", "a", secret="1")
    assert outbox.attempt("a") is False
    assert row("a").fault is not None


def test_inside_a_verb_nothing_is_tried(done: list[Any]) -> None:
    promise("note", "a", what="later")
    with transaction():
        assert outbox.attempt("a") is False
        with pytest.raises(RuntimeError, match="a verb is open"), unattended("a test"):
            pytest.fail("it would wait for the lock of its own verb")
    assert done == []


def test_the_worker_is_called_after_a_commit_that_promised_something_and_no_other(
    app: Flask, done: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    timetable.install(app)
    calls: list[str] = []
    monkeypatch.setitem(app.extensions, "wake", lambda: calls.append("woken"))
    with transaction():
        pass
    with pytest.raises(ZeroDivisionError):
        promise_and_fail()
    assert calls == []
    promise("note", "b", what="now")
    assert calls == ["woken"]


@given(st.integers(1, 10_000))
def test_pauses_grow_and_end_at_an_hour(failures: int) -> None:
    assert timedelta(seconds=30) <= pause_after(failures) <= LONGEST_PAUSE
    assert pause_after(failures) <= pause_after(failures + 1)
