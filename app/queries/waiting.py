"""Which cases wait for the actor's office, and which of them are looked for, as SQL conditions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, false, literal, or_, select, true

from app import vault
from app.extensions import PREPARED, db
from app.queries import asking
from app.queries.asking import one_by_one
from app.queries.four_eyes import of_others
from app.queries.substitutes import absent_for
from app.rules.regions import NATION
from app.rules.workflow import State
from app.scope import Actor, within
from models.application import Application
from models.certificate import Certificate
from models.claim import Claim
from models.registration import Registration
from models.worker import Worker

Conditions = list[ColumnElement[bool]]
ASKED = ("id", "submitted_at", "worker_id", "stage", "attempt")
"""Of a case in the order of a queue: its place there, and what says who may not decide it."""


@dataclass(frozen=True)
class Wanted:
    """What the reviewer looks for; everything that is not said leaves nothing out.

    `state` is what waits for the office, or what it has returned and the applicant has now.
    `absent_id` asks for the cases of a colleague for whom one stands in.
    `region_code` stands for all below it. `name` is a beginning, the rest is whole: `identity` the
    digest of an identity number (`vault.digest`), `number` that of a certificate, of either kind,
    `reference` that of the case.
    """

    state: Literal["in_review", "returned"] = "in_review"
    kind: str | None = None
    region_code: str | None = None
    overdue: bool = False
    mine: bool = False
    absent_id: int | None = None
    name: str | None = None
    identity: str | None = None
    number: str | None = None
    reference: str | None = None

    @property
    def any_plan(self) -> bool:
        """Whether one plan fits whoever asks: nothing is looked for that is here rare and there
        frequent."""
        return self == Wanted(self.state, self.kind)

    @property
    def execution_options(self) -> dict[str, Any]:
        """How its statements are executed."""
        return PREPARED if self.any_plan else {}


def waiting(actor: Actor | None, state: str = State.in_review) -> Conditions:
    """The cases in a state whose turn at the actor's office the actor may decide."""
    if actor is None or actor.region_code == NATION:
        return [false()]
    return [*_at_office(actor, state), _not_the_actors(actor, Application, Application)]


def _at_office(actor: Actor, state: str) -> Conditions:
    # a literal, or neither database would see that the partial index holds these rows
    at = literal(State(state).value, literal_execute=True)
    return [
        Application.state == at,
        Application.office_code == actor.region_code,
        Application.office_role.in_(sorted(actor.roles)),
    ]


def _not_the_actors(actor: Actor, model: Any, row: Any) -> ColumnElement[bool]:
    undecided = and_(row.stage == 1, row.attempt == 1)
    return of_others(actor, model, row.id, row.stage, unless=undecided)


def oldest(
    actor: Actor | None,
    wanted: Wanted,
    *columns: Any,
    beyond: ColumnElement[bool] | None = None,
    down: bool = False,
) -> Select[Any]:
    """Columns of the cases that wait for the actor and are looked for, in the order of the queue or
    `down` it.

    For a plan that is kept, whether the actor may decide is asked of what an inner statement finds
    in this order. As one more condition it would cost so much for each case that a plan for any
    office collects all of its cases by two indexes and sorts them.
    """
    asked = matching(actor, wanted) if beyond is None else [*matching(actor, wanted), beyond]
    if actor is None or actor.region_code == NATION or not wanted.any_plan:
        query = select(*columns).where(*waiting(actor, wanted.state), *asked)
        return _in_order(query, Application, down)
    row = [getattr(Application, name) for name in ASKED]
    inner = select(*dict.fromkeys((*row, *columns))).where(*_at_office(actor, wanted.state), *asked)
    found = _in_order(inner, Application, down).subquery()
    shown = (found.c[column.key] for column in columns)
    query = select(*shown).where(_not_the_actors(actor, found, found.c))
    return _in_order(query, found.c, down)


def _in_order(query: Select[Any], row: Any, down: bool) -> Select[Any]:
    keys = row.submitted_at, row.id
    return query.order_by(*(key.desc() if down else key.asc() for key in keys))


