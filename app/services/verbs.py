"""The frame of every verb: one transaction, begun for writing, with what goes wrong
said in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.extensions import db
from app.scope import Actor, OutOfScope, current_actor
from app.services.refusals import Conflict, Forbidden

RULES = {"ck_window_order": _l("A window cannot close before it opens.")}
STALE = _l(
    "Somebody else has changed this in the meantime. Load the page again and repeat your step."
)

DEADLOCK = "40P01"
"""What PostgreSQL says to one of two that wait for each other; the other one goes on."""


def _broken_rule(fault: IntegrityError) -> Any:
    """What a rule of the database says to people, where it has a sentence of its own."""
    said = (words for name, words in RULES.items() if name in str(fault.orig))
    return next(said, _l("This is already there, or something depends on it."))


@contextmanager
def transaction() -> Iterator[Session]:
    """Everything within happens together or not at all; a verb inside another joins it.

    Raises Conflict when the row moved on, a unique rule of the database was broken or two verbs
    waited for each other, and Forbidden when a write left the actor's scope.
    """
    session = db.session()
    if session.info.get("verb"):
        yield session
        return
    session.rollback()  # the page's read transaction is over: what it saw may be old
    session.info["verb"] = True
    try:
        session.connection(execution_options={"writes": True})
        yield session
        session.commit()
    except StaleDataError as fault:
        raise Conflict("stale", STALE) from fault
    except IntegrityError as fault:
        raise Conflict("conflict", _broken_rule(fault)) from fault
    except OperationalError as fault:
        if getattr(fault.orig, "sqlstate", None) != DEADLOCK:
            raise
        raise Conflict("stale", STALE) from fault
    except OutOfScope as fault:
        raise Forbidden("out_of_scope", _l("This lies outside your region.")) from fault
    finally:
        session.rollback()
        session.info.pop("verb", None)


def need(permission: str) -> Actor:
    """The one who acts, when a role grants the permission; raises Forbidden otherwise."""
    actor = current_actor()
    if actor is None or not actor.may(permission):
        raise Forbidden("not_permitted", _l("Your role does not permit this."))
    return actor
