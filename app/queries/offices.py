"""Which office decides a case now: said once for one case, and once in SQL for all of them."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, false, or_, select, true

from app.extensions import db
from app.queries.policies import policy_of
from app.rules.kinds import Stage
from app.rules.regions import LEVELS, ancestors, level_of
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
    stage = policy.kinds[application.kind].review[application.stage - 1]
    path = ancestors(application.region_code)
    existing = db.session.scalars(select(Region.code).where(Region.code.in_(path))).all()
    code = stage.office(application.region_code, existing)
    return Office(code, reviewer_of(stage, code), application.stage, stage)


def reviewer_of(stage: Stage, office: str) -> str:
    """The role that decides a stage at an office: a named one, or the reviewers of its level."""
    return stage.role or f"{level_of(office)}_reviewer"


def falls_to(stage: Stage, office: str) -> ColumnElement[bool]:
    """The cases of the office's subtree whose stage falls to this very office: `Stage.office`,
    said in SQL."""
    if not stage.offices:
        return _by_level(stage, office)
    named = _named(stage)
    return or_(named == office, named.is_(None) & _by_level(stage, office))


def _by_level(stage: Stage, office: str) -> ColumnElement[bool]:
    own, wanted = LEVELS.index(level_of(office)), LEVELS.index(stage.level)
    if own >= wanted:
        return true() if own == wanted else false()
    here = Application.region_code == office
    if stage.level == "city" and level_of(office) == "province":
        city = select(Region.code).where(Region.code == Application.city_code).exists()
        return or_(here, ~city)
    return here


def _named(stage: Stage) -> ColumnElement[str | None]:
    """The office that the policy names for the nearest region of a case's path, or NULL."""
    found: ColumnElement[str | None] | None = None
    for column in (Application.province_code, Application.city_code, Application.region_code):
        found = case(dict(stage.offices), value=column, else_=found)
    assert found is not None
    return found
