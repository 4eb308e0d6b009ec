"""Taking back: a reviewer's own decision of the same day, while nobody has acted on it since."""

from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock
from app.queries.decided import Decided, Last, last_of
from app.queries.policies import kind_of
from app.rules import workflow
from app.rules.words import Words
from app.rules.workflow import State, Verb
from app.scope import Actor
from app.services import cases, claims, deadlines, messages, review
from app.services.refusals import Conflict, Forbidden, Refusal
from app.services.verbs import need, transaction
from models.account import Account
from models.application import Application, Decision

NOT_YOURS = Words(
    "最近一次审核决定不是您作出的，只能由作出决定的人撤销。",
    "The last decision on this case is not yours; only whoever took it can take it back.",
)
NOT_TODAY = Words(
    "审核决定只能在作出的当天撤销；如需更正，请与现在办理该申请的机构联系。",
    "A decision can be taken back only on the day on which it was taken. Ask the office that has "
    "the case now to correct it.",
)
ISSUED = Words(
    "登记已经生效、证书已经出具，不能撤销审核决定；证书有误的，请按证书的撤销或注销办理。",
    "The registration is in force and the certificate is issued, so the decision can no longer be "
    "taken back. If the certificate is wrong, have it revoked or cancelled.",
)
DRAWN = Words(
    "这项审核决定已被抽中，由上级机构复核，不能撤销。",
    "This decision was drawn by lot and the office above checks it, so it cannot be taken back.",
)
ACTED_ON = Words(
    "申请人或下一环节已经办理，不能再撤销这一决定。",
    "The applicant or the next stage has acted on this decision, so it can no longer be taken "
    "back.",
)
LATER = Words(
    "您今天对这份申请还有更晚的决定，请先撤销更晚的那一项。",
    "You took a later decision on this case today. Take that one back first.",
)
IN_FLIGHT = Words(
    "申请人已经提交了另一份申请，不能再撤销这一决定。",
    "The applicant has handed in another application since, so this decision can no longer be "
    "taken back.",
)


def undo(application_id: int, version: int | None = None) -> Application:
    """Take one's own decision back: the case is again where it was, with the same deadline.

    The decision goes, its event stays and gets another one behind it; whoever was told of the
    result is told that it no longer holds. A final approval goes back as long as nothing was
    issued. Raises Conflict for a stale version, a decision of another day or one that somebody
    acted on since, while a colleague is at the case, and when the applicant has another case in
    flight by now; Forbidden for another's decision.
    """
    with transaction() as session:
        application = cases.fetch(session, application_id, version)
        actor = need("applications.decide")
        last = last_of([application.id]).get(application.id)
        if refused := _refusal(application, last, actor):
            raise refused
        assert last is not None  # or it was refused
        decision = last.decision
        claims.refuse_taken(session, application, actor)
        before, kind = application.state, kind_of(application)
        cases.step(application, Verb.undo, kind)
        application.unlocked, application.decided_at = [], None
        session.delete(decision)
        _flush_alone(session)
        deadlines.keep(session, application)
        if no_longer := review.may_decide(application):
            raise no_longer
        cases.record(session, application, Verb.undo, before, **_for_whom(session, decision))
        if State(before) in review.TOLD:
            messages.tell(session, application.worker_id, "undone", application)
    return application


def _for_whom(session: Session, decision: Decision) -> dict[str, Any]:
    """The absent colleague for whom the decision was taken, and so is taken back."""
    key = decision.on_behalf_id
    return claims.for_whom(session.get(Account, key) if key else None)


def refusal(application: Application, actor: Actor) -> Refusal | None:
    """Why the actor cannot take the last decision on a case back, or None."""
    return _refusal(application, last_of([application.id]).get(application.id), actor)


def refusal_of(one: Decided, actor: Actor) -> Refusal | None:
    """Why the actor cannot take this decision of today back, or None: a later one goes first."""
    refused = _refusal(one.application, one.last, actor)
    if refused is None and one.last.decision.id != one.decision.id:
        return Conflict("later", LATER)
    return refused


def _refusal(application: Application, last: Last | None, actor: Actor) -> Refusal | None:
    if last is None:
        return Conflict("nothing_to_undo", workflow.NOTHING_TO_UNDO)
    if last.decision.decided_by != actor.account_id:
        return Forbidden("not_yours", NOT_YOURS)
    if application.state == State.issued:
        return Conflict("issued", ISSUED)
    if clock.local(last.decision.decided_at).date() != clock.today():
        return Conflict("not_today", NOT_TODAY)
    if last.drawn:
        return Conflict("drawn", DRAWN)
    if last.acted_on:
        return Conflict("acted_on", ACTED_ON)
    return None


def _flush_alone(session: Session) -> None:
    """Write the state before; another case that is in flight by now is told from other faults."""
    try:
        session.flush()
    except IntegrityError as fault:
        raise Conflict("in_flight", IN_FLIGHT) from fault
