"""Absence: who stands in for whom, and the hand-over of what somebody had taken."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.extensions import LOCKED
from app.queries import four_eyes
from app.queries.substitutes import could_do, deciding_roles, reviewers
from app.rules.words import Words
from app.rules.workflow import State
from app.scope import Actor, acting_as
from app.security import actor_of, may_manage
from app.services import cases, claims, events, review
from app.services.refusals import Conflict, Forbidden, Invalid, Missing, Sentence
from app.services.verbs import STALE, need, transaction
from models.account import Account
from models.application import Application
from models.claim import Claim
from models.substitution import Substitution
from models.worker import Worker

ARRANGE = "colleagues.arrange"
LONGEST = timedelta(days=180)
"""How long one may stand in for somebody at once: longer is another office's affair."""
HANDED_FOR = timedelta(hours=8)
"""How long a case that was handed over stays with its new reviewer: a working day, real time."""

NOT_YOURS = Words(
    "只能安排本人的工作；他人的工作由其所在机构的管理员安排。",
    "You arrange your own work only; an office's administrator arranges that of its reviewers.",
)
NO_COLLEAGUE = Words(
    "请选择同一机构、具有相同审核权限的同事。",
    "Choose a colleague of the same office who decides the same stages.",
)
NOT_PAST = Words("开始日期不能早于今天。", "Begin today or later.")
WRONG_ORDER = Words("结束日期不能早于开始日期。", "End on the day of the beginning or later.")
TOO_LONG = Words(
    "一次代办不超过{days}天。", "Nobody stands in for longer than {days} days at once."
)
TWICE = Words(
    "{name}在这段时间已由他人代办，请先结束原有的代办。",
    "Somebody stands in for {name} on some of these days already. End that first.",
)
AWAY = Words(
    "{name}本人在这段时间也不在岗，请选择其他同事。",
    "{name} is absent on some of these days, too. Choose another colleague.",
)
NO_SUCH_ROW = Words("没有这条代办安排。", "There is no such arrangement.")
NOTHING_TAKEN = Words(
    "{name}名下没有待办的申请，无需移交。", "{name} has no open case to hand over."
)


@dataclass(frozen=True)
class Handed:
    """One case of a hand-over; `refused` says why it stays where it is, or is None."""

    application_id: int
    reference: str
    name: str
    refused: Sentence | None


def arrangeable(actor: Actor) -> tuple[list[Account], list[Account]]:
    """Whose work the actor arranges, one's own, and as administrator that of one's reviewers; and
    who could do the work of one of these."""
    everybody = reviewers(actor.region_code)
    mine = [one for one in everybody if _may_arrange(actor, one)]
    return mine, [one for one in everybody if any(could_do(one, whose) for whose in mine)]


def may_end(actor: Actor, substitution: Substitution, absent: Account) -> bool:
    """Whether the actor may end a substitution: whoever arranges it, or does the work."""
    return _may_arrange(actor, absent) or substitution.substitute_id == actor.account_id


def _may_arrange(actor: Actor, account: Account) -> bool:
    if account.id == actor.account_id:
        return actor.may("applications.decide")
    return actor.may("accounts.manage") and may_manage(actor, account)


def stand_in(absent_id: int, substitute_id: int, from_on: date, until_on: date) -> Substitution:
    """Name who does somebody's cases on these days, both included; the days end it by themselves.

    Raises Invalid with what is wrong with which entry, Missing or Forbidden for somebody whose work
    is not the actor's to arrange.
    """
    with transaction() as session:
        absent, substitute = _both(session, absent_id, substitute_id, "substitute_id")
        _refuse_days(from_on, until_on)
        _refuse_overlap(session, absent, substitute, from_on, until_on)
        row = Substitution(
            region_code=absent.region_code,
            absent_id=absent.id,
            substitute_id=substitute.id,
            from_on=from_on,
            until_on=until_on,
        )
        session.add(row)
        session.flush()
        _record(session, absent, "substitute", substitute, row)
    return row


def end(substitution_id: int) -> None:
    """End a substitution now: somebody is back earlier, or does not go at all."""
    actor = need(ARRANGE)
    with transaction() as session:
        row = session.get(Substitution, substitution_id, with_for_update=LOCKED)
        if row is None:
            raise Missing("missing", NO_SUCH_ROW)
        absent = session.get_one(Account, row.absent_id)
        if not may_end(actor, row, absent):
            raise Forbidden("not_yours", NOT_YOURS)
        _record(session, absent, "end_substitution", session.get(Account, row.substitute_id), row)
        session.delete(row)


