"""The real verbs in any order by anybody: nobody decides what is not theirs (requirements.md H)."""

from collections import defaultdict
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from app.queries.offices import office_of
from app.queries.queue import queue
from app.rules import regions
from app.rules.workflow import FINAL, State
from app.scope import Actor, as_system
from app.services import applications, audit, review, undoing
from app.services.refusals import Refusal
from models.application import Application, Decision
from tests.support import factories
from tests.support.cases import ITEMS, REASON, case
from tests.support.factories import acting, every, stored

pytestmark = [pytest.mark.usefixtures("db"), pytest.mark.slow]

REGIONS = ("110105", "410105", "419001", "460400")
"""One stage by an association; two; the second at the province; both at one city by two people."""
OFFICES = (
    ("body_reviewer", "110000"),
    ("county_reviewer", "410105"),
    ("city_reviewer", "410100"),
    ("county_reviewer", "419001"),
    ("province_reviewer", "410000"),
    ("city_reviewer", "460400"),
    ("city_reviewer", "460400"),
)
FACTS: dict[str, dict[str, Any]] = {
    "approve": {},
    "reject": {"reason": REASON},
    "return": {"reason": REASON, "items": ITEMS},
}


class Desk(RuleBasedStateMachine):
    """One case in each region, everybody trying everything on it."""

    @initialize()
    def people(self) -> None:
        self.offices = [factories.actor(role, region) for role, region in OFFICES]
        self.cases: dict[str, tuple[Application, Actor]] = {}
        for region in REGIONS:
            worker = factories.worker(region)
            factories.qualification(worker)
            who = factories.applicant(worker)
            made = case(who, region_code=region, submitted=True)
            self.cases[region] = made, who
        # the applicant of one case is a reviewer of that county as well
        _, who = self.cases["410105"]
        self.offices.append(factories.actor("county_reviewer", "410105"))
        self.own = Actor(
            **{**vars(self.offices[-1]), "worker_id": who.worker_id},
        )
        self.ended: dict[int, str] = {}

    @rule(
        region=st.sampled_from(REGIONS),
        person=st.integers(0, len(OFFICES)),
        verdict=st.sampled_from(sorted(FACTS)),
    )
    def decide(self, region: str, person: int, verdict: str) -> None:
        made, _ = self.cases[region]
        who = self.own if person == len(OFFICES) else self.offices[person]
        self._try(who, lambda: review.decide(made.id, verdict, **FACTS[verdict]))

    @rule(region=st.sampled_from(REGIONS))
    def right_person_approves(self, region: str) -> None:
        """Or most examples would end at the first office."""
        made, _ = self.cases[region]
        for who in self.offices[: len(OFFICES)]:
            self._try(who, lambda: review.decide(made.id, "approve"))

    @rule(region=st.sampled_from(REGIONS), person=st.integers(0, len(OFFICES)))
    def take_back(self, region: str, person: int) -> None:
        """Whoever decided last goes back to where it was, and nobody else changes anything."""
        made, _ = self.cases[region]
        who = self.own if person == len(OFFICES) else self.offices[person]
        before, held = stored(Application, made.id), every(Decision, application_id=made.id)
        if self._try(who, lambda: undoing.undo(made.id)) is None:
            assert held[-1].decided_by == who.account_id
            now = stored(Application, made.id)
            assert (now.state, now.stage) == (State.in_review, held[-1].stage)
            left = [one.id for one in every(Decision, application_id=made.id)]
            assert left == [one.id for one in held[:-1]]
        else:
            assert stored(Application, made.id).version == before.version

    @rule(region=st.sampled_from(REGIONS), verb=st.sampled_from(["withdraw", "reopen", "submit"]))
    def applicant_acts(self, region: str, verb: str) -> None:
        made, who = self.cases[region]
        if verb == "submit":
            self._try(who, lambda: applications.submit(made.id, agreed=["truth"]))
        else:
            self._try(who, lambda: getattr(applications, verb)(made.id))

    @staticmethod
    def _try(who: Actor, act: Any) -> Refusal | None:
        try:
            with acting(who):
                act()
        except Refusal as refusal:
            return refusal
        return None

    @invariant()
    def nobody_decided_what_is_not_theirs(self) -> None:
        if not hasattr(self, "cases"):
            return
        everybody = {one.account_id: one for one in (*self.offices, self.own)}
        for made, applicant in self.cases.values():
            stages = defaultdict(set)
            for one in every(Decision, application_id=made.id):
                who = everybody[one.decided_by]
                assert who.worker_id != applicant.worker_id, "an own case"
                assert who.region_code == one.office_code
                assert regions.covers(one.office_code, one.region_code)
                stages[one.decided_by].add(one.stage)
            assert all(len(found) == 1 for found in stages.values()), "one person, two stages"

    @invariant()
    def nobody_decided_elsewhere_what_is_new(self) -> None:
        """A queue looks for no decisions on a case at the first stage of its first attempt."""
        for made, _ in getattr(self, "cases", {}).values():
            now = stored(Application, made.id)
            if (now.stage, now.attempt) == (1, 1):
                assert {one.stage for one in every(Decision, application_id=made.id)} <= {1}

    @invariant()
    def what_has_ended_stays_as_it_is(self) -> None:
        for made, _ in getattr(self, "cases", {}).values():
            now = stored(Application, made.id)
            if made.id in self.ended:
                assert now.state == self.ended[made.id]
            if now.state in FINAL:
                self.ended[made.id] = now.state

    @invariant()
    def the_turn_that_is_kept_is_the_office_s(self) -> None:
        for made, _ in getattr(self, "cases", {}).values():
            now = stored(Application, made.id)
            kept = now.office_code, now.office_role
            if now.state in (State.in_review, State.returned):
                office = office_of(now)
                assert kept == (office.region_code, office.role)
            else:
                assert kept == (None, None)

    @invariant()
    def the_queues_together_hold_what_is_pending(self) -> None:
        if not hasattr(self, "cases"):
            return
        keys = {made.id for made, _ in self.cases.values()}
        with as_system("a test looks") as session:
            pending = session.scalars(
                select(Application.id).where(
                    Application.id.in_(keys), Application.state == State.in_review
                )
            ).all()
        seen: dict[int, set[str]] = defaultdict(set)
        for who in self.offices:
            with acting(who):
                for row in queue().rows:
                    if row.id in keys:
                        seen[row.id].add(who.region_code)
        assert {key for key in seen if seen[key]} <= set(pending)
        for key in pending:
            office = review.office_of(key)
            assert seen[key] in ({office}, set()), "two queues hold it"
            if not seen[key]:
                # only somebody who decided another stage is left there
                assert every(Decision, application_id=key)

    def teardown(self) -> None:
        assert audit.verify().sound


@pytest.mark.database("sqlite")
def test_the_invariants_hold_whoever_tries_what(db: SQLAlchemy) -> None:
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=8,
            stateful_step_count=8,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
