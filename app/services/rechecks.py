"""Quality of review: some final approvals are drawn by lot and checked again by the office above.

The draw is recorded in the transaction of the approval, whatever it gives. What the office above
finds changes nothing about the case: the office below is told (docs/adr/0032).
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.extensions import LOCKED
from app.queries import four_eyes
from app.queries.offices import Office
from app.queries.policies import policy_of_case
from app.rules.draw import Draw
from app.rules.policy import edition_name
from app.rules.regions import LEVELS, ancestors, level_of
from app.rules.words import Words
from app.services import events, messages
from app.services.bilingual import both
from app.services.refusals import Conflict, Forbidden, Invalid, Missing, Refusal, Sentence
from app.services.verbs import need, transaction
from models.application import Application, Decision
from models.codes import RECHECK_REASONS, RECHECK_VERDICTS
from models.event import EventChain
from models.recheck import Recheck
from models.region import Region

CHECKED_AT = ("city", "province")
OTHER = "other"
LONGEST_NOTE = 500
NO_SUCH = Words("没有这项复核。", "There is no such re-check.")
CHECKED = Words("这项复核已经完成。", "This approval has been checked again already.")
NOT_YOURS = Words("这项复核由其他机构办理。", "Another office checks this approval.")
OWN_DECISION = Words(
    "您审核过这份申请，须由另一人复核。",
    "You decided on this case yourself; another person checks it.",
)
OWN_CASE = Words("不能复核本人或本单位人员的申请。", "Nobody checks a case of their own.")
CHOOSE = Words("请选择同意或不同意。", "Choose whether you agree.")
GIVE_A_REASON = Words("请选择不同意的原因。", "Choose why you disagree.")
SAY_WHAT = Words("请说明发现的问题。", "Say what you found.")
TOO_LONG = Words("说明不超过{most}字。", "Write at most {most} characters.")
NOTE_TITLE = Words("复核意见：{reference}", "Re-check of {reference}")
NOTE_BODY = Words(
    "您审核通过的申请 {reference} 经上级复核，意见为不同意。原因：{reason}。{note}\n"
    "已发放的证书不因复核自动失效；需要撤销的，按证书撤销程序办理。",
    "The office above checked your approval of {reference} again and does not agree. "
    "Reason: {reason}. {note}\n"
    "The certificate stays in force; taking it out of force is a procedure of its own.",
)


def subject_of(application_id: int) -> str:
    """The chain of all draws and re-checks of a case: the offices' own affair."""
    return f"recheck:application:{application_id}"


def draw(session: Session, application: Application, office: Office) -> None:
    """Draw a lot for the final approval that was just recorded, where the policy asks for it.

    The seed is the seal of the approval's event. Whatever comes of it is an event; what is drawn
    waits for the level above from here on.
    """
    percent = policy_of_case(application).recheck_percent
    if not percent:
        return
    session.flush()
    approval = session.get_one(EventChain, f"application:{application.id}")
    found = Draw(approval.head, percent)
    outcome = "drawn" if found.drawn else "not_drawn"
    said = f"{approval.subject}#{approval.length} {found}"
    _record(session, application, "draw", outcome, said)
    if not found.drawn:
        return
    decision = session.scalars(
        select(Decision)
        .where(Decision.application_id == application.id)
        .order_by(Decision.id.desc())
        .limit(1)
    ).one()
    session.add(
        Recheck(
            application_id=application.id,
            worker_id=application.worker_id,
            region_code=application.region_code,
            decision_id=decision.id,
            level=_level_above(session, office, application.region_code),
            office_code=office.region_code,
            decided_by=decision.decided_by,
            seed=found.seed,
            percent=percent,
            drawn_on=clock.today(),
        )
    )


def may_check(recheck: Recheck) -> Refusal | None:
    """Why the actor may not check this approval, or None: the office first, then the person, who
    had no part in the case."""
    actor = need("rechecks.decide")
    if recheck.verdict is not None:
        return Conflict("already_checked", CHECKED)
    here = level_of(actor.region_code) == recheck.level
    if not here or f"{recheck.level}_reviewer" not in actor.roles:
        return Forbidden("not_your_stage", NOT_YOURS)
    if four_eyes.has_decided(recheck.application_id, actor.account_id):
        return Forbidden("own_decision", OWN_DECISION)
    if four_eyes.bar(recheck.worker_id, actor):
        return Forbidden("own_case", OWN_CASE)
    return None


def check(
    recheck_id: int,
    verdict: str,
    *,
    reason_code: str | None = None,
    note: str | None = None,
) -> Recheck:
    """Agree or disagree with an approval that was drawn; a disagreement has a coded reason.

    Nothing about the case or its certificate changes. Whoever approved it is told of a
    disagreement in the same transaction. Raises Missing, Conflict when a colleague was faster,
    Forbidden for another office and for whoever had a part in the case, and Invalid.
    """
    with transaction() as session:
        recheck = session.get(Recheck, recheck_id, populate_existing=True, with_for_update=LOCKED)
        if recheck is None:
            raise Missing("missing", NO_SUCH)
        if refused := may_check(recheck):
            raise refused
        text = _checked(verdict, reason_code, note)
        recheck.verdict, recheck.reason = verdict, text
        recheck.reason_code = reason_code if verdict == "disagree" else None
        recheck.checked_by = need("rechecks.decide").account_id
        recheck.checked_at = clock.now()
        session.flush()
        application = session.get_one(Application, recheck.application_id)
        _record(session, application, verdict, recheck.reason_code, text)
        if verdict == "disagree":
            _tell_office(session, application, recheck)
    return recheck


def _checked(verdict: str, reason_code: str | None, note: str | None) -> str | None:
    errors: dict[str, Sentence] = {}
    text = (note or "").strip()
    if verdict not in RECHECK_VERDICTS:
        errors["verdict"] = CHOOSE
    elif verdict == "disagree" and reason_code not in RECHECK_REASONS:
        errors["reason_code"] = GIVE_A_REASON
    elif verdict == "disagree" and reason_code == OTHER and not text:
        errors["note"] = SAY_WHAT
    if len(text) > LONGEST_NOTE:
        errors["note"] = TOO_LONG.fill(most=LONGEST_NOTE)
    if errors:
        raise Invalid.of(errors)
    return text or None


def _level_above(session: Session, office: Office, region_code: str) -> str:
    """The next level above the office that exists on the region's path; above a province, where
    nobody reviews, the province's own reviewers."""
    path = ancestors(region_code)
    existing = set(session.scalars(select(Region.code).where(Region.code.in_(path))))
    own = LEVELS.index(level_of(office.region_code))
    levels = (level_of(code) for code in path if code in existing)
    above = (one for one in levels if LEVELS.index(one) < own and one in CHECKED_AT)
    return next(above, "province")


def _record(
    session: Session,
    application: Application,
    verb: str,
    reason_code: str | None,
    reason: str | None,
) -> None:
    events.record(
        session,
        subject_of(application.id),
        verb,
        application.region_code,
        reason_code=reason_code,
        reason=reason,
        policy=edition_name(application.policy_code, application.policy_version),
    )


def _tell_office(session: Session, application: Application, recheck: Recheck) -> None:
    """A message to whoever approved it; the colleagues read it on the page of re-checks."""
    reason = both(RECHECK_REASONS[str(recheck.reason_code)])
    values = {"reference": application.reference, "reason": reason, "note": recheck.reason or ""}
    title, body = (text.fill(**values) for text in (NOTE_TITLE, NOTE_BODY))
    session.add(messages.message(recheck.decided_by, title, body))
