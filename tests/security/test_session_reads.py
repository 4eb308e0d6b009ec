"""What the session lets through to read: every shape of statement, for every kind of person."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask_appbuilder.security.sqla.models import User as FabUser
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Integer, exists, func, select, text, union_all
from sqlalchemy.orm import DeclarativeBase, Session, aliased, mapped_column

from app import scope
from app.scope import Actor, UnscopedRead, acting_as
from models.account import Account
from models.application import Application
from models.certificate import Certificate
from models.credit import Credit
from models.message import Message
from models.region import Region
from models.registration import Registration
from models.worker import Worker
from tests.security.conftest import HERE, THERE, Scene, kept
from tests.security.fences import Unscoped
from tests.support import factories

Read = Callable[[Session, int], Any]

OTHER = aliased(Worker, name="other")
ROSTER = select(Worker.id, Worker.region_code).cte("roster")
WHOLE = select(Worker).subquery()

READS: dict[str, Read] = {
    "select": lambda s, key: s.scalars(select(Worker.id)).all(),
    "entity": lambda s, key: [row.id for row in s.scalars(select(Worker))],
    "where": lambda s, key: s.scalars(select(Worker.id).where(Worker.id == key)).all(),
    "get": lambda s, key: [getattr(s.get(Worker, key), "id", None)],
    "legacy query": lambda s, key: [row.id for row in s.query(Worker)],
    "alias": lambda s, key: s.scalars(select(OTHER.id)).all(),
    "alias of a subquery": lambda s, key: [r.id for r in s.scalars(select(aliased(Worker, WHOLE)))],
    "self join": lambda s, key: s.scalars(
        select(OTHER.id).join_from(Worker, OTHER, OTHER.city_code == Worker.city_code)
    ).all(),
    "join": lambda s, key: s.scalars(
        select(Worker.id).join_from(Region, Worker, Worker.region_code == Region.code)
    ).all(),
    "outer join": lambda s, key: s.scalars(
        select(Worker.id).join_from(Region, Worker, Worker.region_code == Region.code, isouter=True)
    ).all(),
    "column of a joined row": lambda s, key: s.scalars(
        select(Credit.worker_id).join_from(Region, Credit, Credit.region_code == Region.code)
    ).all(),
    "cte": lambda s, key: s.scalars(
        select(ROSTER.c.id).join_from(Region, ROSTER, ROSTER.c.region_code == Region.code)
    ).all(),
    "bare cte": lambda s, key: s.scalars(select(ROSTER.c.id)).all(),
    "union": lambda s, key: s.scalars(union_all(select(Worker.id), select(Worker.id))).all(),
    "in": lambda s, key: (
        s.scalars(
            select(Region.code).where(
                Region.code == THERE, Region.code.in_(select(Worker.region_code))
            )
        ).all()
        and [key]
    ),
    "exists": lambda s, key: (
        s.scalars(
            select(Region.code).where(Region.code == THERE, exists().where(Worker.id == key))
        ).all()
        and [key]
    ),
    "scalar subquery": lambda s, key: s.scalars(
        select(select(Worker.id).where(Worker.id == key).scalar_subquery()).select_from(Region)
    ).all(),
    "count": lambda s, key: [key] if s.scalar(select(func.count(Worker.id))) == 2 else [],
    "greatest": lambda s, key: [s.scalar(select(func.max(Worker.id)))],
    "grouped": lambda s, key: s.scalars(select(func.max(Worker.id)).group_by(Worker.id)).all(),
    "streamed": lambda s, key: _streamed(s),
    "for update": lambda s, key: s.scalars(select(Worker.id).with_for_update()).all(),
    "table": lambda s, key: s.scalars(select(Worker.__table__.c.id)).all(),
    "text": lambda s, key: s.scalars(text("SELECT id FROM worker")).all(),
    "entity from text": lambda s, key: [
        r.id for r in s.scalars(select(Worker).from_statement(text("SELECT * FROM worker")))
    ],
    "merge": lambda s, key: [s.merge(Worker(id=key), load=True).version and key],
    "child": lambda s, key: s.scalars(select(Registration.worker_id)).all(),
    "certificate": lambda s, key: s.scalars(select(Certificate.worker_id)).all(),
    "application": lambda s, key: s.scalars(select(Application.worker_id)).all(),
}


@pytest.mark.parametrize("read", READS)
def test_no_shape_of_a_statement_reads_a_foreign_row(
    read: str, scene: Scene, db: SQLAlchemy, unscoped: Unscoped
) -> None:
    key = scene.other.id("workers")
    with acting_as(scene.actor):
        assert key not in _tried(db.session(), READS[read], key)
        with unscoped():
            db.session.rollback()
            db.session.expunge_all()
            assert key in _tried(db.session(), READS[read], key), "the control reads nothing"


def _streamed(session: Session) -> list[int]:
    session.info["verb"] = True  # PostgreSQL streams within a transaction alone
    try:
        return list(session.scalars(select(Worker.id).execution_options(yield_per=1)))
    finally:
        session.info.pop("verb")


def _tried(session: Session, read: Read, key: int) -> Any:
    try:
        with session.no_autoflush:
            return list(read(session, key))
    except UnscopedRead:
        return []
    finally:
        session.rollback()


def everything_seen(session: Session) -> dict[str, list[Any]]:
    return {m.__name__: list(session.scalars(select(m))) for m in scope.scoped_models()}


def test_a_statement_of_one_person_is_not_answered_for_another(
    scene: Scene, db: SQLAlchemy
) -> None:
    """SQLAlchemy compiles a shape once: whose rows it reads has to stay a parameter."""
    query = select(OTHER.id).join_from(Worker, OTHER, OTHER.city_code == Worker.city_code)
    here, there = scene.own.id("workers"), scene.other.id("workers")
    for region_code, seen in ((HERE, {here}), (THERE, {there}), ("410100", {here, there})) * 2:
        with acting_as(factories.actor("county_reviewer", region_code)):
            assert set(db.session.scalars(query)) == seen


def test_a_statement_kept_with_a_scope_lends_it_to_nobody(scene: Scene, db: SQLAlchemy) -> None:
    """Given one that carries what one county sees, then another sees nothing by it, and the
    province no more than that county."""
    here = scene.own.id("workers")
    mine, theirs, above = (
        factories.actor("county_reviewer", code) for code in (HERE, THERE, "410100")
    )
    query = select(Worker.id).options(scope.scope_of(mine))
    for somebody, seen in ((mine, [here]), (theirs, []), (above, [here])) * 2:
        with acting_as(somebody):
            assert db.session.scalars(query).all() == seen


def test_the_accounts_are_not_read_by_the_framework_s_own_class(
    scene: Scene, db: SQLAlchemy
) -> None:
    there = scene.other.id("accounts")
    with acting_as(scene.actor):
        assert there not in db.session.scalars(select(FabUser.id)).all()
        own = db.session.get_one(Account, scene.own.id("accounts"))
        assert there not in [user.id for user in own.roles[0].user]


def test_without_an_actor_nothing_matches(scene: Scene, db: SQLAlchemy) -> None:
    with acting_as(None):
        found = everything_seen(db.session())
    assert {name for name, rows in found.items() if rows} == set()


def test_what_was_read_without_the_scope_is_not_in_the_session(
    scene: Scene, db: SQLAlchemy
) -> None:
    with acting_as(scene.actor):
        kept(Worker, scene.other.id("workers"))
        assert db.session.get(Worker, scene.other.id("workers")) is None


def test_a_row_that_left_the_scope_is_not_found_again(scene: Scene, db: SQLAlchemy) -> None:
    """Given a worker in the session, when somebody moves it away, then a verb does not get it."""
    key = scene.own.id("workers")
    with acting_as(scene.actor):
        held = db.session.get_one(Worker, key)
        db.session.rollback()
        moved = kept(Worker, key)
        assert moved is not None
        moved.region_code = THERE
        factories.keep(moved)
        assert db.session.get(Worker, key, populate_existing=True) is None
        assert held is not None


@pytest.mark.parametrize(
    ("role", "links", "seen"),
    [
        ("applicant", "workers", {"Worker", "Credit", "Application", "Certificate"}),
        ("organization", "organizations", {"Worker", "Organization"}),
        ("auditor", "", {"Event"}),
    ],
)
def test_a_role_sees_its_own_and_no_other(
    role: str, links: str, seen: set[str], scene: Scene, db: SQLAlchemy
) -> None:
    link = {f"{links[:-1]}_id": scene.own.id(links)} if links else {}
    me: Actor = factories.actor(role, HERE, **link)
    with acting_as(me):
        found = everything_seen(db.session())
    held = {name for name, rows in found.items() if rows} - PUBLISHED
    assert seen <= held
    assert held - {"Account"} <= seen | OWN_PAPERS[role]
    assert all(row.region_code == HERE for name in held for row in found[name])
    assert [row.id for row in found["Account"]] == [me.account_id]


PUBLISHED = {"Window", "Notice", "Document", "Contact"}
"""What offices above have published is everybody's below them."""
OWN_PAPERS = {
    "applicant": {
        "Qualification",
        "Registration",
        "Submission",
        "Decision",
        "Material",
        "Delivery",
        "Due",
        "Profile",
        "WorkExperience",
    },
    "organization": set[str](),
    "auditor": set[str](),
}


