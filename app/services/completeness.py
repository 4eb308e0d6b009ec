"""Whether an application is complete: what its rules, its fields and its pictures still lack."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.extensions import db
from app.queries.facts import Assessment, facts_of, under
from app.queries.policies import with_dictionaries
from app.rules.eligibility import HOURS, hours_of
from app.rules.facts import Facts
from app.rules.fields import AskedSlot, answered
from app.rules.kinds import Kind
from app.services import cases, drafts, earlier
from app.services.refusals import Sentence
from models.application import Application, Material
from models.worker import Worker


@dataclass(frozen=True)
class Ready:
    """What a submission now would hand in: the answers as JSON, and the pictures by slot."""

    form: Mapping[str, Any]
    materials: Mapping[str, Material]


def ready(application: Application, typed: Mapping[str, Any]) -> Ready:
    """What would be handed in now, to be looked over first; nothing is changed.

    Raises Ineligible or Invalid as the submission itself would, but for the statements, which are
    agreed to after that look.
    """
    session = db.session()
    terms = cases.terms_of(session, application)
    worker, held = cases.person(session, application)
    kind = with_dictionaries(terms.kind)
    known = drafts.roster_values(terms.kind, application, worker, held)
    values = answered(kind.fields, {**typed, **known})
    asked = drafts.asked_for(kind, values, cases.active_materials(session, application.id))
    _found, errors = checked(application, terms, worker, asked, values)
    agreed = [one.code for one in kind.consents]
    form = drafts.complete(session, kind, values, asked, agreed=agreed, errors=errors)
    return Ready(form, asked)


def slots(
    terms: cases.Terms,
    kind: Kind,
    facts: Facts,
    current: Mapping[str, Material],
    names: Collection[str],
) -> Iterator[drafts.SlotState]:
    """Every picture that the kind asks for, with what is there; `names` are those that are open."""
    for slot in kind.slots():
        told = hours_of(terms.policy, kind.code, facts, terms.on, slot.turn) if slot.hours else None
        yield drafts.SlotState(slot, current.get(slot.name), slot.name in names, told)


def checked(
    application: Application,
    terms: cases.Terms,
    worker: Worker,
    materials: Mapping[str, Material],
    values: Mapping[str, Any],
) -> tuple[Assessment, dict[str, Sentence]]:
    """What the rules say to what is handed in, and what belongs to a single picture or answer: a
    turn without hours is told at the picture that would prove them (BJ-30, BJ-44)."""
    kind, policy, on = terms.kind, terms.policy, terms.on
    facts = facts_of(
        worker,
        application.region_code,
        apart_from=application.id,
        proofs=kind.proofs(materials, on),
        lost=bool(drafts.said_lost(values)),
    )
    found = under(policy, facts, on, [kind.code])
    wrong = drafts.case_fault(kind, values, facts)
    short = {
        _place(one.slot, values): one.hours.message
        for one in slots(terms, kind, facts, materials, ())
        if one.slot.page == 1 and one.hours and not one.hours.ok and not one.material
    }
    told = ((*HOURS,) if short else ()) + (("without_certificate",) if wrong else ())
    cases.need_eligible(found, kind.code, told)
    remarks = tuple(earlier.remarks(db.session(), worker, policy, kind.code))
    found = replace(found, findings=found.findings + remarks)
    return found, {**wrong, **short}


def _place(slot: AskedSlot, values: Mapping[str, Any]) -> str:
    """Where a missing proof is told: at its slot, or at the answer that would ask for it."""
    if slot.required_when and not slot.asked(values):
        return slot.required_when.field
    return slot.name
