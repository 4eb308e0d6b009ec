"""`portal audit verify`: whatever was done to the log behind the portal is found and named."""

import json
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from app.services import anchors, audit, events
from app.services.verbs import transaction
from models.event import Event, EventAnchor
from tests.services.faults import kills
from tests.support import factories, tampering
from tests.support.factories import acting
from tests.support.race import race
from tests.support.tampering import act, change, insert, remove, rewind, verified

HIT, OTHER = "application:7", "worker:12"


@pytest.fixture(autouse=True)
def _log(db: SQLAlchemy) -> None:
    act(HIT, "submit", "return", "submit", "approve")
    act(OTHER, "create", "update")


def test_a_log_as_it_was_is_sound_in_one_line(app: Flask) -> None:
    code, lines = verified(app)
    assert code == 0
    (line,) = lines
    assert line.startswith("6 events in 2 chains, 0 anchors: all is as it was.")


def test_without_an_event_there_is_nothing_wrong(app: Flask, db: SQLAlchemy) -> None:
    for subject, length in ((HIT, 4), (OTHER, 2)):
        remove(db, subject, *range(1, length + 1))
        rewind(db, subject, 0)
    assert verified(app)[0] == 0


@given(st.lists(st.none() | st.booleans() | st.integers() | st.text()), st.text())
def test_a_seal_is_over_json_whatever_a_column_holds(values: list[Any], instant: str) -> None:
    """The quick way to the text is that of the library: what was sealed by the one is verified by
    the other."""
    text = json.dumps([*values, instant], ensure_ascii=False, separators=(",", ":"))
    assert events._as_text([*values, instant]) == text


CHANGES = {
    "subject": "application:8",
    "seq": 9,
    "verb": "reject",
    "actor_id": None,
    "actor_name": "李四",
    "actor_role": "auditor",
    "region_code": "410102",
    "from_state": "draft",
    "to_state": "rejected",
    "reason_code": None,
    "reason": "材料不全",
    "policy": "national@2",
    "address": "203.0.113.9",
    "public": False,
    "previous": "f" * 64,
    "on_behalf_id": 1,
    "on_behalf_name": "李四",
    "digest": "f" * 64,
}


def test_every_column_that_is_sealed_is_tried_here() -> None:
    assert {*CHANGES, "created_at"} == {*events.SEALED, *events.ON_BEHALF, "digest", "created_at"}
    whole = {column.key for column in Event.__table__.columns}
    assert whole == {*CHANGES, "created_at", "id", "province_code", "city_code"}


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_column_is_found_and_named(column: str, app: Flask, db: SQLAlchemy) -> None:
    row = tampering.event(HIT, 2)
    change(db, HIT, 2, **{column: CHANGES[column]})
    code, lines = verified(app)
    assert code == 1
    subject = CHANGES["subject"] if column == "subject" else HIT
    seq = 9 if column == "seq" else 2
    assert (
        f"{subject} seq {seq} id {row.id}: what it says differs from its seal: it was changed."
        in lines
    )


def test_a_changed_instant_is_found_to_the_microsecond(app: Flask, db: SQLAlchemy) -> None:
    row = tampering.event(HIT, 2)
    change(db, HIT, 2, created_at=row.created_at + timedelta(microseconds=1))
    code, lines = verified(app)
    assert (code, len(lines)) == (1, 1)
    assert lines[0].startswith(f"{HIT} seq 2 id {row.id}: what it says differs")


@pytest.mark.parametrize("column", ["province_code", "city_code"])
def test_an_event_hidden_from_its_auditor_is_refused_or_found(
    column: str, app: Flask, db: SQLAlchemy
) -> None:
    """The scope reads these columns; the database itself holds them to the region."""
    with pytest.raises(IntegrityError):
        change(db, HIT, 2, **{column: "110000"})
    assert verified(app)[0] == 0


def test_a_row_that_changes_places_is_found(app: Flask, db: SQLAlchemy) -> None:
    change(db, HIT, 2, id=900)
    code, lines = verified(app)
    assert code == 1
    row = tampering.event(HIT, 3)
    assert lines == [f"{HIT} seq 3 id {row.id}: its row is older than that of the event before it."]


@pytest.mark.parametrize(
    ("seq", "said"), [(1, "seq 1: the events 1 to 1"), (2, "seq 2: the events 2 to 2")]
)
def test_a_removed_event_is_found(seq: int, said: str, app: Flask, db: SQLAlchemy) -> None:
    remove(db, HIT, seq)
    assert verified(app) == (1, [f"{HIT} {said} are missing."])


