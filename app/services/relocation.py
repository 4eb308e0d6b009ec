"""Moving a worker to another region with everything that lies where the worker lies."""

from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.rules.workflow import FINAL
from app.scope import children_of
from app.services import events
from models.account import Account
from models.application import Application
from models.base import RegionScoped, WorkerOwned
from models.certificate import Certificate
from models.credit import Credit
from models.qualification import Qualification
from models.registration import Registration
from models.worker import Worker

FOLLOWS: tuple[type[WorkerOwned], ...] = (Qualification, Registration, Credit, Certificate)


def move(session: Session, worker: Worker, region_code: str) -> None:
    """Move a worker, and tell both offices by an event each.

    Submissions, decisions, materials and deliveries keep the region of their day; finished cases
    go along, while one that can still be taken up stays where it applies to. The account goes
    along too, or its new office could not help its owner.
    """
    left = worker.region_code
    rows: list[RegionScoped] = [worker]
    for model in FOLLOWS:
        rows += session.scalars(select(model).where(model.worker_id == worker.id))
    rows += session.scalars(
        select(Application).where(Application.worker_id == worker.id, Application.state.in_(FINAL))
    )
    rows += session.scalars(select(Account).where(Account.worker_id == worker.id))
    for row in rows:
        row.region_code = region_code
    session.flush()
    for verb, office in (("move_out", left), ("move_in", region_code)):
        events.record(
            session, f"worker:{worker.id}", verb, office, reason=f"{left} → {region_code}"
        )


def take_children_along(session: Session, row: Any) -> None:
    """Move what lies where this row lies; a worker's rows have their own rule above."""
    if isinstance(row, Worker):
        return
    for model, key in children_of(row.__class__):
        for child in session.scalars(
            select(model).where(getattr(model, key) == inspect(row).identity[0])
        ):
            child.region_code = row.region_code
            take_children_along(session, child)
