"""Which office decides a case now."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.extensions import db
from app.queries.policies import editions, policy_of
from app.rules.kinds import Stage
from app.rules.policy import Policy
from app.rules.regions import ancestors, level_of
from models.application import Application
from models.region import Region


@dataclass(frozen=True)
class Office:
    """The region and the role that decide the stage a case is at; stages count from 1."""

    region_code: str
    role: str
    number: int
    stage: Stage


def office_of(application: Application) -> Office:
    """The office of the case's present stage, by the policy that it was submitted under.

    Where a level does not exist, its next ancestor decides, by that level's reviewers (X-16).
    """
    policy = policy_of(application.policy_code, application.policy_version)
    return _office(application, policy, _existing([application]))


def offices_of(applications: Sequence[Application]) -> dict[int, Office]:
    """The same for many cases, by id, in two statements."""
    policies = {(one.code, one.version): one for one in editions()} if applications else {}
    existing = _existing(applications) if applications else ()
    return {
        one.id: _office(one, policies[one.policy_code, one.policy_version], existing)
        for one in applications
    }


def _office(application: Application, policy: Policy, existing: Collection[str]) -> Office:
    stage = policy.kinds[application.kind].review[application.stage - 1]
    code = stage.office(application.region_code, existing)
    return Office(code, reviewer_of(stage, code), application.stage, stage)


def _existing(applications: Sequence[Application]) -> Collection[str]:
    """The regions that there are on the paths of these cases."""
    paths = {code for one in applications for code in ancestors(one.region_code)}
    return set(db.session.scalars(select(Region.code).where(Region.code.in_(sorted(paths)))))


def reviewer_of(stage: Stage, office: str) -> str:
    """The role that decides a stage at an office: a named one, or the reviewers of its level."""
    return stage.role or f"{level_of(office)}_reviewer"
