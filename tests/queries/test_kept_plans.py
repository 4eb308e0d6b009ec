"""What PostgreSQL keeps of a page from one request to the next, and what has no transaction."""

from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy

from app.queries.queue import queue
from app.scope import Actor
from app.services.verbs import transaction
from tests.support import factories
from tests.support.cases import case
from tests.support.factories import acting

HENAN = "410105"
CUSTOM = 5
"""How often PostgreSQL plans a prepared statement anew before it may take a plan for any values."""

pytestmark = pytest.mark.database("postgres")


def looked_at(db: SQLAlchemy, who: Actor) -> list[int]:
    """The queue of one request."""
    with acting(who):
        found = [row.id for row in queue().rows]
        db.session.rollback()
    return found


def test_the_queue_s_plan_is_kept_from_page_to_page_and_serves_every_office(
    db: SQLAlchemy,
) -> None:
    there = {code: case(region_code=code, submitted=True).id for code in (HENAN, "410102")}
    offices = {code: factories.actor("county_reviewer", code) for code in there}
    for _ in range(CUSTOM + 1):
        assert {code: looked_at(db, who) for code, who in offices.items()} == {
            code: [key] for code, key in there.items()
        }
    found = db.session.connection().exec_driver_sql(
        "SELECT max(generic_plans) FROM pg_prepared_statements"
        " WHERE statement LIKE '%%office_code%%'"
    )
    assert found.scalar_one() > 0


def alone(session: Any) -> bool:
    """Whether each statement of a session stands alone."""
    connection = session.connection().connection.driver_connection
    return bool(connection.autocommit)


def test_a_verb_alone_has_a_transaction(db: SQLAlchemy) -> None:
    with acting(factories.actor("county_reviewer", HENAN)):
        assert alone(db.session)
        with transaction() as session:
            assert not alone(session)
        assert alone(db.session)
