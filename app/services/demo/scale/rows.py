"""Rows as text: the tables that are loaded in bulk, and how a value looks in PostgreSQL's COPY."""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from random import Random
from typing import Any

NULL = "\\N"
DAY = 86_400
EPOCH = date(1970, 1, 1).toordinal()
TIMES = [f"{minute // 60:02d}:{minute % 60:02d}:" for minute in range(24 * 60)]
PLACED = "region_code province_code city_code"

TABLES: Mapping[str, tuple[str, ...]] = {
    name: tuple(columns.split())
    for name, columns in {
        "worker": f"id created_at version {PLACED} name id_type id_number_masked id_number_cipher"
        " id_number_digest sex born_on phone email address unit_name real_name",
        "qualification": f"id created_at version {PLACED} worker_id level exam_year"
        " management_number qualified_on verified",
        "credit": f"id created_at version {PLACED} worker_id title taken_on hours source state",
        "application": f"id created_at version {PLACED} worker_id reference kind level state stage"
        " attempt submitted_at decided_at due_on due_provisional office_code office_role"
        " qualification_id policy_code policy_version window_id window_facts form unlocked turns",
        "submission": f"id created_at version {PLACED} worker_id application_id turn attempt form"
        " materials findings policy_code policy_version submitted_at",
        "material": f"id created_at version {PLACED} worker_id application_id slot digest"
        " media_type size width height original_name warnings active",
        "decision": f"id created_at version {PLACED} worker_id application_id submission_id stage"
        " verdict reason_code reason items office_code decided_by decided_at",
        "registration": f"id created_at version {PLACED} worker_id kind cycle_year level state"
        " registered_on valid_from valid_until application_id",
        "certificate": f"id created_at version {PLACED} worker_id number name level state issued_on"
        " valid_from valid_until management_number id_number_masked authority handling_body"
        " template photo_digest application_id registration_id",
        "event": f"id created_at {PLACED} subject seq verb actor_id actor_name actor_role"
        " from_state to_state reason_code reason policy public previous digest",
        "event_chain": "subject length head",
    }.items()
}
"""Their columns, in an order in which what is pointed at comes first; all others stay empty."""

Lines = dict[str, list[str]]


def instant(seconds: int) -> str:
    """An instant, in seconds since 1970, as both databases read it."""
    return f"{_day_text(seconds // DAY)} {TIMES[seconds % DAY // 60]}{seconds % 60:02d}.000000+00"


def iso(seconds: int) -> str:
    """The same instant as events are sealed with it."""
    return f"{_day_text(seconds // DAY)}T{TIMES[seconds % DAY // 60]}{seconds % 60:02d}+00:00"


@cache
def _day(number: int) -> date:
    return date.fromordinal(EPOCH + number)


@cache
def _day_text(number: int) -> str:
    return str(_day(number))


def day_of(seconds: int) -> date:
    """The day of an instant in Asia/Shanghai, which is eight hours ahead all year."""
    return _day((seconds + 28_800) // DAY)


def below(dice: Random, end: int) -> int:
    """A number from 0 to before `end`; a third of the time that `randrange` takes."""
    return int(dice.random() * end)


def or_null(value: Any) -> str:
    """A value that may be missing."""
    return NULL if value is None else str(value)


_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def as_json(value: Any) -> str:
    """Data as JSON within a line."""
    return _encoded(value).replace("\\", "\\\\")
