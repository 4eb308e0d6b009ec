"""Counting ahead: who is due and has not registered (HN-40), the figures of a region (HN-16)."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app import clock
from app.queries import counted, listing
from app.queries.counted import Figures
from app.rules.workflow import State
from app.scope import Actor
from app.services import applications, counting, outbox, records, timetable
from models.figure import Due, Tally
from models.message import Outbox
from models.worker import Worker
from tests.services.approved import approved, person, registration
from tests.services.faults import Killed, killed_at
from tests.support import factories
from tests.support.cases import case
from tests.support.factories import IN_WINDOW, acting, every, stored
from tests.support.race import race

pytestmark = pytest.mark.usefixtures("db")
HENAN = "410105"


def due(at: str = IN_WINDOW) -> dict[int, Due]:
    with clock.frozen(at):
        counting.find_due()
    return {row.worker_id: row for row in every(Due)}


def holder(region_code: str = HENAN) -> Worker:
    made = factories.worker(region_code)
    factories.qualification(made)
    return made


# Who is due


def test_hn_40_who_passed_last_year_and_was_never_registered_is_due() -> None:
    made = holder()
    found = due()[made.id]
    assert (found.kind, found.level, found.region_code) == ("first", "social_worker", HENAN)
    assert (found.valid_until, found.found_on) == (None, date(2020, 7, 10))


def test_hn_40_who_is_only_too_late_is_due_all_the_same() -> None:
    made = person(HENAN)
    registration(made, 2015, valid_until=date(2018, 8, 31))
    assert due()[made.worker.id].kind == "renewal"


def test_hn_40_a_registration_that_runs_out_is_due_again_with_its_last_day() -> None:
    made = person(HENAN)
    registration(made, 2017, valid_until=date(2020, 8, 31))
    found = due()[made.worker.id]
    assert (found.kind, found.valid_until) == ("renewal", date(2020, 8, 31))


def test_hn_40_whose_registration_holds_is_not() -> None:
    made = person(HENAN)
    registration(made, 2019, valid_until=date(2022, 8, 31))
    assert made.worker.id not in due()


def test_hn_40_who_has_no_certificate_of_the_examination_is_not() -> None:
    assert factories.worker(HENAN).id not in due()


@pytest.mark.parametrize("state", ["submitted", "returned", "approved"])
def test_hn_40_who_has_applied_is_not(state: str) -> None:
    end: dict[str, Any] = {state: True}
    assert case(region_code=HENAN, **end).worker_id not in due()


@pytest.mark.parametrize("state", ["rejected", "withdrawn"])
def test_hn_40_who_was_refused_or_took_it_back_is(state: str) -> None:
    end: dict[str, Any] = {state: True}
    assert case(region_code=HENAN, **end).worker_id in due()


def test_hn_40_a_closed_window_changes_nothing_about_who_should_register() -> None:
    made = holder("110105")
    assert made.id in due("2020-12-31T12:00")


def test_hn_40_the_next_day_s_list_drops_who_has_registered_and_keeps_the_others() -> None:
    who = factories.applicant(region_code=HENAN)
    other = holder()
    draft = case(who, region_code=HENAN)
    before = due()
    assert {draft.worker_id, other.id} <= before.keys()
    with acting(who):
        applications.submit(draft.id, agreed=["truth"])
    after = due("2020-07-11T09:00")
    assert draft.worker_id not in after
    assert after[other.id].id == before[other.id].id
    assert after[other.id].found_on == date(2020, 7, 10)  # since then without a break


def test_hn_40_offices_see_those_of_their_region_and_applicants_themselves() -> None:
    made, elsewhere = holder(), holder("510107")
    due()

    def seen(who: Actor) -> set[int]:
        with acting(who):
            return {row.worker_id for row in listing.keyset_page(Due).rows}

    assert made.id in seen(factories.actor("city_admin", "410100"))
    assert elsewhere.id not in seen(factories.actor("province_admin", "410000"))
    assert seen(factories.actor("applicant", HENAN, worker_id=made.id)) == {made.id}


def test_hn_40_who_moves_is_due_where_they_live_now() -> None:
    made = holder()
    due()
    with acting(factories.actor("province_admin", "410000")):
        records.update(Worker, made.id, {"name": made.name, "region_code": "410102"})
    (row,) = every(Due, worker_id=made.id)
    assert (row.region_code, row.city_code) == ("410102", "410100")


# The figures


def some_cases() -> None:
    """In Zhengzhou one issued, one rejected and one under review, one person who is due; one case
    in Jiyuan, which no city is above."""
    case(region_code=HENAN, approved=True)
    case(region_code="410102", rejected=True)
    case(region_code="410102", submitted=True, at="2020-07-20T10:00")
    case(region_code="419001", submitted=True)
    holder(HENAN)
    with clock.frozen(IN_WINDOW):
        counting.find_due()
        counting.count()


def figures(region_code: str, role: str = "province_admin", **asked: Any) -> Figures:
    with acting(factories.actor(role, region_code)):
        return counted.figures(asked.pop("of", region_code), 2020, **asked)


@pytest.mark.slow
def test_hn_16_a_province_reads_the_use_of_each_of_its_places() -> None:
    some_cases()
    found = figures("410000")
    lines = {line.code: line for line in found.lines}
    assert lines.keys() == {"410100", "419001"}
    assert (lines["410100"].name, lines["419001"].name) == ("郑州市", "济源市")
    city = lines["410100"]
    assert (city.submitted, city.decided, city.registered, city.in_review) == (3, 2, 1, 1)
    assert city.due == 2  # the one who was rejected should still register
    assert (city.expected, city.rate) == (4, 0.25)
    assert (lines["419001"].submitted, lines["419001"].decided) == (1, 0)
    assert found.whole.submitted == 4
    assert (dict(found.submitted), dict(found.decided)) == ({7: 4}, {7: 2})
    assert found.states["first", State.in_review] == 2


@pytest.mark.slow
def test_hn_16_one_level_further_down_and_one_further_up() -> None:
    some_cases()
    below = figures("410000", of="410100")
    assert {line.code: line.submitted for line in below.lines} == {HENAN: 1, "410102": 2}
    above = figures("000000", "platform_admin")
    assert {line.code for line in above.lines} == {"410000"}
    assert above.whole.submitted == 4


@pytest.mark.slow
def test_hn_16_nobody_reads_the_figures_of_another_region() -> None:
    some_cases()
    assert figures("420000", of="410000").lines == []
    assert figures("410200", "city_admin", of="410000").whole.submitted == 0


@pytest.mark.slow
def test_hn_16_a_kind_and_a_year_by_themselves() -> None:
    some_cases()
    assert figures("410000", kind="renewal").whole.submitted == 0
    assert figures("410000", kind="first").whole.submitted == 4
    with acting(factories.actor("province_admin", "410000")):
        assert counted.figures("410000", 2019).whole.submitted == 0
        assert counted.figures("410000", 2019).whole.in_review == 2  # as it is now
        assert list(counted.years_known("410000")) == [2020]


def test_hn_16_months_are_those_of_shanghai_and_days_count_from_submission_to_decision() -> None:
    made = approved(
        HENAN,
        state=State.issued,
        submitted_at=clock.parse("2020-06-30T23:30"),
        decided_at=clock.parse("2020-07-01T11:30"),
    )
    with clock.frozen(IN_WINDOW):
        counting.count()
    found = figures("410000")
    assert made.application.id
    assert (dict(found.submitted), dict(found.decided)) == ({6: 1}, {7: 1})
    assert found.whole.average == pytest.approx(0.5)


def test_hn_09_the_records_of_2008_to_2019_that_were_checked_by_region() -> None:
    for verified, year in ((True, 2008), (True, 2019), (False, 2012), (False, 2020)):
        factories.qualification(factories.worker(HENAN), exam_year=year, verified=verified)
    counting.count()
    (line,) = figures("410000").lines
    assert (line.records, line.verified) == (3, 2)


@pytest.mark.slow
def test_counted_again_only_what_differs_is_written() -> None:
    some_cases()
    kept = {row.id for row in every(Tally)}
    assert counting.count() == 0
    case(region_code=HENAN, submitted=True)
    with clock.frozen(IN_WINDOW):
        assert counting.count() == 2  # an application, and a qualification
    assert len(kept - {row.id for row in every(Tally)}) == 1


@pytest.mark.slow
def test_killed_at_any_statement_there_are_the_old_figures_or_the_new(db: SQLAlchemy) -> None:
    some_cases()
    case(region_code=HENAN, submitted=True)
    before, step = figures("410000").whole.submitted, 0
    while True:
        step += 1
        try:
            with clock.frozen(IN_WINDOW), killed_at(db, step):
                counting.find_due()
                counting.count()
            break
        except Killed:
            assert figures("410000").whole.submitted in (before, before + 1)
    assert step > 5
    assert figures("410000").whole.submitted == before + 1


def test_the_worker_counts_every_hour_and_looks_for_who_is_due_every_day(app: Flask) -> None:
    holder()
    with clock.frozen(IN_WINDOW):
        assert counted.as_of() is None
        for _round in range(2):
            timetable.go_round(app)
        assert counted.as_of() is not None
    jobs = [row.job for row in every(Outbox) if row.job in ("due", "tally")]
    assert sorted(jobs) == ["due", "tally"]
    assert len(every(Due)) == 1
    assert stored(Due, every(Due)[0].id).kind == "first"


def test_a_list_of_who_is_due_that_takes_until_after_midnight_is_not_taken_for_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    holder()
    prolonged: list[str | None] = []
    monkeypatch.setattr(outbox, "prolong", prolonged.append)
    with clock.frozen("2020-07-10T23:59"):
        counting.promise_today()
    with clock.frozen("2020-07-11T00:01"):
        outbox.run_due()
    assert set(prolonged) == {"due:2020-07-10"}


@pytest.mark.slow
def test_two_who_count_at_once_add_nothing_twice(app: Flask) -> None:
    """The day's job and the hour's, at midnight and in every first round."""
    case(region_code=HENAN, submitted=True)
    added = race(app, *[counting.count] * 4)
    assert sorted(added) == [0, 0, 0, len(every(Tally))]
