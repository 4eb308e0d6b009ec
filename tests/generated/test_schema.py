"""The schema as it stands in both databases is the one that the models say, to the last predicate.

Alembic sees neither a changed WHERE of an index nor a changed CHECK, and says nothing.
"""

import re
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import CheckConstraint, Index, inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.rules.workflow import IN_FLIGHT, State
from app.scope import as_system, scoped_models
from models.base import Base, RegionScoped
from models.columns import semantics_of
from models.worker import Worker
from tests.support import estates, factories
from views.console import CONSOLE
from views.contents import RESOURCES

SQLITE_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
POSTGRES_INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"


def normal(condition: str) -> str:
    """A condition without what each database adds to it: casts, brackets, spaces, quotes."""
    plain = re.sub(r"::[a-z ]+(?:\[\])?", "", condition.lower())
    bare = re.sub(r"[\s()\"]", "", plain)
    listed = re.sub(r"=anyarray\[(.*?)\]", r"in\1", bare)
    return listed.replace("substring", "substr")


def tables() -> list[Any]:
    """Every table of the metadata, FAB's own included."""
    return list(Base.registry.metadata.tables.values())


def declared_predicates() -> dict[str, str]:
    """The WHERE of every partial index, as the models say it."""
    indexes: list[Index] = [index for table in tables() for index in table.indexes]
    partial = [index for index in indexes if _where(index, "sqlite") is not None]
    assert all(_where(index, "sqlite") == _where(index, "postgresql") for index in partial)
    return {str(index.name): normal(str(_where(index, "sqlite"))) for index in partial}


def _where(index: Index, dialect: str) -> str | None:
    condition = index.dialect_options[dialect]["where"]
    return None if condition is None else str(condition)


def live_predicates(db: SQLAlchemy) -> dict[str, str]:
    """The WHERE of every partial index, as the database has it."""
    query = SQLITE_INDEXES if db.engine.dialect.name == "sqlite" else POSTGRES_INDEXES
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql(query).all()
    split = ((name, re.split(r"\bWHERE\b", sql, flags=re.IGNORECASE)) for name, sql in rows)
    return {name: normal(parts[1]) for name, parts in split if len(parts) == 2}


def test_every_partial_index_has_the_predicate_of_its_model(db: SQLAlchemy) -> None:
    declared = declared_predicates()
    assert {"uq_application_in_flight", "uq_material_slot"} <= set(declared)
    assert live_predicates(db) == declared


def test_every_check_has_the_condition_of_its_model(db: SQLAlchemy) -> None:
    declared = {
        (table.name, str(check.name)): normal(str(check.sqltext))
        for table in tables()
        for check in table.constraints
        if isinstance(check, CheckConstraint) and check.name
    }
    seen = inspect(db.engine)
    live = {
        (table.name, str(check["name"])): normal(check["sqltext"])
        for table in tables()
        for check in seen.get_check_constraints(table.name)
    }
    assert ("worker", "ck_worker_province_code") in declared
    assert live == declared


def test_the_migrations_make_what_the_models_say(db: SQLAlchemy) -> None:
    """`flask db check`, on the database that `portal init` made."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.registry.metadata)
    assert differences == []


def test_an_application_in_flight_is_the_only_one(db: SQLAlchemy, app: Flask) -> None:
    """The index, tried: every two states, of which one is in flight for each."""
    for state in State:
        worker = factories.worker()
        lies = {"worker_id": worker.id, "region_code": worker.region_code}
        factories.keep(estates.application(f"a {state}", state="approved", **lies))
        second = estates.application(f"b {state}", state=state, kind="renewal", **lies)
        if state in IN_FLIGHT:
            with pytest.raises(IntegrityError):
                factories.keep(second)
        else:
            assert factories.keep(second).id


@pytest.mark.parametrize("column", ["province_code", "city_code"])
def test_no_row_lies_in_two_places(column: str, db: SQLAlchemy) -> None:
    """Whoever writes past the models, the database holds the levels together."""
    worker = factories.worker("410105")
    sql = f"UPDATE worker SET {column} = '110000' WHERE id = {worker.id}"
    with pytest.raises(IntegrityError), db.engine.begin() as connection:
        connection.exec_driver_sql(sql)
    row = factories.stored(Worker, worker.id)
    assert (row.province_code, row.city_code) == ("410000", "410100")


def test_every_scoped_table_is_held_and_indexed_at_every_level(db: SQLAlchemy) -> None:
    """A subtree is one equality on one indexed column, at any level."""
    seen = inspect(db.engine)
    for model in scoped_models():
        if not issubclass(model, RegionScoped):
            continue
        table = model.__table__.name  # type: ignore[attr-defined]
        columns = {column["name"]: column for column in seen.get_columns(table)}
        first = {index["column_names"][0] for index in seen.get_indexes(table)}
        for level in ("region_code", "province_code", "city_code"):
            assert not columns[level]["nullable"], f"{table}.{level}"
            assert level in first, f"{table}.{level}"


def test_every_column_that_is_found_or_sorted_is_indexed(db: SQLAlchemy) -> None:
    """A list over three million rows sorts by an index or not at all."""
    seen, missing = inspect(db.engine), []
    for resource in RESOURCES:
        table = resource.model.__table__.name
        first = {index["column_names"][0] for index in seen.get_indexes(table)}
        first |= {one["column_names"][0] for one in seen.get_unique_constraints(table)}
        for key, meaning in semantics_of(resource.model).items():
            wanted = (meaning.sort or meaning.find == "prefix") and resource.name != "regions"
            missing += [f"{table}.{key}"] if wanted and key not in first else []
    assert missing == []


def test_a_model_is_edited_in_one_place(db: SQLAlchemy) -> None:
    """A row with two editors has two sets of rules."""
    portal = {r.model for r in RESOURCES if r.writes}
    console = {model for view, model, _ in CONSOLE if view.can_edit or view.can_create}
    assert portal & console == set()
    for view, _, _ in CONSOLE:
        assert not view.can_delete
    verbs_alone = {r.name for r in RESOURCES if not {"add", "edit", "remove"} & {*r.writes.split()}}
    assert verbs_alone >= {
        *("applications", "submissions", "decisions", "registrations", "certificates", "events"),
        *("accounts", "regions"),
    }


def test_the_version_holds_against_two_writers(db: SQLAlchemy) -> None:
    """The optimistic lock is the row's own: the second of two changes to one version fails."""
    worker = factories.worker()
    with factories.changing(worker) as row:
        row.unit_name = "第一"
    with as_system("a second writer, who read it before") as session:
        late = session.merge(worker, load=False)
        late.unit_name = "第二"
        with pytest.raises(StaleDataError):
            session.commit()
    assert factories.stored(Worker, worker.id).unit_name == "第一"
