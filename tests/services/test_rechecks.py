"""Quality of review: approvals drawn by lot for the office above (docs/adr/0032)."""

from dataclasses import replace
from typing import Any

import pytest

from app.queries import rechecks as lists
from app.queries.policies import policy_of_case
from app.rules.draw import Draw
from app.scope import Actor
from app.services import rechecks, review
from app.services.refusals import Conflict, Forbidden, Invalid, Missing
from models.application import Application, Decision
from models.certificate import Certificate
from models.event import Event
from models.message import Message
from models.recheck import Recheck
from models.worker import Worker
from tests.support import factories
from tests.support.cases import case, decide, reviewer_of
from tests.support.factories import acting, every, stored

pytestmark = pytest.mark.usefixtures("db")
HENAN = "410105"


def with_percent(monkeypatch: pytest.MonkeyPatch, percent: int | None) -> None:
    """Every policy asks for so many re-checks."""

    def policy(application: Application) -> Any:
        return replace(policy_of_case(application), recheck_percent=percent)

    monkeypatch.setattr(rechecks, "policy_of_case", policy)


@pytest.fixture(autouse=True)
def all_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    with_percent(monkeypatch, 100)


def drawn(region_code: str = HENAN, **facts: Any) -> Recheck:
    """An approval of this region that was drawn."""
    made = case(region_code=region_code, approved=True, **facts)
    rows: list[Recheck] = every(Recheck, application_id=made.id)
    assert len(rows) == 1
    return rows[0]


def province(code: str = "410000") -> Actor:
    return factories.actor("province_reviewer", code)


def waiting(who: Actor) -> list[int]:
    with acting(who):
        return [one.id for one in lists.page("waiting").rows]


# The draw


def test_the_draw_is_recorded_with_all_that_it_takes_to_repeat_it() -> None:
    found = drawn()
    (approval,) = every(Event, subject=f"application:{found.application_id}", to_state="approved")
    (event,) = every(Event, subject=rechecks.subject_of(found.application_id), verb="draw")
    assert (event.reason_code, event.public) == ("drawn", False)
    assert found.seed == approval.digest
    chain = f"{approval.subject}#{approval.seq}"
    assert event.reason == f"{chain} {Draw(approval.digest, 100)}"
    assert event.actor_name == approval.actor_name
    assert event.created_at == approval.created_at


def test_who_is_not_drawn_is_on_record_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    with_percent(monkeypatch, 1)
    monkeypatch.setattr(Draw, "drawn", property(lambda one: one.lot < 0))
    made = case(region_code=HENAN, approved=True)
    (event,) = every(Event, verb="draw")
    assert (event.reason_code, event.subject) == ("not_drawn", rechecks.subject_of(made.id))
    assert every(Recheck) == []


@pytest.mark.parametrize("percent", [None, 0])
def test_a_policy_that_asks_for_none_draws_none(
    monkeypatch: pytest.MonkeyPatch, percent: int | None
) -> None:
    with_percent(monkeypatch, percent)
    case(region_code=HENAN, approved=True)
    assert every(Recheck) == every(Event, verb="draw") == []


def test_an_earlier_stage_is_not_drawn_because_the_next_one_looks_at_it() -> None:
    made = case(region_code=HENAN, submitted=True)
    decide(made.id, "approve")
    assert stored(Application, made.id).stage == 2
    assert every(Recheck) == every(Event, verb="draw") == []


def test_a_rejection_is_not_drawn() -> None:
    case(region_code=HENAN, rejected=True)
    assert every(Event, verb="draw") == []


@pytest.mark.parametrize(
    ("region_code", "office", "level"),
    [
        ("410105", "410100", "province"),
        ("419001", "410000", "province"),
        ("110105", "110000", "province"),
        ("510107", "510100", "province"),
    ],
)
def test_the_level_above_checks_and_above_a_province_another_of_its_people(
    region_code: str, office: str, level: str
) -> None:
    found = drawn(region_code)
    assert (found.office_code, found.level) == (office, level)


# The second look


def test_it_waits_for_the_office_above_and_for_nobody_else() -> None:
    found = drawn()
    assert waiting(province()) == [found.id]
    assert waiting(province("420000")) == []
    assert waiting(factories.actor("city_reviewer", "410100")) == []


def test_agreeing_changes_nothing_but_the_record() -> None:
    found, who = drawn(), province()
    with acting(who):
        rechecks.check(found.id, "agree", note="材料齐全")
    found = stored(Recheck, found.id)
    assert (found.verdict, found.reason_code, found.reason) == ("agree", None, "材料齐全")
    assert found.checked_by == who.account_id
    (event,) = every(Event, verb="agree")
    assert (event.reason, event.public) == ("材料齐全", False)
    assert waiting(province()) == []
    assert every(Message, user_id=found.decided_by) == []


def test_a_disagreement_has_a_reason_and_the_certificate_stays() -> None:
    found = drawn()
    with acting(province()):
        rechecks.check(found.id, "disagree", reason_code="hours", note="只有68学时")
    (event,) = every(Event, verb="disagree")
    assert (event.reason_code, event.reason) == ("hours", "只有68学时")
    (certificate,) = every(Certificate, application_id=found.application_id)
    assert certificate.state == "valid"
    assert stored(Application, found.application_id).state == "issued"


