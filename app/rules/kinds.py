"""What the keys of one kind of registration mean: who may apply, with what, and who decides."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from app.rules.certificate import ValidityRule
from app.rules.facts import ONE_KIND, Level
from app.rules.fields import AskedSlot, FieldSpec, Section, Slot, asked_slots
from app.rules.regions import office_for
from app.rules.words import Words
from app.rules.workflow import Resubmit, Return, Withdraw

Delivery = Literal["electronic", "post", "pickup"]
Channel = Literal["inbox", "sms", "email"]
Notice = Literal[
    "submitted",
    "approved",
    "rejected",
    "returned",
    "undone",
    "issued",
    "lost",
    "revoked",
    "cancelled",
    "reissued",
    "reminder",
    "sent",
    "collected",
]
"""What applicants are told of: the names of the portal's messages about them."""
Reviewer = Literal["province_reviewer", "city_reviewer", "county_reviewer", "body_reviewer"]

RULES: Mapping[str, Mapping[str, Any]] = {
    "adult": {"age": int},
    "after_expiry": {},
    "certificate_in_hand": {},
    "credit_hours": {"assistant": Decimal, "social_worker": Decimal, "senior": Decimal},
    "credit_proof": {},
    "exam_year": {"years_ago": tuple[int, ...], "until": int, "earlier": str},
    "expires_within": {"days": int, "months": int},
    "higher_level": {},
    "last_registration": {"is": Literal["due", "missed"]},
    "level_in": {"levels": tuple[Level, ...]},
    "never_registered": {},
    "no_certificate_here": {},
    "none_in_flight": {},
    "not_revoked": {},
    "real_name": {},
    "region_in": {},
    "registered": {},
    "unexpired": {},
    "without_certificate": {"years_ago": int},
}
"""The rules a kind may require, with the type of each parameter; conditions.py carries them out.
Every rule also takes `warning: true`, which tells without refusing, and `waived: true`."""

ONE_OF_PARAMS: Mapping[str, tuple[str, ...]] = {
    "exam_year": ("years_ago", "until"),
    "expires_within": ("days", "months"),
    "last_registration": ("is",),
    "level_in": ("levels",),
    "without_certificate": ("years_ago",),
}
"""Rules that need exactly one of these parameters."""

OVERRIDABLE: Mapping[str, Any] = {
    "delivery": tuple[Delivery, ...],
    "levels": tuple[Level, ...],
    "exam_year": int,
    "waive": tuple[str, ...],
}
"""The single keys of a kind that a window may override (F), with their types."""

NOTHING = Words("", "")


@dataclass(frozen=True)
class RuleUse:
    """A rule that a kind requires, by its name, with its parameters."""

    name: str
    params: Mapping[str, Any]

    @property
    def warning(self) -> bool:
        """Whether it tells without refusing."""
        return bool(self.params.get("warning"))

    @property
    def waived(self) -> bool:
        """Whether it is there but does not count for now (HN-27)."""
        return bool(self.params.get("waived"))

    def under(self, overrides: Mapping[str, Any]) -> "RuleUse":
        """The rule with what a window says instead; its year is a calendar year."""
        params = dict(self.params)
        if self.name == "level_in" and "levels" in overrides:
            params["levels"] = overrides["levels"]
        if self.name == "exam_year" and "exam_year" in overrides:
            params["years"] = (overrides["exam_year"],)
        if self.name in overrides.get("waive", ()):
            params["waived"] = True
        return replace(self, params=params)


@dataclass(frozen=True)
class Stage:
    """One review: at a level of the region's path, by that level's reviewers or a named role.

    `offices` names the deciding office of single regions where the next ancestor is not it (X-16).
    """

    level: Literal["province", "city", "county"]
    label: Words
    role: Reviewer | None = None
    offices: Mapping[str, str] = field(default_factory=dict)
    working_days: int | None = None  # in which the stage is decided; None: no limit

    @property
    def reviewer(self) -> str:
        """The role that decides this stage."""
        return self.role or f"{self.level}_reviewer"

    def office(self, region_code: str, existing: Collection[str]) -> str:
        """The region whose office decides this stage of a case in region_code."""
        return office_for(self.level, region_code, existing, self.offices)


@dataclass(frozen=True)
class History:
    """The step before the form in which one supplies the earlier registrations (BJ-19 to BJ-22).

    `ask` are the answers of one registration; with `several` there may be more than one, and
    `add` is the button for the next.
    """

    ask: tuple[Literal["kind", "year", "on", "valid_until", "number"], ...]
    several: bool
    title: Words
    note: Words
    complete: Words
    add: Words = NOTHING


@dataclass(frozen=True)
class Statement:
    """One text to tick before submitting (BJ-34, CD-17)."""

    code: str
    text: Words


@dataclass(frozen=True)
class NoticeFact:
    """A dated, signed announcement (BA-28)."""

    title: Words
    issuer: Words
    dated: date
    body: Words
    link: str | None = None


