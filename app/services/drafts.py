"""What is asked on an application, what is open to be typed, and what is still missing."""

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import lazy_gettext as _l

from app import clock
from app.queries import profiles, regions
from app.queries.facts import qualification_of
from app.queries.holdings import Holdings
from app.queries.roster import on_record, plain
from app.queries.windows import StoredWindow, kept_window
from app.rules import history
from app.rules import sentences as say
from app.rules.eligibility import HOURS, Finding
from app.rules.facts import Facts
from app.rules.fields import AskedSlot, FieldSpec, answered
from app.rules.kinds import Kind
from app.rules.policy import Policy
from app.rules.words import Words
from app.rules.workflow import State
from app.services import forms
from app.services.refusals import LOOK_AGAIN, Conflict, Invalid, Sentence
from models.application import Application, Material
from models.qualification import Qualification
from models.worker import Worker

NOT_ON_RECORD = Words(
    "社工库中没有您的“{field}”，请联系登记机构补充后再提交。",
    "“{field}” is not on record. Ask the registration office to add it before you submit.",
)
PLEASE_UPLOAD = Words("请上传{slot}", "Please upload: {slot}")
PLEASE_DECLARE = Words(
    "请阅读并勾选声明：{text}", "Please read the declaration and tick it: {text}"
)
PLEASE_CHOOSE = Words("请先选择补证情况。", "Say first why you have no certificate.")
NOT_UNREGISTERED = Words(
    "您已有登记记录。登记证书遗失的，请选择“{lost}”。",
    "You have been registered. If your certificate is lost, choose “{lost}”.",
)
NOTHING_TO_LOSE = Words(
    "没有您的登记记录，不能按证书遗失补证。登记过的，请先补充历史登记记录；从未登记的，请选择“{never}”。",
    "No registration of yours is on record, so no certificate can be lost. If you were registered, "
    "add your earlier registrations first; if you never were, choose “{never}”.",
)
NO_SUCH_FIELD = _l("There is no such field.")
NO_SUCH_REGION = _l("Choose a region from the list.")

CASE = "replacement_case"
"""The question that comes before the form of a replacement (BJ-46)."""

SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and letters without those that are mistaken for each other on the telephone."""


@dataclass(frozen=True)
class SlotState:
    """A picture that is asked for: what is there, and whether it may be changed now; for a proof
    what the rule on hours says of its turn without it. A proof that an answer asks for is needed
    whatever is recorded (MC-24)."""

    slot: AskedSlot
    material: Material | None
    open: bool
    hours: Finding | None = None

    @property
    def spared(self) -> bool:
        """Whether it is not needed, because the recorded hours are enough (BJ-31)."""
        return self.hours is not None and self.hours.ok and self.slot.required_when is None

    def missing(self, values: Mapping[str, Any]) -> bool:
        """Whether it is needed for these answers and not there."""
        return not (self.material or self.spared) and self.slot.needed(values)


def blank(worker: Worker, kind: str) -> Application:
    """A draft before its region and policy are known."""
    return Application(
        worker_id=worker.id,
        kind=kind,
        state=State.draft.value,
        stage=1,
        attempt=1,
        form={},
        unlocked=[],
    )


def follow(application: Application, policy: Policy, worker: Worker) -> None:
    """Put a draft under a policy, and fill in what is on record and not typed yet.

    Raises Conflict for a worker without a qualification, which every kind needs.
    """
    held, today = qualification_of(worker), clock.today()
    if held is None:
        raise Conflict("no_qualification", say.NO_LEVEL)
    kind = policy.kind_on(application.kind, today)
    window = policy.window_near(application.kind, today)
    application.reference = application.reference or _reference(application.region_code)
    application.level, application.qualification_id = held.level, held.id
    application.policy_code, application.policy_version = policy.code, policy.version
    stored = window if isinstance(window, StoredWindow) else None
    application.window_id = stored.id if stored else None
    application.window_facts = kept_window(stored) if stored else {}
    application.form = {
        **_first_values(kind, application, worker, held),
        **application.form,
        **roster_values(kind, application, worker, held),
        **profiles.taken(worker.id, kind).values,
    }


def _reference(region_code: str) -> str:
    """A case number for people: year, province and eight signs, such as 2020-11-K7Q4-M2X9."""
    drawn = "".join(secrets.choice(SIGNS) for _ in range(8))
    return f"{clock.today().year}-{region_code[:2]}-{drawn[:4]}-{drawn[4:]}"


def opened(application: Application, kind: Kind, own: profiles.Taken) -> frozenset[str]:
    """The names of the fields and slots that the applicant may change now.

    In a draft all but the roster's, and `own`, what a form takes from personal information (MC-17).
    """
    if application.state == State.draft:
        roster = {spec.name for spec in kind.fields if spec.locked}
        asked = {one.name for one in (*kind.fields, *kind.materials)}
        return frozenset(asked - roster - own.values.keys())
    return corrected(application, kind)


def corrected(application: Application, kind: Kind) -> frozenset[str]:
    """In a returned case those that the reviewer named, and what they bring with them: who may
    change the way of delivery has to give the address as well, and a proof may have more pages."""
    if application.state != State.returned:
        return frozenset()
    asked = {one.name: one for one in (*kind.fields, *kind.materials)}
    roster = {spec.name for spec in kind.fields if spec.locked}
    named = set(application.unlocked)
    for name, one in asked.items():  # a condition looks back: whole chains come along
        if one.required_when and one.required_when.field in named:
            named.add(name)
    turns = {(s.origin, s.turn) for s in kind.slots() if s.name in named}
    named |= {s.name for s in kind.slots() if (s.origin, s.turn) in turns}
    return frozenset(named & asked.keys() - roster)


def locked_but(kind: Kind, names: Collection[str]) -> Kind:
    """The kind with every input locked that is not among the names."""
    return replace(
        kind,
        layout=tuple(
            replace(
                section,
                fields=tuple(replace(s, locked=s.name not in names) for s in section.fields),
            )
            for section in kind.layout
        ),
    )


def roster_values(
    kind: Kind,
    application: Application,
    worker: Worker,
    held: Qualification | None,
    holdings: Holdings | None = None,
) -> dict[str, Any]:
    """What the roster says in the locked inputs, as JSON (BJ-24, BA-13); never from a request."""
    return on_record((s for s in kind.fields if s.locked), application, worker, held, holdings)


def _first_values(
    kind: Kind, application: Application, worker: Worker, held: Qualification | None
) -> dict[str, Any]:
    """What a new form begins with: what is on record already, to be confirmed or changed."""
    found = on_record((s for s in kind.fields if not s.locked), application, worker, held)
    known = {name: value for name, value in found.items() if value is not None}
    return {**known, **profiles.first_values(worker.id, kind)}


def typed(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent for open inputs; what was sent for locked ones is left alone.

    Raises Invalid for a key that the form does not have.
    """
    known = {spec.name: spec for spec in kind.fields}
    unknown = {name: NO_SUCH_FIELD for name in values if name not in known}
    if unknown:
        raise Invalid(LOOK_AGAIN, unknown)
    return {name: value for name, value in values.items() if not known[name].locked}


def malformed(kind: Kind, values: Mapping[str, Any]) -> dict[str, Sentence]:
    """What is wrong with what has been typed so far; what is empty is not wrong yet (BJ-35)."""
    specs = _asked(kind, answered(kind.fields, values))
    given = {s.name: values[s.name] for s in specs if values.get(s.name) not in (None, "", [])}
    try:
        forms.load(specs, given, partly=True)
    except Invalid as fault:
        return fault.errors
    return {}


def asked_for(
    kind: Kind, values: Mapping[str, Any], materials: Mapping[str, Material]
) -> dict[str, Material]:
    """The pictures in slots that the kind has and that these answers ask for."""
    values = answered(kind.fields, values)
    return {
        slot.name: materials[slot.name]
        for slot in kind.materials
        if slot.name in materials and slot.asked(values)
    }


