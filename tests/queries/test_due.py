"""By when the office that has a case decides it: by stage, without the applicant's own time."""

from datetime import date
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy

from app.queries.due import Due, due_of, dues_of
from app.queries.policies import editions
from app.scope import Actor, as_system
from app.services import applications, setup
from models.application import Application
from models.holiday import Holiday
from tests.support import cases, factories
from tests.support.cases import decide
from tests.support.factories import acting, stored
from tests.support.watching import statements

pytestmark = pytest.mark.usefixtures("db")

HENAN = "410105"
COUNTY = "county_reviewer"


def ask(who: Actor, application_id: int, at: str) -> Due | None:
    """By when a case is decided, as somebody sees it at an instant."""
    with acting(who, at):
        return due_of(stored(Application, application_id))


def due(who: Actor, application_id: int, at: str) -> Due:
    found = ask(who, application_id, at)
    assert found is not None
    return found


@pytest.fixture
def worker_of_henan() -> Actor:
    return factories.applicant(region_code=HENAN)


def test_x_43_the_stages_of_every_kind_share_thirty_working_days() -> None:
    for policy in editions():
        for kind in policy.kinds.values():
            limits = [stage.working_days or 0 for stage in kind.review]
            assert all(limits), f"{policy.code}: {kind.code} has a stage without limit"
            assert sum(limits) <= 30


def test_x_43_the_thirty_working_days_are_split_by_level(worker_of_henan: Actor) -> None:
    made = cases.case(worker_of_henan, region_code=HENAN, submitted=True)
    first = due(worker_of_henan, made.id, "2020-07-10T10:00")
    assert (first.day, first.left, first.overdue) == (date(2020, 7, 31), 15, False)
    decide(made.id, "approve", at="2020-07-20T09:00")
    final = due(worker_of_henan, made.id, "2020-07-20T10:00")
    assert (final.day, final.left, final.provisional) == (date(2020, 8, 10), 15, False)


def test_x_43_one_stage_has_all_thirty() -> None:
    who = factories.applicant()
    made = cases.case(who, submitted=True)
    assert due(who, made.id, "2020-07-10T10:00").day == date(2020, 8, 21)


def test_x_43_both_sides_read_the_same_day(worker_of_henan: Actor) -> None:
    made = cases.case(worker_of_henan, region_code=HENAN, submitted=True)
    office = factories.actor(COUNTY, HENAN)
    at = "2020-07-20T09:00"
    assert due(worker_of_henan, made.id, at) == due(office, made.id, at)
    assert ask(factories.actor(COUNTY, "510107"), made.id, at) is None


def test_x_43_the_clock_rests_while_the_applicant_has_the_case(worker_of_henan: Actor) -> None:
    made = cases.case(worker_of_henan, region_code=HENAN, submitted=True)
    decide(made.id, "return", at="2020-07-15T09:00")
    assert ask(worker_of_henan, made.id, "2020-07-16T09:00") is None
    with acting(worker_of_henan, "2020-07-27T09:00"):
        applications.submit(made.id, agreed=["truth"])
    again = due(worker_of_henan, made.id, "2020-07-27T10:00")
    assert (again.day, again.left) == (date(2020, 8, 12), 12)
    assert again.since.isoformat() == "2020-07-27T01:00:00+00:00"


def test_x_43_a_new_attempt_has_the_whole_time(worker_of_henan: Actor) -> None:
    made = cases.case(worker_of_henan, region_code=HENAN, submitted=True)
    decide(made.id, "reject", at="2020-07-20T09:00")
    with acting(worker_of_henan, "2020-08-03T09:00"):
        applications.reopen(made.id)
        applications.submit(made.id, agreed=["truth"])
    assert due(worker_of_henan, made.id, "2020-08-03T10:00").day == date(2020, 8, 24)


@pytest.mark.parametrize(
    ("at", "left", "overdue"),
    [("2020-07-31T23:59", 0, False), ("2020-08-01T00:00", 0, True), ("2020-08-04T09:00", -2, True)],
)
def test_x_43_it_is_overdue_from_the_day_after(
    at: str, left: int, overdue: bool, worker_of_henan: Actor
) -> None:
    made = cases.case(worker_of_henan, region_code=HENAN, submitted=True)
    found = due(worker_of_henan, made.id, at)
    assert (found.left, found.overdue) == (left, overdue)


@pytest.mark.parametrize("state", ["returned", "rejected", "approved", "withdrawn"])
def test_x_43_a_case_that_no_office_has_is_not_due(state: str, worker_of_henan: Actor) -> None:
    reached: dict[str, Any] = {state: True}
    made = cases.case(worker_of_henan, region_code=HENAN, **reached)
    assert ask(worker_of_henan, made.id, "2020-07-20T09:00") is None


@pytest.fixture
def late_in_2026() -> Application:
    """A case whose days go on into a year that nobody has announced."""
    of = factories.worker(HENAN)
    factories.qualification(of, exam_year=2025)
    who = factories.applicant(of)
    return cases.case(who, region_code=HENAN, submitted=True, at="2026-12-21T09:00")


def test_x_43_a_due_day_in_a_year_without_holidays_is_provisional(
    late_in_2026: Application,
) -> None:
    office = factories.actor(COUNTY, HENAN)
    found = due(office, late_in_2026.id, "2026-12-22T09:00")
    assert (found.day, found.provisional) == (date(2027, 1, 11), True)


def test_x_43_what_the_console_adds_moves_the_day_at_once(late_in_2026: Application) -> None:
    factories.keep(Holiday(day=date(2027, 1, 1), name="元旦", works=False))
    found = due(factories.actor(COUNTY, HENAN), late_in_2026.id, "2026-12-22T09:00")
    assert (found.day, found.provisional) == (date(2027, 1, 12), False)


def test_x_43_a_list_asks_four_statements_for_any_number_of_cases(db: SQLAlchemy) -> None:
    made = [cases.case(region_code=HENAN, submitted=True).id for _ in range(3)]
    returned = cases.case(region_code=HENAN, returned=True).id
    with acting(factories.actor(COUNTY, HENAN)):
        rows = [stored(Application, key) for key in (*made, returned)]
        dues_of(rows)  # whatever is read once for a process is read by now
        with statements(db) as seen:
            found = dues_of(rows)
    assert set(found) == set(made)
    assert seen.read == ["policy", "submission", "decision", "holiday"]


def test_x_43_an_empty_list_asks_nothing(db: SQLAlchemy) -> None:
    with acting(factories.actor(COUNTY, HENAN)), statements(db) as seen:
        assert dues_of([]) == {}
    assert seen.read == []


def test_x_43_holidays_are_seeded_once_and_the_console_s_stay() -> None:
    with as_system("a test looks") as session, session.begin():
        row = session.query(Holiday).filter_by(day=date(2020, 10, 1)).one()
        assert (row.name, row.works) == ("国庆节", False)
        row.works = True
        kept = session.query(Holiday).count()
        makes_up = session.query(Holiday).filter_by(day=date(2020, 9, 27)).one()
        assert makes_up.works
    assert "holidays: 0 added" in list(setup.initialise())
    with as_system("a test looks") as session:
        assert session.query(Holiday).filter_by(day=date(2020, 10, 1)).one().works
        assert session.query(Holiday).count() == kept
