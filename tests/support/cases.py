"""Applications for tests, led to their state by the portal's own verbs: `case(approved=True)`."""

import io
from collections.abc import Iterable
from functools import cache
from typing import Any

from PIL import Image

from app.documents.pictures import Picture
from app.queries import own
from app.queries.offices import office_of
from app.queries.policies import kind_of
from app.rules.fields import Slot
from app.scope import Actor
from app.services import applications, materials, profiles, review
from app.services.cases import fetch_own
from app.services.materials import Kept
from app.services.verbs import transaction
from models.application import Application
from tests.support import factories, profiled
from tests.support.factories import IN_WINDOW, acting, stored

ANSWERS: dict[str, Any] = {
    "ethnicity": "01",
    "political_status": "13",
    "education": "bachelor",
    "major": "社会工作",
    "phone": "13800000000",
    "email": "wang@example.com",
    "address": "建国路1号",
    "unit_type": "social_work_agency",
    "unit_name": "晨光社会工作事务所",
    "post": "direct_service",
    "practice_years": "3",
    "practice_fields": ["community", "elderly"],
    "delivery": "post",
    "recipient": "王小红",
    "recipient_phone": "13800000000",
    "delivery_region": "110105",
    "delivery_address": "建国路1号院2号楼301室",
}
ELSEWHERE: dict[str, Any] = {
    "work_experience": "2015年至今，晨光社会工作事务所，社会工作者",
    "plan_project": "no",
    "delegate": "no",
    "project_honors": "无",
    "offline_training": "no",
}
"""Right answers to what the form of the announcement does not ask."""
REASON = "身份证照片不清晰，请重新上传。"
ITEMS = ("id_front", "phone")


def answers(form: applications.Form, **changed: Any) -> dict[str, Any]:
    """A right answer to every open question of a form."""
    asked = {spec.name for section in form.sections for spec in section.fields if not spec.locked}
    return {k: v for k, v in {**ELSEWHERE, **ANSWERS, **changed}.items() if k in asked}


@cache
def picture(width: int = 413, height: int = 626, kind: str = "JPEG", color: str = "teal") -> bytes:
    """A picture of this size in pixels."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), color).save(out, kind)
    return out.getvalue()


def prepared(region_code: str | None, changed: dict[str, Any]) -> None:
    """Complete the personal information of the acting applicant where the policy takes its forms
    from it; what is said otherwise is said there."""
    person = own.worker()
    assert person is not None
    if profiled.asks(region_code or person.region_code):
        profiled.complete(person.id)
        said = {name: value for name, value in changed.items() if name in profiled.BASIC}
        if said:
            profiles.save_basic({**profiled.BASIC, **said})


def filled(region_code: str | None = None, **changed: Any) -> Application:
    """A draft of the acting applicant that only has to be submitted."""
    prepared(region_code, changed)
    draft = applications.start("first", region_code)
    form = applications.form_of(draft)
    applications.save(draft.id, answers(form, **changed))
    attach_all(draft.id, [one.slot for one in form.slots])
    return draft


def attach_all(application_id: int, slots: Iterable[Slot]) -> None:
    """What sending a picture for every slot does, in one act: nearly every test begins with it."""
    with transaction() as session:
        application = fetch_own(session, application_id)
        for slot in slots:
            sent = accepted(slot)
            kept = Kept.of(sent, materials.store().put(sent.data), f"{slot.name}.jpg")
            materials.place(session, application, slot.name, kept)


@cache
def accepted(slot: Slot) -> Picture:
    """The usual picture as a slot takes it."""
    return materials.accept(slot, picture())


def case(
    who: Actor | None = None,
    *,
    region_code: str = "110105",
    submitted: bool = False,
    returned: bool = False,
    rejected: bool = False,
    withdrawn: bool = False,
    approved: bool = False,
    at: str = IN_WINDOW,
    **changed: Any,
) -> Application:
    """A case in the state that is said; by default a draft that only has to be submitted.

    `approved` goes on to the certificate, as approvals do. The row is loose from any session.
    """
    who = who or factories.applicant(region_code=region_code)
    verdict = "approve" if approved else "reject" if rejected else "return" if returned else None
    with acting(who, at):
        made = filled(region_code, **changed)
        if submitted or withdrawn or verdict:
            consents = kind_of(made).consents
            applications.submit(made.id, agreed=[one.code for one in consents])
        if withdrawn:
            applications.withdraw(made.id)
    while verdict and stored(Application, made.id).state == "in_review":
        decide(made.id, verdict, at=at)
    return stored(Application, made.id)


def reviewer_of(application_id: int) -> Actor:
    """Somebody new at the office that decides the present stage."""
    office = office_of(stored(Application, application_id))
    return factories.actor(office.role, office.region_code)


def decide(application_id: int, verdict: str, *, at: str = IN_WINDOW, **facts: Any) -> Application:
    """Decide the present stage, by somebody new, with a reason where one is needed."""
    given: dict[str, dict[str, Any]] = {
        "approve": {},
        "reject": {"reason": REASON},
        "return": {"reason": REASON, "items": ITEMS},
    }
    with acting(reviewer_of(application_id), at):
        return review.decide(application_id, verdict, **{**given[verdict], **facts})
