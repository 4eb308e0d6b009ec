"""What the keys of a policy mean: one jurisdiction's kinds of registration, windows and wording."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from app.rules.certificate import ValidityRule
from app.rules.fields import FieldSpec, Section, Slot
from app.rules.reading import (
    EXPECTED,
    MISSING,
    UNKNOWN,
    Fault,
    PolicyFaults,
    below,
    faults_of,
    parse,
)
from app.rules.regions import ancestors, level_of, office_for
from app.rules.words import Words
from app.rules.workflow import Resubmit, Return, Withdraw

Delivery = Literal["electronic", "post", "pickup"]
Channel = Literal["inbox", "sms", "email"]

RULES: Mapping[str, Mapping[str, Any]] = {
    "exam_year": {"years_ago": tuple[int, ...], "earlier": str},
    "certificate_in_hand": {},
    "never_registered": {},
    "level_in": {"levels": tuple[str, ...]},
    "region_in": {},
    "none_in_flight": {},
    "adult": {"age": int},
    "real_name": {},
}
"""The rules a kind may require, with the type of each parameter; eligibility.py carries them out.
Every rule also takes `warning: true`, which tells without refusing."""

NEEDED_PARAMS = {"exam_year": "years_ago", "level_in": "levels"}

OVERRIDABLE: Mapping[str, Any] = {
    "delivery": tuple[Delivery, ...],
    "levels": tuple[str, ...],
    "exam_year": int,
}
"""The single keys of a kind that a window may override (F), with their types."""

NEEDED_WHEN_OPEN = (
    "form_title",
    "sections",
    "review",
    "delivery",
    "validity",
    "declaration",
    "submitted",
)
NOTHING = Words("", "")
NO_VALIDITY = ValidityRule("anniversary", years=0)

NOT_BY_WINDOW = Words("“{kind}”不按批次办理", "“{kind}” is not a kind that opens by window")
CLOSES_FIRST = Words("截止日期早于开始日期{day}", "This day is before the opening on {day}")
NO_SUCH_CHOICE = Words(
    "表单的“{field}”没有这个选项", "“{field}” of this form offers no such choice"
)
NOT_A_VALIDITY = Words(
    "fixed_month_day 需要 month_day（如 05-31），anniversary 不需要",
    "fixed_month_day needs a month_day such as 05-31, anniversary has none",
)
SIX_DIGITS = Words("六位行政区划代码", "a region code of six digits")


@dataclass(frozen=True)
class RuleUse:
    """A rule that a kind requires, by its name, with its parameters."""

    name: str
    params: Mapping[str, Any]

    def under(self, overrides: Mapping[str, Any]) -> "RuleUse":
        """The rule with what a window says instead; its year is a calendar year."""
        if self.name == "level_in" and "levels" in overrides:
            return replace(self, params={**self.params, "levels": overrides["levels"]})
        if self.name == "exam_year" and "exam_year" in overrides:
            return replace(self, params={**self.params, "years": (overrides["exam_year"],)})
        return self


@dataclass(frozen=True)
class Stage:
    """One review: at a level of the region's path, by that level's reviewers or a named role.

    `offices` names the deciding office of single regions where the next ancestor is not it (X-16).
    """

    level: Literal["province", "city", "county"]
    label: Words
    role: str | None = None
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
class NoticeFact:
    """A dated, signed announcement (BA-28)."""

    title: Words
    issuer: Words
    dated: date
    body: Words
    link: str | None = None


@dataclass(frozen=True)
class WindowFact:
    """A registration batch: both days are inside, and single keys of its kinds may differ."""

    title: Words
    kinds: tuple[str, ...]
    opens_on: date
    closes_on: date
    overrides: Mapping[str, Any] = field(default_factory=dict)
    notice: NoticeFact | None = None

    def open_on(self, day: date) -> bool:
        """Whether the window is open on a day of Asia/Shanghai (BA-03)."""
        return self.opens_on <= day <= self.closes_on


@dataclass(frozen=True)
class Kind:
    """One kind of registration: who may apply, with what form and materials, and who decides.

    A kind that opens by notice has only its label and summary so far.
    """

    code: str = field(metadata={"from_key": True})
    label: Words
    opens: Literal["window", "always", "by_notice"]
    summary: Words = NOTHING
    form_title: Words = NOTHING
    requires: tuple[RuleUse, ...] = ()
    layout: tuple[Section, ...] = field(default=(), metadata={"key": "sections"})
    materials: tuple[Slot, ...] = ()
    review: tuple[Stage, ...] = ()
    withdraw: Withdraw = "never"
    return_: Return = field(default="never", metadata={"key": "return"})
    resubmit: Resubmit = "any_time"
    delivery: tuple[Delivery, ...] = ()
    validity: ValidityRule = NO_VALIDITY
    declaration: Words = NOTHING
    submitted: Words = NOTHING
    guide: tuple[Words, ...] = ()
    notify: tuple[Channel, ...] = ("inbox",)

    @property
    def sections(self) -> tuple[Section, ...]:
        """The form, its `delivery` field offering what this kind delivers and nothing else."""
        return tuple(
            replace(section, fields=tuple(map(self._narrowed, section.fields)))
            for section in self.layout
        )

    @property
    def fields(self) -> tuple[FieldSpec, ...]:
        """All inputs of the form in their order."""
        return tuple(spec for section in self.sections for spec in section.fields)

    def wording(self, field_name: str, code: str) -> Words:
        """What the form calls the stored code of a choice; the code itself if it has no name."""
        found = (spec.choice(code) for spec in self.fields if spec.name == field_name)
        return next((one.label for one in found if one), Words(code, code))

    def under(self, window: WindowFact | None) -> "Kind":
        """The kind as a window changes it."""
        overrides = window.overrides if window else {}
        return replace(
            self,
            delivery=tuple(overrides.get("delivery", self.delivery)),
            requires=tuple(use.under(overrides) for use in self.requires),
        )

    def _narrowed(self, spec: FieldSpec) -> FieldSpec:
        if spec.name != "delivery":
            return spec
        return replace(spec, choices=tuple(c for c in spec.choices if c.code in self.delivery))


@dataclass(frozen=True)
class Contact:
    """Whom to ask, and about what (BA-27)."""

    name: Words
    about: Words
    person: Words | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class Policy:
    """What one jurisdiction, the subtree of `region_code`, allows from `effective_from` on."""

    code: str
    version: int
    region_code: str
    region_name: Words
    effective_from: date
    title: Words
    authority: Words
    legal_basis: tuple[Words, ...]
    labels: str
    kinds: Mapping[str, Kind]
    windows: tuple[WindowFact, ...] = ()
    contacts: tuple[Contact, ...] = ()
    handling_body: Words | None = None
    extends: str | None = None

    def window_near(self, kind: str, on: date) -> WindowFact | None:
        """The kind's window that is open on a day, else the next one, else the latest one."""
        mine = [window for window in self.windows if kind in window.kinds]
        reachable = [window for window in mine if on <= window.closes_on]
        if reachable:
            return min(reachable, key=lambda window: window.opens_on)
        return max(mine, key=lambda window: window.closes_on, default=None)

    def is_open(self, kind: str, on: date) -> bool:
        """Whether the kind takes applications on a day."""
        if self.kinds[kind].opens == "window":
            window = self.window_near(kind, on)
            return window is not None and window.open_on(on)
        return self.kinds[kind].opens == "always"

    def kind_on(self, kind: str, on: date) -> Kind:
        """The kind as the window near a day has it; raises KeyError for an unknown kind."""
        return self.kinds[kind].under(self.window_near(kind, on))


