"""How far a case has come: who did what when, and who has it now and since when."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from app.extensions import db
from app.queries.due import DueDay, kept_due
from app.queries.names import region_names
from app.queries.offices import office_of
from app.queries.policies import policy_of_case
from app.rules.kinds import Kind
from app.rules.policy import Policy
from app.rules.words import Words
from app.rules.workflow import State
from models.application import Application, Decision, Submission
from models.certificate import Certificate

SUBMITTED = Words("提交申请", "Submitted")
SUBMITTED_AGAIN = Words("再次提交", "Submitted again")
VERDICTS = {
    "approve": Words("{stage}：通过", "{stage}: approved"),
    "reject": Words("{stage}：不通过", "{stage}: not approved"),
    "return": Words("{stage}：退回补正", "{stage}: returned for correction"),
}
NOW_AT = Words("等待{stage}", "Waiting for: {stage}")
NOW_WITH_APPLICANT = Words("等待申请人修改后再次提交", "Waiting for the applicant's correction")
WITHDRAWN = Words("已撤回", "Withdrawn")
CLOCK_RESTS = Words(
    "补正期间不计入办理时限。",
    "Meanwhile the time that the office has for its decision stands still.",
)
BEING_ISSUED = Words("正在制作登记证书", "The certificate is being issued")
ISSUED = Words("登记证书已出证", "Certificate issued")


History = tuple[Sequence[Submission], Sequence[Decision]]


@dataclass(frozen=True)
class Step:
    """One step of a case; `at` of the current one is since when it has been there, `due` by when
    its office decides."""

    title: Words
    state: Literal["done", "failed", "current"]
    at: datetime | None = None
    who: str | Words | None = None
    text: str | Words | None = None
    due: DueDay | None = None


def steps(
    application: Application,
    deciders: Mapping[int, str] = {},
    *,
    past: History | None = None,
    names: Mapping[str, str] | None = None,
) -> list[Step]:
    """The steps of a case from its first submission to now; nothing for one never submitted.

    The offices are named to everybody, the people who decided only where `deciders` has them.
    `past` is the history and `names` are those of the offices, where the caller has read them.
    """
    submissions, decisions = past or history(application)
    if not submissions:
        return []
    policy = policy_of_case(application)
    office = office_now(application)
    names = region_names(offices_of(decisions) | {office}) if names is None else names
    offices = dict.fromkeys(names, policy.handling_body) if policy.handling_body else names
    done = list(_done(submissions, decisions, policy.kinds[application.kind], offices, deciders))
    return [*done, *_now(application, policy.kinds[application.kind], offices[office], done[-1].at)]


def told(decision: Decision) -> str | None:
    """What the applicant reads of a decision: the reason of a refusal; a note that is given with
    an approval is for the offices."""
    return decision.reason if decision.verdict != "approve" else None


def present(application: Application, policy: Policy) -> Step | None:
    """The step that a case under way is at now, as far as the case itself knows: without a
    statement. The office is named where it acts for others, and since when at the first stage."""
    first = application.stage == 1
    since = application.submitted_at if first else None
    kind = policy.kinds[application.kind]
    found = _now(application, kind, policy.handling_body or "", since)
    under_way = application.state in (State.in_review, State.approved)
    return next(found, None) if under_way else None


def offices_of(decisions: Sequence[Decision]) -> set[str]:
    """The regions of the offices that decided."""
    return {decision.office_code for decision in decisions}


def office_now(application: Application) -> str:
    """The region of the office that has the case, else the one that it applies to."""
    if application.state == State.in_review:
        return office_of(application).region_code
    return application.region_code


def history(application: Application) -> History:
    """The submissions and the decisions of a case, in their order."""
    key = application.id
    submissions = select(Submission).where(Submission.application_id == key)
    decisions = select(Decision).where(Decision.application_id == key)
    return (
        db.session.scalars(submissions.order_by(Submission.turn)).all(),
        db.session.scalars(decisions.order_by(Decision.id)).all(),
    )


def _done(
    submissions: Sequence[Submission],
    decisions: Sequence[Decision],
    kind: Kind,
    offices: Mapping[str, str | Words],
    deciders: Mapping[int, str],
) -> Iterator[Step]:
    for submission in submissions:
        title = SUBMITTED if submission.turn == 1 else SUBMITTED_AGAIN
        yield Step(title, "done", submission.submitted_at)
        for decision in decisions:
            if decision.submission_id == submission.id:
                yield Step(
                    VERDICTS[decision.verdict].fill(stage=kind.review[decision.stage - 1].label),
                    "done" if decision.verdict == "approve" else "failed",
                    decision.decided_at,
                    deciders.get(decision.decided_by) or offices[decision.office_code],
                    told(decision),
                )


def _now(
    application: Application, kind: Kind, office: str | Words, since: datetime | None
) -> Iterator[Step]:
    state = State(application.state)
    if state == State.in_review:
        title = NOW_AT.fill(stage=kind.review[application.stage - 1].label)
        yield Step(title, "current", since, office, due=kept_due(application))
    elif state in (State.returned, State.rejected, State.draft):
        limited = state == State.returned and kind.review[application.stage - 1].working_days
        yield Step(NOW_WITH_APPLICANT, "current", since, text=CLOCK_RESTS if limited else None)
    elif state == State.withdrawn:
        yield Step(WITHDRAWN, "done")
    elif state == State.approved:
        yield Step(BEING_ISSUED, "current", since)
    elif state == State.issued:
        yield _issued(application)


def _issued(application: Application) -> Step:
    found = db.session.scalar(
        select(Certificate).where(Certificate.application_id == application.id)
    )
    return Step(ISSUED, "done", found.created_at if found else None)
