"""What migrations do to rows that are there already."""

import importlib.util
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Engine, MetaData, Table, select

from app.extensions import db
from app.queries.offices import reviewer_of
from app.queries.policies import SEEDS, read
from app.rules.kinds import Stage
from app.rules.words import Words
from tests.support.databases import Kind

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"


def migration(name: str) -> ModuleType:
    """A migration as a module."""
    spec = importlib.util.spec_from_file_location(name, VERSIONS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def earlier_edition() -> str:
    """A shipped policy as it was written before policies spoke of every kind."""
    data = yaml.safe_load((SEEDS / "beijing.yaml").read_text("utf-8"))
    for key in ("due", "remind_days"):
        data.pop(key, None)
    first = data["kinds"]["first"]
    data["kinds"] = {"first": first, "replacement": {"label": first["label"], "opens": "by_notice"}}
    (first["declaration"],) = first.pop("consents").values()
    fields = yaml.safe_load((SEEDS / "fields.yaml").read_text("utf-8"))
    return str(yaml.safe_dump_all([data, fields], allow_unicode=True, sort_keys=False))


def test_an_edition_of_before_stays_readable_for_the_cases_that_follow_it() -> None:
    before = earlier_edition()
    rewritten = migration("0025_policies_of_every_kind").rewritten
    policy = read(rewritten(before))
    assert list(policy.kinds) == ["first"]
    assert policy.due == "calendar_year"
    (statement,) = policy.kinds["first"].consents
    assert (statement.code, statement.text.zh) == ("declaration", "我保证上述所填信息均真实有效")
    assert rewritten(rewritten(before)) == rewritten(before)


def filled(table: Table, **given: object) -> dict[str, object]:
    """A row that holds something in every column that needs it."""
    something: dict[type, object] = {
        str: "x",
        int: 1,
        bool: True,
        bytes: b"x",
        date: date(2020, 7, 1),
        datetime: datetime(2020, 7, 1, tzinfo=UTC),
        dict: {},
        object: {},
        Decimal: Decimal(1),
    }
    needed = {
        column.name: something[column.type.python_type]
        for column in table.columns
        if not column.nullable and column.name not in given
    }
    return {**needed, **given}


HERE: dict[str, object] = {
    "region_code": "110105",
    "province_code": "110000",
    "city_code": "110100",
}
ROWS: tuple[tuple[str, dict[str, object]], ...] = (
    ("region", {"code": "110105", "level": "county"}),
    ("ab_user", HERE),
    ("worker", HERE),
    ("qualification", HERE | {"worker_id": 1}),
    ("application", HERE | {"worker_id": 1, "state": "in_review", "kind": "first"}),
    ("submission", HERE | {"worker_id": 1, "application_id": 1}),
    ("material", HERE | {"worker_id": 1, "application_id": 1}),
    ("registration", HERE | {"worker_id": 1, "application_id": 1}),
    ("certificate", HERE | {"worker_id": 1, "application_id": 1, "registration_id": 1}),
    ("credit", HERE | {"worker_id": 1}),
    ("registration_window", HERE),
    ("policy", {"jurisdiction": "110105", "source": earlier_edition()}),
)


@pytest.mark.slow
def test_a_register_in_use_is_brought_up_to_date_with_all_its_rows(
    database: Kind, make_app: Callable[..., Flask]
) -> None:
    app = make_app()
    with app.app_context():
        _empty(db.engine)
        upgrade(revision="0001")
        _put_in(db.engine)
        upgrade()
        tables = _tables(db.engine)
        with db.engine.connect() as connection:
            for name, given in ROWS:
                (row,) = connection.execute(select(tables[name])).mappings()
                assert {key: row[key] for key in given if key != "source"} == {
                    key: value for key, value in given.items() if key != "source"
                }
            turn = tables["application"].c
            kept = connection.execute(select(turn.office_code, turn.office_role)).one()
            assert tuple(kept) == ("000000", "body_reviewer"), "no province is there"
        assert not _faults(db.engine)


STAGES: tuple[dict[str, Any], ...] = (
    {"level": "county"},
    {"level": "city"},
    {"level": "province", "role": "body_reviewer"},
    {"level": "city", "offices": {"410105": "410000", "441900": "440000"}},
    {"level": "city", "offices": {"410000": "410000", "410105": "410100"}},
)


@pytest.mark.parametrize("data", STAGES, ids=map(str, range(len(STAGES))))
def test_the_turn_of_before_is_the_office_of_today(data: dict[str, Any]) -> None:
    """What 0046 gives to the cases that are there already is what the portal gives to new ones."""
    existing = {"410000", "410100", "410105", "419001", "440000", "441900", "500103", "110000"}
    stage = Stage(label=Words("审核", "Review"), **data)
    for place in ("410105", "410100", "419001", "441900", "500103", "110105"):
        case = {"policy_code": "p", "policy_version": 1, "kind": "first", "stage": 1}
        chains = {("p", 1): {"first": [data]}}
        turn = migration("0046_whose_turn_it_is")._office(
            {**case, "region_code": place}, chains, existing
        )
        office = stage.office(place, existing)
        assert turn == {"office_code": office, "office_role": reviewer_of(stage, office)}


def _tables(engine: Engine) -> dict[str, Table]:
    found = MetaData()
    found.reflect(engine)
    return dict(found.tables)


def _empty(engine: Engine) -> None:
    found = MetaData()
    found.reflect(engine)
    with engine.begin() as connection:
        found.drop_all(connection)


def _put_in(engine: Engine) -> None:
    tables = _tables(engine)
    with engine.begin() as connection:
        for name, given in ROWS:
            connection.execute(tables[name].insert().values(filled(tables[name], **given)))


def _faults(engine: Engine) -> list[object]:
    if engine.dialect.name != "sqlite":
        return []
    with engine.connect() as connection:
        return list(connection.exec_driver_sql("PRAGMA foreign_key_check"))
