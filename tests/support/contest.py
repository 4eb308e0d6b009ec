"""Many people at one case at the same instant, round after round, and what must hold after each."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.scope import Actor, as_system
from app.services import applications, review
from app.services.refusals import Conflict, Refusal
from models.application import Application, Decision
from models.certificate import Certificate
from models.claim import Claim
from models.event import Event, EventChain
from tests.support import factories
from tests.support.cases import REASON, case
from tests.support.factories import acting
from tests.support.race import race

REGION = "410105"
VERBS = ("withdraw", "approve", "reject", "claim")


@dataclass
class Outcome:
    """Which verbs went through, and which rules were broken."""

    winners: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Contest:
    """Fifty reviewers of one county and an applicant for each round; the same people each time."""

    def __init__(self, app: Flask, people: int, dice: Random) -> None:
        self.app = app
        self.dice = dice
        self.reviewers = [factories.actor("county_reviewer", REGION) for _ in range(people)]

    def round(self) -> Outcome:
        """One new case under review, everybody at it at once."""
        who = factories.applicant(region_code=REGION)
        made = case(who, region_code=REGION, submitted=True)
        verbs = [self.dice.choice(VERBS) for _ in self.reviewers]
        calls = [
            self._call(verb, made, who if verb == "withdraw" else reviewer)
            for verb, reviewer in zip(verbs, self.reviewers, strict=True)
        ]
        return _judged(made, verbs, race(self.app, *calls))

    def _call(self, verb: str, made: Application, who: Actor) -> Callable[[], Any]:
        def withdraw() -> None:
            applications.withdraw(made.id, made.version)

        def approve() -> None:
            review.decide(made.id, "approve", version=made.version)

        def reject() -> None:
            review.decide(made.id, "reject", reason=REASON, version=made.version)

        def claim() -> None:
            review.take(made.id, made.version)

        do = {"withdraw": withdraw, "approve": approve, "reject": reject, "claim": claim}[verb]

        def act() -> None:
            with acting(who):
                do()

        return act


def _judged(made: Application, verbs: list[str], said: list[Refusal | None]) -> Outcome:
    """What happened, held against what may happen.

    A claim does not move the case, so that the claimant's colleagues lose, while the applicant may
    still withdraw it; a case that has moved is claimed by nobody.
    """
    outcome = Outcome([verb for verb, one in zip(verbs, said, strict=True) if one is None])
    with as_system("a test looks") as session:
        now = session.get_one(Application, made.id)
        subject = f"application:{made.id}"
        events = session.scalars(
            select(Event).where(Event.subject == subject).order_by(Event.seq)
        ).all()
        head = session.get_one(EventChain, subject)
        decisions = session.scalars(
            select(Decision).where(Decision.application_id == made.id)
        ).all()
        certificates = session.scalars(
            select(Certificate.id).where(Certificate.application_id == made.id)
        ).all()
        claims = session.scalars(select(Claim).where(Claim.application_id == made.id)).all()
    moves = [verb for verb in outcome.winners if verb != "claim"]
    told = Counter(event.verb for event in events if event.verb in VERBS)
    expected = {
        "withdraw": ("withdrawn", 1),
        "reject": ("rejected", 1),
        "approve": ("in_review", 2),
    }
    state = expected[moves[0]] if moves else ("in_review", 1)
    checks = {
        f"{moves} moved it": len(moves) <= 1,
        f"nobody won: {verbs}": bool(outcome.winners),
        f"{outcome.winners.count('claim')} hold it": outcome.winners.count("claim") <= 1,
        f"{[str(one) for one in said]}": all(
            one is None or isinstance(one, Conflict) for one in said
        ),
        f"it is {now.state} {now.stage} after {moves}": (now.state, now.stage) == state,
        f"events {told} of {outcome.winners}": told == Counter(outcome.winners),
        "the chain has a gap": [event.seq for event in events] == list(range(1, head.length + 1)),
        f"{len(decisions)} decisions": len(decisions)
        == sum(m in ("approve", "reject") for m in moves),
        f"version {now.version} after {made.version}": (now.version > made.version) == bool(moves),
        "a certificate": not certificates,
        "a decided case is held": not (claims and moves and moves[0] != "withdraw"),
    }
    outcome.faults = [fault for fault, holds in checks.items() if not holds]
    return outcome
