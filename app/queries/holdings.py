"""What the register holds about workers, read for one or for many at once, as facts for rules."""

from collections import namedtuple
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Integer,
    Numeric,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.rules.facts import LEVELS, CertificateFact, CreditFact, Facts, RegistrationFact
from app.rules.workflow import IN_FLIGHT
from models.application import Application
from models.certificate import Certificate
from models.credit import Credit
from models.qualification import Qualification
from models.registration import Registration

Which = ColumnElement[bool]
Rows = dict[int, list[Any]]

QUALIFICATIONS = select(
    Qualification.worker_id,
    Qualification.level,
    Qualification.exam_year,
    Qualification.qualified_on,
    Qualification.management_number,
).order_by(Qualification.worker_id, Qualification.id)

REGISTRATIONS = select(
    Registration.worker_id,
    Registration.kind,
    Registration.cycle_year,
    Registration.registered_on,
    Registration.valid_until,
    Registration.level,
    Registration.legacy_number,
    Registration.state,
).order_by(Registration.worker_id, Registration.cycle_year, Registration.id)

# the one in force, else the latest
CERTIFICATES = select(
    Certificate.worker_id, Certificate.number, Certificate.valid_until, Certificate.state
).order_by(
    Certificate.worker_id,
    case((Certificate.state == "valid", 0), else_=1),
    Certificate.valid_until.desc(),
    Certificate.id.desc(),
)

CREDITS = (
    select(Credit.worker_id, Credit.taken_on, Credit.hours, Credit.source, Credit.state)
    .where(Credit.state != "refused")
    .order_by(Credit.worker_id, Credit.id)
)

OPEN = (
    select(Application.worker_id, Application.kind, Application.id)
    .where(Application.state.in_(IN_FLIGHT))
    .order_by(Application.worker_id, Application.id)
)

CELLS: tuple[Any, ...] = (
    *(Integer() for _ in range(3)),
    *(String() for _ in range(4)),
    Date(),
    Date(),
    Numeric(5, 1),
)
"""The cells of the widest row of all these queries, by type."""


@dataclass(frozen=True)
class Holdings:
    """The rows of some workers, by worker and in the order in which they count."""

    qualifications: Rows
    registrations: Rows
    certificates: Rows
    credits: Rows
    open_applications: Rows

    def facts(
        self,
        worker: Any,
        region_code: str | None = None,
        *,
        apart_from: int | None = None,
        proofs: tuple[int, ...] = (),
        lost: bool | None = False,
    ) -> Facts:
        """The facts about one of the workers, who applies in a region (the worker's own).

        `worker` has an id, region_code, born_on and real_name; `apart_from` is the application
        that is asked about and not itself in flight beside it.
        """
        key = worker.id
        held = best(self.qualifications.get(key, ()))
        registrations = self.registrations.get(key, ())
        last = registrations[-1] if registrations else None
        return Facts(
            region_code=worker.region_code,
            service_region_code=region_code or worker.region_code,
            level=held.level if held else None,
            exam_year=held.exam_year if held else None,
            qualified_on=held.qualified_on if held else None,
            management_number=held.management_number if held else None,
            born_on=worker.born_on,
            registrations=tuple(
                RegistrationFact(kind, year, on, until)
                for _key, kind, year, on, until, *_more in registrations
            ),
            certificate=_certificate(self.certificates.get(key, ())) or _elsewhere(last),
            certificate_lost=lost,
            credits=tuple(
                CreditFact(day, hours, source, state == "accepted")
                for _key, day, hours, source, state in self.credits.get(key, ())
            ),
            proofs=proofs,
            registered_level=last.level if last else None,
            open_application=next(
                (row.kind for row in self.open_applications.get(key, ()) if row.id != apart_from),
                None,
            ),
            real_name=worker.real_name,
        )


def holdings(reader: Session | Connection, of: Any) -> Holdings:
    """What a session, and so its scope, shows of some workers, or a connection that has none: five
    statements.

    `of` makes the condition on a column of workers' keys, such as `lambda key: key == 7`.
    """

    def read(query: Select[*tuple[Any, ...]], key: InstrumentedAttribute[int]) -> Rows:
        rows = reader.execute(query.where(of(key))).all()
        return {worker: list(mine) for worker, mine in groupby(rows, itemgetter(0))}

    return Holdings(
        read(QUALIFICATIONS, Qualification.worker_id),
        read(REGISTRATIONS, Registration.worker_id),
        read(CERTIFICATES, Certificate.worker_id),
        read(CREDITS, Credit.worker_id),
        read(OPEN, Application.worker_id),
    )


def of_one(session: Session, worker_id: int) -> Holdings:
    """The same of one worker in one statement, for pages that ask for little else."""
    queries = (QUALIFICATIONS, REGISTRATIONS, CERTIFICATES, CREDITS, OPEN)
    wide = (_wide(number, query, worker_id) for number, query in enumerate(queries))
    found: list[list[tuple[int, Any]]] = [[] for _query in queries]
    for number, place, *cells in session.execute(union_all(*wide)):
        row, at = _shape(number), iter(_places(queries[number]))
        found[number].append((place, row(*(cells[next(at)] for _name in row._fields))))
    rows = ([row for _place, row in sorted(one, key=itemgetter(0))] for one in found)
    return Holdings(*({worker_id: mine} for mine in rows))


def _wide(number: int, query: Select[*tuple[Any, ...]], worker_id: int) -> Any:
    """A query with its columns put in the cells of their type, so that all can be one union, and
    with the place of each row in its order."""
    cells: list[Any] = [cast(null(), kind) for kind in CELLS]
    columns = list(query.selected_columns)
    for column, place in zip(columns, _places(query), strict=True):
        cells[place] = column
    order = func.row_number().over(order_by=query._order_by_clauses)
    labelled = [cell.label(f"cell_{place}") for place, cell in enumerate(cells)]
    mine = query.where(columns[0] == worker_id).order_by(None)
    return mine.with_only_columns(literal(number), order, *labelled)


@cache
def _places(query: Select[*tuple[Any, ...]]) -> tuple[int, ...]:
    """The cell of each column: the first of its type that is free."""
    free = list(enumerate(CELLS))
    found = []
    for column in query.selected_columns:
        kind = next(k for k in (Date, Integer, Numeric, String) if isinstance(column.type, k))
        cell = next(one for one in free if type(one[1]) is kind)
        free.remove(cell)
        found.append(cell[0])
    return tuple(found)


@cache
def _shape(number: int) -> Any:
    """A row of the query of this number, by the names of its columns."""
    query = (QUALIFICATIONS, REGISTRATIONS, CERTIFICATES, CREDITS, OPEN)[number]
    return namedtuple("Row", [str(column.key) for column in query.selected_columns])


def best(qualifications: Sequence[Any]) -> Any:
    """The qualification that counts: the highest level, of that the latest examination."""
    if len(qualifications) < 2:
        return qualifications[0] if qualifications else None
    return max(qualifications, key=lambda one: (LEVELS.index(one.level), one.exam_year))


def _certificate(rows: Sequence[Any]) -> CertificateFact | None:
    return CertificateFact(rows[0].number, rows[0].valid_until, rows[0].state) if rows else None


def _elsewhere(last: Any) -> CertificateFact | None:
    """The certificate of a registration that was not issued here (MC-25)."""
    if last is None or last.valid_until is None:
        return None
    return CertificateFact(last.legacy_number, last.valid_until, issued_here=False)
