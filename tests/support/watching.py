"""Watching the database: every statement that a block sends, and which tables it writes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event

WRITE = re.compile(r"^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
READ = re.compile(r"\bFROM\s+\"?(?!AS\b)(\w+)", re.IGNORECASE)


def outer(sql: str) -> str:
    """A statement without what stands in brackets, such as a column that is a subquery."""
    while (shorter := re.sub(r"\([^()]*\)", "", sql)) != sql:
        sql = shorter
    return sql


@dataclass
class Statements:
    """What was sent, in order."""

    sent: list[str] = field(default_factory=list)

    @property
    def written(self) -> set[str]:
        """The tables that were written to."""
        return {found[1].lower() for sql in self.sent if (found := WRITE.match(sql))}

    @property
    def read(self) -> list[str]:
        """The first table of every SELECT, in order."""
        selects = (sql for sql in self.sent if sql.lstrip().startswith("SELECT"))
        # a count over a subquery reads what the subquery reads
        found = (READ.search(outer(sql)) or READ.search(sql) for sql in selects)
        return [table[1].lower() for table in found if table]


@contextmanager
def statements(db: SQLAlchemy) -> Iterator[Statements]:
    """Record what is sent to the database within the block, by whichever session."""
    seen = Statements()

    def hear(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        seen.sent.append(sql)

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)
