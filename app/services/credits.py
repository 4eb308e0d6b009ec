"""Hours beside a proof: a reviewer records what a picture shows, and accepts or refuses it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.queries.policies import kind_of
from app.rules.fields import FieldSpec, Slot
from app.rules.words import Words
from app.services import cases, claims, forms, review
from app.services.refusals import Conflict, Invalid, Missing
from app.services.verbs import need, transaction
from models.application import Application, Material
from models.credit import Credit

ACCEPTED, REFUSED = "accepted", "refused"
ACTS = {ACCEPTED: "accept_hours", REFUSED: "refuse_hours"}

FIELDS = (
    FieldSpec("hours", "decimal", _l("Credit hours"), min=0, max=999),
    FieldSpec("taken_on", "date", _l("Taken on")),
    FieldSpec("title", "text", _l("Course"), max=200),
    FieldSpec("provider", "text", _l("Provider"), required=False, max=200),
)
"""What is recorded of a proof."""

NO_PROOF = Words("这不是学时证明材料。", "This picture is no proof of hours.")
NO_HOURS = Words("请填写大于0的学时。", "Give the hours, more than 0.")
ONE_DECIMAL = Words("学时最多保留一位小数。", "Give the hours with at most one decimal.")
NOT_YET = Words("日期不能晚于今天。", "The day cannot lie ahead.")
TWICE = Words(
    "《{title}》（{day}）的学时已经认可过，同一课程不能重复计算。",
    "The hours of “{title}” on {day} have been accepted already; a course counts once.",
)
NO_SUCH_ENTRY = Words("本申请没有这条学时记录。", "This case has no such entry.")


def record(application_id: int, material_id: int, state: str, values: Mapping[str, Any]) -> Credit:
    """Write down the hours of one course that a picture of the case shows, accepted or refused.

    `values` are those of FIELDS as they were typed; of a refused proof all may be left empty.
    Raises as `review.decide` for whoever may not decide the case, Missing for what is no proof of
    it, Invalid for a value that does not hold, and Conflict for a course and day that were accepted
    before, by this picture or another (X-27).
    """
    with transaction() as session:
        application = _mine(session, application_id)
        material = _proof(session, application, material_id)
        loaded = _loaded(application, material, state, values)
        if state == ACCEPTED:
            _refuse_twice(session, application, loaded)
        credit = Credit(
            **loaded,
            worker_id=application.worker_id,
            region_code=application.region_code,
            source="offline",
            state=state,
            application_id=application.id,
            material_id=material.id,
            proof_digest=material.digest,
        )
        session.add(credit)
        session.flush()
        _note(session, application, ACTS[state], credit)
    return credit


def undo(application_id: int, credit_id: int) -> None:
    """Take out what was recorded for a case that is not decided yet; raises Missing for an entry of
    another case."""
    with transaction() as session:
        application = _mine(session, application_id)
        credit = session.get(Credit, credit_id, populate_existing=True)
        if credit is None or credit.application_id != application.id:
            raise Missing("missing", NO_SUCH_ENTRY)
        _note(session, application, "undo_hours", credit)
        session.delete(credit)
        session.flush()


def _mine(session: Session, application_id: int) -> Application:
    """The case, locked, when the actor may decide it and no colleague is at it."""
    application = cases.fetch(session, application_id)
    if refused := review.may_decide(application):
        raise refused
    claims.refuse_taken(session, application, need("applications.decide"))
    return application


def _proof(session: Session, application: Application, material_id: int) -> Material:
    """The picture, when it counts and proves hours."""
    material = session.get(Material, material_id)
    if material is None or material.application_id != application.id or not material.active:
        raise Missing("no_proof", NO_PROOF)
    if not any(slot.hours for slot in kind_of(application).materials if slot.name == material.slot):
        raise Missing("no_proof", NO_PROOF)
    return material


def _loaded(
    application: Application, material: Material, state: str, values: Mapping[str, Any]
) -> dict[str, Any]:
    typed = {name: value for name, value in values.items() if value not in (None, "")}
    if state == REFUSED:
        slots: list[Slot] = list(kind_of(application).materials)
        label = next(slot.label for slot in slots if slot.name == material.slot)
        blank = {"hours": "0", "taken_on": clock.today().isoformat(), "title": label.zh}
        typed = {**blank, **typed}
    loaded = forms.load(list(FIELDS), typed)
    errors = _faults(loaded, state, str(typed["hours"]))
    if errors:
        raise Invalid.of(errors)
    return loaded


def _faults(loaded: Mapping[str, Any], state: str, typed: str) -> dict[str, Words]:
    hours: Decimal = loaded["hours"]
    day: date = loaded["taken_on"]
    errors = {}
    if state == ACCEPTED and hours <= 0:
        errors["hours"] = NO_HOURS
    if len(typed.partition(".")[2].strip().rstrip("0")) > 1:
        errors["hours"] = ONE_DECIMAL  # rounded by now, which nobody asked for
    if day > clock.today():
        errors["taken_on"] = NOT_YET
    return errors


def _refuse_twice(session: Session, application: Application, loaded: Mapping[str, Any]) -> None:
    known = select(Credit.id).where(
        Credit.worker_id == application.worker_id,
        Credit.state == ACCEPTED,
        Credit.title == loaded["title"],
        Credit.taken_on == loaded["taken_on"],
    )
    if session.scalar(known.limit(1)) is not None:
        raise Conflict("twice", TWICE.fill(title=loaded["title"], day=loaded["taken_on"]))


def _note(session: Session, application: Application, verb: str, credit: Credit) -> None:
    what = f"{credit.title} {credit.taken_on} {credit.hours:f}"
    absent = claims.behalf(application, need("applications.decide"))
    behalf = claims.for_whom(absent)
    cases.record(session, application, verb, application.state, reason=what, **behalf)
