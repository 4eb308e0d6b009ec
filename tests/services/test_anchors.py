"""The anchors: what the log was on a day, proved from the events and from outside the database."""

from datetime import date
from pathlib import Path
from threading import Event as Signal

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError

from app.scope import as_system
from app.services import anchors, events, timetable
from app.services.verbs import transaction
from models.event import Event, EventAnchor
from models.message import Outbox
from tests.services.faults import kills, later
from tests.support import factories
from tests.support.factories import acting
from tests.support.race import race
from tests.support.tampering import act, change, remove, reseal, rewind, verified

HIT, OTHER = "application:7", "worker:12"


@pytest.fixture(autouse=True)
def _log(db: SQLAlchemy) -> None:
    act(HIT, "submit", "return", "submit")
    act(OTHER, "create")


@pytest.fixture
def anchored(monkeypatch: pytest.MonkeyPatch) -> date:
    """Two anchors, the second over one more event; gives the day of the second."""
    anchors.anchor()
    later(monkeypatch, hours=24)
    act(HIT, "approve")
    anchors.anchor()
    last: EventAnchor = _anchors()[-1]
    return last.day


def _anchors() -> list[EventAnchor]:
    with as_system("a test looks") as session:
        return list(session.scalars(select(EventAnchor).order_by(EventAnchor.number)))


def book() -> Path:
    return anchors.folder().book


def test_an_anchor_is_over_what_came_since_the_last_one(app: Flask, anchored: date) -> None:
    first, second = _anchors()
    assert (first.chains, first.events, first.previous) == (2, 4, "")
    assert (second.chains, second.events, second.previous) == (1, 1, first.digest)
    assert len(book().read_text().splitlines()) == 2
    code, (line,) = verified(app)
    assert code == 0
    assert line == (f"5 events in 2 chains, 2 anchors: all is as it was. Last anchor: {anchored}.")


def test_a_day_has_one_anchor_however_often_it_is_asked(app: Flask) -> None:
    for _ in range(3):
        anchors.anchor()
        act(OTHER, "update")
    assert len(_anchors()) == 1
    assert verified(app)[0] == 0


