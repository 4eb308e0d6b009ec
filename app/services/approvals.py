"""What a final approval needs: the hours that count now, and all that the certificate shows."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.documents.fonts import uncovered
from app.extensions import LOCKED
from app.queries import hours
from app.rules.words import Words, joined
from app.services import cases, issuing, registering
from app.services.refusals import Refusal
from models.application import Application
from models.credit import Credit

UNPRINTABLE = Words(
    "姓名或单位中的“{characters}”无法印在证书上，请联系技术支持补充字体后再审核通过。",
    "The characters “{characters}” cannot be printed on a certificate. Have a font added for "
    "them (FONT_PATHS) before you approve.",
)
INCOMPLETE = Words(
    "不能审核通过，证书还缺少：{missing}。",
    "This cannot be approved; the certificate still lacks: {missing}.",
)
PORTRAIT = Words("照片", "the portrait")
MANAGEMENT_NUMBER = Words("职业水平证书管理号", "the management number")
REGISTRATION = Words("此前的登记记录", "the earlier registration")
VALIDITY = Words("登记有效期", "the last day of validity")


def refuse_unready(session: Session, application: Application) -> date:
    """Refuse a final approval that cannot be carried out; gives the last day of validity that it
    gives today.

    Raises Ineligible with the numbers while accepted hours are short (BJ-30, BJ-32), and Refusal
    naming what the certificate would lack (X-17) or what no font can draw.
    """
    _refuse_short_hours(session, application)
    effect = registering.effect_of(session, application, clock.today())
    worker, _ = cases.person(session, application)
    row = None if effect.turns else registering.latest(session, application.worker_id)
    level = row.level if row else application.level
    number = issuing.management_number_of(session, application, level)
    lacks = {
        MANAGEMENT_NUMBER: number,
        PORTRAIT: issuing.portrait_of(session, application),
        REGISTRATION: effect.turns or row,
        VALIDITY: effect.valid_until,
    }
    missing = [name for name, found in lacks.items() if not found]
    if missing or effect.valid_until is None:
        raise Refusal("incomplete", INCOMPLETE.fill(missing=joined(missing)))
    printable_or_refuse(worker.name, number)
    return effect.valid_until


def printable_or_refuse(*texts: str) -> None:
    """Refuse texts that no installed font can draw, before anything is approved."""
    if missing := uncovered("".join(texts)):
        raise Refusal("unprintable", UNPRINTABLE.fill(characters="".join(missing)))


def _refuse_short_hours(session: Session, application: Application) -> None:
    """Only recorded and accepted hours count now, by the day of the submission; what was offered
    for them has been looked at by then, at whichever stage. A proof stays a proof (X-11). Nobody
    changes or takes out what is summed until the approval is through."""
    counted = select(Credit.id).where(Credit.worker_id == application.worker_id)
    session.execute(counted.order_by(Credit.id).with_for_update(**LOCKED))
    terms = cases.terms_of(session, application)
    worker, _ = cases.person(session, application)
    pictures = cases.active_materials(session, application.id)
    found = hours.at_approval(application, worker, terms.policy, terms.kind, pictures, terms.on)
    if short := tuple(finding for finding in found if finding.refuses):
        raise cases.Ineligible(short)
