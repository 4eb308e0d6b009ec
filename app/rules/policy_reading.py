"""Reading a policy from edited data, and all that a policy may not say."""

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from app.rules.dictionaries import LONGEST_REASON
from app.rules.fields import FieldSpec, Slot
from app.rules.kinds import (
    ONE_OF_PARAMS,
    OVERRIDABLE,
    RULES,
    Kind,
    RuleUse,
    Stage,
    WindowFact,
)
from app.rules.policy import Policy
from app.rules.reading import EXPECTED, MISSING, Fault, PolicyFaults, below, faults_of, parse
from app.rules.reading import unknown as no_such
from app.rules.regions import covers, level_of
from app.rules.words import BLANK, Words

SIX = re.compile(r"[0-9]{6}")
NEEDED = ("sections", "review", "delivery", "consents")
"""What no kind can do without; an empty list is none."""

CONTRARY: Mapping[str, tuple[str, ...]] = {
    "never_registered": (
        "after_expiry",
        "expires_within",
        "higher_level",
        "last_registration",
        "registered",
        "unexpired",
    ),
    "after_expiry": ("unexpired",),
}
"""Rules, with those that nobody can meet together with them."""

NOT_BY_WINDOW = Words("“{kind}”不按批次办理", "“{kind}” is not a kind that opens by window")
CLOSES_FIRST = Words("截止日期早于开始日期{day}", "This day is before the opening on {day}")
OVERLAPS = Words(
    "与“{title}”的日期重叠（{kind}）", "Its days overlap those of “{title}” for {kind}"
)
OUTSIDE_WINDOW = Words(
    "集中办理时段不在批次之内", "The concentrated days are not inside the window"
)
NO_SUCH_CHOICE = Words(
    "表单中在它之前的“{field}”没有这个选项",
    "“{field}”, if it comes earlier on this form, offers no such choice",
)
NOT_A_VALIDITY = Words(
    "fixed_month_day 需要 month_day（如 05-31），anniversary 不需要",
    "fixed_month_day needs a month_day such as 05-31, anniversary has none",
)
NEEDS_DAYS = Words(
    "previous_expiry 和 anniversary 才能一起使用；turn 需要 fixed_month_day",
    "previous_expiry goes with anniversary, turn with fixed_month_day",
)
SIX_DIGITS = Words("六位行政区划代码", "a region code of six digits")
OUTSIDE_REGION = Words("不在政策适用地区之内", "This is not in the policy's region")
ONE_PARAM = Words("需要且只能有其中一项：{params}", "It needs exactly one of: {params}")
UNREACHABLE = Words(
    "没有人能同时满足 {first} 和 {second}，该类型无人可以申请",
    "Nobody can meet both {first} and {second}, so nobody could ever apply",
)
ENDS_FIRST = Words("失效日期早于生效日期", "This day is before the one on which it takes effect")
ONLY_YEAR = Words("这里只能有 {year} 一种空白", "The only blank that a hint may have is {year}")
NOTHING_THERE = Words(
    "所沿用的政策没有此项，无可删除", "The policy that is extended has no such key to take out"
)
TOO_LONG = Words("不超过{most}字", "This is longer than {most} characters")
TWICE = Words("“{name}”出现两次", "“{name}” is there twice")


def parse_policy(
    data: Mapping[str, Any], fields: Mapping[str, Any], base: Mapping[str, Any] | None = None
) -> Policy:
    """The policy that a file describes, over the data of the policy that it extends.

    A form names inputs of the field dictionary, or gives a mapping with `name` and what differs.
    Over a base, null takes a key out. Raises PolicyFaults: all faults of shape, or, in sound
    data, all that contradicts itself.
    """

    def written_out(item: Any) -> Any:
        own = {"name": item} if isinstance(item, str) else item
        return {**fields[own["name"]], **own} if isinstance(own, Mapping) else own

    policy: Policy = parse(Policy, _merged(base or {}, data), {FieldSpec: written_out})
    if faults := [*_idle_nulls(base, data), *_policy_faults(policy)]:
        raise PolicyFaults(faults)
    return policy


def window_faults(policy: Policy, window: WindowFact, path: str = "") -> Iterator[Fault]:
    """What is wrong with a window of this policy: its kinds, its days, what it overrides."""
    for i, code in enumerate(window.kinds):
        if code not in policy.kinds or policy.kinds[code].opens != "window":
            yield Fault(below(path, f"kinds[{i}]"), NOT_BY_WINDOW.fill(kind=code))
    if window.closes_on < window.opens_on:
        yield Fault(below(path, "closes_on"), CLOSES_FIRST.fill(day=window.opens_on))
    inner = window.concentrated
    if inner and not window.opens_on <= inner.opens_on <= inner.closes_on <= window.closes_on:
        yield Fault(below(path, "concentrated"), OUTSIDE_WINDOW)
    yield from _typed(OVERRIDABLE, window.overrides, below(path, "overrides"))
    for name in window.overrides.get("waive", ()):
        if isinstance(name, str) and name not in RULES:
            yield Fault(below(path, "overrides.waive"), no_such(name, RULES))


def overlap(one: WindowFact, other: WindowFact) -> str | None:
    """A kind for which both windows are open on some day, if there is one."""
    if one.closes_on < other.opens_on or other.closes_on < one.opens_on:
        return None
    return next((kind for kind in one.kinds if kind in other.kinds), None)


def _merged(base: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        key: _merged(base[key], data[key])
        for key in base.keys() & data.keys()
        if isinstance(base[key], Mapping) and isinstance(data[key], Mapping)
    }
    every = {**base, **data, **both}
    return {key: value for key, value in every.items() if value is not None or key not in base}


