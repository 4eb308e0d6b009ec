"""How Alembic reaches the portal's database and what it compares it with."""

from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy.engine import Connection

from app.extensions import db
from models.columns import UtcInstant


def render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our type as what the database makes of it: a migration must not follow later code."""
    plain = kind == "type" and isinstance(item, UtcInstant)
    return "sa.DateTime(timezone=True)" if plain else False


def run(connection: Connection) -> None:
    """Run the migrations on one connection; SQLite changes tables by copying them."""
    context.configure(
        connection=connection,
        target_metadata=db.metadatas[None],
        render_as_batch=True,
        compare_type=True,
        render_item=render,
    )
    with context.begin_transaction():
        context.run_migrations()


def keep_children(connection: Connection, on: bool) -> None:
    """Let SQLite replace a table that others point at: its copy takes the name of it.

    Outside a transaction, or SQLite ignores it.
    """
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA foreign_keys={'OFF' if on else 'ON'}")


def refuse_orphans(connection: Connection) -> None:
    """What the database did not look at meanwhile is looked at before it is kept."""
    if connection.dialect.name == "sqlite":
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if orphans:
            raise RuntimeError(f"these rows point at nothing: {orphans[:5]}")


with current_app.app_context(), db.engine.connect() as connection:
    keep_children(connection, True)
    try:
        run(connection)
        refuse_orphans(connection)
        connection.commit()
    finally:
        connection.rollback()
        keep_children(connection, False)
