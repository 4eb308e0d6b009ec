"""Who would see an application that is filed today: stage by stage, before anybody files one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from app import clock
from app.extensions import db
from app.queries.names import region_names
from app.queries.offices import reviewer_of
from app.queries.policies import policy_for
from app.rules.kinds import Kind, Stage
from app.rules.policy import Policy
from app.rules.regions import ancestors, covers, level_of
from app.scope import as_system, current_actor
from models.account import Account
from models.region import Region

Fall = Literal["named", "above", "none"]


@dataclass(frozen=True)
class Desk:
    """One stage: the office that it falls to and the accounts there that could decide.

    `fall` says why it is this office: it is `named` for the region by the policy, it is `above`
    because the stage's own level does not exist here, or `none` of it. `names` are those of the
    accounts that the reader may see, `count` is how many there are. `together` is how many stages
    this office decides: each needs another person.
    """

    number: int
    stage: Stage
    office: str
    office_name: str
    role: str
    fall: Fall
    names: tuple[str, ...]
    count: int
    together: int

    @property
    def short(self) -> bool:
        """Whether there are fewer people than the stages of this office need."""
        return self.count < self.together


@dataclass(frozen=True)
class Simulation:
    """The way of an application of one kind from one region."""

    policy: Policy
    kind: Kind
    is_open: bool
    desks: tuple[Desk, ...]


def takes_applications(region_code: str) -> bool:
    """Whether applications are filed in a region: it is there, and has no regions below."""
    path = select(Region.parent_code).where(
        (Region.code == region_code) | (Region.parent_code == region_code)
    )
    above = db.session.scalars(path).all()
    return bool(above) and region_code not in above


def kinds_of(region_code: str) -> list[Kind]:
    """The kinds that somebody reviews, of the policy in force for a region; raises LookupError."""
    policy = policy_for(region_code)
    return [kind for kind in policy.kinds.values() if kind.review]


def simulate(region_code: str, kind_code: str) -> Simulation | None:
    """The stages of an application filed today in a region; None for a kind that is not there.

    Raises LookupError when no policy covers the region.
    """
    policy, today = policy_for(region_code), clock.today()
    kind = policy.kinds.get(kind_code)
    if kind is None:
        return None
    path = ancestors(region_code)
    existing = set(db.session.scalars(select(Region.code).where(Region.code.in_(path))))
    offices = [stage.office(region_code, existing) for stage in kind.review]
    names, many = region_names(offices), Counter(offices)
    found = [
        _desk(number, stage, office, names.get(office, office), many[office])
        for number, (stage, office) in enumerate(zip(kind.review, offices, strict=True), 1)
    ]
    return Simulation(policy, kind, policy.is_open(kind_code, today), tuple(found))


def _desk(number: int, stage: Stage, office: str, name: str, together: int) -> Desk:
    role = reviewer_of(stage, office)
    accounts = _accounts(office, role)
    fall: Fall = "none" if level_of(office) == stage.level else "above"
    if office in stage.offices.values():
        fall = "named"
    return Desk(number, stage, office, name, role, fall, _seen(accounts), len(accounts), together)


def _accounts(office: str, role: str) -> Sequence[Account]:
    with as_system(
        "whether an office has anybody is no secret, who it is may be", only_reads=True
    ) as session:
        rows = session.scalars(
            select(Account)
            .where(Account.region_code == office, Account.active, Account.role == role)
            .order_by(Account.id)
        ).all()
        session.expunge_all()
    return rows


def _seen(accounts: Sequence[Account]) -> tuple[str, ...]:
    """The names of those who belong to the reader's own region."""
    actor = current_actor()
    return tuple(
        account.display_name
        for account in accounts
        if actor is not None and covers(actor.region_code, account.region_code)
    )
