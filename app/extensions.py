"""The framework's parts, unbound: the database, the migrations and FAB, bound together by
`app.factory`."""

from sqlite3 import Connection as SQLiteConnection
from typing import Any

from flask_appbuilder import AppBuilder, Model
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

db = SQLAlchemy(disable_autonaming=True)
# FAB's tables and ours share one metadata, and Alembic has to look at that one.
db.metadatas[None] = Model.metadata

migrate = Migrate(db=db, render_as_batch=True, compare_type=True)
csrf = CSRFProtect()

LOCKED: dict[str, Any] = {"key_share": True}
"""How a row is locked: nobody else changes it, and rows that point at it are still added. A full
lock would let two verbs wait for each other that add an event, a decision or a message each."""


def new_appbuilder() -> AppBuilder:
    """FAB without its menu permissions; one per application, because FAB keeps the views on it."""
    return AppBuilder(update_perms=False)


def prepare_engine(engine: Engine) -> None:
    """Give SQLite what PostgreSQL has by itself: foreign keys, readers beside a writer, honest
    BEGINs."""
    if engine.dialect.name == "sqlite" and not event.contains(engine, "connect", _sqlite_connect):
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)


def _sqlite_connect(connection: SQLiteConnection, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is deferred and comes too late
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "busy_timeout=10000",
        "synchronous=NORMAL",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Connection) -> None:
    # busy_timeout does not save a deferred transaction that turns to writing
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
