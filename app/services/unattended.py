"""What the portal does by itself: the frame of a verb that nobody acts in."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from app.extensions import db
from app.scope import acting_as, as_system


@contextmanager
def unattended(reason: str) -> Iterator[Session]:
    """One transaction that sees every row and whose events say `system`, all of it or nothing.

    It has a connection of its own, so inside a verb it would wait for the lock that the verb
    holds: raises RuntimeError there. Reads of the thread's own session start anew afterwards.
    """
    own = db.session()
    if own.info.get("verb"):
        raise RuntimeError("a verb is open: promise a job, it runs after the commit")
    own.rollback()
    try:
        with acting_as(None), as_system(reason) as session:
            session.connection(execution_options={"writes": True})
            yield session
            session.commit()
    finally:
        own.rollback()