def test_the_newest_event_is_missed_before_any_anchor(app: Flask, db: SQLAlchemy) -> None:
    remove(db, HIT, 4)
    last = tampering.event(HIT, 3).id
    code, lines = verified(app)
    assert code == 1
    assert lines == [
        f"{HIT} seq 3 id {last}: the head knows 4 events and another last one: "
        "the newest were removed or changed."
    ]


def test_all_events_of_a_head_are_missed(app: Flask, db: SQLAlchemy) -> None:
    remove(db, HIT, 1, 2, 3, 4)
    assert verified(app) == (1, [f"{HIT} seq 4: the head is there and its 4 events are not."])


def test_a_chain_without_a_head_is_found(app: Flask, db: SQLAlchemy) -> None:
    rewind(db, HIT, 0)
    code, lines = verified(app)
    assert (code, len(lines)) == (1, 1)
    assert "the chain has events and no head" in lines[0]


def test_an_inserted_event_is_found(app: Flask, db: SQLAlchemy) -> None:
    last = tampering.event(HIT, 4).digest
    insert(db, HIT, 5, verb="issue", previous=last, digest="a" * 64)
    rewind(db, HIT, 5)
    row = tampering.event(HIT, 5)
    assert verified(app) == (
        1,
        [f"{HIT} seq 5 id {row.id}: what it says differs from its seal: it was changed."],
    )


def test_two_events_in_each_others_place_are_found(app: Flask, db: SQLAlchemy) -> None:
    change(db, HIT, 2, seq=99)
    change(db, HIT, 3, seq=2)
    change(db, HIT, 99, seq=3)
    code, lines = verified(app)
    assert code == 1
    wrong = [line for line in lines if "differs from its seal" in line]
    assert [line.split(" id ")[0] for line in wrong] == [f"{HIT} seq 2", f"{HIT} seq 3"]


def test_another_key_is_told_as_such_and_not_event_by_event(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchors.anchor()
    monkeypatch.setitem(app.config, "EVENT_KEY", "another key")
    code, lines = verified(app)
    assert code == 1
    assert lines[0].startswith("every one of 6 seals differs: EVENT_KEY is probably not")
    assert len(lines) == 1 + audit.FEW + 1
    assert lines[-1] == "and 4 more."


def test_a_million_faults_are_not_a_million_lines(
    app: Flask, db: SQLAlchemy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "CAP", 2)
    with db.engine.begin() as connection:
        of_one = tampering.EVENTS.c.subject == HIT
        connection.execute(update(tampering.EVENTS).where(of_one).values(reason="x"))
    code, lines = verified(app)
    assert (code, len(lines), lines[-1]) == (1, 3, "and 2 more.")


def test_wrong_use_ends_with_two(app: Flask) -> None:
    assert verified(app, "--since", "yesterday")[0] == 2
    assert verified(app, "--until", "2020-07-10")[0] == 2


def test_many_acts_at_once_are_one_sound_chain(app: Flask) -> None:
    who = factories.actor("county_reviewer", "410105")
    race(app, *[partial(act, "application:9", "save", who=who) for _ in range(6)])
    code, lines = verified(app)
    assert (code, tampering.event("application:9", 6).verb) == (0, "save")
    assert lines[0].startswith("12 events in 3 chains")


def test_an_act_that_dies_leaves_neither_event_nor_head(app: Flask, db: SQLAlchemy) -> None:
    who = factories.actor("county_reviewer", "410105")

    def withdraw() -> None:
        with acting(who), transaction() as session:
            events.record(session, HIT, "withdraw", "410105")

    for step in kills(db, withdraw):
        assert factories.every(Event, subject=HIT, verb="withdraw") == [], step
        assert verified(app)[0] == 0
    assert step >= 4
    assert len(factories.every(Event, subject=HIT, verb="withdraw")) == 1
    assert verified(app)[0] == 0


def test_the_anchors_are_not_needed_to_look_at_one_chain(db: SQLAlchemy) -> None:
    change(db, HIT, 2, reason="x")
    assert audit.verify_chain(OTHER).sound
    report = audit.verify_chain(HIT)
    assert (report.events, [fault.seq for fault in report.faults]) == (4, [2])


def test_what_is_found_does_not_depend_on_an_anchor_row_alone(app: Flask, db: SQLAlchemy) -> None:
    """Anchors that were taken out of the database stand in the file still."""
    anchors.anchor()
    with db.engine.begin() as connection:
        connection.execute(delete(EventAnchor))
    code, lines = verified(app)
    assert code == 1
    assert lines[0].endswith("the database does not have it, and the file does.")
