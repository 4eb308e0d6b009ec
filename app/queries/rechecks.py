"""Re-checks as offices see them: what waits for one's own, what was found, and the figures."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from sqlalchemy import func, select

from app.extensions import db
from app.queries.everybody import next_below
from app.queries.four_eyes import of_others
from app.queries.listing import Order, Page, keyset_page
from app.rules.regions import covers, level_of
from app.scope import current_actor
from models.application import Application
from models.recheck import Recheck
from models.region import Region
from models.worker import Worker

Show = Literal["waiting", "checked", "notes"]


@dataclass(frozen=True)
class Line:
    """One re-check with the case that it is about, as a list shows it."""

    recheck: Recheck
    name: str
    reference: str
    kind: str


@dataclass
class Tally:
    """How many approvals of some offices were drawn, and what the office above found of them."""

    drawn: int = 0
    agree: int = 0
    disagree: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def checked(self) -> int:
        """How many were checked again."""
        return self.agree + self.disagree

    @property
    def share(self) -> float | None:
        """The part of the checked ones that was disagreed with; None where none was checked."""
        return self.disagree / self.checked if self.checked else None

    def add(self, verdict: str | None, reason: str | None, number: int) -> None:
        """Count some re-checks."""
        self.drawn += number
        if verdict == "agree":
            self.agree += number
        if verdict == "disagree":
            self.disagree += number
            self.reasons[reason or ""] += number


def page(show: Show, after: Any = None, before: Any = None) -> Page:
    """One page of what waits for the actor's office (the oldest first), of what it has found, or
    of the disagreements with the office's own approvals. What one may not check does not wait."""
    actor = current_actor()
    assert actor is not None  # the door has asked
    level = level_of(actor.region_code)
    others = of_others(actor, Recheck, Recheck.application_id)
    conditions = {
        "waiting": (Recheck.verdict.is_(None), Recheck.level == level, others),
        "checked": (Recheck.verdict.is_not(None), Recheck.level == level),
        "notes": (Recheck.verdict == "disagree", Recheck.office_code == actor.region_code),
    }[show]
    order = Order("", descending=show != "waiting")
    return keyset_page(Recheck, order=order, after=after, before=before, further=conditions)


def lines(rechecks: Sequence[Recheck]) -> list[Line]:
    """The re-checks with their cases, in one statement for all; a case that has moved out of the
    actor's region is left out."""
    query = (
        select(Application.id, Application.reference, Application.kind, Worker.name)
        .join(Worker, Worker.id == Application.worker_id)
        .where(Application.id.in_([one.application_id for one in rechecks]))
    )
    found = {row.id: row for row in db.session.execute(query)}
    return [
        Line(one, case.name, case.reference, case.kind)
        for one in rechecks
        if (case := found.get(one.application_id))
    ]


def tallies(first: date | None = None, last: date | None = None) -> dict[str, Tally]:
    """What came of the draws of some days, by the region next below the actor's in which the
    approving office lies; the office of the actor's own region, and one above it that decided a
    case of the region, under its own code."""
    actor = current_actor()
    assert actor is not None  # the door has asked
    columns = (Recheck.office_code, Recheck.verdict, Recheck.reason_code)
    query = select(*columns, func.count(Recheck.id)).group_by(*columns)
    if first:
        query = query.where(Recheck.drawn_on >= first)
    if last:
        query = query.where(Recheck.drawn_on <= last)
    rows = db.session.execute(query).all()
    existing = set(db.session.scalars(select(Region.code)))
    found: dict[str, Tally] = {}
    for office, verdict, reason, number in rows:
        root = actor.region_code
        code = next_below(root, office, existing) if covers(root, office) else office
        found.setdefault(code, Tally()).add(verdict, reason, number)
    return dict(sorted(found.items()))
