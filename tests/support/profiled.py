"""Complete personal information for tests, where the policy takes its forms from it."""

from typing import Any

from app.queries.policies import policy_for
from app.rules.profile import Engagement, carried
from app.scope import Actor, as_system
from models.profile import Profile, WorkExperience
from models.worker import Worker

BASIC: dict[str, Any] = {
    "ethnicity": "01",
    "political_status": "13",
    "education": "bachelor",
    "major": "社会工作",
    "phone": "13800000000",
    "email": "wang@example.com",
    "address": "建国路1号",
    "unit_type": "enterprise",
    "unit_name": "晨光社会工作事务所",
    "post": "direct_service",
    "practice_years": 3,
    "practice_fields": ["community", "elderly"],
}
ENGAGEMENT: dict[str, Any] = {
    "started": "2015-03",
    "unit_name": "晨光社会工作事务所",
    "post": "社会工作者",
    "plan": "no",
}


def asks(region_code: str) -> bool:
    """Whether a form of the region's policy is taken from personal information."""
    return any(kind.profile for kind in policy_for(region_code).kinds.values())


def complete(worker_id: int) -> None:
    """Personal information with all that is asked, for a worker who has none."""
    with as_system("a test makes what it needs") as session, session.begin():
        worker = session.get_one(Worker, worker_id)
        known = session.query(Profile).filter_by(worker_id=worker_id).first()
        if known is not None:
            return
        lies = {"worker_id": worker_id, "region_code": worker.region_code}
        unit, post = ENGAGEMENT["unit_name"], ENGAGEMENT["post"]
        told = carried(BASIC, [Engagement(ENGAGEMENT["started"], None, unit, post)], [])
        session.add(Profile(basic=BASIC, carried=told, kept={}, **lies))
        session.add(WorkExperience(**ENGAGEMENT, **lies))


def prepared(who: Actor) -> Actor:
    """Somebody whose personal information is complete, wherever they apply."""
    complete(who.worker_id or 0)
    return who
