"""Which rows a person sees and may write: the only row security there is.

One table (REACH) says how far each role reaches. `_visible` states it in SQL for every SELECT of a
session; `may_write` states it on one row for everything that is flushed, which is the only way to
write scoped rows.
Without an actor nothing matches. `as_system` is the only way round, in a session of its own.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, event, false, inspect, or_, true
from sqlalchemy.orm import Mapper, ORMExecuteState, Session

from app.criteria import Criteria, Criterion
from app.extensions import db
from app.rules import regions
from models.base import Audited, Base, Personal, Published, RegionScoped
from models.codes import PUBLIC_STATES
from models.columns import semantics_of


@dataclass(frozen=True)
class Reach:
    """How far a role reaches: all rows of its region's subtree, or only those of its own."""

    region: bool = False
    worker: bool = False
    organization: bool = False
    audit: bool = False


_OFFICE = Reach(region=True)
REACH: dict[str, Reach] = {
    "platform_admin": Reach(region=True, audit=True),
    "province_admin": _OFFICE,
    "city_admin": _OFFICE,
    "county_admin": _OFFICE,
    "province_reviewer": _OFFICE,
    "city_reviewer": _OFFICE,
    "county_reviewer": _OFFICE,
    "body_reviewer": _OFFICE,
    "auditor": Reach(audit=True),
    "organization": Reach(organization=True),
    "applicant": Reach(worker=True),
}


@dataclass(frozen=True)
class Actor:
    """Who acts: what of an account decides about rows and permissions, and nothing else of it."""

    account_id: int
    name: str
    roles: frozenset[str]
    region_code: str
    permissions: frozenset[str] = frozenset()
    worker_id: int | None = None
    organization_id: int | None = None
    person_id: int | None = None
    must_change_password: bool = False
    address: str | None = field(default=None, compare=False)

    @property
    def reach(self) -> Reach:
        """What all roles together reach."""
        held = [REACH[role] for role in self.roles if role in REACH]
        return Reach(
            region=any(r.region for r in held),
            worker=any(r.worker for r in held),
            organization=any(r.organization for r in held),
            audit=any(r.audit for r in held),
        )

    def may(self, permission: str) -> bool:
        """Whether one of the roles grants `resource.action`."""
        return permission in self.permissions


class OutOfScope(Exception):
    """A write reached for a row that the actor may not have; nothing of it is kept."""


class UnscopedRead(Exception):
    """A statement without an entity, which the scope could not restrict: a programming error."""


class UnguardedWrite(Exception):
    """Something was flushed outside a verb: a programming error, never the user's."""


_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)


def current_actor() -> Actor | None:
    """Whoever acts now; None outside a request, a job or a test that named somebody."""
    return _actor.get()


@contextmanager
def acting_as(actor: Actor | None) -> Iterator[Actor | None]:
    """Act as this person within the block: the same for requests, jobs, commands and tests."""
    token = _actor.set(actor)
    try:
        yield actor
    finally:
        _actor.reset(token)


def enter(actor: Actor | None) -> None:
    """Set who acts from here on; requests do this at the door and take it back at the end."""
    _actor.set(actor)


def streamed(rows: Iterable[Any]) -> Iterator[Any]:
    """Rows that are read while the answer is already on its way, still as whoever
    asked for them."""
    actor = _actor.get()

    def reading() -> Iterator[Any]:
        with acting_as(actor):
            yield from rows

    return reading()


@contextmanager
def as_system(reason: str, *, only_reads: bool = False) -> Iterator[Session]:
    """A session of its own that sees everything; `reason` is for whoever reads the code. One that
    only reads has no transaction, and raises UnguardedWrite when it should write."""
    session = db.session.session_factory(info={"system": reason, "only_reads": only_reads})
    try:
        yield session
    finally:
        session.close()


def install() -> None:
    """Put the scope under every session of the application; harmless when done twice."""
    for name, listener in (("do_orm_execute", _restrict), ("before_flush", _guard)):
        if not event.contains(db.session, name, listener):
            event.listen(db.session, name, listener)


# What is seen


def _restrict(state: ORMExecuteState) -> None:
    writes = state.is_insert or state.is_update or state.is_delete
    if writes and state.session.info.get("only_reads"):
        raise UnguardedWrite(str(state.statement))
    if state.session.info.get("system") or state.is_column_load:
        return
    if not state.is_orm_statement or state.is_from_statement:
        raise UnscopedRead(str(state.statement))
    if writes:
        _refuse_bulk(state)
    scope = scope_of(_actor.get())
    if not any(one is scope for one in state.statement._with_options):
        state.statement = state.statement.options(scope)


def _refuse_bulk(state: ORMExecuteState) -> None:
    """Scoped rows are written one by one: a bulk statement names no row that could be checked."""
    mapper = state.bind_mapper
    scoped = mapper is not None and issubclass(mapper.class_, (RegionScoped, Personal))
    if scoped or not state.session.info.get("verb"):
        raise UnguardedWrite(str(state.statement))


@lru_cache(maxsize=1024)
def scope_of(actor: Actor | None) -> Criteria:
    """What somebody sees, as an option of every statement.

    A statement that is kept may carry it: SQLAlchemy then makes its key once, and not each time.
    """
    # on the base mapper, because FAB's own user class is a second way to the accounts
    return Criteria(
        Criterion(inspect(model).base_mapper.class_, _visible(model, actor), include_aliases=True)
        for model in scoped_models()
    )


@event.listens_for(Mapper, "after_mapper_constructed")
def _forget(_mapper: Any, _class: type) -> None:
    scope_of.cache_clear()  # no model is left out, however late it comes


