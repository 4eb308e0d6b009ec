"""What people do at the same moment happens one after the other: nobody waits for nothing, and
nobody is told of a fault of the portal."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import security
from app.extensions import LOCKED
from app.scope import Actor, as_system
from app.services import (
    applications,
    audit,
    codes,
    colleagues,
    events,
    own_data,
    profiles,
    recovery,
    review,
)
from app.services.refusals import Conflict, Invalid
from app.services.verbs import transaction
from models.account import Account
from models.application import Application, Decision
from models.own_data import DataExport
from models.sign_in import OneTimeCode
from tests.support import factories
from tests.support.cases import case, filled, picture
from tests.support.factories import acting, every
from tests.support.race import race

pytestmark = pytest.mark.usefixtures("db")
HENAN = "410105"
DAY = date(2020, 7, 10)


def by(who: Actor, do: Callable[[], Any]) -> Callable[[], Any]:
    """What one of several at once does, and "done" for its outcome."""

    def act() -> str:
        with acting(who):
            do()
        return "done"

    return act


@pytest.mark.database("postgres")
def test_who_points_at_a_locked_row_does_not_wait_for_it() -> None:
    somebody = factories.actor("county_reviewer", HENAN)
    with as_system("one holds it") as one, as_system("the other points at it") as other:
        one.get(Account, somebody.account_id, with_for_update=LOCKED)
        other.execute(text("SET LOCAL lock_timeout = '5s'"))
        events.record(other, "account:0", "look", HENAN, on_behalf_id=somebody.account_id)
        other.flush()


@pytest.mark.database("postgres")
def test_a_hand_over_does_not_stop_the_giver_who_decides_meanwhile(app: Flask) -> None:
    giver, taker = (factories.actor("county_reviewer", HENAN) for _ in "ab")
    made = [case(region_code=HENAN, submitted=True) for _ in range(2)]
    for one in made:
        with acting(giver):
            review.take(one.id)
    hand_over = by(giver, lambda: colleagues.hand_over(giver.account_id, taker.account_id))
    decisions = [by(giver, lambda key=one.id: review.decide(key, "approve")) for one in made]  # type: ignore[misc]
    said = race(app, hand_over, *decisions)
    assert all(one == "done" or isinstance(one, Conflict) for one in said), said
    taken = sum(row.decided_by == giver.account_id for row in every(Decision))
    assert taken == said[1:].count("done")
    assert audit.verify().sound


@pytest.mark.database("postgres")
def test_of_two_who_name_each_other_at_once_one_is_told(app: Flask) -> None:
    one, other = (factories.actor("county_reviewer", HENAN) for _ in "ab")
    pairs = ((one, other), (other, one))
    said = race(
        app,
        *(
            by(a, lambda a=a, b=b: colleagues.stand_in(a.account_id, b.account_id, DAY, DAY))  # type: ignore[misc]
            for a, b in pairs
        ),
    )
    assert sorted(type(answer).__name__ for answer in said) == ["Invalid", "str"]


@pytest.mark.database("postgres")
def test_two_tabs_save_change_the_profile_and_submit_at_once(app: Flask) -> None:
    who = factories.applicant(region_code=HENAN)
    with acting(who):
        key = filled(HENAN).id
    said = race(
        app,
        by(who, lambda: applications.submit(key, agreed=["truth"])),
        *[by(who, lambda: applications.save(key, {"phone": "13800000001"})) for _ in range(2)],
        *[by(who, lambda: profiles.attach("portrait", "a.jpg", picture())) for _ in range(2)],
    )
    assert said[0] == "done"
    assert all(one == "done" or one.code == "not_open" for one in said), said
    assert audit.verify().sound


@pytest.mark.database("postgres")
def test_a_double_click_starts_one_draft_and_shows_it_twice(app: Flask) -> None:
    who = factories.applicant(region_code=HENAN)
    found: list[int] = []
    start = by(who, lambda: found.append(applications.start("first", HENAN).id))
    assert race(app, *[start] * 4) == ["done"] * 4
    assert len(set(found)) == 1
    assert [row.id for row in every(Application, worker_id=who.worker_id)] == found[:1]


@pytest.mark.database("postgres")
def test_a_double_click_asks_for_one_copy_of_ones_data(app: Flask) -> None:
    who = factories.applicant(region_code=HENAN)
    said = race(app, *[by(who, own_data.request_copy)] * 4)
    assert said.count("done") == len(every(DataExport)) == 1


def test_many_who_ask_at_once_get_one_code(app: Flask) -> None:
    race(app, *[lambda: codes.ask("register", "13911112222")] * 8)
    assert len(every(OneTimeCode)) == 1


def test_tries_sent_at_once_are_counted_one_after_another(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = factories.account("county_reviewer", HENAN)
    manager: Any = app.appbuilder.sm  # type: ignore[attr-defined]

    def meanwhile(_stored: str, typed: str) -> bool:
        """The right one is still being compared when five wrong ones are over."""
        if typed == factories.PASSWORD:
            for count in range(5):
                manager.auth_user_db(account.username, f"wrong {count}")
        return typed == factories.PASSWORD

    monkeypatch.setattr("app.security.check_password_hash", meanwhile)
    assert manager.auth_user_db(account.username, factories.PASSWORD) is None


def test_the_present_password_is_no_way_round_the_lock(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = factories.actor("county_reviewer", HENAN)

    def meanwhile(_stored: str, _typed: str) -> bool:
        for _ in range(5):
            security.record_attempt(who.account_id, False)
        return True

    monkeypatch.setattr("app.services.accounts.check_password_hash", meanwhile)
    with acting(who), pytest.raises(Invalid):
        recovery.present_password(factories.PASSWORD)


def test_of_two_who_wait_for_each_other_one_is_told_to_repeat_the_step() -> None:
    class Deadlock(Exception):
        sqlstate = "40P01"

    with pytest.raises(Conflict) as told, transaction():
        raise OperationalError("UPDATE", {}, Deadlock())
    assert told.value.code == "stale"
    with pytest.raises(OperationalError), transaction():
        raise OperationalError("UPDATE", {}, Exception("the disk is full"))
