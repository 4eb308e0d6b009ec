"""Batches: pre-checked, confirmed, and each case decided by itself, as whoever confirmed."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.scope import Actor, acting_as, as_system
from app.services import applications, batches, materials, outbox, review
from app.services.precheck import MOST, precheck
from app.services.refusals import Forbidden, Invalid, Missing
from models.account import Account
from models.application import Application, Decision
from models.batch import BatchItem
from models.event import Event
from models.message import Message, Outbox
from models.qualification import Qualification
from tests.support import factories
from tests.support.cases import case, decide, picture
from tests.support.factories import IN_WINDOW, acting, every, stored
from tests.support.race import race
from tests.support.watching import statements

pytestmark = pytest.mark.usefixtures("db")

HENAN = "410105"


def reviewer() -> Actor:
    return factories.actor("county_reviewer", HENAN)


def waiting(number: int = 3) -> list[Application]:
    return [case(region_code=HENAN, submitted=True) for _ in range(number)]


def begin(who: Actor, made: list[Application]) -> str:
    with acting(who):
        return batches.start(batches.new_batch(), [(one.id, one.version) for one in made])


def work() -> None:
    """As the worker does: nobody acts."""
    db.session.rollback()
    with acting_as(None), clock.frozen(IN_WINDOW):
        outbox.run_due()


def states(batch: str) -> dict[int, str]:
    with as_system("a test looks") as session:
        rows = session.scalars(select(BatchItem).filter_by(batch=batch).order_by(BatchItem.id))
        return {row.application_id: row.state for row in rows}


# What a batch would meet


@pytest.mark.slow
def test_what_is_clear_and_what_needs_a_look_and_what_is_another_s() -> None:
    clear, taken, decided = waiting(3)
    elsewhere = case(submitted=True)
    decide(decided.id, "approve")
    colleague = reviewer()
    with acting(colleague):
        review.take(taken.id)
    keys = [clear.id, taken.id, elsewhere.id, decided.id, clear.id, 10**6]
    with acting(reviewer()):
        found = precheck(keys)
    assert [(one.application_id, one.group) for one in found] == [
        (clear.id, "clear"),
        (taken.id, "look"),
        (elsewhere.id, "not_yours"),
        (decided.id, "not_yours"),
        (10**6, "not_yours"),
    ]
    assert found[0].reasons == ()
    assert all(one.reasons for one in found[1:])
    assert (found[2].found, found[4].found) == (None, None), "not even that it exists"


@pytest.mark.slow
def test_the_employer_of_whoever_decides_is_asked_once_for_all_cases() -> None:
    theirs = factories.organization(HENAN)
    themselves, colleague = (factories.worker(HENAN, organization_id=theirs.id) for _ in "ab")
    factories.qualification(colleague)
    made = [*waiting(2), case(factories.applicant(colleague), region_code=HENAN, submitted=True)]
    with (
        acting(factories.actor("county_reviewer", HENAN, person_id=themselves.id)),
        statements(db) as asked,
    ):
        found = precheck(one.id for one in made)
    assert [one.group for one in found] == ["clear", "clear", "not_yours"]
    assert [str(one) for one in found[2].reasons] == [str(review.OWN["own_organization"])]
    employers = [sql for sql in asked.sent if sql.startswith("SELECT worker.organization_id")]
    assert len(employers) == 1


@pytest.mark.slow
def test_remarks_differences_and_corrections_need_a_look() -> None:
    who = factories.applicant(region_code=HENAN)
    corrected = case(who, region_code=HENAN, submitted=True)
    decide(corrected.id, "return")
    with acting(who):
        applications.submit(corrected.id, ["truth"])
    sideways = factories.applicant(region_code=HENAN)
    draft = case(sideways, region_code=HENAN)
    with acting(sideways):
        materials.attach(draft.id, "portrait", "a.jpg", picture(626, 413))
        applications.submit(draft.id, ["truth"])
    renamed = case(region_code=HENAN, submitted=True)
    with as_system("a test arranges") as session, session.begin():
        session.get_one(Application, renamed.id).attempt = 2
    with acting(reviewer()):
        said = {one.application_id: one for one in precheck([corrected.id, draft.id, renamed.id])}
    assert {one.group for one in said.values()} == {"look"}
    texts = {key: " ".join(str(reason) for reason in one.reasons) for key, one in said.items()}
    assert "补正后的申请" in texts[corrected.id]
    assert "626" in texts[draft.id]
    assert "第2次申请" in texts[renamed.id]


@pytest.mark.slow
def test_contact_data_that_changed_are_no_reason_to_look() -> None:
    made = case(region_code=HENAN, submitted=True, phone="13911112222", email="new@example.com")
    with acting(reviewer()):
        assert [one.group for one in precheck([made.id])] == ["clear"]


def test_what_the_roster_says_otherwise_by_now_needs_a_look() -> None:
    made = case(region_code=HENAN, submitted=True)
    with as_system("a test arranges") as session, session.begin():
        session.get_one(Qualification, made.qualification_id).management_number = "GL-NEW"
    with acting(reviewer()):
        (found,) = precheck([made.id])
    assert found.group == "look"
    assert "管理号" in str(found.reasons[0])


def test_a_batch_is_not_longer_than_people_read() -> None:
    with acting(reviewer()):
        assert len(precheck(range(1, 2 * MOST))) == MOST
        with pytest.raises(Invalid):
            batches.start(batches.new_batch(), [(key, 1) for key in range(1, MOST + 2)])
        with pytest.raises(Invalid):
            batches.start(batches.new_batch(), [])


# What comes of it


@pytest.mark.slow
def test_every_case_is_decided_by_whoever_confirmed_and_not_by_the_portal() -> None:
    made, who = waiting(), reviewer()
    batch = begin(who, made)
    assert [stored(Application, one.id).stage for one in made] == [1, 1, 1]
    assert set(states(batch).values()) == {"waiting"}
    work()
    assert set(states(batch).values()) == {"done"}
    assert [stored(Application, one.id).stage for one in made] == [2, 2, 2]
    acts = every(Event, verb="approve")
    assert {(one.actor_id, one.actor_role, one.address) for one in acts} == {
        (who.account_id, "county_reviewer", "192.0.2.1")
    }
    assert [one.decided_by for one in every(Decision)] == [who.account_id] * 3


@pytest.mark.slow
def test_what_stops_one_case_does_not_stop_the_others() -> None:
    made, who = waiting(), reviewer()
    batch = begin(who, made)
    decide(made[1].id, "reject")
    work()
    assert list(states(batch).values()) == ["done", "refused", "done"]
    with acting(who):
        lines = batches.lines(batch)
    assert "他人已修改" in lines[1].item.sentence["zh"]
    assert lines[1].item.sentence["en"].endswith(".")
    assert stored(Application, made[1].id).state == "rejected"


def test_a_case_that_changed_since_the_pre_check_is_not_decided() -> None:
    who = factories.applicant(region_code=HENAN)
    made, office = case(who, region_code=HENAN, submitted=True), reviewer()
    batch = begin(office, [made])
    decide(made.id, "return")
    with acting(who):
        applications.submit(made.id, ["truth"])
    work()
    assert states(batch) == {made.id: "refused"}
    assert stored(Application, made.id).stage == 1


@pytest.mark.slow
def test_a_batch_that_was_confirmed_twice_is_one() -> None:
    made, who = waiting(2), reviewer()
    batch = begin(who, made)
    with acting(who):
        batches.start(batch, [(one.id, one.version) for one in made])
    assert len(every(BatchItem)) == len(every(Outbox)) == 2
    work()
    work()
    assert len(every(Decision)) == 2


@pytest.mark.database("postgres")
def test_a_batch_that_is_confirmed_twice_at_once_is_one(app: Flask) -> None:
    made, who = waiting(2), reviewer()
    name, chosen = batches.new_batch(), [(one.id, one.version) for one in made]

    def start() -> str:
        with acting(who):
            return batches.start(name, chosen)

    assert race(app, *[start] * 4) == [name] * 4
    assert len(every(BatchItem)) == len(every(Outbox)) == 2


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_and_run_again_nobody_is_decided_twice(
    when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,), who = waiting(1), reviewer()
    batch = begin(who, [made])
    real = review.decide

    def killed(*args: Any, **facts: Any) -> Any:
        if when == "after":
            real(*args, **facts)
        raise RuntimeError("the power is off")

    with monkeypatch.context() as patch:
        patch.setattr(review, "decide", killed)
        work()
    assert (states(batch), stored(Application, made.id).stage) == ({made.id: "waiting"}, 1)
    assert every(Decision) == every(Event, verb="approve") == []
    (item,) = every(BatchItem)
    with acting_as(None), clock.frozen(IN_WINDOW):
        batches.decide_in_batch(item.id)
        batches.decide_in_batch(item.id)
    assert states(batch) == {made.id: "done"}
    assert len(every(Decision)) == len(every(Event, verb="approve")) == 1


@pytest.mark.parametrize("lost", ["active", "region"])
def test_an_account_that_lost_its_right_meanwhile_decides_nothing(lost: str) -> None:
    (made,), who = waiting(1), reviewer()
    batch = begin(who, [made])
    with factories.changing(stored(Account, who.account_id)) as row:
        if lost == "active":
            row.active = False
        else:
            row.region_code = "410102"
    work()
    assert states(batch) == {made.id: "refused"}
    assert stored(Application, made.id).stage == 1


# Returned or refused together

BACK = batches.Verdict("return", "picture_unclear", items=("id_front", "phone"))


@pytest.mark.parametrize(
    ("what", "state", "told"),
    [
        (BACK, "returned", "请重新拍摄后上传"),
        (batches.Verdict("reject", "outside_scope"), "rejected", "不属于本次登记的范围"),
        (batches.Verdict("reject", "other", "请携带原件到窗口办理"), "rejected", "到窗口办理"),
    ],
)
@pytest.mark.slow
def test_many_are_returned_or_refused_for_one_reason_each_by_itself(
    what: batches.Verdict, state: str, told: str
) -> None:
    made, who = waiting(), reviewer()
    with acting(who):
        keys = [(one.id, one.version) for one in made]
        batch = batches.start(batches.new_batch(), keys, what)
    decide(made[1].id, "approve")
    work()
    assert list(states(batch).values()) == ["done", "refused", "done"]
    now = [stored(Application, one.id) for one in made]
    assert [one.state for one in now] == [state, "in_review", state]
    for one in every(Decision, verdict=what.verdict):
        assert (one.decided_by, one.reason_code) == (who.account_id, what.reason_code)
        assert told in one.reason
        assert one.items == list(what.items) == stored(Application, one.application_id).unlocked
    assert sum(told in one.body for one in every(Message)) == 2, "each applicant reads it"


@pytest.mark.parametrize(
    ("what", "where"),
    [
        (batches.Verdict("return", "picture_unclear"), "items"),
        (batches.Verdict("return", items=("phone",)), "reason"),
        (batches.Verdict("reject"), "reason"),
        (batches.Verdict("reject", "other"), "reason"),
        (batches.Verdict("reject", reason="长" * 501), "reason"),
        (batches.Verdict("burn", reason="x"), "verdict"),
    ],
)
@pytest.mark.database("sqlite")
def test_a_batch_without_its_reason_is_not_begun(what: batches.Verdict, where: str) -> None:
    (made,), who = waiting(1), reviewer()
    with acting(who), pytest.raises(Invalid) as refused:
        batches.start(batches.new_batch(), [(made.id, made.version)], what)
    assert set(refused.value.errors) == {where}
    assert every(BatchItem) == []


@pytest.mark.slow
def test_what_one_kind_does_not_have_stops_that_case_alone() -> None:
    """A reason or an item that another policy lacks is that case's result."""
    made, who = waiting(2), reviewer()
    with acting(who):
        keys = [(made[0].id, made[0].version)]
        odd = batches.start(batches.new_batch(), keys, batches.Verdict("reject", "form_unstamped"))
        keys = [(made[1].id, made[1].version)]
        wrong = batches.Verdict("return", "other", "请更正", items=("level",))
        other = batches.start(batches.new_batch(), keys, wrong)
    work()
    assert states(odd) | states(other) == {one.id: "refused" for one in made}


