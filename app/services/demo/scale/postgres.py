"""Bulk loading on PostgreSQL: bare tables while rows come in, all that holds them afterwards.

What was taken off the tables is kept in a table of its own, in the same transaction, so that a load
that is killed anywhere can be begun again.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine

from app.services.demo.scale.rows import TABLES, Lines

MARK = "demo_load"
CONNECTIONS = 2

CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, contype::text, pg_get_constraintdef(oid)
    FROM pg_constraint
    WHERE contype IN ('p', 'u', 'f')
      AND (conrelid = ANY (%(tables)s::regclass[]) OR confrelid = ANY (%(tables)s::regclass[]))
    ORDER BY contype, conrelid::regclass::text, conname
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE tablename = ANY (%(tables)s)"
KEEP = f"INSERT INTO {MARK} (step, name, statement) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"  # noqa: S608
KEPT = f"""
    SELECT name, statement FROM {MARK} WHERE step = %(step)s
    ORDER BY pg_relation_size(name::regclass) DESC, name, statement
"""  # noqa: S608
SETTINGS = ("SET maintenance_work_mem = '512MB'", "SET synchronous_commit = off")
KEYS, REFERENCES, CHECKS = 0, 1, 2
NOT_YET = " NOT VALID"


def strip(connection: Connection) -> None:
    """Take keys and indexes off the tables, in the transaction of the connection, and write down
    how to put them back; what is off already stays written down."""
    tables = {"tables": list(TABLES)}
    found = connection.exec_driver_sql(CONSTRAINTS, tables).all()
    for table, name, _kind, _definition in found:
        connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    indexes = connection.exec_driver_sql(INDEXES, tables).all()
    for _table, name, _definition in indexes:
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    undo = [(KEYS, table, definition) for table, _, definition in indexes]
    for table, name, kind, definition in found:
        again = f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition.removesuffix(NOT_YET)}'
        if kind == "f":
            undo.append((REFERENCES, table, again + NOT_YET))
            undo.append((CHECKS, table, f'ALTER TABLE {table} VALIDATE CONSTRAINT "{name}"'))
        else:
            undo.append((KEYS, table, again))
    for row in undo:
        connection.exec_driver_sql(KEEP, row)


def copy(address: str, lines: Lines) -> None:
    """Send the rows of one chunk, in one transaction."""
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        for table, columns in TABLES.items():
            if lines[table]:
                with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as out:
                    out.write("\n".join(lines[table]) + "\n")


def dress(engine: Engine, say: Callable[[str], None]) -> None:
    """Put back what `strip` took, the largest tables first; then take the mark away, let the
    planner look, and let the indexes of a queue answer without the rows, as in a register in
    use."""
    for step, what in ((KEYS, "keys and indexes"), (REFERENCES, "references"), (CHECKS, "checks")):
        with engine.connect() as connection:
            rows = connection.exec_driver_sql(KEPT, {"step": step}).all()
        groups = [[row[1] for row in group] for _, group in groupby(rows, key=lambda row: row[0])]
        say(f"{what} of {len(groups)} tables")
        # a reference locks both of its tables, so that two at once would only wait
        with ThreadPoolExecutor(1 if step == REFERENCES else CONNECTIONS) as pool:
            list(pool.map(lambda group: _run(engine, group), groups))
    _run(engine, [*_sequences(), f"DROP TABLE {MARK}", "ANALYZE", "VACUUM application, decision"])


def _run(engine: Engine, statements: Sequence[str]) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in (*SETTINGS, *statements):
            connection.exec_driver_sql(statement)
        connection.invalidate()  # its settings are no one else's


def _sequences() -> Iterator[str]:
    """Keys go on behind those that were loaded."""
    for table, columns in TABLES.items():
        if columns[0] == "id":
            yield (
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"  # noqa: S608
                f" (SELECT coalesce(max(id), 1) FROM {table}))"
            )


def address(engine: Engine) -> Any:
    """The database as the driver finds it."""
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
