"""Who would see an application filed today: offices by policy, people by accounts."""

import pytest

from app.queries.offices import office_of
from app.queries.simulation import Simulation, simulate, takes_applications
from app.scope import Actor
from tests.support import factories
from tests.support.cases import case
from tests.support.factories import acting

pytestmark = pytest.mark.usefixtures("db")


def ask(region: str, who: Actor | None = None) -> Simulation:
    with acting(who or factories.actor("platform_admin", "000000")):
        found = simulate(region, "first")
    assert found is not None
    return found


def test_hn_33_mc_32_county_then_city() -> None:
    county = factories.actor("county_reviewer", "410105")
    found = ask("410105")
    offices = [(desk.number, desk.office, desk.role, desk.fall) for desk in found.desks]
    assert offices == [
        (1, "410105", "county_reviewer", "none"),
        (2, "410100", "city_reviewer", "none"),
    ]
    assert [desk.count for desk in found.desks] == [1, 0]
    assert found.desks[0].names == (county.name,)
    assert (found.desks[1].short, found.is_open) == (True, True)


def test_ba_02_the_handling_body_decides_in_one_stage() -> None:
    (desk,) = ask("110105").desks
    assert (desk.office, desk.role, desk.fall) == ("110000", "body_reviewer", "none")


def test_hn_38_x_16_a_missing_level_falls_to_the_office_above() -> None:
    first, final = ask("419001").desks
    assert (first.office, first.fall) == ("419001", "none")
    assert (final.office, final.role, final.fall) == ("410000", "province_reviewer", "above")


def test_x_16_a_city_without_counties_needs_two_people() -> None:
    factories.actor("city_reviewer", "460400")
    first, final = ask("460400").desks
    assert first.office == final.office == "460400"
    assert (first.together, first.count, first.short) == (2, 1, True)
    factories.actor("city_reviewer", "460400")
    assert not ask("460400").desks[0].short


def test_the_simulation_says_what_a_real_case_meets() -> None:
    for region in ("410105", "419001", "460400", "110105"):
        made = case(region_code=region, submitted=True)
        office = office_of(made)
        desk = ask(region).desks[0]
        assert (desk.office, desk.role) == (office.region_code, office.role)


def test_people_of_offices_above_are_counted_and_not_named() -> None:
    factories.actor("city_reviewer", "410100")
    factories.actor("county_reviewer", "410105")
    first, final = ask("410105", factories.actor("county_admin", "410105")).desks
    assert (first.count, len(first.names)) == (1, 1)
    assert (final.count, final.names) == (1, ())


def test_accounts_that_are_switched_off_decide_nothing() -> None:
    off = factories.account("county_reviewer", "410105")
    with factories.changing(off) as row:
        row.active = False
    assert ask("410105").desks[0].count == 0


@pytest.mark.parametrize(
    ("region", "takes"),
    [("410105", True), ("419001", True), ("460400", True), ("410100", False), ("999999", False)],
)
def test_applications_are_filed_where_nothing_lies_below(region: str, takes: bool) -> None:
    assert takes_applications(region) is takes


def test_an_unknown_kind_is_none() -> None:
    with acting(factories.actor("platform_admin", "000000")):
        assert simulate("410105", "nonsense") is None
