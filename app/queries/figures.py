"""The figures above a queue: how much waits, of which kind, where, how late; one statement."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from app.extensions import db
from app.queries import asking
from app.queries.listing import CAP
from app.queries.substitutes import absent_for
from app.queries.waiting import Wanted, holding, oldest
from app.rules.workflow import State
from app.scope import Actor, scope_of
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
    the same way, or None where that is not counted; `claimed` and `done` are the actor's own, cases
    held now and decided today; `absent` are the colleagues for whom the actor stands in today, by
    account, with the number of their cases.
    """

    total: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    regions: dict[str, tuple[str, int]] = field(default_factory=dict)
    ages: dict[str, int] = field(default_factory=dict)
    matching: int | None = None
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


def figures(actor: Actor | None, wanted: Wanted) -> Figures:
    """The figures of the actor's queue, and of what is looked for in it; but for a name nothing is
    counted, because the whole queue would be read for it."""
    found = Figures()
    rows = db.session.execute(_statement(actor, wanted), {"most": CAP + 1})
    for what, kind, region, name, age, number in rows:
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
    if found.matching is None and not wanted.name:
        found.matching = found.total
    return found


@lru_cache(maxsize=256)
def _statement(actor: Actor | None, wanted: Wanted) -> Any:
    everything = Wanted(wanted.state)
    counted = wanted != everything and not wanted.name
    narrowed = [_number("matching", _some(actor, wanted))] if counted else []
    found = union_all(_groups(_some(actor, everything)), *narrowed, *_own(actor))
    return found.options(scope_of(actor)).execution_options(**wanted.execution_options)


def _some(actor: Actor | None, wanted: Wanted) -> Any:
    """The oldest of the cases, one more than are counted: however many there are, no more is
    read."""
    columns = Application.id, Application.kind, Application.region_code, Application.due_on
    found = oldest(actor, wanted, *columns)
    return found.limit(bindparam("most", type_=Integer)).subquery()


def _groups(some: Any) -> Select[Any]:
    late, due = some.c.due_on < asking.today(), some.c.due_on == asking.today()
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


def _own(actor: Actor | None) -> list[Any]:
    if actor is None:
        return []
    held = select(Claim.account_id).where(Claim.account_id == actor.account_id, holding())
    done = select(Decision.id).where(
        Decision.decided_by == actor.account_id, Decision.decided_at >= asking.midnight()
    )
    return [_number("claimed", held.subquery()), _number("done", done.subquery()), _absent(actor)]


def _absent(actor: Actor) -> Any:
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
    return select(literal("absent"), null(), found.key, found.name, null(), found.cases)