def test_whoever_approved_it_and_the_office_read_what_was_found() -> None:
    found = drawn()
    with acting(province()):
        rechecks.check(found.id, "disagree", reason_code="hours", note="只有68学时")
    (told,) = every(Message, user_id=found.decided_by)
    assert "学时认定有误" in told.body
    assert "只有68学时" in told.body
    with acting(factories.actor("city_reviewer", "410100")):
        assert [one.id for one in lists.page("notes").rows] == [found.id]
    with acting(factories.actor("city_reviewer", "410200")):
        assert lists.page("notes").rows == []


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"verdict": "maybe"}, "verdict"),
        ({"verdict": "disagree"}, "reason_code"),
        ({"verdict": "disagree", "reason_code": "weather"}, "reason_code"),
        ({"verdict": "disagree", "reason_code": "other"}, "note"),
        ({"verdict": "agree", "note": "长" * 501}, "note"),
    ],
)
@pytest.mark.database("sqlite")
def test_a_verdict_that_is_not_complete_is_refused(given: dict[str, Any], wrong: str) -> None:
    found = drawn()
    with acting(province()), pytest.raises(Invalid) as refused:
        rechecks.check(found.id, **given)
    assert list(refused.value.errors) == [wrong]
    assert stored(Recheck, found.id).verdict is None


def test_the_second_of_two_colleagues_is_told_that_it_is_done() -> None:
    found = drawn()
    with acting(province()):
        rechecks.check(found.id, "agree")
    with acting(province()), pytest.raises(Conflict):
        rechecks.check(found.id, "disagree", reason_code="data")
    assert stored(Recheck, found.id).verdict == "agree"


def test_nobody_checks_a_decision_of_their_own() -> None:
    made = case(region_code="419001", submitted=True)
    decide(made.id, "approve")
    who = reviewer_of(made.id)
    with acting(who):
        review.decide(made.id, "approve")
    (found,) = every(Recheck)
    assert found.decided_by == who.account_id
    assert waiting(who) == []
    with acting(who), pytest.raises(Forbidden) as refused:
        rechecks.check(found.id, "agree")
    assert refused.value.code == "own_decision"
    assert waiting(province()) == [found.id]


def test_nor_one_of_an_earlier_stage_of_the_case() -> None:
    found, who = drawn(), province()
    (first,) = every(Decision, application_id=found.application_id, stage=1)
    first.decided_by = who.account_id
    factories.keep(first)
    assert waiting(who) == []
    with acting(who), pytest.raises(Forbidden):
        rechecks.check(found.id, "agree")


@pytest.mark.parametrize(
    ("role", "region_code", "expected"),
    [
        ("city_reviewer", "410100", Forbidden),
        ("county_reviewer", "410105", Forbidden),
        ("province_admin", "410000", Forbidden),
        ("platform_admin", "000000", Forbidden),
        ("province_reviewer", "420000", Missing),
    ],
)
def test_other_offices_and_administrators_have_no_say(
    role: str, region_code: str, expected: type[Exception]
) -> None:
    found = drawn()
    with acting(factories.actor(role, region_code)), pytest.raises(expected):
        rechecks.check(found.id, "agree")


def test_nobody_checks_a_case_of_their_own_or_of_their_organization() -> None:
    found, organization = drawn(), factories.organization(HENAN)
    worker = stored(Worker, found.worker_id)
    worker.organization_id = organization.id
    factories.keep(worker)
    who = province()
    for own in (
        replace(who, person_id=worker.id),
        replace(who, organization_id=organization.id),
    ):
        with acting(own), pytest.raises(Forbidden) as refused:
            rechecks.check(found.id, "agree")
        assert refused.value.code == "own_case"
        assert waiting(own) == [], "what one may not check does not wait for one"
    assert waiting(who) == [found.id]


# The figures


def test_the_figures_count_by_region_and_reason_for_the_administrators_above() -> None:
    agreed, disagreed, left = drawn("410105"), drawn("410102"), drawn("419001")
    with acting(province()):
        rechecks.check(agreed.id, "agree")
        rechecks.check(disagreed.id, "disagree", reason_code="materials")
    with acting(factories.actor("province_admin", "410000")):
        found = lists.tallies()
    city, whole = found["410100"], found["410000"]
    assert (city.drawn, city.checked, city.disagree, city.share) == (2, 2, 1, 0.5)
    assert city.reasons == {"materials": 1}
    assert (whole.drawn, whole.checked, whole.share) == (1, 0, None)
    assert left.office_code == "410000"
    with acting(factories.actor("platform_admin", "000000")):
        assert lists.tallies()["410000"].drawn == 3
    with acting(factories.actor("city_admin", "410200")):
        assert lists.tallies() == {}


@pytest.mark.slow
def test_issue_4_the_figures_of_a_city_count_what_the_province_approved_under_the_province() -> (
    None
):
    with factories.changing(drawn()) as found:
        found.office_code = "410000"
    with acting(factories.actor("city_admin", "410100")):
        told = lists.tallies()
    assert {code: one.drawn for code, one in told.items()} == {"410000": 1}