def nearest(policies: Iterable[Policy], region_code: str) -> Policy:
    """The policy of the nearest ancestor of a region (F); raises LookupError if none covers it."""
    by_region = {policy.region_code: policy for policy in policies}
    for code in ancestors(region_code):
        if code in by_region:
            return by_region[code]
    raise LookupError(f"no policy covers {region_code}")


def parse_policy(
    data: Mapping[str, Any], fields: Mapping[str, Any], base: Mapping[str, Any] | None = None
) -> Policy:
    """The policy that a file describes, over the data of the policy that it extends.

    A form names inputs of the field dictionary, or gives a mapping with `name` and what differs.
    Raises PolicyFaults: all faults of shape, or, in sound data, all that contradicts itself.
    """

    def written_out(item: Any) -> Any:
        own = {"name": item} if isinstance(item, str) else item
        return {**fields[own["name"]], **own} if isinstance(own, Mapping) else own

    policy: Policy = parse(Policy, _merged(base or {}, data), {FieldSpec: written_out})
    if faults := [*_policy_faults(policy)]:
        raise PolicyFaults(faults)
    return policy


def window_faults(policy: Policy, window: WindowFact, path: str = "") -> Iterator[Fault]:
    """What is wrong with a window of this policy: its kinds, its days, what it overrides."""
    for i, code in enumerate(window.kinds):
        if code not in policy.kinds or policy.kinds[code].opens != "window":
            yield Fault(below(path, f"kinds[{i}]"), NOT_BY_WINDOW.fill(kind=code))
    if window.closes_on < window.opens_on:
        yield Fault(below(path, "closes_on"), CLOSES_FIRST.fill(day=window.opens_on))
    yield from _typed(OVERRIDABLE, window.overrides, below(path, "overrides"))