def scoped_models() -> tuple[type, ...]:
    """Every mapped class whose rows belong to somebody, in a stable order."""
    found = (m.class_ for m in Base.registry.mappers)
    return tuple(
        sorted(
            (m for m in found if issubclass(m, (RegionScoped, Personal))), key=lambda m: m.__name__
        )
    )


def _visible(model: Any, actor: Actor | None) -> ColumnElement[bool]:
    """The rows of a model that an actor sees, as one SQL condition."""
    if actor is None:
        return false()
    reach = actor.reach
    if issubclass(model, Audited):
        return within(model, actor.region_code) if reach.audit else false()
    parts = [own == value for own, value in _own_columns(model, actor)]
    if reach.region and issubclass(model, RegionScoped):
        parts.append(within(model, actor.region_code))
    if issubclass(model, Published):
        above = regions.ancestors(actor.region_code)
        parts.append(and_(model.state.in_(PUBLIC_STATES), model.region_code.in_(above)))
    return or_(false(), *parts)


def within(model: Any, region_code: str) -> ColumnElement[bool]:
    """The rows of a model that lie in the subtree of a region, whoever may see them."""
    column = _level_column(region_code)
    return true() if column is None else getattr(model, column) == region_code


def _level_column(region_code: str) -> str | None:
    return {"nation": None, "province": "province_code", "city": "city_code"}.get(
        regions.level_of(region_code), "region_code"
    )


def _own_columns(model: Any, actor: Actor) -> list[tuple[Any, int]]:
    """The columns by which a row is the actor's own, each with the value that it must have."""
    reach = actor.reach
    owned = (
        ("__account__", True, actor.account_id),
        ("__worker__", reach.worker, actor.worker_id),
        ("__organization__", reach.organization, actor.organization_id),
    )
    return [
        (getattr(model, name), value)
        for mark, reached, value in owned
        if reached and value is not None and (name := getattr(model, mark, None))
    ]


# What is written


def _guard(session: Session, _context: Any, _instances: Any) -> None:
    only_reads = session.info.get("only_reads")
    if session.info.get("system") and not only_reads:
        return
    if not session.info.get("verb") and (session.new or session.dirty or session.deleted):
        raise UnguardedWrite(f"{[*session.new, *session.dirty, *session.deleted]}")
    actor = _actor.get()
    with session.no_autoflush:
        for row in [*session.new, *session.dirty, *session.deleted]:
            _take_parents_place(session, row)
            _check(session, row, actor)


def _take_parents_place(session: Session, row: Any) -> None:
    """A new child lies where its parent lies, and one that changes parents moves to the new one."""
    model_of_row: Any = row.__class__
    if not issubclass(model_of_row, RegionScoped):
        return
    placed = inspect(row).dict.get("region_code")
    for key, model in _references(model_of_row, parents=True):
        moved = inspect(row).persistent and inspect(row).attrs[key].history.added
        if placed and not moved:
            continue
        parent: Any = session.get(model, getattr(row, key))
        if parent is not None:
            row.region_code = parent.region_code
            return


def _check(session: Session, row: Any, actor: Actor | None) -> None:
    model_of_row: Any = row.__class__
    if not issubclass(model_of_row, (RegionScoped, Personal)):
        return
    if issubclass(model_of_row, (Audited, Personal)) and row in session.new:
        return  # anybody's act is recorded, and anybody may be told of it
    if not (may_write(row, actor, before=True) and may_write(row, actor)):
        raise OutOfScope(f"{type(row).__name__} {getattr(row, 'id', None)}")
    for key, model in _references(model_of_row):
        if inspect(row).attrs[key].history.added:
            target = getattr(row, key)
            if target is not None and not _reachable(session, model, target):
                raise OutOfScope(f"{type(row).__name__}.{key} = {target}")


def _reachable(session: Session, model: Any, key: int) -> bool:
    """Whether a row may point at this one: one's own to see, or published, wherever it lies."""
    if session.get(model, key) is not None:
        return True
    if not issubclass(model, Published):
        return False
    with as_system("what is published is everybody's to point at") as other:
        row = other.get(model, key)
        return row is not None and row.state in PUBLIC_STATES


def may_write(row: Any, actor: Actor | None, *, before: bool = False) -> bool:
    """Whether the row, as it is or (`before`) as it was read, lies where the actor may write."""
    if actor is None:
        return False
    if isinstance(row, Audited):
        return False
    reach = actor.reach
    own = [
        _value(row, column.key, before=before) == value
        for column, value in _own_columns(type(row), actor)
    ]
    if any(own):
        return True
    if not reach.region or not isinstance(row, RegionScoped):
        return False
    region_code = _value(row, "region_code", before=before)
    return region_code is not None and regions.covers(actor.region_code, region_code)


def _value(row: Any, key: str, *, before: bool) -> Any:
    """A column's value; None for what it was when that was overwritten without being read."""
    history = inspect(row).attrs[key].history
    if not before or not history.added or not inspect(row).persistent:
        return getattr(row, key)
    return history.deleted[0] if history.deleted else None


@cache
def _references(model: Any, *, parents: bool = False) -> tuple[tuple[str, type], ...]:
    """The columns of a model that point at scoped rows, with the model that they point at."""
    tables = {m.__table__.name: m for m in scoped_models()}  # type: ignore[attr-defined]
    return tuple(
        (key, tables[meaning.ref])
        for key, meaning in semantics_of(model).items()
        if meaning.ref in tables and (meaning.parent or not parents)
    )


@cache
def children_of(model: Any) -> tuple[tuple[Any, str], ...]:
    """The models whose rows lie where a row of this model lies, with the column that says so."""
    return tuple(
        (child, key)
        for child in scoped_models()
        for key, parent in _references(child, parents=True)
        if parent is model
    )
