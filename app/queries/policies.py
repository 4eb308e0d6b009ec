"""Which policy applies: published editions as the rules read them, with their windows."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Select,
    and_,
    bindparam,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from app import clock
from app.extensions import db
from app.queries.windows import recalled, window_fact
from app.queries.yaml_loading import sound
from app.rules.dictionaries import Reason, parse_labels, parse_reasons
from app.rules.fields import Choice, FieldSpec, Section
from app.rules.kinds import Kind, WindowFact
from app.rules.policy import Policy
from app.rules.policy_reading import parse_policy
from app.rules.regions import ancestors
from app.rules.words import Words
from app.rules.workflow import State
from app.scope import as_system
from models.application import Application
from models.codes import PUBLIC_STATES
from models.policy import Dictionary, DictionaryItem
from models.policy import Policy as Edition
from models.publication import Window

SEEDS = Path(__file__).parents[1] / "policies"
_OF_EDITION = (Edition.code, Edition.edition, Edition.digest, Edition.effective_from)
_IN_TIME = (Window.opens_on, Window.id)


def policy_for(region_code: str, on: date | None = None) -> Policy:
    """The policy in force on a day (today) for a region, its nearest ancestor's, with the
    published windows of that policy and region.

    Raises LookupError when no policy covers the region.
    """
    day = on or clock.today()
    found = policies_for([region_code], day).get(region_code)
    if found is None:
        raise LookupError(f"no policy covers {region_code} on {day}")
    return found


def policies_for(region_codes: Collection[str], on: date) -> dict[str, Policy]:
    """The same for each of these regions, in one statement; those that none covers are left out."""
    paths = {code: ancestors(code) for code in region_codes}
    places = sorted({part for path in paths.values() for part in path})
    with as_system(
        "policies and published windows are everybody's to read", only_reads=True
    ) as session:
        in_force = session.execute(_in_force(), {"places": places, "day": on}).all()
        found = {code: _nearest(session, in_force, path) for code, path in paths.items()}
    return {code: policy for code, policy in found.items() if policy}


def _nearest(session: Session, in_force: Sequence[Any], path: tuple[str, ...]) -> Policy | None:
    """The one that applies at the end of a path, of editions in force, each with its windows."""
    found = max(
        (row for row in in_force if row.jurisdiction in path),
        key=lambda row: (-path.index(row.jurisdiction), *precedence(row)),
        default=None,
    )
    if found is None:
        return None
    policy = _edition(session, *found[:4])
    _known()[policy.code, policy.version] = policy
    rows = (row.Window for row in in_force if row[:2] == found[:2] and row.Window)
    mine = (window_fact(row) for row in rows if row.region_code in path)
    return replace(policy, windows=tuple(mine))


@cache
def _in_force() -> Select[str, int, str, date | None, str, Window]:
    """The editions in force on `day` in `places`, with the windows published there: made once,
    because every look at a case asks it, and making it takes longer than running it."""
    places: BindParameter[Any] = bindparam("places", expanding=True)
    day = bindparam("day", type_=Date)
    theirs = and_(_published_for(places), Window.policy_code == Edition.code)
    query = select(*_OF_EDITION, Edition.jurisdiction, Window).outerjoin(Window, theirs)
    return query.where(Edition.jurisdiction.in_(places), holds(day)).order_by(*_IN_TIME)


def holds(on: date | BindParameter[date]) -> ColumnElement[bool]:
    """The editions whose dates take in a day."""
    return and_(
        or_(Edition.effective_from.is_(None), Edition.effective_from <= on),
        or_(Edition.effective_until.is_(None), Edition.effective_until >= on),
    )


def shelf(on: date, code: str | None = None) -> Callable[[str | None], Policy]:
    """The policy of a code, or without one of a region, that holds on a day, with its windows: a
    function of the region, for many regions at once.

    Where none holds then, it is the one whose dates are nearest: asked outside its dates, a policy
    still answers. Of a region that is its nearest ancestor's, of a code the latest edition. The
    function raises LookupError for a code that there is not, and for a region nothing covers.
    """
    with as_system(
        "policies and published windows are everybody's to read", only_reads=True
    ) as session:
        rows = session.execute(
            select(*_OF_EDITION, Edition.jurisdiction, Edition.effective_until).where(
                Edition.code == code if code else true()
            )
        ).all()
        published = select(Window).where(Window.state.in_(PUBLIC_STATES)).order_by(*_IN_TIME)
        windows = [
            (row.policy_code, row.region_code, window_fact(row))
            for row in session.scalars(published)
        ]

    def rank(row: Any, path: tuple[str, ...]) -> tuple[int, int, date, int]:
        away = days_off(on, row.effective_from, row.effective_until)
        return -away, 0 if code else -path.index(row.jurisdiction), *precedence(row)

    @cache
    def policy(region_code: str | None) -> Policy:
        path = ancestors(region_code) if region_code else ()
        fitting = [row for row in rows if code or row.jurisdiction in path]
        found = max(fitting, key=lambda row: rank(row, path), default=None)
        if found is None:
            raise LookupError(f"there is no policy {code or region_code}")
        where = path if found.jurisdiction in path else ancestors(found.jurisdiction)
        mine = tuple(one for of, region, one in windows if of == found.code and region in where)
        with as_system("policies are everybody's to read", only_reads=True) as session:
            return replace(_edition(session, *found[:4]), windows=mine)

    return policy


def policy_codes() -> list[str]:
    """The codes of all policies, in their order."""
    with as_system("policies are everybody's to read", only_reads=True) as session:
        return list(session.scalars(select(Edition.code).distinct().order_by(Edition.code)))


def precedence(row: Any) -> tuple[date, int]:
    """Of a region's editions in force the greatest applies: the one that began last. What was
    published for a later day comes into force then, whatever was published in between."""
    return row.effective_from or date.min, row.edition


def policy_of(code: str, edition: int) -> Policy:
    """One published edition, word for word, without windows; raises LookupError.

    It never changes, so a session asks for it once.
    """
    known = _known()
    if (code, edition) not in known:
        row = db.session.execute(
            select(*_OF_EDITION).where(Edition.code == code, Edition.edition == edition)
        ).first()
        if row is None:
            raise LookupError(f"policy {code} has no edition {edition}")
        known[code, edition] = _edition(db.session(), *row)
    return known[code, edition]


def with_their_policies(session: Session, query: Select[Application]) -> list[Application]:
    """The applications that a query finds, each with the edition that it follows: `policy_of`
    needs no statement for it after this one."""
    followed = and_(
        Edition.code == Application.policy_code, Edition.edition == Application.policy_version
    )
    rows = session.execute(query.outerjoin(Edition, followed).add_columns(*_OF_EDITION)).all()
    for _case, *edition in rows:
        if edition[0] and tuple(edition[:2]) not in _known():
            _known()[edition[0], edition[1]] = _edition(session, *edition)
    return [row[0] for row in rows]


def published(code: str, edition: int, digest: str) -> Policy:
    """One published edition, whose digest is known already, word for word: once this process has
    read it, without a statement."""
    return _edition(db.session(), code, edition, digest, None)


def _known() -> dict[tuple[str, int], Policy]:
    """The editions that the session has read."""
    found: dict[tuple[str, int], Policy] = db.session().info.setdefault("editions", {})
    return found


def editions() -> list[Policy]:
    """Every edition ever published, in one statement, for the cases that still follow it."""
    rows = db.session.execute(select(*_OF_EDITION)).all()
    return [_edition(db.session(), *row) for row in rows]


def policy_titles() -> dict[str, Words]:
    """What each policy is called by its latest edition, by code."""
    latest = sorted(editions(), key=lambda one: one.version)
    return {one.code: one.title for one in latest}


def policy_of_case(application: Application) -> Policy:
    """The edition that a case was submitted under, with its own window and no other (F), word
    for word as it was then; a draft follows what is published now."""
    policy = policy_of(application.policy_code, application.policy_version)
    if application.state == State.draft:
        path = ancestors(application.region_code)
        with as_system("published windows are everybody's to read", only_reads=True) as session:
            return replace(policy, windows=_windows(session, policy.code, path))
    kept = application.window_facts
    return replace(policy, windows=(recalled(kept),)) if kept else policy


def kind_of(application: Application) -> Kind:
    """The kind as the case's own edition and window have it, whatever was published since, with a
    slot for each proof of a turn that was handed in."""
    policy = policy_of_case(application)
    if application.state == State.draft:
        kind = policy.kind_on(application.kind, clock.today())
    else:
        day = clock.local(application.submitted_at or clock.now())
        window = next(iter(policy.windows), None)
        kind = policy.kinds[application.kind].under(window).in_year(day.year)
    return kind.settling(application.turns)


def with_dictionaries(kind: Kind, *, retired: bool = False) -> Kind:
    """The kind with the choices that the console's dictionaries offer for its open inputs now.

    With `retired`, entries that are no longer offered keep their words: old forms carry them.
    """
    return replace(kind, layout=offered_now(kind.layout, retired=retired))


def offered_now(layout: Iterable[Section], *, retired: bool = False) -> tuple[Section, ...]:
    """The same for the parts of any form."""
    offered = _dictionaries(retired)

    def written_out(spec: FieldSpec) -> FieldSpec:
        return replace(spec, choices=offered.get(spec.name, spec.choices))

    return tuple(
        replace(section, fields=tuple(map(written_out, section.fields))) for section in layout
    )


@cache
def state_labels(label_set: str) -> Mapping[str, Words]:
    """What a policy's label set calls the states (H); raises KeyError for an unknown set."""
    return parse_labels(_seed("labels"))[label_set]


