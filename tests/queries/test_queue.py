"""The queue: what waits for an office, the oldest first, in three statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, select, text

from app.queries.figures import IN_TIME, LATE, TODAY
from app.queries.offices import office_of
from app.queries.queue import free, neighbours, queue
from app.queries.waiting import Wanted, digest_of
from app.scope import Actor, as_system
from app.services import review
from models.application import Application, Submission
from models.certificate import Certificate
from models.registration import Registration
from tests.services.test_credits import renewal
from tests.support import factories
from tests.support.cases import case, decide
from tests.support.factories import acting, every, stored

HENAN = "410105"


def seen_by(who: Actor, **wanted: Any) -> list[int]:
    with acting(who):
        return [row.id for row in queue(Wanted(**wanted)).rows]


@contextmanager
def statements(db: SQLAlchemy) -> Iterator[list[tuple[str, Any]]]:
    """Every statement within, with its parameters."""
    found: list[tuple[str, Any]] = []

    def note(*args: Any) -> None:
        found.append((args[2], args[3]))

    event.listen(db.engine, "before_cursor_execute", note)
    yield found
    event.remove(db.engine, "before_cursor_execute", note)


def waiting(number: int, region_code: str = "110105") -> list[int]:
    """Cases submitted one minute after the other."""
    times = (f"2020-07-10T09:{minute:02d}" for minute in range(number))
    return [case(region_code=region_code, submitted=True, at=at).id for at in times]


def test_a_case_waits_for_the_office_of_its_stage_alone(db: SQLAlchemy) -> None:
    made = case(region_code=HENAN, submitted=True)
    county = factories.actor("county_reviewer", HENAN)
    city = factories.actor("city_reviewer", "410100")
    others = [
        factories.actor("county_reviewer", "410102"),
        factories.actor("province_reviewer", "410000"),
        factories.actor("county_admin", HENAN),
        factories.actor("platform_admin", "000000"),
        factories.applicant(region_code=HENAN),
    ]
    assert (seen_by(county), seen_by(city)) == ([made.id], [])
    decide(made.id, "approve")
    assert (seen_by(county), seen_by(city)) == ([], [made.id])
    assert [seen_by(who) for who in others] == [[]] * len(others)
    decide(made.id, "reject")
    assert seen_by(city) == []


def test_ba_02_the_handling_body_sees_its_policy_s_cases_and_no_others(db: SQLAlchemy) -> None:
    mine = case(submitted=True)
    case(region_code=HENAN, submitted=True)
    case()  # a draft
    assert seen_by(factories.actor("body_reviewer", "110000")) == [mine.id]


def test_x_16_a_province_sees_what_has_no_city_and_a_city_what_has_no_county(
    db: SQLAlchemy,
) -> None:
    county = case(region_code="419001", submitted=True)
    decide(county.id, "approve")
    assert seen_by(factories.actor("province_reviewer", "410000")) == [county.id]
    city = case(region_code="460400", submitted=True)
    first, second = (factories.actor("city_reviewer", "460400") for _ in range(2))
    assert seen_by(first) == seen_by(second) == [city.id]
    with acting(first):
        review.decide(city.id, "approve")
    assert (seen_by(first), seen_by(second)) == ([], [city.id])


def test_one_s_own_case_is_not_in_one_s_queue(db: SQLAlchemy) -> None:
    worker = factories.worker()
    factories.qualification(worker)
    made = case(factories.applicant(worker), submitted=True)
    assert seen_by(factories.actor("body_reviewer", "110000", person_id=worker.id)) == []
    assert seen_by(factories.actor("body_reviewer", "110000")) == [made.id]


def test_pages_go_from_the_oldest_to_the_newest_and_back(db: SQLAlchemy) -> None:
    ids = waiting(5)
    with acting(factories.actor("body_reviewer", "110000")):
        first = queue(size=2)
        second = queue(size=2, after=first.after)
        third = queue(size=2, after=second.after)
        back = queue(size=2, before=third.before)
    pages = [[row.id for row in page.rows] for page in (first, second, third)]
    assert pages == [ids[:2], ids[2:4], ids[4:]]
    assert [row.id for row in back.rows] == ids[2:4]
    assert (first.before, third.after) == (None, None)
    assert (back.before, back.after) == (ids[2], ids[3])
    assert {first.count, second.count, third.count} == {5}


def test_a_row_says_who_applies_for_what_and_where_it_is(db: SQLAlchemy) -> None:
    worker = factories.worker(name="欧阳静怡", number="110105199005170029")
    factories.qualification(worker)
    made = case(factories.applicant(worker), submitted=True)
    with acting(factories.actor("body_reviewer", "110000")):
        (row,) = queue().rows
    assert (row.reference, row.kind, row.level) == (made.reference, "first", "social_worker")
    assert (row.name, row.id_number_masked) == ("欧阳静怡", "110105********0029")
    assert (row.region_code, row.submitted_at) == ("110105", made.submitted_at)
    assert (row.stage, row.stage_label.zh, row.attempt) == (1, "审核", 1)


def test_filters_narrow_and_never_widen(db: SQLAlchemy) -> None:
    people = {
        "欧阳静怡": factories.worker("110105", name="欧阳静怡", number="110105199005170029"),
        "欧阳一": factories.worker("110106", name="欧阳一"),
        "王%": factories.worker("110106", name="王%"),
    }
    ids = {}
    for name, worker in people.items():
        factories.qualification(worker)
        made = case(factories.applicant(worker), region_code=worker.region_code, submitted=True)
        ids[name] = made.id
    other = case(region_code=HENAN, submitted=True)
    body = factories.actor("body_reviewer", "110000")

    def found(id_number: str | None = None, **wanted: Any) -> set[str]:
        if id_number:
            wanted["identity"] = digest_of(id_number)
        keys = seen_by(body, **wanted)
        return {name for name, key in ids.items() if key in keys}

    assert found(name="欧阳") == {"欧阳静怡", "欧阳一"}
    assert found(name="王%") == {"王%"}
    assert found(name="%") == set()
    assert found(region_code="110106") == {"欧阳一", "王%"}
    assert found(region_code="110000") == set(ids)
    assert found(id_number="110105 19900517 0029") == {"欧阳静怡"}
    assert found(id_number="110105199005170030") == set()
    assert found(kind="renewal") == set()
    assert found(kind="first", name="欧阳", region_code="110105") == {"欧阳静怡"}
    assert other.id not in seen_by(body, region_code="410000")


def test_a_certificate_or_a_case_is_found_by_its_whole_number(db: SQLAlchemy) -> None:
    worker = factories.worker()
    held = factories.qualification(worker)
    made = case(factories.applicant(worker), submitted=True)
    other = case(submitted=True)
    factories.keep(
        Registration(
            worker_id=worker.id,
            region_code=worker.region_code,
            kind="first",
            cycle_year=2014,
            level=held.level,
            state="claimed",
            legacy_number="00001234",
        )
    )
    body = factories.actor("body_reviewer", "110000")
    assert seen_by(body, number="00001234") == [made.id]
    assert seen_by(body, number="00001235") == seen_by(body, number="0000123") == []
    assert seen_by(body, reference=other.reference) == [other.id]
    with acting(body):
        review.decide(other.id, "approve")
    (issued,) = factories.every(Certificate)
    with factories.changing(issued) as row:
        row.worker_id = worker.id
    assert seen_by(body, number=issued.number) == [made.id]


def test_what_an_office_returned_is_shown_while_the_applicant_has_it(db: SQLAlchemy) -> None:
    made = case(region_code=HENAN, submitted=True)
    decide(made.id, "return")
    county, city = (
        factories.actor(role, region)
        for role, region in (("county_reviewer", HENAN), ("city_reviewer", "410100"))
    )
    assert seen_by(county) == []
    assert seen_by(county, state="returned") == [made.id]
    assert seen_by(city, state="returned") == []
    with acting(county):
        (row,) = queue(Wanted(state="returned")).rows
    assert (row.state, row.due_on) == ("returned", None)


def due(made: Application, day: str | None) -> Application:
    """The case, to be decided by another day."""
    with factories.changing(made) as row:
        row.due_on = date.fromisoformat(day) if day else None
    return made


def test_x_43_what_is_late_is_found_and_counted(db: SQLAlchemy) -> None:
    late, today, later, unlimited = (
        due(case(submitted=True), day) for day in ("2020-07-09", "2020-07-10", "2020-07-13", None)
    )
    body = factories.actor("body_reviewer", "110000")
    assert seen_by(body, overdue=True) == [late.id]
    with acting(body):
        ages = queue().figures.ages
    assert ages == {LATE: 1, TODAY: 1, IN_TIME: 2}
    assert {today.id, later.id, unlimited.id} < set(seen_by(body))


def test_the_figures_count_the_whole_queue_whatever_the_filters_leave(db: SQLAlchemy) -> None:
    for region in ("110105", "110105", "110106"):
        case(region_code=region, submitted=True)
    case(region_code=HENAN, submitted=True)
    body = factories.actor("body_reviewer", "110000")
    with acting(body):
        review.take(seen_by(body)[0])
        page = queue(Wanted(region_code="110106"))
    found = page.figures
    assert (page.count, found.total, found.kinds) == (1, 3, {"first": 3})
    assert found.regions == {"110105": ("朝阳区", 2), "110106": ("丰台区", 1)}
    assert (found.claimed, found.done) == (1, 0)
    with acting(body):
        review.decide(page.rows[0].id, "reject", reason="不符")
        assert (queue().figures.done, queue().figures.total) == (1, 2)
    with acting(body, "2020-07-11T00:00"):
        assert queue().figures.done == 0


def test_a_queue_that_stays_open_overnight_knows_the_new_day(db: SQLAlchemy) -> None:
    made = due(case(submitted=True), "2020-07-10")
    body = factories.actor("body_reviewer", "110000")
    for day, age in (("2020-07-10", TODAY), ("2020-07-11", LATE)):
        with acting(body, f"{day}T10:00"):
            assert queue().figures.ages == {age: 1}
            assert [row.id for row in queue(Wanted(overdue=True)).rows] == [made.id] * (age == LATE)


def test_a_name_is_found_by_its_beginning_and_nothing_else_is_counted(db: SQLAlchemy) -> None:
    for name in ("欧阳一", "欧阳二", "欧三", "王四"):
        case(factories.applicant(name=name), submitted=True)
    with acting(factories.actor("body_reviewer", "110000")):
        found = {text: queue(Wanted(name=text), size=2) for text in ("欧阳", "欧", "王", "李")}
        last = queue(Wanted(name="欧"), size=2, after=found["欧"].after)
    assert {text: [row.name for row in page.rows] for text, page in found.items()} == {
        "欧阳": ["欧阳一", "欧阳二"],
        "欧": ["欧阳一", "欧阳二"],
        "王": ["王四"],
        "李": [],
    }
    assert [page.count_text for page in found.values()] == ["2", "2+", "1", "0"]
    assert ([row.name for row in last.rows], last.count_text) == (["欧三"], "1+")


def test_figures_stop_counting_and_say_so(db: SQLAlchemy, monkeypatch: Any) -> None:
    monkeypatch.setattr("app.queries.figures.CAP", 2)
    waiting(4)
    with acting(factories.actor("body_reviewer", "110000")):
        found = queue().figures
    assert (found.total, found.capped, found.text(found.total)) == (3, True, "2+")


def test_a_row_says_who_decided_before_and_who_is_at_it(db: SQLAlchemy) -> None:
    made = case(region_code=HENAN, submitted=True)
    decide(made.id, "approve")
    first, second = (factories.actor("city_reviewer", "410100") for _ in range(2))
    with acting(first):
        review.take(made.id)
        (row,) = queue().rows
        assert (row.earlier, row.holder, row.mine, row.remarks) == ("张三", "张三", True, 0)
        assert row.region == "金水区"
        assert free() == [made.id]
    assert seen_by(first, mine=True) == [made.id]
    with acting(second):
        (row,) = queue().rows
        assert (row.holder, row.mine) == ("张三", False)
        assert free() == []
    assert seen_by(second, mine=True) == []


def test_bj_30_hours_to_be_counted_are_to_look_at_also_where_nobody_had_asked_yet(
    db: SQLAlchemy,
) -> None:
    """A submission kept before findings said whether their hours are counted leaves it open."""
    made, _proof = renewal()
    (submission,) = every(Submission, application_id=made.id)

    def remarks() -> int:
        with acting(factories.actor("body_reviewer", "110000")):
            (row,) = queue().rows
            remarks: int = row.remarks
        return remarks

    assert remarks() == 1
    with factories.changing(submission) as row:
        row.findings = [{**one, "to_count": False} for one in row.findings]
    assert remarks() == 0
    with factories.changing(submission) as row:
        row.findings = [{k: one[k] for k in one if k != "to_count"} for one in row.findings]
    assert remarks() == 1


def test_x_43_a_row_says_how_many_working_days_it_has_waited(db: SQLAlchemy) -> None:
    case(submitted=True, at="2020-07-10T09:00")  # a Friday
    with acting(factories.actor("body_reviewer", "110000"), "2020-07-14T09:00"):
        (row,) = queue().rows
    assert (row.waited, row.due_on, row.due_provisional) == (2, date(2020, 8, 21), False)


def test_the_next_free_case_lies_behind_one_or_at_the_beginning(db: SQLAlchemy) -> None:
    ids = waiting(3)
    one, other = (factories.actor("body_reviewer", "110000") for _ in range(2))
    with acting(other):
        review.take(ids[1])
    with acting(one):
        assert (free(), free(after=ids[0])) == ([ids[0], ids[2]], [ids[2]])
        assert free(after=ids[2]) == []


@pytest.mark.parametrize("state", ["in_review", "returned"])
def test_a_page_takes_three_statements(db: SQLAlchemy, state: Any) -> None:
    ids = waiting(2)
    if state == "returned":
        with as_system("a test arranges") as session, session.begin():
            for row in session.scalars(select(Application)):
                row.state = state
    with acting(factories.actor("body_reviewer", "110000")):
        queue()  # a policy is parsed once for each process
        db.session.rollback()
        with statements(db) as made:
            page = queue(Wanted(state=state, name="王", kind="first"), after=ids[0], size=1)
    assert [row.id for row in page.rows] == [ids[1]]
    rows, days, figures = (sql for sql, _ in made if sql.startswith("SELECT"))
    assert "JOIN worker" in rows
    assert "count(*)" in figures
    assert "FROM holiday" in days


@pytest.mark.parametrize("state", ["in_review", "returned"])
def test_rows_and_figures_read_the_partial_index(db: SQLAlchemy, database: str, state: Any) -> None:
    waiting(1)
    with acting(factories.actor("body_reviewer", "110000")), statements(db) as made:
        queue(Wanted(state=state))
    looked = [one for one in made if "FROM application" in one[0]]
    assert len(looked) == 2
    # a bound value would hide from a prepared statement which rows the index holds
    assert all(f"application.state = '{state}'" in sql for sql, _ in looked)
    index = f"ix_application_{'queue' if state == 'in_review' else state}"
    db.session.rollback()  # an index is dropped only where nobody reads
    with db.engine.connect() as connection:
        if database == "postgres":
            # the table is so small that only what cannot be done otherwise shows
            connection.execute(text("SET enable_seqscan = off"))
            connection.execute(text("DROP INDEX ix_application_province_code"))
        explain = "EXPLAIN " if database == "postgres" else "EXPLAIN QUERY PLAN "
        for sql, parameters in looked:
            plan = str(connection.exec_driver_sql(explain + sql, parameters).all())
            # the queue itself, and what the filters leave of it
            assert plan.count(index) >= sql.count(f"state = '{state}'"), plan


def test_neighbours_are_the_cases_before_and_after_also_of_a_decided_one(db: SQLAlchemy) -> None:
    ids = waiting(3)
    middle = stored(Application, ids[1])
    with acting(factories.actor("body_reviewer", "110000")):
        assert neighbours(middle) == (ids[0], ids[2])
    decide(ids[1], "reject")
    with acting(factories.actor("body_reviewer", "110000")):
        assert neighbours(stored(Application, ids[1])) == (ids[0], ids[2])
        assert neighbours(stored(Application, ids[0])) == (None, ids[2])


def test_the_office_of_a_case_names_region_role_and_stage(db: SQLAlchemy) -> None:
    made = case(region_code="419001", submitted=True)
    first = office_of(made)
    assert (first.region_code, first.role, first.number) == ("419001", "county_reviewer", 1)
    decide(made.id, "approve")
    final = office_of(stored(Application, made.id))
    assert (final.region_code, final.role, final.number) == ("410000", "province_reviewer", 2)
    assert final.stage.label.zh == "终审"