def _merged(base: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        key: _merged(base[key], data[key])
        for key in base.keys() & data.keys()
        if isinstance(base[key], Mapping) and isinstance(data[key], Mapping)
    }
    return {**base, **data, **both}


def _policy_faults(policy: Policy) -> Iterator[Fault]:
    try:
        level_of(policy.region_code)
    except ValueError:
        yield Fault("region_code", EXPECTED.fill(what=SIX_DIGITS))
    for kind in policy.kinds.values():
        if kind.opens != "by_notice":
            yield from _kind_faults(policy, kind, f"kinds.{kind.code}")
    for i, window in enumerate(policy.windows):
        yield from window_faults(policy, window, f"windows[{i}]")


def _kind_faults(policy: Policy, kind: Kind, path: str) -> Iterator[Fault]:
    for key in NEEDED_WHEN_OPEN:
        if getattr(kind, key) in ((), NOTHING, NO_VALIDITY):
            yield Fault(f"{path}.{key}", MISSING)
    if not kind.validity.sound:
        yield Fault(f"{path}.validity.month_day", NOT_A_VALIDITY)
    for use in kind.requires:
        yield from _rule_faults(policy, use, f"{path}.requires")
    offered = {spec.name: spec for spec in kind.fields}
    for asked in (*kind.fields, *kind.materials):
        when = asked.required_when
        if when and not (
            when.field in offered and all(map(offered[when.field].choice, when.any_of))
        ):
            yield Fault(f"{path}.{asked.name}.required_when", NO_SUCH_CHOICE.fill(field=when.field))


def _rule_faults(policy: Policy, use: RuleUse, path: str) -> Iterator[Fault]:
    if use.name not in RULES:
        yield Fault(f"{path}.{use.name}", UNKNOWN.fill(name=use.name))
        return
    yield from _typed({**RULES[use.name], "warning": bool}, use.params, f"{path}.{use.name}")
    needed = NEEDED_PARAMS.get(use.name)
    if needed and not use.params.get(needed):
        yield Fault(f"{path}.{use.name}.{needed}", MISSING)
    earlier = use.params.get("earlier")
    if isinstance(earlier, str) and earlier not in policy.kinds:
        yield Fault(f"{path}.{use.name}.earlier", UNKNOWN.fill(name=earlier))


def _typed(types: Mapping[str, Any], data: Mapping[str, Any], path: str) -> Iterator[Fault]:
    for key, value in data.items():
        if key in types:
            yield from faults_of(types[key], value, f"{path}.{key}")
        else:
            yield Fault(f"{path}.{key}", UNKNOWN.fill(name=key))