@dataclass(frozen=True)
class Concentrated:
    """The days inside a window in which most should come: told, never a gate (HN-24)."""

    opens_on: date = field(metadata={"key": "from"})
    closes_on: date = field(metadata={"key": "to"})


@dataclass(frozen=True)
class WindowFact:
    """A registration batch: both days are inside, and single keys of its kinds may differ."""

    title: Words
    kinds: tuple[str, ...] = field(metadata=ONE_KIND)
    opens_on: date
    closes_on: date
    overrides: Mapping[str, Any] = field(default_factory=dict)
    concentrated: Concentrated | None = None
    notice: NoticeFact | None = None

    def open_on(self, day: date) -> bool:
        """Whether the window is open on a day of Asia/Shanghai (BA-03)."""
        return self.opens_on <= day <= self.closes_on

    def rules_on(self, day: date) -> bool:
        """Whether what it overrides holds on a day: while it is open, and in the calendar year of
        its opening, so that people can prepare for it and read afterwards what it said."""
        return self.open_on(day) or day.year == self.opens_on.year


@dataclass(frozen=True)
class Ways:
    """By which ways applicants hear of one thing, where they differ from those of the kind."""

    notice: Notice
    ways: tuple[Channel, ...]


@dataclass(frozen=True)
class Kind:
    """One kind of registration: who may apply, with what form and materials, and who decides."""

    code: str = field(metadata={"from_key": True, **ONE_KIND})
    label: Words
    opens: Literal["window", "always"]
    form_title: Words
    requires: tuple[RuleUse, ...]
    layout: tuple[Section, ...] = field(metadata={"key": "sections"})
    review: tuple[Stage, ...]
    delivery: tuple[Delivery, ...]
    validity: ValidityRule
    consents: tuple[Statement, ...]
    submitted: Words
    summary: Words = NOTHING
    conditions: tuple[Words, ...] = ()
    guide: tuple[Words, ...] = ()
    materials: tuple[Slot, ...] = ()
    history: History | None = None
    labels: str | None = None
    withdraw: Withdraw = "never"
    return_: Return = field(default="never", metadata={"key": "return"})
    resubmit: Resubmit = "any_time"
    notify: tuple[Channel, ...] = ("inbox",)
    notify_of: tuple[Ways, ...] = ()
    profile: bool = False
    button: Words | None = None

    def ways_of(self, notice: str) -> tuple[Channel, ...]:
        """By which ways the applicant hears of one thing (X-24)."""
        return next((one.ways for one in self.notify_of if one.notice == notice), self.notify)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The form, its `delivery` field offering what this kind delivers and nothing else."""
        return tuple(
            replace(section, fields=tuple(map(self._narrowed, section.fields)))
            for section in self.layout
        )

    @cached_property
    def fields(self) -> tuple[FieldSpec, ...]:
        """All inputs of the form in their order."""
        return tuple(spec for section in self.sections for spec in section.fields)

    def wording(self, field_name: str, code: str) -> Words:
        """What the form calls the stored code of a choice; the code itself if it has no name."""
        found = (spec.choice(code) for spec in self.fields if spec.name == field_name)
        return next((one.label for one in found if one), Words(code, code))

    def asks(self, rule: str) -> bool:
        """Whether the kind requires a rule."""
        return any(use.name == rule for use in self.requires)

    def slots(self, turns: Sequence[int] = ()) -> tuple[AskedSlot, ...]:
        """Every single picture that a case settling these turns asks for (BJ-44)."""
        return tuple(one for slot in self.materials for one in asked_slots(slot, turns))

    def proofs(self, materials: Collection[str], on: date) -> tuple[int, ...]:
        """The turns for which a proof of hours is there; the year of the day where none is
        settled."""
        there = {s.turn or on.year for s in self.slots() if s.hours and s.name in materials}
        return tuple(sorted(there))

    def settling(self, turns: Sequence[int]) -> "Kind":
        """The kind with these slots for its materials."""
        return replace(self, materials=self.slots(turns))

    def under(self, window: WindowFact | None) -> "Kind":
        """The kind as a window changes it."""
        overrides = window.overrides if window else {}
        if not overrides:
            return self
        return replace(
            self,
            delivery=tuple(overrides.get("delivery", self.delivery)),
            requires=tuple(use.under(overrides) for use in self.requires),
        )

    def in_year(self, year: int) -> "Kind":
        """The kind with the registration year in the hints on its materials (BJ-29)."""
        filled = (replace(slot, hint=slot.hint.fill(year=year)) for slot in self.materials)
        return replace(self, materials=tuple(filled))

    def _narrowed(self, spec: FieldSpec) -> FieldSpec:
        if spec.name != "delivery":
            return spec
        return replace(spec, choices=tuple(c for c in spec.choices if c.code in self.delivery))
