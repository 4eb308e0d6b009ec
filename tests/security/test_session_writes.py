"""What the session lets through to write: every way over the fence, and nothing outside a verb."""

from collections.abc import Callable
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from app import scope
from app.scope import UnguardedWrite, UnscopedRead, acting_as, as_system
from app.services.refusals import Forbidden
from app.services.verbs import transaction
from models.application import Application
from models.base import Base
from models.certificate import Certificate
from models.credit import Credit
from models.publication import Notice
from models.registration import Registration
from models.worker import Worker
from tests.security.conftest import HERE, THERE, Scene, kept
from tests.security.fences import Unscoped
from tests.support import estates, factories

TABLE: Any = Worker.__table__
Write = Callable[[Session, Scene], None]


def _move(session: Session, scene: Scene) -> None:
    session.get_one(Worker, scene.own.id("workers")).region_code = THERE


def _make(session: Session, scene: Scene) -> None:
    organization = factories.sound_organization(THERE)
    session.add(organization)


def _change(session: Session, scene: Scene) -> None:
    session.get_one(Worker, scene.other.id("workers")).name = "HACKED"


def _remove(session: Session, scene: Scene) -> None:
    session.delete(session.get_one(Credit, scene.other.id("credits")))


def _point(session: Session, scene: Scene) -> None:
    own = session.get_one(Worker, scene.own.id("workers"))
    own.organization_id = scene.other.id("organizations")


def _point_child(session: Session, scene: Scene) -> None:
    credit = Credit(title="x", taken_on=estates.DAY, hours=1, source="online")
    credit.worker_id, credit.region_code = scene.other.id("workers"), HERE
    session.add(credit)


def _inherit(session: Session, scene: Scene) -> None:
    """A child without a place takes its parent's, and the parent is out of sight."""
    credit = Credit(title="x", taken_on=estates.DAY, hours=1, source="online")
    credit.worker_id = scene.other.id("workers")
    session.add(credit)


def _give_away(session: Session, scene: Scene) -> None:
    own = session.get_one(Credit, scene.own.id("credits"))
    own.worker_id = scene.other.id("workers")


def _forge_event(session: Session, scene: Scene) -> None:
    row: Any = scene.own.rows["events"]
    stored = session.get_one(type(row), row.id)
    stored.reason = "HACKED"


def _bulk(statement: Callable[[Scene], Any]) -> Write:
    def write(session: Session, scene: Scene) -> None:
        session.execute(statement(scene))

    return write


WRITES: dict[str, Write] = {
    "move": _move,
    "make": _make,
    "change": _change,
    "remove": _remove,
    "point at": _point,
    "point a child at": _point_child,
    "inherit from": _inherit,
    "give away": _give_away,
    "forge an event": _forge_event,
    "bulk update": _bulk(
        lambda scene: update(Worker).where(Worker.region_code == THERE).values(name="HACKED")
    ),
    "bulk move": _bulk(
        lambda scene: (
            update(Credit)
            .where(Credit.region_code == HERE)
            .values(region_code=THERE, city_code=THERE[:4] + "00", province_code=THERE[:2] + "0000")
        )
    ),
    "bulk delete": _bulk(lambda scene: delete(Credit).where(Credit.region_code == THERE)),
    "bulk update of the table": _bulk(lambda scene: update(TABLE).values(name=literal("HACKED"))),
    "bulk insert": _bulk(
        lambda scene: (
            insert(Notice)
            .values(
                title="x", issuer="x", issued_on=estates.DAY, body="x", state="published", version=1
            )
            .values(region_code=THERE, province_code="410000", city_code="410100")
        )
    ),
}


@pytest.mark.parametrize("write", WRITES)
def test_no_way_of_writing_reaches_a_foreign_row(
    write: str, scene: Scene, db: SQLAlchemy, unscoped: Unscoped
) -> None:
    before = _everything(scene)
    with acting_as(scene.actor):
        assert not _written(scene, WRITES[write])
        assert _everything(scene) == before
        with unscoped():
            assert _written(scene, WRITES[write]), "the control writes nothing"
    assert _everything(scene) != before


def _written(scene: Scene, write: Write) -> bool:
    try:
        with transaction() as session:
            session.expunge_all()
            write(session, scene)
    except (Forbidden, UnguardedWrite, UnscopedRead, NoResultFound):
        return False
    return True


def _everything(scene: Scene) -> list[Any]:
    """What the attacks would change, as the database has it."""
    models: tuple[type[Base], ...] = (Worker, Credit, Notice, type(scene.own.rows["events"]))
    models += (type(scene.own.rows["organizations"]),)
    found = []
    with scope.as_system("a test looks") as session:
        for model in models:
            rows = session.execute(select(model.__table__).order_by(model.__table__.c.id))
            found.append([tuple(row) for row in rows])
    return found


@pytest.mark.parametrize(
    "model", [Application, Certificate, Registration], ids=lambda m: m.__name__
)
def test_nothing_is_written_outside_a_verb(model: Any, scene: Scene, db: SQLAlchemy) -> None:
    """Given a row of one's own, when code sets its state and flushes, then it is a fault."""
    name = f"{model.__name__.lower()}s"
    with acting_as(scene.actor):
        row = db.session.get_one(model, scene.own.id(name))
        row.state = "approved"
        with pytest.raises(UnguardedWrite):
            db.session.commit()
        db.session.rollback()
        with pytest.raises(UnguardedWrite):
            db.session.execute(update(model).values(state="approved"))
    assert kept(model, row.id).state == scene.own.rows[name].state  # type: ignore[union-attr]


def test_a_region_that_was_not_read_is_not_taken_for_one_s_own(
    scene: Scene, db: SQLAlchemy, unscoped: Unscoped
) -> None:
    """Given a foreign row in the session, unread since, when it is pulled over, then it stays."""
    above = factories.actor("province_admin", "410000")

    def pull_over(session: Session, scene: Scene) -> None:
        with acting_as(above):
            row = session.get_one(Credit, scene.other.id("credits"))
        session.expire(row)
        row.region_code = HERE

    with acting_as(scene.actor):
        assert not _written(scene, pull_over)
        with unscoped():
            assert _written(scene, pull_over), "the control writes nothing"


def test_an_applicant_writes_nothing_of_another(scene: Scene, db: SQLAlchemy) -> None:
    """The same county is no excuse: a worker's rows are that worker's."""
    worker = factories.worker(HERE)
    me = factories.actor("applicant", HERE, worker_id=worker.id)
    with acting_as(me):
        assert not _written(scene, _make_for_the_own_worker)


def _make_for_the_own_worker(session: Session, scene: Scene) -> None:
    credit = Credit(title="x", taken_on=estates.DAY, hours=1, source="online")
    credit.worker_id, credit.region_code = scene.own.id("workers"), HERE
    session.add(credit)


def test_a_session_that_only_reads_writes_nothing(scene: Scene, db: SQLAlchemy) -> None:
    key = scene.own.id("workers")
    with as_system("a test reads", only_reads=True) as session:
        session.get_one(Worker, key).name = "HACKED"
        with pytest.raises(UnguardedWrite):
            session.commit()
        session.rollback()
        with pytest.raises(UnguardedWrite):
            session.execute(update(Worker).values(name="HACKED"))
    with as_system("a test looks") as session:
        assert session.get_one(Worker, key).name != "HACKED"