@pytest.mark.slow
def test_before_a_return_or_a_refusal_only_colleagues_and_the_policy_stand_in_the_way() -> None:
    clear, taken = waiting(2)
    with factories.changing(stored(Application, clear.id)) as row:
        row.attempt = 2
    with acting(reviewer()):
        review.take(taken.id)
    beijing = case(submitted=True)
    with acting(reviewer()):
        for verdict in ("return", "reject"):
            found = precheck([clear.id, taken.id, beijing.id], verdict)
            assert [one.group for one in found] == ["clear", "look", "not_yours"]
    with acting(factories.actor("body_reviewer", "110000")):
        (back,) = precheck([beijing.id], "return")
        assert (back.group, "不设退回补正" in str(back.reasons[0])) == ("look", True)
        assert [one.group for one in precheck([beijing.id], "reject")] == ["clear"]


def test_nobody_starts_a_batch_without_the_right_or_sees_another_s() -> None:
    made, who = waiting(1), reviewer()
    batch = begin(who, made)
    with acting(reviewer()), pytest.raises(Missing):
        batches.lines(batch)
    for role in ("county_admin", "auditor"):
        with acting(factories.actor(role, HENAN)), pytest.raises(Forbidden):
            batches.start(batches.new_batch(), [(made[0].id, made[0].version)])
    assert len(every(BatchItem)) == 1
