"""The figures above a queue: how much waits, of which kind, where, how late; one statement."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from app import clock
from app.extensions import db
from app.queries.listing import CAP
from app.queries.substitutes import absent_for
from app.rules.workflow import State
from app.scope import current_actor
from models.account import Account
from models.application import Application, Decision
from models.claim import Claim
from models.region import Region

LATE, TODAY, IN_TIME = "late", "today", "in_time"


@dataclass
class Figures:
    """What waits for an office, counted over its CAP + 1 oldest cases: `total` beyond CAP means
    that every figure is a least one.

    `regions` are names and numbers by code; `matching` is how many the filters leave, counted in
    the same way; `claimed` and `done` are the actor's own, cases held now and decided today;
    `absent` are the colleagues for whom the actor stands in today, by account, with the number of
    their cases.
    """

    total: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    regions: dict[str, tuple[str, int]] = field(default_factory=dict)
    ages: dict[str, int] = field(default_factory=dict)
    matching: int = 0
    claimed: int = 0
    done: int = 0
    absent: dict[int, tuple[str, int]] = field(default_factory=dict)

    @property
    def capped(self) -> bool:
        """Whether there is more than was counted."""
        return self.total > CAP

    def text(self, number: int) -> str:
        """A figure for people; one that was cut off says so."""
        return f"{min(number, CAP):,}{'+' if self.capped else ''}"


def figures(base: list[ColumnElement[bool]], conditions: list[ColumnElement[bool]]) -> Figures:
    """The figures of the queue that `base` says, and of what further `conditions` leave of it."""
    found = Figures()
    filtered = len(conditions) > len(base)
    narrowed = [_number("matching", _some(conditions))] if filtered else []
    query = union_all(_groups(base), *narrowed, *_own())
    for what, kind, region, name, age, number in db.session.execute(query):
        if what == "absent":
            found.absent[int(region)] = name, number
            continue
        if what != "group":
            setattr(found, what, number)
            continue
        found.total += number
        found.kinds[kind] = found.kinds.get(kind, 0) + number
        found.regions[region] = (name, found.regions.get(region, (name, 0))[1] + number)
        found.ages[age] = found.ages.get(age, 0) + number
    if not filtered:
        found.matching = found.total
    return found


def _some(conditions: list[ColumnElement[bool]]) -> Any:
    """The oldest of the cases, one more than are counted: however many there are, no more is
    read."""
    return (
        select(Application.id, Application.kind, Application.region_code, Application.due_on)
        .where(*conditions)
        .order_by(Application.submitted_at, Application.id)
        .limit(CAP + 1)
        .subquery()
    )


def _groups(base: list[ColumnElement[bool]]) -> Select[Any]:
    some, today = _some(base), clock.today()
    late, due = some.c.due_on < today, some.c.due_on == today
    age = case((late, LATE), (due, TODAY), else_=IN_TIME)
    grouped = (
        select(some.c.kind, some.c.region_code, age.label("age"), func.count().label("number"))
        .group_by(some.c.kind, some.c.region_code, age)
        .subquery()
    )
    what = literal("group").label("what")
    name = select(Region.name).where(Region.code == grouped.c.region_code).scalar_subquery()
    of, place = grouped.c.kind, grouped.c.region_code
    return select(what, of, place, name, grouped.c.age, grouped.c.number)


def _number(what: str, rows: Any) -> Any:
    return select(literal(what), null(), null(), null(), null(), func.count()).select_from(rows)


def _own() -> list[Any]:
    actor = current_actor()
    account = actor.account_id if actor else 0
    held = select(Claim.account_id).where(
        Claim.account_id == account, Claim.until > clock.real_now()
    )
    done = select(Decision.id).where(
        Decision.decided_by == account, Decision.decided_at >= _midnight(clock.today())
    )
    return [_number("claimed", held.subquery()), _number("done", done.subquery()), *_absent()]


def _absent() -> list[Any]:
    actor = current_actor()
    if actor is None:
        return []
    open_claims = (
        select(func.count(Claim.application_id))
        .join(Application, Application.id == Claim.application_id)
        .where(
            or_(Claim.account_id == Account.id, Claim.on_behalf_id == Account.id),
            Application.state == State.in_review.value,
        )
        .correlate(Account)
        .scalar_subquery()
    )
    name = Account.last_name + func.coalesce(Account.first_name, "")
    key = cast(Account.id, String)
    people = select(key.label("key"), name.label("name"), open_claims.label("cases"))
    found = people.where(Account.id.in_(absent_for(actor))).subquery().c
    return [select(literal("absent"), null(), found.key, found.name, null(), found.cases)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, clock.SHANGHAI)
