"""The studio's panel of what a draft would change, from what the job has stored."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from app import clock
from app.queries import studio
from app.queries.policies import policy_for
from app.rules.policy import Policy
from models.codes import KINDS
from models.draft import PolicyDraft
from views.texts import moment

FEW = 3
"""How many rules a line of the panel names."""


def panel(draft: PolicyDraft, policy: Policy | None) -> dict[str, Any]:
    """What the template shows; `policy` is what the saved text describes, None with faults."""
    impact = studio.impact_of(draft)
    asked_by = impact.asked_by if impact else None
    known = {
        "draft": draft,
        "computed_at": moment(impact.finished_at) if impact else None,
        "asked_by": studio.names(asked_by).get(asked_by or 0),
        "sound": policy is not None,
        "impact": impact,
        "stale": impact is not None and impact.digest != studio.digest_of(draft),
        "as_of": _day(draft, policy),
        "today": clock.today(),
    }
    if impact is None or impact.state != "done":
        return known
    result = impact.result
    return known | {
        "people": result["workers"],
        "seconds": result["seconds"],
        "verdicts": list(_changes(result, policy)),
        "regions": _regions(result),
    }


def _changes(result: Mapping[str, Any], policy: Policy | None) -> Iterator[dict[str, Any]]:
    """The lines of the table: for every kind with a change who gains, who loses, who stays."""
    for code, kind in result["kinds"].items():
        if not (kind["gains"]["people"] or kind["loses"]["people"]):
            continue
        offered = policy.kinds.get(code) if policy else None
        label = offered.label if offered else KINDS.get(code, code)
        for turn in ("gains", "loses", "unchanged"):
            change = kind[turn]
            rules = Counter(change["rules"]).most_common(FEW)
            yield {"kind": label, "turn": turn, **change, "rules": [rule for rule, _n in rules]}


def _regions(result: Mapping[str, Any]) -> list[tuple[str, int]]:
    """How many verdicts change in each region, the most first."""
    counted: Counter[str] = Counter()
    for kind in result["kinds"].values():
        for turn in ("gains", "loses"):
            counted.update(kind[turn]["regions"])
    return [(result["regions"].get(code, code), count) for code, count in counted.most_common()]


def _day(draft: PolicyDraft, policy: Policy | None) -> date:
    """The day to ask about: the draft's first, or, when no window is open then, the next opening:
    on any other day nobody may apply, before or after."""
    first = studio.first_day(draft, policy)
    if policy is None:
        return first
    try:
        windows = studio.windows_then(policy, policy_for(policy.region_code, first))
    except LookupError:
        return first
    if any(window.open_on(first) for window in windows):
        return first
    return min((one.opens_on for one in windows if one.opens_on > first), default=first)