def complete(
    kind: Kind,
    values: Mapping[str, Any],
    materials: Mapping[str, Material],
    *,
    agreed: Collection[str],
    errors: Mapping[str, Sentence] = {},
    known_places: regions.Places | None = None,
) -> dict[str, Any]:
    """All answers as JSON, those to questions that are not asked left out (X-20).

    `known_places` are the regions in the answers, where the caller has read them. Raises Invalid
    with everything that is missing or wrong: what is known already, fields, pictures (BJ-28, BJ-57)
    and every statement that is not agreed to (BJ-34, CD-17).
    """
    values = answered(kind.fields, values)
    specs = _asked(kind, values)
    errors = dict(errors)
    loaded: dict[str, Any] = {}
    try:
        loaded = forms.load(specs, {s.name: values.get(s.name) for s in specs})
    except Invalid as fault:
        errors |= fault.errors
    known = {spec.name: values.get(spec.name) for spec in kind.fields if spec.locked}
    errors |= _not_on_record(kind, known)
    errors |= _wrong_regions(specs, loaded, known_places)
    errors |= _not_uploaded(kind, values, materials)
    errors |= _not_agreed(kind, agreed)
    if errors:
        raise Invalid(LOOK_AGAIN, errors)
    return {**known, **{name: plain(value) for name, value in loaded.items()}}


def _asked(kind: Kind, values: Mapping[str, Any]) -> list[FieldSpec]:
    """The open inputs whose condition holds; it is settled here, where locked values count too."""
    return [
        replace(spec, required_when=None)
        for spec in kind.fields
        if not spec.locked and spec.asked(values)
    ]


def _not_on_record(kind: Kind, known: Mapping[str, Any]) -> dict[str, Sentence]:
    return {
        spec.name: NOT_ON_RECORD.fill(field=spec.label)
        for spec in kind.fields
        if spec.locked and spec.needed(known) and known[spec.name] in (None, "")
    }


def _wrong_regions(
    specs: Iterable[FieldSpec], loaded: Mapping[str, Any], known: regions.Places | None
) -> dict[str, Sentence]:
    """Regions that do not exist, and those with counties below them: no letter arrives there."""
    given = {s.name: loaded[s.name] for s in specs if s.kind == "region" and loaded.get(s.name)}
    if known is None or not known.asked.issuperset(given.values()):
        known = regions.places(given.values())
    found = known.lowest
    return {
        name: regions.CHOOSE_COUNTY if code in found else NO_SUCH_REGION
        for name, code in given.items()
        if not found.get(code)
    }


def _not_uploaded(
    kind: Kind, values: Mapping[str, Any], materials: Collection[str]
) -> dict[str, Sentence]:
    """Pictures that are missing; whether a proof of hours is needed is up to the rule on hours."""
    ruled = any(kind.asks(rule) for rule in HOURS)
    return {
        slot.name: PLEASE_UPLOAD.fill(slot=slot.label)
        for slot in kind.materials
        if slot.needed(values)
        and slot.name not in materials
        and not (slot.hours and ruled and slot.required_when is None)
    }


def consent(code: str) -> str:
    """The name of the box to tick for a statement."""
    return f"consent_{code}"


def _not_agreed(kind: Kind, agreed: Collection[str]) -> dict[str, Sentence]:
    return {
        consent(one.code): PLEASE_DECLARE.fill(text=_beginning(one.text))
        for one in kind.consents
        if one.code not in agreed
    }


def _beginning(text: Words) -> Words:
    """Enough of a statement to know it by."""
    zh, en = text.zh, text.en
    return Words(zh if len(zh) < 30 else zh[:24] + "…", en if len(en) < 80 else en[:70] + "…")


def said_lost(values: Mapping[str, Any]) -> bool | None:
    """Whether the form says that the certificate is lost; None while it says nothing (X-12)."""
    if values.get(CASE):
        return bool(values[CASE] == "lost")
    return values["certificate_lost"] == "yes" if values.get("certificate_lost") else None


def case_fault(kind: Kind, values: Mapping[str, Any], facts: Facts) -> dict[str, Sentence]:
    """What the history says against the case of a replacement: one needs no registration, the
    other one needs one (BJ-46 to BJ-48)."""
    if all(spec.name != CASE for spec in kind.fields):
        return {}
    names = {code: kind.wording(CASE, code) for code in ("never_registered", "lost")}
    known = history.registered(facts)
    if values.get(CASE) not in names:
        return {CASE: PLEASE_CHOOSE}
    if values[CASE] == "never_registered" and known:
        return {CASE: NOT_UNREGISTERED.fill(lost=names["lost"])}
    if values[CASE] == "lost" and not known:
        return {CASE: NOTHING_TO_LOSE.fill(never=names["never_registered"])}
    return {}