def test_missed_days_are_under_the_next_anchor(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    anchors.anchor()
    act(OTHER, "update")
    later(monkeypatch, hours=24 * 9)
    anchors.anchor()
    assert [one.events for one in _anchors()] == [4, 1]
    assert verified(app)[0] == 0


def test_the_worker_anchors_once_a_day(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        timetable.go_round(app)
    assert len(_anchors()) == len(factories.every(Outbox, job="anchor")) == 1
    later(monkeypatch, hours=24)
    timetable.go_round(app)
    assert [one.number for one in _anchors()] == [1, 2]
    assert verified(app)[0] == 0


def test_a_worker_that_dies_at_any_line_leaves_what_its_next_round_mends(
    app: Flask, db: SQLAlchemy
) -> None:
    assert len(list(kills(db, anchors.anchor))) >= 4
    assert len(_anchors()) == len(book().read_text().splitlines()) == 1
    assert verified(app)[0] == 0


def test_a_line_that_was_not_written_is_told_and_mended(app: Flask) -> None:
    anchors.anchor()
    book().unlink()
    code, lines = verified(app)
    assert code == 1
    assert "the file does not have it" in lines[0]
    anchors.anchor()
    assert verified(app)[0] == 0


def test_a_torn_line_spoils_no_other(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    anchors.anchor()
    whole = book().read_text()
    book().write_text(whole[:30])
    anchors.anchor()
    assert book().read_text() == f"{whole[:30]}\n{whole}"
    assert verified(app) == (1, ["line 1 of the file of anchors is none."])


@pytest.mark.database("postgres")
def test_no_event_slips_under_an_anchor_that_did_not_see_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given an act that has drawn its key and is not over, the anchor is not made."""
    monkeypatch.setattr(anchors, "PATIENCE", "200ms")
    drawn, tried = Signal(), Signal()
    who = factories.actor("county_admin", "410105")

    def slow() -> None:
        with acting(who), transaction() as session:
            events.record(session, "worker:50", "create", "410105")
            session.flush()
            drawn.set()
            tried.wait(timeout=20)

    def other() -> bool:
        drawn.wait(timeout=20)
        act("worker:51", "create")
        try:
            anchors.anchor()
        except OperationalError:
            return True
        finally:
            tried.set()
        return False

    assert race(app, slow, other) == [None, True]
    assert _anchors() == []
    anchors.anchor()
    assert _anchors()[0].events == 6
    assert verified(app)[0] == 0


def test_two_workers_make_one_anchor(app: Flask) -> None:
    assert race(app, anchors.anchor, anchors.anchor) == [None, None]
    assert len(_anchors()) == len(book().read_text().splitlines()) == 1
    assert verified(app)[0] == 0


# What nothing but an anchor can find


def test_the_newest_event_removed_with_its_head_rewound_is_named(
    app: Flask, db: SQLAlchemy, anchored: date
) -> None:
    remove(db, HIT, 4)
    rewind(db, HIT, 3)
    assert verified(app) == (
        1,
        [
            f"anchor 2 ({anchored}): it does not fit the events under it: "
            "1 in 1 chains then, 0 now.",
            f"{HIT} seq 4: the anchor of {anchored} saw it, and it is gone or another.",
        ],
    )


def test_a_whole_chain_removed_with_its_head_is_named(
    app: Flask, db: SQLAlchemy, anchored: date
) -> None:
    remove(db, OTHER, 1)
    rewind(db, OTHER, 0)
    code, lines = verified(app)
    assert code == 1
    assert lines[0].startswith("anchor 1 (")
    assert lines[1].startswith(f"{OTHER} seq 1: the anchor of ")
    assert len(lines) == 2


def test_what_is_newer_than_the_last_anchor_is_not_proved_yet(
    app: Flask, db: SQLAlchemy, anchored: date
) -> None:
    """The limit that docs/adr/0010 names: a chain and its head, both younger than a day."""
    act("worker:60", "create")
    remove(db, "worker:60", 1)
    rewind(db, "worker:60", 0)
    assert verified(app)[0] == 0


def test_a_change_sealed_anew_by_the_holder_of_the_key_is_found(
    app: Flask, db: SQLAlchemy, anchored: date
) -> None:
    change(db, HIT, 2, reason="另一个理由")
    reseal(HIT)
    code, lines = verified(app)
    assert code == 1
    assert any(line.startswith(f"{HIT} seq 3: the anchor of") for line in lines)
    assert any(line.startswith(f"{HIT} seq 4: the anchor of") for line in lines)


def test_a_database_rewritten_with_its_anchors_is_found_from_outside(
    app: Flask, db: SQLAlchemy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given somebody with the key who makes all anchors anew, the file tells of the old ones."""
    anchors.anchor()
    change(db, HIT, 3, reason="另一个理由")
    reseal(HIT)
    with db.engine.begin() as connection:
        connection.execute(delete(EventAnchor))
    with monkeypatch.context() as elsewhere:
        elsewhere.setitem(app.config, "PORTAL_ANCHORS", tmp_path)
        anchors.anchor()
        assert verified(app)[0] == 0
    day = _anchors()[0].day
    assert verified(app) == (
        1,
        [
            f"anchor 1 ({day}): the database and the file differ: one of them was rewritten.",
            f"{HIT} seq 3: the anchor of {day} saw it, and it is gone or another.",
        ],
    )


@pytest.mark.parametrize(
    "values",
    [
        {"day": date(2020, 1, 1)},
        {"up_to": 2},
        {"chains": 9},
        {"events": 9},
        {"previous": "e" * 64},
        {"digest": "e" * 64},
        {"number": 7},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_changed_anchor_is_found(
    values: dict[str, object], app: Flask, db: SQLAlchemy, anchored: date
) -> None:
    with db.engine.begin() as connection:
        found = EventAnchor.number == 2
        connection.execute(update(EventAnchor).where(found).values(**values))
    code, lines = verified(app)
    assert code == 1
    assert any(line.startswith("anchor 2") for line in lines)


def test_a_removed_anchor_is_found(app: Flask, db: SQLAlchemy, anchored: date) -> None:
    with db.engine.begin() as connection:
        connection.execute(delete(EventAnchor).where(EventAnchor.number == 2))
    code, lines = verified(app)
    assert (code, len(lines)) == (1, 1)
    assert lines[0] == f"anchor 2 ({anchored}): the database does not have it, and the file does."


@pytest.mark.parametrize("line", [0, 1])
def test_a_changed_or_removed_line_of_the_file_is_found(
    line: int, app: Flask, anchored: date
) -> None:
    lines = book().read_text().splitlines(keepends=True)
    book().write_text(
        "".join([*lines[:line], lines[line].replace("\t", "\t1", 1), *lines[line + 1 :]])
    )
    assert verified(app)[0] == 1
    book().write_text("".join([*lines[:line], *lines[line + 1 :]]))
    code, said = verified(app)
    assert code == 1
    assert said[0].startswith(f"anchor {line + 1} (")
    book().write_text("".join(lines))
    assert verified(app)[0] == 0


def test_a_list_beside_the_anchor_that_was_changed_names_nothing(
    app: Flask, db: SQLAlchemy, anchored: date
) -> None:
    anchors.folder().heads(2).write_bytes(b"nothing of the kind")
    assert verified(app)[0] == 0
    remove(db, HIT, 4)
    rewind(db, HIT, 3)
    code, lines = verified(app)
    assert code == 1
    assert lines[-1] == (
        f"anchor 2 ({anchored}): the list beside it is missing or changed, "
        "so that what is lost cannot be named."
    )


def test_since_takes_older_anchors_at_their_word(
    app: Flask, db: SQLAlchemy, anchored: date
) -> None:
    remove(db, OTHER, 1)
    rewind(db, OTHER, 0)
    assert verified(app, "--since", str(anchored))[0] == 0
    assert verified(app)[0] == 1
    change(db, HIT, 1, reason="x")  # an old event of a chain that went on since
    code, lines = verified(app, "--since", str(anchored))
    assert (code, len(lines)) == (1, 1)
    assert lines[0].startswith(f"{HIT} seq 1 ")


def test_events_of_all_are_under_the_anchor_whatever_business_time_is(app: Flask) -> None:
    """The demonstration walks through 2020; the anchor's day is the real one."""
    anchors.anchor()
    assert factories.every(Event)[0].created_at.year == 2020
    assert _anchors()[0].day.year > 2020
    assert verified(app)[0] == 0