def label_sets() -> Collection[str]:
    """The names of the label sets that a policy can choose from."""
    return frozenset(parse_labels(_seed("labels")))


@cache
def reasons() -> Mapping[str, Reason]:
    """The coded reasons of a rejection or a return that all policies share, by code."""
    return parse_reasons(_seed("reasons"))


def reasons_of(policy: Policy) -> Mapping[str, Reason]:
    """The coded reasons of a policy: its own, then the shared ones that it does not say itself."""
    return {**policy.reasons, **{c: one for c, one in reasons().items() if c not in policy.reasons}}


def read(source: str) -> Policy:
    """The policy that a row's YAML describes: the policy, the dictionary of inputs that it was
    published with and, when it extends another, that one's data; raises PolicyFaults."""
    data, fields, *base = sound(source)
    return parse_policy(data, fields, base[0] if base else None)


_read: dict[str, Policy] = {}  # by digest: an edition never changes, so it is parsed once


def _edition(
    session: Session, code: str, edition: int, digest: str, effective_from: date | None
) -> Policy:
    if digest not in _read:
        source = session.scalar(
            select(Edition.source).where(Edition.code == code, Edition.edition == edition)
        )
        _read[digest] = read(source or "")
    policy = _read[digest]
    # the day that it was published for, whatever the text says
    begins = effective_from or policy.effective_from
    return replace(policy, version=edition, effective_from=begins)


