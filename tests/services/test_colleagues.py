"""Acting for an absent colleague, and handing cases over: the work moves, no right ever does."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.queries.queue import free, queue
from app.queries.waiting import Wanted
from app.scope import Actor, acting_as, as_system
from app.security import actor_of
from app.services import audit, batches, colleagues, outbox, review, undoing
from app.services.claims import HELD_FOR
from app.services.precheck import precheck
from app.services.refusals import Conflict, Forbidden, Invalid, Missing, Refusal
from models.account import Account
from models.application import Application, Decision
from models.claim import Claim
from models.event import Event
from models.substitution import Substitution
from tests.support import factories
from tests.support.cases import REASON, case
from tests.support.factories import acting, every, keep, stored
from tests.support.race import race

pytestmark = pytest.mark.usefixtures("db")

HENAN = "410105"
DANZHOU = "460400"
"""A city without counties: both stages are its own."""
TODAY, LAST = date(2020, 7, 10), date(2020, 7, 20)
ON_THE_LAST, AFTER, BEFORE = "2020-07-20T23:59", "2020-07-21T00:01", "2020-07-09T12:00"


def office(count: int = 3, region_code: str = HENAN, role: str = "county_reviewer") -> list[Actor]:
    """Reviewers of one office, each with a name of their own."""
    people = [factories.account(role, region_code) for _ in range(count)]
    for name, one in zip("甲乙丙丁", people, strict=False):
        with factories.changing(one) as row:
            row.last_name = name
    return [
        Actor(**{**vars(actor_of(one)), "name": n})
        for n, one in zip("甲乙丙丁", people, strict=False)
    ]


def away(absent: Actor, substitute: Actor, **days: Any) -> Substitution:
    """An arrangement that is there, whoever made it."""
    given = {"from_on": TODAY, "until_on": LAST, **days}
    people = {"absent_id": absent.account_id, "substitute_id": substitute.account_id}
    return keep(Substitution(region_code=absent.region_code, **people, **given))


def taken(who: Actor, region_code: str = HENAN) -> Application:
    """A case that somebody is at."""
    made = case(region_code=region_code, submitted=True)
    with acting(who):
        review.take(made.id)
    return made


def refused(who: Actor, act: Any, at: str = factories.IN_WINDOW) -> str:
    with acting(who, at), pytest.raises(Refusal) as told:
        act()
    return told.value.code


def lapse(made: Application) -> None:
    with factories.changing(stored(Claim, made.id)) as claim:
        claim.until = clock.real_now() - timedelta(hours=1)


# Standing in


def test_who_stands_in_does_the_absent_one_s_cases_and_both_are_on_record() -> None:
    absent, substitute, _ = office()
    made = taken(absent)
    away(absent, substitute)
    with acting(substitute):
        assert [one.id for one in queue(Wanted(absent_id=absent.account_id)).rows] == [made.id]
        assert queue().figures.absent == {absent.account_id: ("甲", 1)}
        assert list(free()) == [made.id], "no colleague is in the way"
        review.take(made.id)
        review.decide(made.id, "approve")
    (decision,) = every(Decision)
    assert (decision.decided_by, decision.on_behalf_id) == (
        substitute.account_id,
        absent.account_id,
    )
    done = [e for e in every(Event, subject=f"application:{made.id}") if e.on_behalf_id]
    assert [(e.verb, e.actor_id, e.actor_name, e.on_behalf_name) for e in done] == [
        (verb, substitute.account_id, "乙", "甲") for verb in ("claim", "approve")
    ]
    assert audit.verify().sound


def test_the_days_end_it_by_themselves() -> None:
    absent, substitute, _ = office()
    made = taken(absent)
    away(absent, substitute)
    for day in (BEFORE, AFTER):
        assert refused(substitute, lambda: review.decide(made.id, "approve"), day) == "claimed"
        with acting(substitute, day):
            assert queue(Wanted(absent_id=absent.account_id)).rows == []
            assert queue().figures.absent == {}
    with acting(substitute, ON_THE_LAST):
        review.decide(made.id, "approve")
    assert stored(Application, made.id).stage == 2


def test_nobody_else_takes_part_in_it() -> None:
    absent, substitute, other = office()
    made = taken(absent)
    away(absent, substitute)
    assert refused(other, lambda: review.take(made.id)) == "claimed"
    with acting(other):
        assert queue(Wanted(absent_id=absent.account_id)).rows == []
        assert [one.group for one in precheck([made.id])] == ["look"]
    with acting(substitute):
        assert [one.group for one in precheck([made.id])] == ["clear"]


def test_what_one_takes_for_oneself_is_done_for_nobody_else() -> None:
    absent, substitute, _ = office()
    made = case(region_code=HENAN, submitted=True)
    away(absent, substitute)
    with acting(substitute):
        review.take(made.id)
        review.decide(made.id, "approve")
    assert {one.on_behalf_id for one in every(Decision)} == {None}
    assert {one.on_behalf_name for one in every(Event)} == {None}


@pytest.mark.slow
def test_a_case_that_the_absent_one_took_long_ago_is_still_theirs() -> None:
    absent, substitute, other = office()
    made = taken(absent)
    lapse(made)
    away(absent, substitute)
    with acting(substitute):
        review.decide(made.id, "reject", reason=REASON)
    assert every(Decision)[0].on_behalf_id == absent.account_id
    second = taken(absent)
    lapse(second)
    with acting(other):
        review.decide(second.id, "reject", reason=REASON)
    assert every(Decision)[1].on_behalf_id is None


def test_taking_back_says_for_whom_too() -> None:
    absent, substitute, _ = office()
    made = taken(absent)
    away(absent, substitute)
    with acting(substitute):
        review.decide(made.id, "reject", reason=REASON)
        undoing.undo(made.id)
    (event,) = every(Event, verb="undo")
    assert event.on_behalf_id == absent.account_id
    assert refused(absent, lambda: undoing.undo(made.id)) == "nothing_to_undo"


# The same person never decides two stages, their own case or their own organization


def test_who_was_acted_for_decides_no_further_stage_nor_does_who_acted() -> None:
    absent, substitute, other = office(3, DANZHOU, "city_reviewer")
    made = taken(absent, DANZHOU)
    away(absent, substitute)
    with acting(substitute):
        review.decide(made.id, "approve")
    for who in (absent, substitute):
        assert refused(who, lambda: review.decide(made.id, "approve")) == "two_stages"
        with acting(who):
            assert queue().rows == [], "and it waits for neither of them"
    with acting(other):
        assert [one.id for one in queue().rows] == [made.id]
        review.decide(made.id, "approve")
    assert stored(Application, made.id).state == "issued"


def test_nobody_decides_through_a_substitution_what_the_absent_one_may_not() -> None:
    absent, substitute, _ = office(3, DANZHOU, "city_reviewer")
    away(absent, substitute)
    made = case(region_code=DANZHOU, submitted=True)
    with acting(absent):
        review.decide(made.id, "approve")
    held = {"holder": "甲", "until": clock.real_now() + HELD_FOR}
    with as_system("a test arranges") as session, session.begin():
        session.add(Claim(application_id=made.id, account_id=absent.account_id, **held))
    with acting(substitute), pytest.raises(Forbidden) as told:
        review.decide(made.id, "approve")
    assert told.value.code == "two_stages"
    assert "您代甲审核" in told.value.sentence.zh


@pytest.mark.parametrize("link", ["person_id", "organization_id"])
def test_an_own_case_and_one_s_own_organization_are_not_decided_by_a_substitute(link: str) -> None:
    absent, substitute, _ = office()
    organization = factories.organization(HENAN)
    worker = factories.worker(HENAN, organization_id=organization.id)
    factories.qualification(worker)
    applicant = factories.applicant(worker)
    made = case(applicant, region_code=HENAN, submitted=True)
    with acting(absent):
        review.take(made.id)
    away(absent, substitute)
    with factories.changing(stored(Account, absent.account_id)) as row:
        setattr(row, link, worker.id if link == "person_id" else organization.id)
    code = refused(substitute, lambda: review.decide(made.id, "approve"))
    assert code in ("own_case", "own_organization")
    assert every(Decision) == []


# Arranging it


def arranged(who: Actor, absent: Actor, substitute: Actor, **days: date) -> Substitution:
    given = {"from_on": TODAY, "until_on": LAST, **days}
    with acting(who):
        return colleagues.stand_in(absent.account_id, substitute.account_id, **given)


def test_a_reviewer_and_the_office_s_administrator_arrange_it_and_others_do_not() -> None:
    absent, substitute, other = office()
    row = arranged(absent, absent, substitute)
    event = every(Event, verb="substitute")[0]
    assert (event.subject, event.actor_id) == (f"account:{absent.account_id}", absent.account_id)
    assert event.reason == "甲 → 乙, 2020-07-10 – 2020-07-20"
    with acting(other), pytest.raises(Forbidden):
        colleagues.end(row.id)
    with acting(absent):
        colleagues.end(row.id)
    arranged(factories.actor("county_admin", HENAN), absent, other)
    for who in (substitute, factories.actor("county_admin", "410102")):
        with pytest.raises((Forbidden, Missing)):
            arranged(who, absent, substitute)
    for role in ("auditor", "organization"):
        with pytest.raises(Forbidden):
            arranged(factories.actor(role, HENAN), absent, substitute)
    assert [one.substitute_id for one in every(Substitution)] == [other.account_id]


def test_only_who_decides_the_same_in_the_same_office_stands_in() -> None:
    absent, same = office(2, "110000", "body_reviewer")
    strangers = [
        factories.actor("province_reviewer", "110000"),
        factories.actor("province_admin", "110000"),
        factories.actor("body_reviewer", "110105"),
        absent,
    ]
    gone = factories.actor("body_reviewer", "110000")
    with factories.changing(stored(Account, gone.account_id)) as row:
        row.active = False
    for who in (*strangers, gone):
        with pytest.raises(Invalid) as told:
            arranged(absent, absent, who)
        assert set(told.value.errors) == {"substitute_id"}
    arranged(absent, absent, same)


@pytest.mark.parametrize(
    ("days", "where"),
    [
        ({"from_on": TODAY - timedelta(1)}, "from_on"),
        ({"until_on": TODAY - timedelta(1)}, "until_on"),
        ({"until_on": TODAY + colleagues.LONGEST + timedelta(1)}, "until_on"),
    ],
)
def test_the_days_begin_today_or_later_and_do_not_last_for_ever(
    days: dict[str, date], where: str
) -> None:
    absent, substitute, _ = office()
    with pytest.raises(Invalid) as told:
        arranged(absent, absent, substitute, **days)
    assert set(told.value.errors) == {where}
    arranged(absent, absent, substitute, until_on=TODAY + colleagues.LONGEST)


def test_one_stands_in_at_a_time_and_nobody_who_is_absent() -> None:
    first, second, third = office()
    arranged(first, first, second)
    for who, other, field in ((first, third, "from_on"), (third, first, "substitute_id")):
        with pytest.raises(Invalid) as told:
            arranged(who, who, other, from_on=LAST, until_on=LAST)
        assert set(told.value.errors) == {field}
    later = {"from_on": LAST + timedelta(1), "until_on": LAST + timedelta(2)}
    arranged(first, first, third, **later)
    assert len(every(Substitution)) == 2


def test_two_who_arrange_at_once_leave_one_arrangement(app: Flask) -> None:
    absent, second, third = office()
    admin = factories.actor("county_admin", HENAN)
    said = race(
        app,
        lambda: arranged(absent, absent, second).id,
        lambda: arranged(admin, absent, third).id,
    )
    assert sum(isinstance(one, Invalid) for one in said) == 1
    assert len(every(Substitution)) == 1


def test_who_stands_in_may_end_it_and_it_has_an_event() -> None:
    absent, substitute, _ = office()
    row = arranged(absent, absent, substitute)
    with acting(substitute):
        colleagues.end(row.id)
        with pytest.raises(Missing):
            colleagues.end(row.id)
    assert [one.actor_id for one in every(Event, verb="end_substitution")] == [
        substitute.account_id
    ]
    assert every(Substitution) == []


# Handing over


@pytest.mark.slow
def test_all_that_was_taken_goes_to_the_colleague_with_an_event_for_each_case() -> None:
    giver, taker, _ = office()
    made = [taken(giver) for _ in range(3)]
    lapse(made[1])
    untouched = case(region_code=HENAN, submitted=True)
    with acting(giver):
        handed = colleagues.hand_over(giver.account_id, taker.account_id)
    assert [(one.application_id, one.refused) for one in handed] == [(m.id, None) for m in made]
    for one in made:
        claim = stored(Claim, one.id)
        assert (claim.account_id, claim.holder) == (taker.account_id, "乙")
        assert claim.until - clock.real_now() > timedelta(hours=7)
        assert stored(Application, one.id).version == one.version, "looking changes nothing"
    events = every(Event, verb="hand_over")
    assert [(e.subject, e.actor_id, e.reason, e.public) for e in events] == [
        (f"application:{one.id}", giver.account_id, "甲 → 乙", False) for one in made
    ]
    with acting(taker):
        assert {one.id for one in queue(Wanted(mine=True)).rows} == {one.id for one in made}
        review.decide(made[0].id, "approve")
    assert refused(giver, lambda: review.decide(made[1].id, "approve")) == "claimed"
    with acting(giver):
        review.take(untouched.id)


@pytest.mark.slow
def test_what_the_colleague_may_not_decide_stays_with_the_reason() -> None:
    giver, taker, other = office(3, DANZHOU, "city_reviewer")
    own = case(region_code=DANZHOU, submitted=True)
    with acting(taker):
        review.decide(own.id, "approve")
    with acting(giver):
        review.take(own.id)
    free_one = taken(giver, DANZHOU)
    with acting(giver):
        handed = colleagues.hand_over(giver.account_id, taker.account_id)
    assert {one.application_id: one.refused is None for one in handed} == {
        own.id: False,
        free_one.id: True,
    }
    assert stored(Claim, own.id).account_id == giver.account_id
    with acting(giver):
        colleagues.hand_over(giver.account_id, other.account_id)
    assert stored(Claim, own.id).account_id == other.account_id


def test_nothing_to_hand_over_and_nobody_else_s_to_give() -> None:
    giver, taker, other = office()
    with acting(giver), pytest.raises(Conflict) as told:
        colleagues.hand_over(giver.account_id, taker.account_id)
    assert told.value.code == "nothing_taken"
    made = taken(giver)
    with acting(other), pytest.raises(Forbidden):
        colleagues.hand_over(giver.account_id, other.account_id)
    with acting(giver), pytest.raises(Invalid):
        colleagues.hand_over(giver.account_id, reviewer_of_elsewhere().account_id)
    with acting(factories.actor("county_admin", HENAN)):
        colleagues.hand_over(giver.account_id, taker.account_id)
    assert stored(Claim, made.id).account_id == taker.account_id


def reviewer_of_elsewhere() -> Actor:
    return factories.actor("county_reviewer", "410102")


def test_a_batch_of_the_absent_one_s_cases_says_for_whom() -> None:
    absent, substitute, _ = office()
    made = taken(absent)
    away(absent, substitute)
    with acting(substitute):
        batches.start(batches.new_batch(), [(made.id, made.version)])
    db.session.rollback()
    with acting_as(None), clock.frozen(factories.IN_WINDOW):
        outbox.run_due()
    assert every(Decision)[0].on_behalf_id == absent.account_id


def test_a_decision_is_of_both_wherever_somebody_else_is_asked_for() -> None:
    """Another stage, a second look: neither of the two had no part in it."""
    absent, substitute, _ = office()
    made = taken(absent)
    away(absent, substitute)
    with acting(substitute):
        review.decide(made.id, "approve")
    for who in (absent, substitute):
        with acting(who):
            part = select(Decision.application_id).where(Decision.of_person(who.account_id))
            assert db.session.scalars(part).all() == [made.id]
