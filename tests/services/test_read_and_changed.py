"""What a verb has read is still so when it is done, whoever does something else to it meanwhile."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import clock
from app.extensions import LOCKED
from app.scope import Actor, as_system
from app.security import actor_of, find_account
from app.services import (
    applications,
    audit,
    batches,
    cases,
    colleagues,
    credits,
    rechecks,
    registering,
    review,
    undoing,
)
from app.services.cases import Ineligible
from app.services.refusals import Conflict, Refusal
from models.application import Application, Decision
from models.batch import BatchItem
from models.claim import Claim
from models.credit import Credit
from models.recheck import Recheck
from tests.services.approved import picture as attach
from tests.services.test_approvals import ON, credit, due, under_review
from tests.services.test_rechecks import with_percent
from tests.support import factories
from tests.support.cases import ITEMS, REASON, case
from tests.support.factories import IN_WINDOW, acting, every, stored
from tests.support.race import PATIENCE, race

pytestmark = [pytest.mark.usefixtures("db"), pytest.mark.database("postgres"), pytest.mark.slow]
HENAN = "410105"
ROUNDS = 5


def by(who: Actor, do: Callable[[], Any], at: str = IN_WINDOW) -> Callable[[], str]:
    """What one of several at once does, and "done" for its outcome."""

    def act() -> str:
        with acting(who, at):
            do()
        return "done"

    return act


def renewal_with_hours(**facts: Any) -> tuple[int, Credit]:
    """A renewal that waits for its only stage, with exactly the hours that it needs."""
    who = due()
    made = under_review(who)
    attach(made.application, "credit_proof_2020")
    return made.application.id, credit(who, "90", **facts)


def waits_for_a_lock(running: "Future[Any]") -> bool:
    """Whether somebody waits for somebody else now; asked again until it is so, or over."""
    asked = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    while not running.done():
        with as_system("a test looks") as session:
            if session.scalar(asked):
                return True
    return False


def test_hours_that_an_approval_has_summed_stay_until_it_is_through(
    db: SQLAlchemy, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, hours = renewal_with_hours()
    tried: list[str] = []
    effect_of = registering.effect_of

    def meanwhile(*given: Any) -> Any:
        monkeypatch.undo()  # the certificate asks for it once more
        with as_system("the office of records takes it out") as other:
            other.execute(text("SET LOCAL lock_timeout = '200ms'"))
            with pytest.raises(OperationalError):
                other.get(Credit, hours.id, with_for_update=LOCKED)
        tried.append("in vain")
        return effect_of(*given)

    monkeypatch.setattr(registering, "effect_of", meanwhile)
    with acting(factories.actor("body_reviewer", "110000"), ON):
        review.decide(key, "approve")
    assert tried == ["in vain"]
    assert stored(Application, key).state == "issued"


def test_an_approval_waits_for_hours_that_are_being_taken_out(app: Flask, db: SQLAlchemy) -> None:
    key, hours = renewal_with_hours()
    approve = by(
        factories.actor("body_reviewer", "110000"), lambda: review.decide(key, "approve"), ON
    )

    def run() -> Any:
        with app.app_context():
            try:
                return approve()
            except Refusal as refusal:
                return refusal
            finally:
                db.session.remove()

    db.session.rollback()
    with ThreadPoolExecutor(1) as pool, as_system("the office of records") as office:
        office.delete(office.get_one(Credit, hours.id))
        office.flush()
        approving = pool.submit(Context().run, run)
        assert waits_for_a_lock(approving)
        office.commit()
        said = approving.result(PATIENCE)
    assert isinstance(said, Ineligible)
    assert stored(Application, key).state == "in_review"


def test_of_an_approval_and_hours_taken_back_at_once_the_first_one_holds(app: Flask) -> None:
    reviewers = [factories.actor("body_reviewer", "110000") for _ in "ab"]
    for _ in range(ROUNDS):
        key, hours = renewal_with_hours(source="offline")
        with factories.changing(hours) as row:
            row.application_id = key
        said = race(
            app,
            by(reviewers[0], lambda key=key: review.decide(key, "approve"), ON),  # type: ignore[misc]
            by(reviewers[1], lambda key=key, one=hours.id: credits.undo(key, one), ON),  # type: ignore[misc]
        )
        approved = stored(Application, key).state == "issued"
        assert approved == bool(every(Credit, id=hours.id)), said
        assert [one == "done" for one in said] == [approved, not approved], said
        assert isinstance(said[approved], Conflict if approved else Ineligible)
    assert audit.verify().sound


def test_of_a_return_and_a_withdrawal_at_once_one_is_told(app: Flask) -> None:
    reviewer = factories.actor("county_reviewer", HENAN)
    for _ in range(ROUNDS):
        who = factories.applicant(region_code=HENAN)
        made = case(who, region_code=HENAN, submitted=True)
        returning = by(
            reviewer,
            lambda key=made.id: review.decide(key, "return", reason=REASON, items=ITEMS),  # type: ignore[misc]
        )
        withdrawing = by(who, lambda key=made.id: applications.withdraw(key))  # type: ignore[misc]
        said = race(app, returning, withdrawing)
        assert said.count("done") == 1, said
        assert isinstance(said[said.index("done") - 1], Conflict)
        state = stored(Application, made.id).state
        assert state == ("returned" if said[0] == "done" else "withdrawn")
        assert len(every(Decision, application_id=made.id)) == (state == "returned")
    assert audit.verify().sound


def test_of_a_hand_over_and_a_batch_at_once_every_case_is_decided_or_handed_over(
    app: Flask,
) -> None:
    giver, taker = (factories.actor("county_reviewer", HENAN) for _ in "ab")
    made = [case(region_code=HENAN, submitted=True) for _ in range(4)]
    with acting(giver):
        for one in made:
            review.take(one.id)
        batch = batches.start(
            batches.new_batch(), [(one.id, stored(Application, one.id).version) for one in made]
        )
    items: list[BatchItem] = every(BatchItem, batch=batch)

    def work() -> str:
        for item in items:
            batches.decide_in_batch(item.id)
        return "done"

    hand_over = by(giver, lambda: colleagues.hand_over(giver.account_id, taker.account_id))
    said = race(app, work, hand_over)
    assert said[0] == "done", said
    for item in every(BatchItem, batch=batch):
        held = every_claim(item.application_id)
        decided = len(every(Decision, application_id=item.application_id))
        assert (item.state, decided, held) in (
            ("done", 1, []),
            ("refused", 0, [taker.account_id]),
        ), said
    assert audit.verify().sound


def every_claim(key: int) -> list[int]:
    """Who holds a case."""
    with as_system("a test looks") as session:
        claim = session.get(Claim, key)
        return [claim.account_id] if claim else []


@pytest.mark.parametrize("meanwhile", ["another takes it", "its holder leaves it"])
def test_what_is_not_held_any_more_is_not_handed_over(
    meanwhile: str, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a hand-over that has read what there is, then it takes nothing out of others' hands."""
    giver, taker, third = (factories.actor("county_reviewer", HENAN) for _ in "abc")
    made = case(region_code=HENAN, submitted=True)
    with acting(giver):
        review.take(made.id)
    fetch = cases.fetch

    def late(*given: Any) -> Application:
        monkeypatch.undo()
        with as_system("it happens now") as session, session.begin():
            claim = session.get_one(Claim, made.id)
            if meanwhile == "its holder leaves it":
                session.delete(claim)
            else:
                claim.account_id, claim.holder = third.account_id, third.name
                claim.until = clock.real_now() + timedelta(minutes=20)
        return fetch(*given)

    monkeypatch.setattr(cases, "fetch", late)
    with acting(giver):
        (handed,) = colleagues.hand_over(giver.account_id, taker.account_id)
    assert handed.refused is not None
    assert every_claim(made.id) == ([third.account_id] if "another" in meanwhile else [])


def test_of_a_re_check_and_an_undo_at_once_the_draw_stands(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_percent(monkeypatch, 100)
    above = factories.actor("province_reviewer", "410000")
    for _ in range(ROUNDS):
        made = case(region_code=HENAN, approved=True)
        with factories.changing(made) as row:
            row.state = "approved"  # as while its certificate is still being drawn
        (drawn,) = every(Recheck, application_id=made.id)
        account = find_account(id=drawn.decided_by)
        assert account is not None
        decider = actor_of(account)
        said = race(
            app,
            by(above, lambda key=drawn.id: rechecks.check(key, "agree")),  # type: ignore[misc]
            by(decider, lambda key=made.id: undoing.undo(key)),  # type: ignore[misc]
        )
        assert said[0] == "done"
        assert said[1].code == "drawn"
        assert stored(Application, made.id).state == "approved"
        assert stored(Recheck, drawn.id).verdict == "agree"