def _idle_nulls(base: Mapping[str, Any] | None, data: Any, path: str = "") -> Iterator[Fault]:
    """Where a policy takes out what the one that it extends does not have."""
    if not isinstance(base, Mapping) or not isinstance(data, Mapping):
        return
    for key, value in data.items():
        if value is None and key not in base:
            yield Fault(below(path, key), NOTHING_THERE)
        yield from _idle_nulls(base.get(key), value, below(path, key))


def _policy_faults(policy: Policy) -> Iterator[Fault]:
    try:
        level_of(policy.region_code)
    except ValueError:
        yield Fault("region_code", EXPECTED.fill(what=SIX_DIGITS))
    if policy.effective_until and policy.effective_until < policy.effective_from:
        yield Fault("effective_until", ENDS_FIRST)
    for reason in policy.reasons.values():
        for language in ("zh", "en"):
            if len(getattr(reason.text, language)) > LONGEST_REASON:
                path = f"reasons.{reason.code}.text.{language}"
                yield Fault(path, TOO_LONG.fill(most=LONGEST_REASON))
    for kind in policy.kinds.values():
        yield from _kind_faults(policy, kind, f"kinds.{kind.code}")
    for i, window in enumerate(policy.windows):
        yield from window_faults(policy, window, f"windows[{i}]")
    for (_i, one), (j, other) in combinations(enumerate(policy.windows), 2):
        if kind_code := overlap(one, other):
            message = OVERLAPS.fill(title=one.title, kind=kind_code)
            yield Fault(f"windows[{j}].opens_on", message)


def _kind_faults(policy: Policy, kind: Kind, path: str) -> Iterator[Fault]:
    for key in NEEDED:
        if not getattr(kind, key):
            yield Fault(f"{path}.{key}", MISSING)
    if not kind.validity.sound:
        yield Fault(f"{path}.validity.month_day", NOT_A_VALIDITY)
    if {"turn": "anniversary", "previous_expiry": "fixed_month_day"}.get(
        kind.validity.anchor
    ) == kind.validity.rule:
        yield Fault(f"{path}.validity.anchor", NEEDS_DAYS)
    for use in kind.requires:
        yield from _rule_faults(policy, use, f"{path}.requires.{use.name}")
    if kind.history and kind.history.several and not kind.history.add.zh:
        yield Fault(f"{path}.history.add", MISSING)
    required = [use.name for use in kind.requires if not (use.warning or use.waived)]
    for one in (name for name in CONTRARY if name in required):
        for other in (name for name in CONTRARY[one] if name in required):
            message = UNREACHABLE.fill(first=one, second=other)
            yield Fault(f"{path}.requires.{other}", message)
    for i, stage in enumerate(kind.review):
        yield from _office_faults(policy, stage, f"{path}.review[{i}].offices")
    yield from _form_faults(kind, path)


def _office_faults(policy: Policy, stage: Stage, path: str) -> Iterator[Fault]:
    """The offices named for single regions: of regions that the policy covers (X-16)."""
    for code, office in stage.offices.items():
        if not (SIX.fullmatch(code) and SIX.fullmatch(office)):
            yield Fault(f"{path}.{code}", EXPECTED.fill(what=SIX_DIGITS))
        elif not covers(policy.region_code, code):  # false for a region code that is none
            yield Fault(f"{path}.{code}", OUTSIDE_REGION)


def _form_faults(kind: Kind, path: str) -> Iterator[Fault]:
    """Names are there once, and a condition asks for a choice of an earlier input."""
    earlier: dict[str, FieldSpec] = {}
    named: set[str] = set()
    for asked in (*kind.fields, *kind.materials):
        if asked.name in named:
            yield Fault(f"{path}.{asked.name}", TWICE.fill(name=asked.name))
        named.add(asked.name)
        if isinstance(asked, Slot) and _blanks(asked.hint) - {"year"}:
            yield Fault(f"{path}.{asked.name}.hint", ONLY_YEAR)
        when = asked.required_when
        known = earlier.get(when.field) if when else None
        if when and not (known and all(map(known.choice, when.any_of))):
            yield Fault(f"{path}.{asked.name}.required_when", NO_SUCH_CHOICE.fill(field=when.field))
        if isinstance(asked, FieldSpec):
            earlier[asked.name] = asked


def _blanks(text: Words) -> set[str]:
    return {*BLANK.findall(text.zh), *BLANK.findall(text.en)}


def _rule_faults(policy: Policy, use: RuleUse, path: str) -> Iterator[Fault]:
    if use.name not in RULES:
        yield Fault(path, no_such(use.name, RULES))
        return
    yield from _typed({**RULES[use.name], "warning": bool, "waived": bool}, use.params, path)
    choice = ONE_OF_PARAMS.get(use.name, ())
    if choice and sum(use.params.get(name) not in (None, [], ()) for name in choice) != 1:
        yield Fault(f"{path}.{choice[0]}", ONE_PARAM.fill(params=", ".join(choice)))
    earlier = use.params.get("earlier")
    if isinstance(earlier, str) and earlier not in policy.kinds:
        yield Fault(f"{path}.earlier", no_such(earlier, policy.kinds))


def _typed(types: Mapping[str, Any], data: Mapping[str, Any], path: str) -> Iterator[Fault]:
    for key, value in data.items():
        if key in types:
            yield from faults_of(types[key], value, f"{path}.{key}")
        else:
            yield Fault(f"{path}.{key}", no_such(key, types))
