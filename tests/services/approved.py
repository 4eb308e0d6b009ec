"""Cases that were just approved, as rows: what issuing finds, whatever led to it."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from flask import current_app
from sqlalchemy import update

from app import clock
from app.rules.workflow import State
from app.scope import Actor, as_system
from models.application import Application, Material, Submission
from models.certificate import Certificate
from models.qualification import Qualification
from models.registration import Registration
from models.worker import Worker
from tests.documents.samples import portrait
from tests.support import factories

APPROVED_AT = "2020-07-15T10:00"
POSTED = {
    "delivery": "post",
    "recipient": "王大明",
    "recipient_phone": "13911112222",
    "delivery_region": "410105",
    "delivery_address": "花园路 8 号 3 单元",
}
_numbers = count(1)
COLLECTED = {"delivery": "pickup"}


@dataclass(frozen=True)
class Case:
    """An application with its person."""

    application: Application
    worker: Worker
    applicant: Actor
    qualification: Qualification


def approved(
    region_code: str = "110105", name: str = "王小红", case: Case | None = None, **facts: Any
) -> Case:
    """A case whose last stage approved at APPROVED_AT, of the person of another `case` or of a new
    one; `facts` are columns of Application."""
    worker = case.worker if case else factories.worker(region_code, name=name)
    qualification = case.qualification if case else factories.qualification(worker)
    applicant = case.applicant if case else factories.applicant(worker)
    local = region_code.startswith("11")
    given = {
        "kind": "first",
        "policy_code": "beijing" if local else "national",
        "state": State.approved,
        "stage": 1 if local else 2,
        "form": POSTED if local else {},
        "decided_at": clock.parse(APPROVED_AT),
        **facts,
    }
    application = factories.keep(
        Application(
            worker_id=worker.id,
            region_code=region_code,
            reference=f"2020-{next(_numbers)}",
            level=qualification.level,
            attempt=1,
            qualification_id=qualification.id,
            policy_version=1,
            unlocked=[],
            **given,
        )
    )
    picture(application)
    return Case(application, worker, applicant, qualification)


def picture(application: Application, slot: str = "portrait") -> Material:
    """A stored picture of a case."""
    data = portrait()
    return factories.keep(
        Material(
            application_id=application.id,
            worker_id=application.worker_id,
            region_code=application.region_code,
            slot=slot,
            digest=current_app.extensions["files"].put(data),
            media_type="image/jpeg",
            size=len(data),
            width=413,
            height=626,
            original_name="照片.jpg",
            warnings=[],
        )
    )


def submitted(case: Case, at: str) -> Case:
    """The case as it was handed in on another day than that of the approval."""
    application = case.application
    factories.keep(
        Submission(
            application_id=application.id,
            worker_id=application.worker_id,
            region_code=application.region_code,
            turn=1,
            attempt=1,
            form=application.form,
            policy_code=application.policy_code,
            policy_version=1,
            submitted_at=clock.parse(at),
        )
    )
    return case


def registration(of: Case, cycle_year: int, **facts: Any) -> Registration:
    """An earlier registration of the case's person, which an office has seen."""
    given = {"kind": "first", "level": "social_worker", "state": "verified", **facts}
    return factories.keep(
        Registration(
            worker_id=of.worker.id,
            region_code=of.worker.region_code,
            cycle_year=cycle_year,
            **given,
        )
    )


def person(region_code: str = "110105", **facts: Any) -> Case:
    """Somebody with a case that never went anywhere: its person is what tests want."""
    return approved(region_code, state=State.closed, **facts)


def change(**columns: Any) -> str:
    """Change the one certificate there is; gives its number."""
    with as_system("a test") as session:
        if columns:
            session.execute(update(Certificate).values(**columns))
            session.commit()
        row = session.query(Certificate).one()
        return row.number
