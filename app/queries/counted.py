"""What is counted ahead, and the page that reads it: by region, kind, state and month."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, extract, func, select
from sqlalchemy.orm import Session

from app import clock
from app.extensions import db
from app.queries.names import region_names
from app.rules.regions import level_of
from app.rules.workflow import State
from app.scope import as_system, within
from models.application import Application
from models.figure import Due, Tally
from models.message import Outbox
from models.qualification import Qualification
from models.region import Region

SUBMITTED, DECIDED, DUE, RECORDS = "submitted", "decided", "due", "records"
"""Of what a tally is: applications by the month of the submission, and by that of the decision;
people who are due; qualifications by examination year, checked (`verified`) or not."""
ENDS = (State.approved, State.issued, State.rejected)
REGISTERED = (State.approved, State.issued)
NO_MONTH = date(1900, 1, 1)
HOURS_KEPT = 72
EXAMINED = (2008, 2019)
"""The first and the last examination whose records are checked (HN-09)."""


class Key(NamedTuple):
    """What a tally is of."""

    region_code: str
    what: str
    kind: str
    state: str
    month: date


class Sum(NamedTuple):
    """How many, and the days that they took."""

    number: int
    days: float


def key_of(moment: datetime) -> str:
    """The promise of an hour's figures."""
    return f"tally:{clock.local(moment):%Y-%m-%dT%H}"


def as_of() -> datetime | None:
    """When the figures were counted last, of the last three days."""
    now = clock.real_now()
    hours = [key_of(now - timedelta(hours=back)) for back in range(HOURS_KEPT)]
    keys = [*hours, *(f"due:{clock.today() - timedelta(days=back)}" for back in range(3))]
    query = select(func.max(Outbox.done_at)).where(Outbox.key.in_(keys), Outbox.state == "done")
    with as_system("when something was counted is no secret", only_reads=True) as session:
        return session.scalar(query)


# Counting


def count(session: Session) -> dict[Key, Sum]:
    """All tallies as they are now, in four statements that group in the database."""
    return {**_cases(session), **_due(session), **_records(session)}


def _cases(session: Session) -> dict[Key, Sum]:
    found: dict[Key, Sum] = {}
    for what, at, took in (
        (SUBMITTED, Application.submitted_at, None),
        (DECIDED, Application.decided_at, Application.submitted_at),
    ):
        month = _month(session, at)
        days = func.sum(_days(session, took, at)) if took is not None else func.sum(0)
        by = (Application.region_code, Application.kind, Application.state, month)
        query = select(*by, func.count(), days).where(at.is_not(None)).group_by(*by)
        if what == DECIDED:
            query = query.where(Application.state.in_(ENDS))
        for region, kind, state, when, number, total in session.execute(query):
            key = Key(region, what, kind, state, date.fromisoformat(f"{when}-01"))
            found[key] = Sum(number, round(float(total or 0), 3))
    return found


def _due(session: Session) -> dict[Key, Sum]:
    by = (Due.region_code, Due.kind)
    rows = session.execute(select(*by, func.count()).group_by(*by))
    return {Key(region, DUE, kind, "", NO_MONTH): Sum(number, 0.0) for region, kind, number in rows}


def _records(session: Session) -> dict[Key, Sum]:
    by = (Qualification.region_code, Qualification.verified, Qualification.exam_year)
    rows = session.execute(select(*by, func.count()).group_by(*by))
    return {
        Key(region, RECORDS, "", "verified" if checked else "claimed", date(year, 1, 1)): Sum(
            number, 0.0
        )
        for region, checked, year, number in rows
    }


def _month(session: Session, at: Any) -> ColumnElement[str]:
    """The month of an instant on a wall clock in Asia/Shanghai, as `2020-07`."""
    if session.get_bind().dialect.name == "sqlite":
        return func.strftime("%Y-%m", at, "+8 hours")
    return func.to_char(func.timezone("Asia/Shanghai", at), "YYYY-MM")


def _days(session: Session, since: Any, until: Any) -> ColumnElement[Any]:
    if session.get_bind().dialect.name == "sqlite":
        return func.julianday(until) - func.julianday(since)
    return extract("epoch", until - since) / 86400


# Reading


