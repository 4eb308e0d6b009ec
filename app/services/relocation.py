"""Moving a worker to another region with everything that lies where the worker lies."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.rules.workflow import FINAL, IN_FLIGHT
from app.scope import children_of
from app.services import events
from app.services.refusals import Conflict
from models.account import Account
from models.application import Application, Decision, Material, Submission
from models.base import RegionScoped, WorkerOwned
from models.certificate import Certificate, Delivery
from models.credit import Credit
from models.figure import Due
from models.message import Consent
from models.own_data import Correction
from models.profile import Honor, PersonalFile, Profile, WorkExperience
from models.qualification import Qualification
from models.recheck import Recheck
from models.registration import Registration
from models.worker import Worker

FOLLOWS: tuple[type[WorkerOwned], ...] = (
    Qualification,
    Registration,
    Credit,
    Certificate,
    Delivery,
    Due,
    Profile,
    WorkExperience,
    Honor,
    PersonalFile,
    Correction,
)
PAPERS: tuple[type[Any], ...] = (Submission, Material, Decision, Consent, Recheck)
"""What was recorded of a case; it lies where the case lies (docs/adr/0005)."""


def refuse_in_flight(session: Session, worker: Worker) -> None:
    """Raise Conflict while the worker has a case under way: the office of another region would
    be asked to decide it, and its own one could no longer read it.

    The worker's row has to be locked, as submitting locks it.
    """
    query = select(Application.id).where(
        Application.worker_id == worker.id, Application.state.in_(IN_FLIGHT)
    )
    if session.scalar(query) is not None:
        raise Conflict(
            "in_flight",
            _l("This person has a case under way. The region can be changed when it is finished."),
        )


def move(session: Session, worker: Worker, region_code: str) -> None:
    """Move a worker, and tell both offices by an event each.

    Finished cases go along, while one that can still be taken up stays where it applies to. The
    account goes along too, or its new office could not help its owner.
    """
    left = worker.region_code
    rows: list[RegionScoped] = [worker]
    for model in FOLLOWS:
        rows += session.scalars(select(model).where(model.worker_id == worker.id))
    rows += session.scalars(select(Account).where(Account.worker_id == worker.id))
    for row in rows:
        row.region_code = region_code
        take_children_along(session, row)
    finished = select(Application).where(
        Application.worker_id == worker.id, Application.state.in_(FINAL)
    )
    for application in session.scalars(finished).all():
        place(session, application, region_code)
    session.flush()
    for verb, office in (("move_out", left), ("move_in", region_code)):
        events.record(
            session, f"worker:{worker.id}", verb, office, reason=f"{left} → {region_code}"
        )


def place(session: Session, application: Application, region_code: str) -> None:
    """Put a case into a region with everything that was recorded of it, so that whoever sees the
    case sees all of it; the region of their day stays in the events and in `office_code`."""
    application.region_code = region_code
    for model in PAPERS:
        for paper in session.scalars(select(model).where(model.application_id == application.id)):
            paper.region_code = region_code


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
