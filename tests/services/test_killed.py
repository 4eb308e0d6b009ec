"""A process that dies between any two statements of a verb leaves the old state or the new."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, select

from app.scope import Actor, as_system
from app.services import applications, audit, outbox, review, undoing
from models.application import Application, Decision, Submission
from models.certificate import Certificate
from models.claim import Claim
from models.event import Event
from models.message import Consent, Message, Outbox
from models.registration import Registration
from tests.services.faults import Killed, killed_at, kills, later
from tests.support import factories
from tests.support.cases import REASON, case, decide, filled, reviewer_of
from tests.support.factories import acting, stored

pytestmark = [pytest.mark.usefixtures("db"), pytest.mark.slow]

HENAN = "410105"
LASTING = (
    *(Submission, Consent, Decision, Registration, Certificate),
    *(Message, Outbox, Event),
)
Verb = Callable[[Application], Any]


@dataclass(frozen=True)
class Scene:
    """A case before a verb, who does it, and the verb."""

    made: Application
    who: Actor
    verb: Verb


def submitting() -> Scene:
    who = factories.applicant(region_code=HENAN)
    with acting(who):
        key = filled(HENAN).id
    return Scene(
        stored(Application, key), who, lambda made: applications.submit(made.id, agreed=["truth"])
    )


def withdrawing() -> Scene:
    who = factories.applicant(region_code=HENAN)
    made = case(who, region_code=HENAN, submitted=True)
    return Scene(made, who, lambda made: applications.withdraw(made.id))


def approving(final: bool) -> Scene:
    made = case(region_code=HENAN, submitted=True)
    if final:
        decide(made.id, "approve")
    return Scene(made, reviewer_of(made.id), lambda made: review.decide(made.id, "approve"))


def rejecting() -> Scene:
    made = case(region_code=HENAN, submitted=True)
    verb: Verb = lambda made: review.decide(made.id, "reject", reason=REASON)  # noqa: E731
    return Scene(made, reviewer_of(made.id), verb)


def returning() -> Scene:
    made = case(region_code=HENAN, submitted=True)
    verb: Verb = lambda made: review.decide(  # noqa: E731
        made.id, "return", reason=REASON, items=["phone"]
    )
    return Scene(made, reviewer_of(made.id), verb)


def taking() -> Scene:
    made = case(region_code=HENAN, submitted=True)
    return Scene(made, reviewer_of(made.id), lambda made: review.take(made.id))


def undoing_a_return() -> Scene:
    made = case(region_code=HENAN, submitted=True)
    who = reviewer_of(made.id)
    with acting(who):
        made = review.decide(made.id, "return", reason=REASON, items=["phone"])
    return Scene(stored(Application, made.id), who, lambda made: undoing.undo(made.id))


SCENES: dict[str, Callable[[], Scene]] = {
    "submit": submitting,
    "withdraw": withdrawing,
    "approve the first stage": lambda: approving(final=False),
    "approve the last stage": lambda: approving(final=True),
    "reject": rejecting,
    "return": returning,
    "claim": taking,
    "undo": undoing_a_return,
}


def picture(made: Application) -> tuple[Any, ...]:
    """All that a verb on this case may change, as the database has it now."""
    with as_system("a test looks") as session:
        row = session.get_one(Application, made.id)
        counts = [session.scalar(select(func.count()).select_from(m)) for m in (*LASTING, Claim)]
    turn = row.office_code, row.office_role, row.due_on
    return (row.state, row.stage, row.version, row.submitted_at, row.decided_at, *turn, *counts)


def ends(db: SQLAlchemy, scene: Scene) -> Iterator[tuple[bool, tuple[Any, ...]]]:
    """Do the verb again and again, dying one statement later each time until it comes through:
    whether it did, and what is there."""

    def verb() -> None:
        with acting(scene.who):
            scene.verb(scene.made)

    for _step in kills(db, verb):
        yield False, picture(scene.made)
    yield True, picture(scene.made)


@pytest.mark.parametrize("name", SCENES)
def test_a_kill_between_any_two_statements_leaves_the_old_state_or_the_new(
    db: SQLAlchemy, name: str
) -> None:
    scene = SCENES[name]()
    old = picture(scene.made)
    seen = []
    for done, now in ends(db, scene):
        seen.append(now)
        if done:
            break
        if now != old:
            # the verb's own transaction is committed: what follows is promised work
            assert name == "approve the last stage"
            break
    assert all(one == old for one in seen[:-1]), name
    assert seen[-1] != old
    assert len(seen) > 8
    assert audit.verify().sound


def test_x_17_a_kill_anywhere_in_a_final_approval_ends_with_one_certificate(
    db: SQLAlchemy, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = approving(final=True)
    for step in range(1, 400):
        if stored(Application, scene.made.id).state != "in_review":
            break
        try:
            with acting(scene.who), killed_at(db, step):
                scene.verb(scene.made)
        except Killed:
            assert stored(Application, scene.made.id).state in ("in_review", "approved", "issued")
    # whatever was promised is done by the worker, who dies as well
    for _step in kills(db, outbox.run_due):
        pass_time(monkeypatch)
    assert stored(Application, scene.made.id).state == "issued"
    with as_system("a test looks") as session:
        assert session.scalar(select(func.count(Certificate.id))) == 1
        assert session.scalar(select(func.count(Registration.id))) == 1
    assert audit.verify().sound


def pass_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a dead worker held is free again."""
    later(monkeypatch, 2)
