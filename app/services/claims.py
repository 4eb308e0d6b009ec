"""Claims: a reviewer takes a case, so that nobody else does the same work meanwhile."""

from datetime import timedelta

from sqlalchemy.orm import Session

from app import clock
from app.rules.words import Words
from app.scope import Actor
from app.services import events
from app.services.refusals import Conflict
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


def refuse_taken(session: Session, application: Application, actor: Actor) -> None:
    """Raise Conflict while somebody else is at the case."""
    claim = held(session, application.id)
    if claim and claim.account_id != actor.account_id:
        raise Conflict("claimed", sentence(claim))


def sentence(claim: Claim) -> Words:
    """Who is at a case, and until when."""
    return TAKEN.fill(holder=claim.holder, until=f"{clock.local(claim.until):%H:%M}")


def take(session: Session, application: Application, actor: Actor) -> None:
    """Hold the case, which the caller has locked, for HELD_FOR from now; raises Conflict while
    somebody else does. Taken again it is held longer, without another event."""
    refuse_taken(session, application, actor)
    claim = session.get(Claim, application.id)
    known = held(session, application.id) is not None
    if claim is None:
        claim = Claim(application_id=application.id)
        session.add(claim)
    claim.account_id, claim.holder = actor.account_id, actor.name
    claim.until = clock.real_now() + HELD_FOR
    if not known:
        _record(session, application, "claim")


def leave(session: Session, application: Application, actor: Actor) -> None:
    """Give up one's own claim; nothing happens where there is none."""
    claim = held(session, application.id)
    if claim and claim.account_id == actor.account_id:
        session.delete(claim)
        _record(session, application, "release")


def drop(session: Session, application: Application) -> None:
    """End any claim on a case that was decided."""
    claim = session.get(Claim, application.id)
    if claim:
        session.delete(claim)


def _record(session: Session, application: Application, verb: str) -> None:
    """The offices' own affair: the applicant is not told who looks at what."""
    events.record(
        session,
        f"application:{application.id}",
        verb,
        application.region_code,
        from_state=application.state,
        to_state=application.state,
    )