def test_a_message_is_for_its_account_alone(scene: Scene, db: SQLAlchemy) -> None:
    with acting_as(scene.actor):
        assert db.session.scalars(select(Message)).all() == []


# what neither the scope nor the guard of writes ever hears of
PAST_THE_SESSION = re.compile(
    r"bulk_(?:save_objects|insert_mappings|update_mappings)|exec_driver_sql|\.engine\b"
    r"|\.connection\(\)|security\.sqla\.models import User"
)
AT_THE_BOTTOM = {
    "app/extensions.py": "opens transactions",
    "app/factory.py": "prepares the engine",
    "models/account.py": "extends the framework's user",
    "app/services/anchors.py": "holds writers for a moment",
    "app/queries/everybody.py": "lets go of connections that a process inherited",
    "app/services/demo/scale/loading.py": "fills a database in bulk, from the command line alone",
    "app/services/demo/scale/mark.py": "fills a database in bulk, from the command line alone",
    "app/services/demo/scale/postgres.py": "fills a database in bulk, from the command line alone",
}


def test_nothing_goes_past_the_session() -> None:
    """Given the code of the portal, only its lowest layer reaches for the connection."""
    root = Path(__file__).parents[2]
    found = {
        str(path.relative_to(root))
        for folder in ("app", "models", "views")
        for path in (root / folder).rglob("*.py")
        if PAST_THE_SESSION.search(path.read_text(encoding="utf-8"))
    }
    assert found - set(AT_THE_BOTTOM) == set()


def test_a_model_that_is_mapped_late_is_looked_for_anew() -> None:
    """What is kept for an actor holds a condition for every model there is."""
    actor = Actor(1, "张三", frozenset({"county_admin"}), "410105")
    known = scope.scope_of(actor)
    assert scope.scope_of(actor) is known

    class Late(DeclarativeBase): ...

    type(
        "Model", (Late,), {"__tablename__": "late", "id": mapped_column(Integer, primary_key=True)}
    )
    assert scope.scope_of(actor) is not known
