"""What the actor decided today: the newest first, each case with the decision on it."""

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import select

from app import clock
from app.extensions import db
from app.scope import current_actor
from models.application import Application, Decision
from models.worker import Worker

SHOWN = 50


@dataclass(frozen=True)
class Decided:
    """One decision of today that holds, with its case and what people call it."""

    decision: Decision
    application: Application
    name: str
    id_number_masked: str


def decided_today() -> list[Decided]:
    """The actor's own decisions since midnight in Asia/Shanghai; at most SHOWN of them."""
    actor = current_actor()
    midnight = datetime.combine(clock.today(), time.min, clock.SHANGHAI)
    query = (
        select(Decision, Application, Worker.name, Worker.id_number_masked)
        .join(Application, Application.id == Decision.application_id)
        .join(Worker, Worker.id == Application.worker_id)
        .where(
            Decision.decided_by == (actor.account_id if actor else 0),
            Decision.decided_at >= midnight,
        )
        .order_by(Decision.decided_at.desc(), Decision.id.desc())
        .limit(SHOWN)
    )
    return [Decided(*row) for row in db.session.execute(query)]