def hand_over(giver_id: int, taker_id: int) -> list[Handed]:
    """Give all that somebody took and did not decide to a colleague, with an event for each case.

    What the colleague may not decide stays where it is, with the reason. Raises Conflict when there
    is nothing to hand over, and as `stand_in` for people.
    """
    with transaction() as session:
        giver, taker = _both(session, giver_id, taker_id, "taker_id")
        query = (
            select(Application.id, Worker.name)
            .join(Claim, Claim.application_id == Application.id)
            .join(Worker, Worker.id == Application.worker_id)
            .where(Claim.account_id == giver.id, Application.state == State.in_review.value)
            .order_by(Application.id)
        )
        found = session.execute(query).all()
        if not found:
            said = NOTHING_TAKEN.fill(name=giver.display_name)
            raise Conflict("nothing_taken", said)
        then, own = actor_of(taker), four_eyes.organizations_of(taker)
        return [_hand(session, key, name, giver, then, own) for key, name in found]


def _hand(
    session: Session, key: int, name: str, giver: Account, then: Actor, own: frozenset[int]
) -> Handed:
    application = cases.fetch(session, key)
    claim = session.get(Claim, key)
    with acting_as(then):  # whether the other one could decide it is asked as they would be
        refused = review.may_decide(application, own)
    if refused is None and (claim is None or claim.account_id != giver.id):
        refused = Conflict("stale", STALE)  # decided, left or taken by another one meanwhile
    if refused is None:
        said = f"{giver.display_name} → {then.name}"
        claims.hand_to(session, application, then, clock.real_now() + HANDED_FOR, said)
        session.flush()
    sentence = refused.sentence if refused else None
    return Handed(key, application.reference, name, sentence)


def _both(session: Session, whose_id: int, other_id: int, field: str) -> tuple[Account, Account]:
    """Whose work it is and the colleague who is to do it, both locked: of two who name each other
    at once the second one is told."""
    actor = need(ARRANGE)
    for key in sorted({whose_id, other_id}):
        session.get(Account, key, with_for_update=LOCKED, populate_existing=True)
    whose = session.get(Account, whose_id)
    if whose is None or not deciding_roles(whose):
        raise Missing("missing", NOT_YOURS)
    if not _may_arrange(actor, whose):
        raise Forbidden("not_yours", NOT_YOURS)
    office = {one.id: one for one in reviewers(whose.region_code)}
    other = office.get(other_id)
    if other is None or not could_do(other, whose):
        raise Invalid.at(field, NO_COLLEAGUE)
    return whose, other


def _refuse_days(from_on: date, until_on: date) -> None:
    errors: dict[str, Sentence] = {}
    if from_on < clock.today():
        errors["from_on"] = NOT_PAST
    if until_on < from_on:
        errors["until_on"] = WRONG_ORDER
    elif until_on - from_on > LONGEST:
        errors["until_on"] = TOO_LONG.fill(days=LONGEST.days)
    if errors:
        raise Invalid.of(errors)


def _refuse_overlap(
    session: Session, absent: Account, substitute: Account, from_on: date, until_on: date
) -> None:
    """One person stands in for an absent one at a time, and is there to do it."""
    away = _absent_in(session, {absent.id, substitute.id}, from_on, until_on)
    if absent.id in away:
        raise Invalid.at("from_on", TWICE.fill(name=absent.display_name))
    if substitute.id in away:
        raise Invalid.at("substitute_id", AWAY.fill(name=substitute.display_name))


def _absent_in(
    session: Session, accounts: Collection[int], from_on: date, until_on: date
) -> set[int]:
    query = select(Substitution.absent_id).where(
        Substitution.absent_id.in_(accounts),
        Substitution.from_on <= until_on,
        Substitution.until_on >= from_on,
    )
    return set(session.scalars(query))


def _record(
    session: Session, absent: Account, verb: str, substitute: Account | None, row: Substitution
) -> None:
    name = substitute.display_name if substitute else "—"
    said = f"{absent.display_name} → {name}, {row.from_on} – {row.until_on}"
    events.record(session, f"account:{absent.id}", verb, absent.region_code, reason=said)