def matching(actor: Actor | None, wanted: Wanted) -> Conditions:
    """What a case has to be like to be looked for."""
    found: Conditions = []
    if wanted.kind:
        found.append(Application.kind == wanted.kind)
    if wanted.region_code:
        found.append(within(Application, wanted.region_code))
    if wanted.overdue:
        found.append(Application.due_on < asking.today())
    if wanted.mine:
        found.append(_claims(Claim.account_id == (actor.account_id if actor else 0)))
    if wanted.absent_id is not None:
        found.append(of_colleague(wanted.absent_id, actor) if actor else false())
    return [*found, *_of_person(wanted)]


def _of_person(wanted: Wanted) -> Conditions:
    found: Conditions = []
    if wanted.name:
        called = _of_worker(Worker.name.startswith(wanted.name, autoescape=True))
        # a family name alone is so frequent that one finds it soon on the way through the queue
        found.append(called.exists() if wanted.name[1:] else one_by_one(called))
    if wanted.identity:
        found.append(_of_worker(Worker.id_number_digest == wanted.identity).exists())
    if wanted.number:
        found.append(_holds(Application.worker_id, wanted.number))
    if wanted.reference:
        found.append(Application.reference == wanted.reference)
    return found


def _holds(worker_id: Any, number: str) -> ColumnElement[bool]:
    """Whether the number of a certificate, of this portal or on paper, is a worker's."""
    holder = select(Certificate.worker_id).where(Certificate.number == number)
    paper = select(Registration.worker_id).where(Registration.legacy_number == number)
    return or_(worker_id.in_(holder), worker_id.in_(paper))


def sought(wanted: Wanted) -> Sequence[int]:
    """The workers in scope whom a search is about and who have ever handed anything in, whatever
    became of it: nobody, the one, or two of several."""
    found: Conditions = []
    if wanted.name:
        found.append(Worker.name.startswith(wanted.name, autoescape=True))
    if wanted.identity:
        found.append(Worker.id_number_digest == wanted.identity)
    if wanted.number:
        found.append(_holds(Worker.id, wanted.number))
    if wanted.reference:
        case = select(Application.worker_id).where(Application.reference == wanted.reference)
        found.append(Worker.id.in_(case))
    if not found:
        return ()
    theirs = Application.worker_id == Worker.id, Application.submitted_at.is_not(None)
    handed_in = select(true()).where(*theirs).correlate(Worker).exists()
    return db.session.scalars(select(Worker.id).where(handed_in, *found).limit(2)).all()


def _of_worker(condition: ColumnElement[bool]) -> Select[bool]:
    mine = Worker.id == Application.worker_id
    return select(true()).where(mine, condition).correlate(Application)


def _claims(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether somebody holds the case now, under these conditions."""
    return select(Claim.account_id).where(held(), *conditions).correlate(Application).exists()


def held() -> ColumnElement[bool]:
    """Whether a claim holds its case now."""
    return and_(Claim.application_id == Application.id, holding())


def holding() -> ColumnElement[bool]:
    """Whether a claim has not ended yet."""
    return and_(Claim.until > asking.real_now())


def held_by_another(actor: Actor) -> ColumnElement[bool]:
    """Whether a colleague is at the case just now, for whom the actor does not stand in."""
    return _claims(Claim.account_id != actor.account_id, Claim.account_id.not_in(absent_for(actor)))


def of_colleague(account_id: int, actor: Actor) -> ColumnElement[bool]:
    """Whether the case is an absent colleague's, for whom the actor stands in: taken last by them,
    for however long ago, or taken for them."""
    return (
        select(Claim.account_id)
        .where(
            Claim.application_id == Application.id,
            or_(Claim.account_id == account_id, Claim.on_behalf_id == account_id),
            literal(account_id).in_(absent_for(actor)),
        )
        .correlate(Application)
        .exists()
    )


def digest_of(number: str) -> str:
    """By what an identity number is looked for: its keyed digest, which may stand in an address."""
    return vault.digest(number)
