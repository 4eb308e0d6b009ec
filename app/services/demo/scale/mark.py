"""The mark of a load that has begun: a table of its own, which the last step takes away."""

from sqlalchemy import inspect

from app.extensions import db
from app.services.demo.scale import postgres
from app.services.demo.scale.rows import TABLES
from models.base import Base

KEPT_TABLES = ("region", "holiday", "policy", "dictionary", "dictionary_item", "message_template")
"""What installing fills; FAB's and Alembic's own tables are left alone too."""


def cut_short() -> bool:
    """Whether a load was begun here and never ended."""
    return inspect(db.engine).has_table(postgres.MARK)


def begin() -> None:
    """Mark the database as half loaded, and make the tables bare."""
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.exec_driver_sql(
            f"CREATE TABLE IF NOT EXISTS {postgres.MARK}"
            " (step integer, name varchar(64), statement text PRIMARY KEY)"
        )
        if connection.dialect.name == "postgresql":
            postgres.strip(connection)


def clear() -> None:
    """Empty all that installing does not fill, after `begin`."""
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"TRUNCATE {', '.join(TABLES)}")
        else:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for table in reversed(_mapped()):
            if table not in KEPT_TABLES:
                connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608


def _mapped() -> list[str]:
    """Our own tables, and who has which role; what is pointed at comes first."""
    ours = {mapper.local_table.name for mapper in Base.registry.mappers}
    return [
        table.name
        for table in db.metadata.sorted_tables
        if (table.name in ours and not table.name.startswith("ab_"))
        or table.name in ("ab_user", "ab_user_role")
    ]
