"""Before a batch: which of the chosen cases are clear, and why the others are not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from flask_babel import lazy_gettext as _l

from app.extensions import db
from app.queries import four_eyes
from app.queries.cases import Case, case
from app.rules import workflow
from app.rules.words import Words
from app.scope import current_actor
from app.services import approvals, cases, claims, review
from app.services.refusals import Refusal, Sentence

Group = Literal["clear", "look", "not_yours"]

MOST = 100
"""How many cases one batch takes."""

NOT_HERE = _l("There is no such application in your region.")
CORRECTED = Words("补正后的申请，请查看修改内容。", "It was corrected: look at what changed.")
AGAIN = Words("第{number}次申请，此前未通过。", "Attempt {number}: it was not approved before.")
DIFFERS = Words("“{field}”与库内信息不一致。", "“{field}” differs from what is on record.")
PICTURE = Words("{picture}：{remark}", "{picture}: {remark}")


@dataclass(frozen=True)
class Checked:
    """One chosen case: its group, and why it is not clear. `found` is None for a case that the
    actor cannot see."""

    application_id: int
    group: Group
    reasons: tuple[Sentence, ...]
    found: Case | None


def precheck(application_ids: Iterable[int], verdict: str = "approve") -> list[Checked]:
    """What the actor's batch would meet, case by case; at most MOST, each once.

    A case is clear for an approval when nobody would have to look at it: every finding is met
    without a remark, its pictures are without one, the answers are those on record, it is the first
    attempt and no correction, and a final approval could be carried out. For a return or a
    rejection it is clear when nobody else is at it and its policy has such a decision.
    """
    actor = current_actor()
    own = four_eyes.organizations_of(actor) if actor else frozenset()
    return [_checked(key, verdict, own) for key in list(dict.fromkeys(application_ids))[:MOST]]


def _checked(application_id: int, verdict: str, own: frozenset[int]) -> Checked:
    found = case(application_id)
    if found is None:
        return Checked(application_id, "not_yours", (NOT_HERE,), None)
    refused = review.may_decide(found.application, own)
    if refused:
        return Checked(application_id, "not_yours", (refused.sentence,), found)
    reasons = tuple(_reasons(found) if verdict == "approve" else _against(found, verdict))
    return Checked(application_id, "look" if reasons else "clear", reasons, found)


def _against(found: Case, verdict: str) -> Iterator[Sentence]:
    """Why a case cannot be returned or rejected together with others."""
    yield from _taken(found)
    if verdict == "return" and (refused := workflow.return_refusal(found.kind.return_)):
        yield refused.message


def _taken(found: Case) -> Iterator[Sentence]:
    actor = current_actor()
    if actor and (said := claims.in_the_way(found.claim, actor)):
        yield said


def _reasons(found: Case) -> Iterator[Sentence]:
    application = found.application
    yield from _taken(found)
    yield from (finding.message for finding in found.findings if not finding.ok)
    if found.returned:
        yield CORRECTED
    if application.attempt > 1:
        yield AGAIN.fill(number=application.attempt)
    for one in found.pictures:
        for remark in one.warnings:
            yield PICTURE.fill(picture=one.label, remark=remark)
    # what is typed is the applicant's to change; what the roster gave may have changed since
    given = {spec.name for spec in found.kind.fields if spec.locked}
    for part in found.parts:
        for row in part.rows:
            if row.state in ("changed", "new") and not row.former and row.name in given:
                yield DIFFERS.fill(field=row.label)
    if application.stage == len(found.kind.review):
        yield from _unready(found)


def _unready(found: Case) -> Iterator[Sentence]:
    """What a final approval would be refused for."""
    try:
        approvals.refuse_unready(db.session(), found.application)
    except cases.Ineligible:
        return  # hours are among the findings
    except Refusal as fault:
        yield fault.sentence
