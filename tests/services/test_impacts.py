"""What a draft would change: asked for, computed by the worker over the register, and kept."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy

from app import clock
from app.queries import studio
from app.queries.register import compare
from app.rules.policy import Policy
from app.scope import as_system
from app.services import impacts, outbox
from app.services import studio as verbs
from app.services.outbox import run_due
from app.services.refusals import Conflict, Forbidden, Invalid, Missing, Refusal
from models.draft import PolicyDraft, PolicyImpact
from models.message import Outbox
from tests.support import factories
from tests.support.cases import case
from tests.support.factories import acting, every, stored

pytestmark = pytest.mark.usefixtures("db")

TODAY = date(2020, 7, 10)
ADULT = "      real_name: {}\n"
OLDER = "      real_name: {}\n      adult: {age: 40}\n"
"""The first kind of the policy, for people of forty and more."""


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    """Business time stands still in the window of the announcement of 2020."""
    with clock.frozen(factories.IN_WINDOW):
        yield


def draft_of(before: str = ADULT, after: str = OLDER, code: str = "beijing") -> PolicyDraft:
    """A draft with a change that tells some people something else."""
    with acting(factories.actor("platform_admin", "000000")):
        draft = verbs.begin(code)
        return verbs.save(draft.id, draft.text.replace(before, after, 1), draft.version)


def asked(draft: PolicyDraft, as_of: date | None = None) -> PolicyImpact:
    """The impact of a draft, promised."""
    with acting(factories.actor("platform_admin", "000000")):
        return impacts.ask(draft.id, as_of)


def refused(kind: type[Refusal], act: Callable[..., Any], *args: Any) -> Refusal:
    """The refusal of a verb."""
    with pytest.raises(kind) as said:
        act(*args)
    return said.value


def populate() -> None:
    """Three whom the window takes, one of them of forty, with a draft and a case in review, and
    somebody under another policy."""
    young = date(1990, 5, 17)
    factories.applicant(born_on=date(1975, 1, 1))
    case(factories.applicant(born_on=young))
    case(factories.applicant(born_on=young), submitted=True)
    factories.applicant(region_code="510107", born_on=young)


@pytest.mark.slow
def test_who_changes_verdict_is_counted_by_kind_rule_and_region() -> None:
    populate()
    impact = asked(draft_of())
    assert run_due() >= 1
    found = stored(PolicyImpact, impact.id)
    first = found.result["kinds"]["first"]
    assert (found.state, found.result["workers"], found.as_of) == ("done", 3, TODAY)
    assert (first["loses"]["people"], first["gains"]["people"]) == (2, 0)
    assert (first["loses"]["drafts"], first["loses"]["in_flight"]) == (1, 1)
    assert first["loses"]["rules"] == {"adult": 2}
    assert sum(first["loses"]["regions"].values()) == 2
    assert first["unchanged"]["people"] == 1


@pytest.mark.slow
def test_a_change_of_words_changes_nobody_s_verdict() -> None:
    populate()
    impact = asked(draft_of("您的登记申请表已提交", "已收到"))
    run_due()
    kinds = stored(PolicyImpact, impact.id).result["kinds"].values()
    assert [(k["gains"]["people"], k["loses"]["people"]) for k in kinds] == [(0, 0)] * len(kinds)


@pytest.mark.slow
def test_the_windows_that_stand_count_and_not_those_of_the_text() -> None:
    populate()
    impact = asked(draft_of("closes_on: 2020-07-31", "closes_on: 2020-07-05"))
    run_due()
    assert stored(PolicyImpact, impact.id).result["kinds"]["first"]["loses"]["people"] == 0


@pytest.mark.slow
def test_the_same_text_is_compared_once_at_a_time_and_again_when_asked_again() -> None:
    draft = draft_of()
    first = asked(draft)
    assert asked(draft).id == first.id
    run_due()
    assert asked(draft).id != first.id


def test_a_text_with_faults_a_day_in_the_past_and_a_missing_draft_are_refused() -> None:
    broken = draft_of("opens: window", "opns: window")
    with acting(factories.actor("platform_admin", "000000")):
        refused(Conflict, impacts.ask, broken.id)
        refused(Invalid, impacts.ask, broken.id, TODAY - timedelta(days=1))
        refused(Missing, impacts.ask, 999)
    with acting(factories.actor("province_admin", "110000")):
        refused(Forbidden, impacts.ask, broken.id)


@pytest.mark.slow
def test_a_text_that_was_changed_meanwhile_is_told_as_such() -> None:
    draft = draft_of()
    impact = asked(draft)
    with acting(factories.actor("platform_admin", "000000")):
        verbs.save(draft.id, draft.text + "# 再改\n", draft.version)
    run_due()
    kept = stored(PolicyImpact, impact.id)
    assert (kept.state, kept.result) == ("stale", {})
    assert kept.digest != studio.digest_of(stored(PolicyDraft, draft.id))


@pytest.mark.slow
def test_the_day_is_the_draft_s_first_or_the_one_that_was_asked_for() -> None:
    draft = draft_of()
    with acting(factories.actor("platform_admin", "000000")):
        draft = verbs.propose(draft.id, draft.version, date(2020, 8, 1))
    assert asked(draft).as_of == date(2020, 8, 1)
    assert asked(draft, date(2021, 7, 1)).as_of == date(2021, 7, 1)


def test_before_it_is_proposed_the_day_is_the_one_in_the_text_unless_that_has_passed() -> None:
    line = next(one for one in draft_of().text.splitlines() if one.startswith("effective_from:"))
    with acting(factories.actor("platform_admin", "000000")):
        (draft,) = every(PolicyDraft)
        assert asked(draft).as_of == TODAY
        later = draft.text.replace(line, "effective_from: 2020-09-01")
        draft = verbs.save(draft.id, later, draft.version)
    assert asked(draft).as_of == date(2020, 9, 1)


class Killed(BaseException):
    """The worker is gone in the middle, without a word."""


@pytest.mark.slow
def test_a_job_that_is_killed_begins_again_and_says_the_same(
    monkeypatch: pytest.MonkeyPatch, db: SQLAlchemy
) -> None:
    populate()
    impact = asked(draft_of())
    seen: list[tuple[int, int]] = []

    def dying(*policies: Any, progress: Callable[[int, int], None]) -> Any:
        progress(7, 20)
        raise Killed

    monkeypatch.setattr(impacts, "PAUSE", 0)
    monkeypatch.setattr(impacts, "compare", dying)
    with pytest.raises(Killed):
        run_due()
    kept = stored(PolicyImpact, impact.id)
    assert (kept.state, kept.done, kept.total) == ("running", 7, 20)

    def watched(before: Policy, after: Policy, on: date, progress: Any) -> Any:
        def noted(done: int, total: int) -> None:
            seen.append((done, total))
            progress(done, total)

        return compare(before, after, on, progress=noted)

    monkeypatch.setattr(impacts, "compare", watched)
    with as_system("the lease is over") as session, session.begin():
        row = session.query(Outbox).filter_by(key=f"policy_impact:{impact.id}").one()
        row.due_at = clock.real_now()
    run_due()
    once = stored(PolicyImpact, impact.id)
    assert once.state == "done"
    assert seen[-1][0] == seen[-1][1]
    impacts.run(impact.id)
    assert stored(PolicyImpact, impact.id).result == once.result


def test_a_comparison_that_fails_is_told_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    impact = asked(draft_of())

    def failing(*_policies: Any, progress: Any) -> Any:
        raise RuntimeError("no memory")

    with monkeypatch.context() as patch:
        patch.setattr(impacts, "compare", failing)
        run_due()
    assert stored(PolicyImpact, impact.id).state == "failed"
    assert outbox.attempt(f"policy_impact:{impact.id}") is False  # not before its time
    impacts.run(impact.id)
    assert stored(PolicyImpact, impact.id).state == "done"


def test_a_long_comparison_is_not_taken_for_dropped() -> None:
    impact = asked(draft_of())
    (before,) = every(Outbox, key=f"policy_impact:{impact.id}")
    outbox.prolong(before.key)
    (after,) = every(Outbox, key=before.key)
    assert after.due_at > before.due_at
