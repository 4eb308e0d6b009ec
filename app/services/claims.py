"""Claims: a reviewer takes a case, so that nobody else does the same work meanwhile."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.extensions import db
from app.queries.substitutes import absent_for
from app.rules.words import Words
from app.scope import Actor
from app.services import events
from app.services.refusals import Conflict
from models.account import Account
from models.application import Application
from models.claim import Claim

HELD_FOR = timedelta(minutes=20)
"""How long a case stays with whoever took it; real time, as for sessions."""

TAKEN = Words(
    "{holder}正在审核这份申请（至{until}），请审核下一件；到时您可以接手。",
    "{holder} is at this case until {until}. Go on with the next one; you can take it over then.",
)


def held(session: Session, application_id: int) -> Claim | None:
    """The claim that holds a case now."""
    claim = session.get(Claim, application_id)
    return claim if claim and claim.until > clock.real_now() else None


def in_the_way(claim: Claim | None, actor: Actor) -> Words | None:
    """Who is at a case and until when, unless it is the actor or whom the actor stands in for."""
    if claim is None or claim.account_id == actor.account_id:
        return None
    return None if _account_among({claim.account_id}, actor) else sentence(claim)


def refuse_taken(session: Session, application: Application, actor: Actor) -> None:
    """Raise Conflict while somebody else is at the case."""
    if said := in_the_way(held(session, application.id), actor):
        raise Conflict("claimed", said)


def sentence(claim: Claim) -> Words:
    """Who is at a case, and until when."""
    return TAKEN.fill(holder=claim.holder, until=f"{clock.local(claim.until):%H:%M}")


def behalf(application: Application, actor: Actor) -> Account | None:
    """The absent colleague whose case this is: who took it last, or for whom it was taken, while
    the actor stands in for them; None when the actor acts for nobody else."""
    claim = db.session.get(Claim, application.id)
    if claim is None:
        return None
    mine = claim.account_id == actor.account_id
    whose = {claim.on_behalf_id} if mine else {claim.account_id, claim.on_behalf_id}
    return _account_among(whose - {None, actor.account_id}, actor)


def _account_among(keys: set[Any], actor: Actor) -> Account | None:
    """One of these accounts that the actor stands in for today."""
    if not keys:
        return None
    query = select(Account).where(Account.id.in_(keys), Account.id.in_(absent_for(actor)))
    return db.session.scalar(query.order_by(Account.id).limit(1))


def for_whom(account: Account | None) -> dict[str, Any]:
    """What an event says of the absent colleague that its actor acted for."""
    if account is None:
        return {}
    return {"on_behalf_id": account.id, "on_behalf_name": account.display_name}


def take(session: Session, application: Application, actor: Actor) -> None:
    """Hold the case, which the caller has locked, for HELD_FOR from now; raises Conflict while
    somebody else does. Taken again it is held longer, without another event."""
    refuse_taken(session, application, actor)
    known = held(session, application.id)
    again = known is not None and known.account_id == actor.account_id
    absent = behalf(application, actor)
    _hold(session, application, actor, absent, clock.real_now() + HELD_FOR)
    if not again:
        _record(session, application, "claim", **for_whom(absent))


def hand_to(
    session: Session, application: Application, taker: Actor, until: datetime, said: str
) -> None:
    """Give a case, which the caller has locked, to somebody until an instant of real time."""
    _hold(session, application, taker, None, until)
    _record(session, application, "hand_over", reason=said)


def leave(session: Session, application: Application, actor: Actor) -> None:
    """Give up one's own claim; nothing happens where there is none."""
    claim = held(session, application.id)
    if claim and claim.account_id == actor.account_id:
        absent = behalf(application, actor)
        session.delete(claim)
        _record(session, application, "release", **for_whom(absent))


def drop(session: Session, application: Application) -> None:
    """End any claim on a case that was decided."""
    claim = session.get(Claim, application.id)
    if claim:
        session.delete(claim)


def _hold(
    session: Session,
    application: Application,
    holder: Actor,
    absent: Account | None,
    until: datetime,
) -> None:
    claim = session.get(Claim, application.id)
    if claim is None:
        claim = Claim(application_id=application.id)
        session.add(claim)
    claim.account_id, claim.holder = holder.account_id, holder.name
    claim.on_behalf_id = absent.id if absent else None
    claim.until = until


def _record(session: Session, application: Application, verb: str, **facts: Any) -> None:
    """The offices' own affair: the applicant is not told who looks at what."""
    events.record(
        session,
        f"application:{application.id}",
        verb,
        application.region_code,
        from_state=application.state,
        to_state=application.state,
        **facts,
    )