def days_off(on: date, first: date | None, last: date | None) -> int:
    """How many days lie between a day and a span that may be open at either end."""
    before = (first - on).days if first else 0
    after = (on - last).days if last else 0
    return max(before, after, 0)


def _windows(session: Session, code: str, path: tuple[str, ...]) -> tuple[WindowFact, ...]:
    mine = select(Window).where(Window.policy_code == code, _published_for(path))
    return tuple(map(window_fact, session.scalars(mine.order_by(*_IN_TIME))))


def _published_for(path: Collection[str] | BindParameter[Any]) -> ColumnElement[bool]:
    return and_(Window.state.in_(PUBLIC_STATES), Window.region_code.in_(path))


def _dictionaries(retired: bool) -> dict[str, tuple[Choice, ...]]:
    query = (
        select(Dictionary.code, DictionaryItem.code, DictionaryItem.zh, DictionaryItem.en)
        .join(DictionaryItem, DictionaryItem.dictionary_id == Dictionary.id)
        .order_by(DictionaryItem.position, DictionaryItem.id)
    )
    if not retired:
        query = query.where(DictionaryItem.active)
    found: dict[str, list[Choice]] = {}
    for name, code, zh, en in db.session.execute(query):
        found.setdefault(name, []).append(Choice(code, Words(zh, en)))
    return {name: tuple(choices) for name, choices in found.items()}


def _seed(name: str) -> Any:
    return sound((SEEDS / f"{name}.yaml").read_text("utf-8"))[0]
