"""Whether an application is complete: what its rules, its fields and its pictures still lack."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.queries.facts import Assessment, under
from app.queries.regions import Places
from app.rules.eligibility import HOURS, hours_of
from app.rules.facts import Facts
from app.rules.fields import AskedSlot, answered
from app.rules.kinds import Kind
from app.services import cases, drafts, earlier
from app.services.refusals import Sentence
from models.application import Application, Material


@dataclass(frozen=True)
class Ready:
    """What a submission hands in: the answers as JSON, the pictures by slot, and what the rules
    say to it."""

    form: Mapping[str, Any]
    materials: Mapping[str, Material]
    found: Assessment


def ready(
    application: Application,
    basis: cases.Basis,
    typed: Mapping[str, Any],
    agreed: Collection[str] | None = None,
    known_places: Places | None = None,
) -> Ready:
    """What is handed in now; nothing is changed. Without `agreed`, the codes of the statements
    that were ticked, it is looked over first, and they are agreed to after that look.

    Raises Ineligible or Invalid.
    """
    terms, kind, who = basis.terms, basis.kind, basis.whose
    known = drafts.roster_values(terms.kind, application, who.worker, who.held, who.holdings)
    values = answered(kind.fields, {**typed, **known})
    asked = drafts.asked_for(kind, values, basis.materials)
    found, errors = _checked(application, basis, asked, values)
    form = drafts.complete(
        kind,
        values,
        asked,
        agreed=[one.code for one in kind.consents] if agreed is None else agreed,
        errors=errors,
        known_places=known_places,
    )
    return Ready(form, asked, found)


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


def _checked(
    application: Application,
    basis: cases.Basis,
    materials: Mapping[str, Material],
    values: Mapping[str, Any],
) -> tuple[Assessment, dict[str, Sentence]]:
    """What the rules say to what is handed in, and what belongs to a single picture or answer: a
    turn without hours is told at the picture that would prove them (BJ-30, BJ-44)."""
    terms, whose = basis.terms, basis.whose
    kind, policy, on = terms.kind, terms.policy, terms.on
    lost = bool(drafts.said_lost(values))
    facts = whose.facts(application, kind.proofs(materials, on), lost)
    found = under(policy, facts, on, [kind.code])
    wrong = drafts.case_fault(kind, values, facts)
    short = {
        _place(one.slot, values): one.hours.message
        for one in slots(terms, kind, facts, materials, ())
        if one.slot.page == 1 and one.hours and not one.hours.ok and not one.material
    }
    told = ((*HOURS,) if short else ()) + (("without_certificate",) if wrong else ())
    cases.need_eligible(found, kind.code, told)
    rows = whose.holdings.registrations[whose.worker.id]
    remarks = tuple(earlier.remarks(rows, policy, kind.code))
    found = replace(found, findings=found.findings + remarks)
    return found, {**wrong, **short}


def _place(slot: AskedSlot, values: Mapping[str, Any]) -> str:
    """Where a missing proof is told: at its slot, or at the answer that would ask for it."""
    if slot.required_when and not slot.asked(values):
        return slot.required_when.field
    return slot.name
