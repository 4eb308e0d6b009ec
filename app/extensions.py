"""The framework's parts, unbound: the database, the migrations and FAB, bound together by
`app.factory`."""

import sys
from functools import lru_cache
from sqlite3 import Connection as SQLiteConnection
from typing import Any

from flask_appbuilder import AppBuilder, Model
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from flask_wtf import CSRFProtect
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine


class ReadingSession(Session):
    """A session that has no transaction but in a verb and where it sees everything: nothing else
    of it may write (`app.scope`), and each statement sees what is committed by then either way."""

    def get_bind(self, *args: Any, **given: Any) -> Any:
        """The engine that fits what the session is about to do."""
        engine = super().get_bind(*args, **given)
        may_write = self.info.get("verb") or (
            self.info.get("system") and not self.info.get("only_reads")
        )
        return engine if may_write else without_transactions(engine)


@lru_cache(maxsize=16)
def without_transactions(engine: Any) -> Any:
    """The same pool for statements that stand alone. PostgreSQL is spared BEGIN and ROLLBACK, and
    keeps the statements that are prepared: psycopg forgets them all with every ROLLBACK."""
    if engine.dialect.name != "postgresql":
        return engine  # SQLite reads in a transaction what belongs together
    return engine.execution_options(isolation_level="AUTOCOMMIT")


db = SQLAlchemy(disable_autonaming=True, session_options={"class_": ReadingSession})
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


PREPARED = {"prepared": True}
"""Execution options of a statement whose plan PostgreSQL may keep, whatever its parameters."""


def prepare_engine(engine: Engine) -> None:
    """Give SQLite what PostgreSQL has by itself: foreign keys, readers beside a writer, honest
    BEGINs; let PostgreSQL keep no plans but those that were found to fit."""
    if engine.dialect.name == "postgresql" and not event.contains(
        engine, "connect", _postgres_connect
    ):
        event.listen(engine, "connect", _postgres_connect)
        event.listen(engine, "do_execute", _execute_prepared)
    if engine.dialect.name == "sqlite" and not event.contains(engine, "connect", _sqlite_connect):
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)


def _postgres_connect(connection: Any, _record: Any) -> None:
    # a plan for any state or any region is a bad one for those that are much rarer than others
    connection.prepare_threshold = sys.maxsize  # None would turn it off altogether


def _execute_prepared(cursor: Any, statement: str, parameters: Any, context: Any) -> bool | None:
    if context is None or not context.execution_options.get("prepared"):
        return None  # as usual
    cursor.execute(statement, parameters, prepare=True)
    return True


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
