"""The review desk's verb: an office decides the stage that a case is at."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.queries import four_eyes
from app.queries.offices import Office
from app.queries.offices import office_of as _office_of
from app.queries.policies import kind_of, policy_of_case, reasons_of
from app.rules import workflow
from app.rules.dictionaries import LONGEST_REASON, Reason
from app.rules.kinds import Kind
from app.rules.words import Words, joined
from app.rules.workflow import State, Verb
from app.scope import Actor, as_system, current_actor
from app.services import (
    approvals,
    cases,
    certificates,
    claims,
    deadlines,
    messages,
    outbox,
    rechecks,
)
from app.services.refusals import Conflict, Forbidden, Invalid, Missing, Refusal, Sentence
from app.services.verbs import need, transaction
from models.account import Account
from models.application import Application, Decision, Submission

VERBS = {"approve": Verb.approve, "reject": Verb.reject, "return": Verb.return_}
TOLD = {State.approved: "approved", State.rejected: "rejected", State.returned: "returned"}
OTHER = "other"

DECIDED = Words(
    "这份申请已经审核过了，结果见办理进度。",
    "This case has been decided already; its progress says how.",
)
NOT_PERMITTED = Words("您没有审核权限。", "Your role does not decide cases.")
NOT_YOUR_STAGE = Words(
    "这份申请现在由其他机构审核。", "Another office decides this stage of the case."
)
OWN = {
    "own_case": Words("不能审核本人的申请。", "Nobody decides a case of their own."),
    "own_organization": Words(
        "不能审核本单位人员的申请。", "Nobody decides a case of their own organization."
    ),
}
TWO_STAGES = Words(
    "您已审核过这份申请的其他环节，本环节须由另一人审核。",
    "You decided another stage of this case; this one needs another person.",
)
THROUGH = Words("您代{name}审核，而{name}不能审核这份申请：{why}", "You act for {name}: {why}")
NO_SUCH_VERDICT = Words("没有这种审核结论。", "There is no such verdict.")
GIVE_A_REASON = Words("请填写审核意见。", "Write what the applicant has to know.")
NO_SUCH_REASON = Words("没有这种原因。", "There is no such reason.")
TOO_LONG = Words("审核意见不超过{most}字。", "Write at most {most} characters.")
NAME_ITEMS = Words("请选择需要补正的项目或材料。", "Choose what the applicant has to correct.")
NO_SUCH_ITEM = Words("不能要求修改：{items}。", "This cannot be opened for correction: {items}.")


def office_of(application_id: int) -> str:
    """The region whose office decides the present stage; raises Missing, or Conflict when the
    case is not under review."""
    with as_system("which office a case waits for is asked before anybody acts") as session:
        application = session.get(Application, application_id)
    if application is None:
        raise Missing("missing", cases.MISSING)
    if application.state != State.in_review:
        raise Conflict("already_decided", DECIDED)
    return _office_of(application).region_code


def may_decide(application: Application, own: frozenset[int] | None = None) -> Refusal | None:
    """Why the actor may not decide this case now, or None: its state, then the actor's office and
    role, then who the actor is (design: office and four eyes). `own` are the actor's organizations,
    for whoever asks about many cases at once."""
    actor = current_actor()
    if application.state != State.in_review:
        return Conflict("already_decided", DECIDED)
    if actor is None or not actor.may("applications.decide"):
        return Forbidden("not_permitted", NOT_PERMITTED)
    office = _office_of(application)
    if office.region_code != actor.region_code or office.role not in actor.roles:
        return Forbidden("not_your_stage", NOT_YOUR_STAGE)
    if barred := _barred(application, actor.account_id, actor, own):
        return barred
    absent = claims.behalf(application, actor)
    barred = _barred(application, absent.id, absent) if absent else None
    if absent and barred:
        said = THROUGH.fill(name=absent.display_name, why=barred.sentence)
        return Forbidden(barred.code, said)
    return None


def _barred(
    application: Application,
    key: int,
    person: Actor | Account,
    own: frozenset[int] | None = None,
) -> Forbidden | None:
    """Why somebody with the right role still has to leave the case to another person."""
    if bar := four_eyes.bar(application.worker_id, person, own):
        return Forbidden(bar, OWN[bar])
    if four_eyes.has_decided(application.id, key, but=application.stage):
        return Forbidden("two_stages", TWO_STAGES)
    return None


def decide(
    application_id: int,
    verdict: str,
    *,
    reason_code: str | None = None,
    reason: str | None = None,
    items: Collection[str] = (),
    version: int | None = None,
) -> Application:
    """Approve, reject or return a case at its present stage.

    A rejection and a return need a reason that the applicant reads, a return also the fields and
    materials to correct. The applicant is told in the same transaction, and a final approval
    promises the certificate there and tries it at once afterwards: a failed drawing loses no
    approval. Raises Conflict for a stale version or a decided case, before Forbidden for whoever
    may not decide it, and Conflict while a colleague has taken it; Invalid for a verdict that is
    not complete.
    """
    with transaction() as session:
        application = cases.fetch(session, application_id, version)
        refused = may_decide(application)
        if refused:
            raise refused
        actor = need("applications.decide")
        claims.refuse_taken(session, application, actor)
        absent = claims.behalf(application, actor)
        kind = kind_of(application)
        if verdict == "return":
            cases.need_no(workflow.return_refusal(kind.return_))
        items = tuple(dict.fromkeys(items))
        offered = reasons_of(policy_of_case(application))
        text = _checked(kind, offered, verdict, reason_code, reason, items)
        before, office = application.state, _office_of(application)
        said = {
            "verdict": verdict,
            "reason_code": reason_code,
            "reason": text,
            "items": list(items),
        }
        behalf_id = absent.id if absent else None
        _write_down(session, application, office, **said, on_behalf_id=behalf_id)
        cases.step(application, VERBS[verdict], kind)
        application.unlocked = list(items)
        claims.drop(session, application)
        if application.state == State.in_review:
            deadlines.keep(session, application)
        else:
            application.decided_at = clock.now()
        session.flush()
        told = {"reason_code": reason_code, "reason": text, **claims.for_whom(absent)}
        cases.record(session, application, verdict, before, **told)
        if application.state == State.approved:
            rechecks.draw(session, application, office)
        promised = _follow_up(session, application, text)
    if promised:
        outbox.attempt(promised)
    return application


def take(application_id: int, version: int | None = None) -> None:
    """Take a case, so that nobody else does the same work for a while, or keep it for longer.

    Raises Conflict for a stale version, while a colleague has it or when it is decided, Forbidden
    for whoever may not decide it.
    """
    with transaction() as session:
        application = cases.fetch(session, application_id, version)
        if refused := may_decide(application):
            raise refused
        claims.take(session, application, need("applications.decide"))


def take_first(application_ids: Iterable[int]) -> int | None:
    """Take the first of these cases that nobody else takes meanwhile; None when all are gone."""
    return next((key for key in application_ids if _taken(key)), None)


def _taken(application_id: int) -> bool:
    try:
        take(application_id)
    except Refusal:
        return False
    return True


def leave(application_id: int) -> None:
    """Give a case that one had taken back to the queue."""
    with transaction() as session:
        application = cases.fetch(session, application_id)
        claims.leave(session, application, need("applications.decide"))


def _checked(
    kind: Kind,
    offered: Mapping[str, Reason],
    verdict: str,
    reason_code: str | None,
    reason: str | None,
    items: Collection[str],
) -> str | None:
    """The reason as the applicant reads it; raises Invalid with what is missing or wrong."""
    errors = lacking(verdict, reason_code, reason, items)
    text = (reason or "").strip()
    coded = offered.get(reason_code) if reason_code else None
    if reason_code and (coded is None or verdict not in coded.verdicts):
        errors["reason_code"] = NO_SUCH_REASON
    if not text and coded and reason_code != OTHER:
        text = coded.text.zh
    if fault := _items_fault(kind, verdict, items):
        errors.setdefault("items", fault)
    if errors:
        raise Invalid.of(errors)
    return text or None


def lacking(
    verdict: str, reason_code: str | None, reason: str | None, items: Collection[str]
) -> dict[str, Sentence]:
    """What any decision of this kind lacks, whatever the case: its reason, what to correct."""
    errors: dict[str, Sentence] = {}
    text = (reason or "").strip()
    if verdict not in VERBS:
        errors["verdict"] = NO_SUCH_VERDICT
    if verdict != "approve" and not text and reason_code in (None, OTHER):
        errors["reason"] = GIVE_A_REASON
    if len(text) > LONGEST_REASON:
        errors["reason"] = TOO_LONG.fill(most=LONGEST_REASON)
    if verdict == "return" and not items:
        errors["items"] = NAME_ITEMS
    return errors


def _items_fault(kind: Kind, verdict: str, items: Collection[str]) -> Sentence | None:
    """Only what the applicant can change may be named, and only on a return."""
    open_names = {s.name for s in kind.fields if not s.locked} | {m.name for m in kind.materials}
    wrong = [name for name in items if verdict != "return" or name not in open_names]
    return NO_SUCH_ITEM.fill(items=joined(Words(name, name) for name in wrong)) if wrong else None


def _write_down(
    session: Session,
    application: Application,
    office: Office,
    **said: Any,
) -> None:
    """The decision's row; `said` are its columns that the reviewer chose."""
    actor = need("applications.decide")
    submission = session.scalars(
        select(Submission.id)
        .where(Submission.application_id == application.id)
        .order_by(Submission.turn.desc())
        .limit(1)
    ).one()
    session.add(
        Decision(
            application_id=application.id,
            worker_id=application.worker_id,
            region_code=application.region_code,
            submission_id=submission,
            stage=application.stage,
            **said,
            office_code=office.region_code,
            decided_by=actor.account_id,
            decided_at=clock.now(),
        )
    )


def _follow_up(session: Session, application: Application, reason: str | None) -> str | None:
    """Tell the applicant of a result, and promise the certificate of a final approval: gives the
    key of the promise."""
    promised = None
    values: dict[str, object] = {"reason": reason} if reason else {}
    if application.state == State.approved:
        values["valid_until"] = approvals.refuse_unready(session, application)
        promised = certificates.promise(session, application.id)
    template = TOLD.get(State(application.state))
    if template:
        messages.tell(session, application.worker_id, template, application, None, **values)
    return promised
