"""Personal information as forms take it over: what is asked, what is missing, what it comes to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.rules.fields import FieldSpec, Section, Slot, answered
from app.rules.words import Words

EXPERIENCE = Words("工作经历（至少一段）", "Work experience (at least one)")
MOST = 30
"""How many parts a working life may have, and how many honours: forms keep them as one text."""
PLANS = {"three_areas": "三区计划", "hand_in_hand": "牵手计划"}
LEVELS = {
    "village": "村（居）",
    "township": "街道（乡镇）",
    "county": "区（县）",
    "city": "地市",
    "province": "省",
    "ministry": "部",
}
"""The six levels of an honour (MC-15), in Chinese: what forms say is read by offices."""


@dataclass(frozen=True)
class Sheet:
    """What 基础信息 asks, and the pictures that every form needs again."""

    layout: tuple[Section, ...] = field(metadata={"key": "sections"})
    documents: tuple[Slot, ...]

    @property
    def fields(self) -> tuple[FieldSpec, ...]:
        """All inputs in their order."""
        return tuple(spec for section in self.layout for spec in section.fields)


@dataclass(frozen=True)
class Engagement:
    """One part of a working life; `ended` is None for the present one."""

    started: str
    ended: str | None
    unit: str
    post: str
    plan: str = "no"


@dataclass(frozen=True)
class Distinction:
    """One honour."""

    title: str
    level: str
    awarded_on: str
    issuer: str | None = None


def missing(
    specs: Iterable[FieldSpec], basic: Mapping[str, Any], carried: Mapping[str, Any]
) -> list[Words]:
    """What is still to be said before a form may be begun, by label: all of 基础信息 and one part
    of a working life (MC-06, MC-07)."""
    specs = list(specs)
    values = answered(specs, basic)
    empty = (s.label for s in specs if s.needed(values) and values.get(s.name) in (None, "", []))
    return [*empty, *([] if carried.get("work_experience") else [EXPERIENCE])]


def carried(
    basic: Mapping[str, Any],
    engagements: Sequence[Engagement],
    distinctions: Sequence[Distinction],
) -> dict[str, Any]:
    """What forms take over, by the names of the dictionary of inputs. What cannot be asked for
    again, because there is none, is there and empty: honours."""
    found = {name: value for name, value in basic.items() if value not in (None, "", [])}
    found.pop("unit_id", None)
    if engagements:
        found["work_experience"] = "\n".join(map(_line, engagements))
        planned = any(one.plan != "no" for one in engagements)
        found["plan_project"] = "yes" if planned else "no"
    levels = {one.level for one in distinctions}
    found["honors"] = "\n".join(map(_honor, distinctions))
    found["honor_levels"] = [level for level in LEVELS if level in levels]
    return found


def _line(one: Engagement) -> str:
    """2015-03至2018-06，晨光社会工作事务所，社会工作者（三区计划）"""
    plan = f"（{PLANS[one.plan]}）" if one.plan in PLANS else ""
    return f"{one.started}至{one.ended or '今'}，{one.unit}，{one.post}{plan}"


def _honor(one: Distinction) -> str:
    by = f"，{one.issuer}" if one.issuer else ""
    return f"{one.awarded_on}，{one.title}（{LEVELS.get(one.level, one.level)}）{by}"
