"""The queue: what waits for an office, the oldest first, in three statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, select, text

from app.queries.offices import falls_to, office_of
from app.queries.queue import Wanted, neighbours, queue
from app.rules.kinds import Stage
from app.rules.words import Words
from app.scope import Actor, as_system
from app.services import review
from models.account import Account
from models.application import Application
from models.region import Region
from tests.support import factories
from tests.support.cases import case, decide
from tests.support.factories import acting, stored

HENAN = "410105"


def seen_by(who: Actor, **wanted: str) -> list[int]:
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
    city = case(region_code="441900", submitted=True)
    first, second = (factories.actor("city_reviewer", "441900") for _ in range(2))
    assert seen_by(first) == seen_by(second) == [city.id]
    with acting(first):
        review.decide(city.id, "approve")
    assert (seen_by(first), seen_by(second)) == ([], [city.id])


def test_one_s_own_case_is_not_in_one_s_queue(db: SQLAlchemy) -> None:
    worker = factories.worker()
    factories.qualification(worker)
    made = case(factories.applicant(worker), submitted=True)
    with as_system("a test arranges") as session, session.begin():
        session.scalars(select(Account).filter_by(worker_id=worker.id)).one().worker_id = None
    assert seen_by(factories.actor("body_reviewer", "110000", worker_id=worker.id)) == []
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

    def found(**wanted: str) -> set[str]:
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


def test_a_page_takes_three_statements(db: SQLAlchemy) -> None:
    ids = waiting(2)
    with acting(factories.actor("body_reviewer", "110000")):
        queue()  # a policy is parsed once for each process
        db.session.rollback()
        with statements(db) as made:
            page = queue(Wanted(name="王", kind="first"), after=ids[0], size=1)
    assert [row.id for row in page.rows] == [ids[1]]
    policies, rows, count = (sql for sql, _ in made if sql.startswith("SELECT"))
    assert "FROM policy" in policies
    assert "JOIN worker" in rows
    assert "count(*)" in count


def test_rows_and_count_read_the_partial_index(db: SQLAlchemy, database: str) -> None:
    waiting(1)
    with acting(factories.actor("body_reviewer", "110000")), statements(db) as made:
        queue()
    looked = [one for one in made if "FROM application" in one[0]]
    assert len(looked) == 2
    # a bound value would hide from a prepared statement which rows the index holds
    assert all("application.state = 'in_review'" in sql for sql, _ in looked)
    db.session.rollback()  # an index is dropped only where nobody reads
    with db.engine.connect() as connection:
        if database == "postgres":
            # the table is so small that only what cannot be done otherwise shows
            connection.execute(text("SET enable_seqscan = off"))
            connection.execute(text("DROP INDEX ix_application_province_code"))
        explain = "EXPLAIN " if database == "postgres" else "EXPLAIN QUERY PLAN "
        for sql, parameters in looked:
            plan = connection.exec_driver_sql(explain + sql, parameters).all()
            assert "ix_application_queue_" in str(plan), plan


def test_neighbours_are_the_cases_before_and_after_also_of_a_decided_one(db: SQLAlchemy) -> None:
    ids = waiting(3)
    middle = stored(Application, ids[1])
    with acting(factories.actor("body_reviewer", "110000")):
        assert neighbours(middle) == (ids[0], ids[2])
    decide(ids[1], "reject")
    with acting(factories.actor("body_reviewer", "110000")):
        assert neighbours(stored(Application, ids[1])) == (ids[0], ids[2])
        assert neighbours(stored(Application, ids[0])) == (None, ids[2])


STAGES = [
    Stage("county", Words("初审", "First")),
    Stage("city", Words("终审", "Final")),
    Stage("province", Words("终审", "Final")),
    Stage("city", Words("终审", "Final"), offices={"410105": "410000", "441900": "440000"}),
    Stage("city", Words("终审", "Final"), offices={"410000": "410000", "410105": "410100"}),
]
PLACES = ["410105", "410100", "410000", "419001", "441900", "500103", "110105"]


@pytest.mark.parametrize("stage", STAGES, ids=map(str, range(len(STAGES))))
def test_the_office_in_sql_is_the_office_in_python(db: SQLAlchemy, stage: Stage) -> None:
    for place in PLACES:
        worker = factories.worker(place)
        held = factories.qualification(worker)
        factories.keep(
            Application(
                worker_id=worker.id,
                region_code=place,
                reference=place,
                kind="first",
                level=held.level,
                state="in_review",
                stage=1,
                attempt=1,
                policy_code="national",
                policy_version=1,
            )
        )
    with as_system("a test compares") as session:
        existing = set(session.scalars(select(Region.code)))
        for office in ["410105", "410100", "410000", "419001", "441900", "440000", "500000"]:
            query = select(Application.region_code).where(falls_to(stage, office))
            found = set(session.scalars(query))
            expected = {place for place in PLACES if stage.office(place, existing) == office}
            # the queue asks within the office's own subtree
            assert found & set(expected) == expected
            assert {p for p in found - expected if office in _path(p)} == set()


def _path(place: str) -> tuple[str, ...]:
    return (place, place[:4] + "00", place[:2] + "0000")


def test_the_office_of_a_case_names_region_role_and_stage(db: SQLAlchemy) -> None:
    made = case(region_code="419001", submitted=True)
    first = office_of(made)
    assert (first.region_code, first.role, first.number) == ("419001", "county_reviewer", 1)
    decide(made.id, "approve")
    final = office_of(stored(Application, made.id))
    assert (final.region_code, final.role, final.number) == ("410000", "province_reviewer", 2)
    assert final.stage.label.zh == "终审"
