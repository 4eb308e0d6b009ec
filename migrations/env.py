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


with current_app.app_context(), db.engine.connect() as connection:
    run(connection)
    connection.commit()