@dataclass
class Line:
    """The figures of one region next below, or of all of them."""

    code: str
    name: str
    submitted: int = 0
    decided: int = 0
    registered: int = 0
    in_review: int = 0
    due: int = 0
    days: float = 0.0
    records: int = 0
    verified: int = 0

    @property
    def expected(self) -> int:
        """应登记: who has registered, who has applied and who has not yet."""
        return self.registered + self.in_review + self.due

    @property
    def rate(self) -> float | None:
        """The part of the expected that has registered."""
        return self.registered / self.expected if self.expected else None

    @property
    def average(self) -> float | None:
        """Days from the submission to the last decision."""
        return self.days / self.decided if self.decided else None

    def add(self, other: "Line") -> None:
        """Count another region's figures as well."""
        for name, value in vars(other).items():
            if name not in ("code", "name"):
                setattr(self, name, getattr(self, name) + value)


@dataclass
class Figures:
    """A year's figures of a region: the whole, the regions next below, and further by month, and
    by kind and state."""

    whole: Line
    lines: list[Line]
    submitted: Counter[int] = field(default_factory=Counter)
    decided: Counter[int] = field(default_factory=Counter)
    states: Counter[tuple[str, str]] = field(default_factory=Counter)


class Row(NamedTuple):
    """One figure for a file."""

    region_code: str
    what: str
    kind: str
    state: str
    month: date
    number: int
    days: float


def rows(region_code: str, year: int, kind: str | None = None) -> list[Row]:
    """The tallies of a year by the region next below, in one statement within the actor's scope;
    what has no year, or years of its own, comes along."""
    child = _child(region_code).label("child")
    by = (child, Tally.what, Tally.kind, Tally.state, Tally.month)
    query = (
        select(*by, func.sum(Tally.number), func.sum(Tally.days))
        .where(within(Tally, region_code))
        .where(
            Tally.month.between(date(year, 1, 1), date(year, 12, 31))
            | Tally.what.in_((DUE, RECORDS))
            | ((Tally.what == SUBMITTED) & (Tally.state == State.in_review))
        )
        .group_by(*by)
        .order_by(*by)
    )
    if kind:
        query = query.where(Tally.kind.in_((kind, "")))
    return [Row(*found) for found in db.session.execute(query)]


def _child(region_code: str) -> Any:
    """The region next below another one in which a tally lies; a county that no city is above
    stands beside the cities."""
    level = level_of(region_code)
    if level == "nation":
        return Tally.province_code
    if level != "province":
        return Tally.region_code
    cities = db.session.scalars(
        select(Region.code).where(Region.parent_code == region_code, Region.level == "city")
    ).all()
    return case((Tally.city_code.in_(cities), Tally.city_code), else_=Tally.region_code)


def figures(region_code: str, year: int, kind: str | None = None) -> Figures:
    """The figures of a year; what is checked of the records counts the examinations of EXAMINED,
    and what is under review or due counts as it is now."""
    found = rows(region_code, year, kind)
    names = region_names({region_code, *(row.region_code for row in found)})
    lines = {row.region_code: Line(row.region_code, "") for row in found}
    told = Figures(Line(region_code, names.get(region_code, region_code)), [])
    for row in found:
        _add(lines[row.region_code], told, row, year)
    for code, line in sorted(lines.items()):
        line.name = names.get(code, code).removeprefix(told.whole.name) or told.whole.name
        told.whole.add(line)
        told.lines.append(line)
    return told


def _add(line: Line, told: Figures, row: Row, year: int) -> None:
    if row.what == SUBMITTED:
        line.in_review += row.number if row.state == State.in_review else 0
        if row.month.year == year:
            line.submitted += row.number
            told.submitted[row.month.month] += row.number
            told.states[row.kind, row.state] += row.number
    elif row.what == DECIDED:
        line.decided += row.number
        line.days += row.days
        line.registered += row.number if row.state in REGISTERED else 0
        told.decided[row.month.month] += row.number
    elif row.what == DUE:
        line.due += row.number
    elif EXAMINED[0] <= row.month.year <= EXAMINED[1]:
        line.records += row.number
        line.verified += row.number if row.state == "verified" else 0


def is_region(code: str) -> bool:
    """Whether there is a region of this code."""
    return db.session.scalar(select(Region.code).where(Region.code == code)) is not None


def years_known(region_code: str) -> Mapping[int, int]:
    """The years in which something was submitted or decided, the latest first, with how much."""
    query = (
        select(Tally.month, func.sum(Tally.number))
        .where(within(Tally, region_code), Tally.what.in_((SUBMITTED, DECIDED)))
        .group_by(Tally.month)
    )
    found: Counter[int] = Counter()
    for month, number in db.session.execute(query):
        found[month.year] += number
    return dict(sorted(found.items(), reverse=True))
