"""X-43: by when a case is due is kept with it, from its submission to its decision."""

from datetime import date

import pytest

from app.scope import acting_as
from app.services import applications, outbox, reference_data
from models.application import Application
from models.holiday import Holiday
from models.message import Outbox
from models.region import Region
from tests.support import factories
from tests.support.cases import case, decide
from tests.support.factories import acting, every, stored

pytestmark = pytest.mark.usefixtures("db")

HENAN = "410105"


def deadline(made: Application) -> tuple[date | None, bool]:
    row = stored(Application, made.id)
    return row.due_on, row.due_provisional


@pytest.mark.slow
def test_x_43_the_deadline_is_the_present_stage_s_and_ends_with_the_review() -> None:
    who = factories.applicant(region_code=HENAN)
    made = case(who, region_code=HENAN, at="2020-07-10T09:00")
    assert deadline(made) == (None, False)
    with acting(who, "2020-07-10T09:00"):
        applications.submit(made.id, agreed=["truth"])
    assert deadline(made) == (date(2020, 7, 31), False)
    decide(made.id, "return", at="2020-07-13T09:00")
    assert deadline(made) == (None, False)
    with acting(who, "2020-07-20T09:00"):
        applications.submit(made.id, agreed=["truth"])
    assert deadline(made) == (date(2020, 8, 7), False), "the week with the applicant is not counted"
    decide(made.id, "approve", at="2020-07-21T09:00")
    assert deadline(made) == (date(2020, 8, 11), False)
    decide(made.id, "reject", at="2020-07-22T09:00")
    assert deadline(made) == (None, False)


@pytest.mark.slow
def test_x_43_deadlines_follow_a_holiday_that_is_announced_later() -> None:
    made = case(region_code=HENAN, submitted=True, at="2020-07-10T09:00")
    other = case(region_code="410102", submitted=True, at="2020-07-13T09:00")
    platform = factories.actor("platform_admin", "000000")

    def fill(row: Holiday) -> None:
        row.day, row.name, row.works = date(2020, 7, 14), "临时放假", False

    with acting(platform):
        reference_data.keep(Holiday(), fill)
    assert [one.job for one in every(Outbox)] == ["follow_holidays"]
    with acting_as(None):
        outbox.run_due()
    assert deadline(made)[0] == date(2020, 8, 3)
    assert deadline(other)[0] == date(2020, 8, 4)
    assert every(Outbox)[0].state == "done"


def test_x_16_turns_follow_a_region_that_is_added_later() -> None:
    """A city without counties has its first review at the city, until it gets one."""
    made = case(region_code="460400", submitted=True)
    platform = factories.actor("platform_admin", "000000")
    with factories.changing(made) as row:
        row.office_code = "460000"

    def fill(row: Region) -> None:
        row.code, row.name, row.level, row.parent_code = "460401", "新区", "county", "460400"

    with acting(platform):
        reference_data.keep(Region(), fill)
    assert [one.job for one in every(Outbox)] == ["follow_holidays"]
    with acting_as(None):
        outbox.run_due()
    assert stored(Application, made.id).office_code == "460400"


def test_a_turn_is_kept_while_an_office_has_the_case_or_will_have_it_again() -> None:
    made = case(region_code=HENAN, submitted=True)

    def turn() -> tuple[str | None, str | None]:
        row = stored(Application, made.id)
        return row.office_code, row.office_role

    assert turn() == (HENAN, "county_reviewer")
    decide(made.id, "approve")
    assert turn() == ("410100", "city_reviewer")
    decide(made.id, "return")
    assert turn() == ("410100", "city_reviewer")
