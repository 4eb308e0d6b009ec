"""Taking a case: nobody else does the same work meanwhile, and nothing stays taken for ever."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.scope import Actor, as_system
from app.services import applications, review
from app.services.claims import HELD_FOR
from app.services.refusals import Conflict, Forbidden, Missing
from models.application import Application
from models.claim import Claim
from models.event import Event
from tests.support import factories
from tests.support.cases import REASON, case, decide
from tests.support.factories import acting, every, stored
from tests.support.race import race

pytestmark = pytest.mark.usefixtures("db")

HENAN = "410105"


def reviewers(count: int = 2) -> list[Actor]:
    return [factories.actor("county_reviewer", HENAN) for _ in range(count)]


def over(made: Application) -> None:
    """The time of the claim on a case is over."""
    with factories.changing(stored(Claim, made.id)) as claim:
        claim.until = clock.real_now() - timedelta(seconds=1)


def claimed() -> list[int]:
    with as_system("a test looks") as session:
        return list(session.scalars(select(Claim.application_id)))


def acts(made: Application) -> list[tuple[str, int | None]]:
    found = every(Event, subject=f"application:{made.id}")
    return [(one.verb, one.actor_id) for one in found if one.verb in ("claim", "release")]


def test_a_taken_case_is_one_s_own_for_a_while() -> None:
    made = case(region_code=HENAN, submitted=True)
    first, second = reviewers()
    with acting(first):
        review.take(made.id)
    claim = stored(Claim, made.id)
    assert (claim.account_id, claim.holder) == (first.account_id, "张三")
    assert timedelta() < claim.until - clock.real_now() <= HELD_FOR
    with acting(second), pytest.raises(Conflict) as refused:
        review.take(made.id)
    assert refused.value.code == "claimed"
    assert "张三正在审核" in str(refused.value.sentence.zh)
    assert acts(made) == [("claim", first.account_id)]


def test_a_decision_by_another_is_refused_while_the_case_is_taken() -> None:
    made = case(region_code=HENAN, submitted=True)
    first, second = reviewers()
    with acting(first):
        review.take(made.id)
    with acting(second), pytest.raises(Conflict) as refused:
        review.decide(made.id, "approve")
    assert refused.value.code == "claimed"
    with acting(first):
        review.decide(made.id, "approve")
    assert stored(Application, made.id).stage == 2
    assert claimed() == []


def test_a_claim_ends_and_another_takes_over() -> None:
    made = case(region_code=HENAN, submitted=True)
    first, second = reviewers()
    with acting(first):
        review.take(made.id)
    over(made)
    with acting(second):
        review.take(made.id)
    assert stored(Claim, made.id).account_id == second.account_id
    with acting(first), pytest.raises(Conflict):
        review.decide(made.id, "approve")
    over(made)
    with acting(first):
        review.decide(made.id, "approve")
    assert acts(made) == [("claim", first.account_id), ("claim", second.account_id)]


def test_taken_again_it_is_held_longer_without_another_event() -> None:
    made = case(region_code=HENAN, submitted=True)
    (who,) = reviewers(1)
    with acting(who):
        review.take(made.id)
    with factories.changing(stored(Claim, made.id)) as claim:
        claim.until = clock.real_now() + timedelta(minutes=1)
    with acting(who):
        review.take(made.id)
    assert stored(Claim, made.id).until - clock.real_now() > timedelta(minutes=15)
    assert len(acts(made)) == 1


def test_what_one_leaves_is_anybody_s_again_and_nobody_leaves_another_s() -> None:
    made = case(region_code=HENAN, submitted=True)
    first, second = reviewers()
    with acting(first):
        review.take(made.id)
    with acting(second):
        review.leave(made.id)
    assert claimed() == [made.id]
    with acting(first):
        review.leave(made.id)
    with acting(second):
        review.take(made.id)
    assert [verb for verb, _ in acts(made)] == ["claim", "release", "claim"]


def test_taking_neither_changes_the_case_nor_stops_the_applicant() -> None:
    """X-10: the first act that ends a withdrawal is a decision, not a look."""
    who = factories.applicant(region_code=HENAN)
    made = case(who, region_code=HENAN, submitted=True)
    with acting(reviewers(1)[0]):
        review.take(made.id)
    assert stored(Application, made.id).version == made.version
    with acting(who):
        assert applications.withdraw(made.id, made.version).state == "withdrawn"


def test_who_may_not_decide_takes_nothing() -> None:
    made = case(region_code=HENAN, submitted=True)
    refused = {"city_reviewer": ("410100", Forbidden), "county_admin": (HENAN, Forbidden)}
    for role, (region, kind) in refused.items():
        with acting(factories.actor(role, region)), pytest.raises(kind):
            review.take(made.id)
    with acting(factories.actor("county_reviewer", "410102")), pytest.raises(Missing):
        review.take(made.id)
    decide(made.id, "reject")
    with acting(reviewers(1)[0]), pytest.raises(Conflict) as told:
        review.take(made.id)
    assert told.value.code == "already_decided"
    assert claimed() == []


@pytest.mark.slow
def test_the_first_of_some_that_is_free_is_taken() -> None:
    made = [case(region_code=HENAN, submitted=True).id for _ in range(3)]
    first, second = reviewers()
    with acting(first):
        assert review.take_first(made) == made[0]
    decide(made[1], "reject")
    with acting(second):
        assert review.take_first(made) == made[2]
        assert review.take_first(made[:2]) is None


@pytest.mark.slow
def test_two_who_take_at_once_make_one_holder(app: Flask) -> None:
    made = case(region_code=HENAN, submitted=True)

    def taking(who: Actor) -> None:
        with acting(who):
            review.take(made.id)

    for _ in range(3):
        people = reviewers(4)
        said = race(app, *(lambda who=who: taking(who) for who in people))
        winners = [who for who, answer in zip(people, said, strict=True) if answer is None]
        codes = {answer.code for answer in said if answer is not None}
        assert (len(winners), codes) == (1, {"claimed"})
        assert stored(Claim, made.id).account_id == winners[0].account_id
        with acting(winners[0]):
            review.leave(made.id)


def test_a_decision_and_a_claim_at_once_leave_no_claim_on_a_decided_case(app: Flask) -> None:
    made = case(region_code=HENAN, submitted=True)
    first, second = reviewers()

    def deciding() -> str:
        with acting(first):
            return review.decide(made.id, "reject", reason=REASON).state

    def taking() -> None:
        with acting(second):
            review.take(made.id)

    decided, taken = race(app, deciding, taking)
    if decided == "rejected":
        assert taken is not None
        assert taken.code == "already_decided"
        assert claimed() == []
    else:
        assert (decided.code, taken) == ("claimed", None)
        assert stored(Application, made.id).state == "in_review"
