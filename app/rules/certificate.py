"""Registration certificates: their number, how long they are valid, what they are on a day."""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from app.rules.identifiers import PROVINCES

MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")

FIRST_YEAR, LAST_YEAR = 2015, 2099
"""The years that a number can carry; others are mistyped."""

DUE_DAYS = 90
"""The last days of validity in which a certificate counts as due (CD-04)."""


@dataclass(frozen=True)
class ValidityRule:
    """How validity ends: on a fixed day of the batch (`month_day`, "05-31") or a number of years
    after its beginning; some issuers count an anniversary as the day before (X-02).

    It begins with the approval, with the turn that is settled (X-13), or, when one is not late,
    where the validity that there is ends (X-29). `kept` leaves that validity as it is (X-12,
    X-47); who has none gets one from the approval (X-48).
    """

    rule: Literal["fixed_month_day", "anniversary"]
    years: int
    month_day: str | None = None
    minus_one_day: bool = False
    anchor: Literal["approval", "turn", "previous_expiry", "kept"] = "approval"

    @property
    def sound(self) -> bool:
        """Whether a fixed day is given exactly when the rule needs one."""
        if self.rule == "anniversary":
            return self.month_day is None
        return bool(MONTH_DAY.fullmatch(self.month_day or ""))


def number(province_code: str, year: int, serial: str) -> str:
    """Fifteen digits: province 2, year 4, serial 8, check digit by ISO 7064 MOD 11,10 (X-41).

    Raises ValueError unless the serial is eight digits; leading zeros count.
    """
    if not re.fullmatch(r"[0-9]{8}", serial):
        raise ValueError(f"a serial is eight digits, not {serial!r}")
    payload = f"{province_code[:2]}{year:04d}{serial}"
    return payload + mod_11_10(payload)


def check_number(value: str, year: int = LAST_YEAR) -> bool:
    """Whether the value is a number that could have been issued by a year (X-41).

    One wrong digit is always found; of a `steady` number two exchanged neighbours are, too.
    """
    return (
        bool(re.fullmatch(r"[0-9]{15}", value))
        and bool(PROVINCES.match(value))
        and FIRST_YEAR <= int(value[2:6]) <= year
        and mod_11_10(value[:-1]) == value[-1]
    )


def steady(value: str) -> bool:
    """Whether no two neighbours from the serial's beginning on can be exchanged unnoticed.

    MOD 11,10 misses one exchange in fifty, so about four in five serials are steady; only these
    are issued (X-41). What is exchanged before the serial gives no province, or a year that is
    none or has not come: until 2031 always.
    """
    exchanged = (value[:i] + value[i + 1] + value[i] + value[i + 2 :] for i in range(5, 14))
    return not any(other != value and check_number(other) for other in exchanged)


def check_legacy_number(value: str) -> bool:
    """Whether the value is the eight-digit number of a paper certificate (MC-31)."""
    return bool(re.fullmatch(r"[0-9]{8}", value))


def mod_11_10(digits: str) -> str:
    """The check digit of a string of digits by ISO 7064 MOD 11,10."""
    rest = 10
    for digit in digits:
        rest = ((rest + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - rest) % 10)


def valid_until(
    rule: ValidityRule, on: date, expiry: date | None = None, turns: Sequence[int] = ()
) -> date:
    """The last day of validity of what is approved on a day (X-02, X-13, X-29, X-47).

    `expiry` is the last day of the validity that there is, `turns` are the years settled now.
    """
    if rule.anchor == "kept" and expiry:
        return expiry
    start = on
    if rule.anchor == "turn" and turns:
        start = date(turns[-1], 1, 1)
    elif rule.anchor == "previous_expiry" and expiry and on <= expiry:
        start = expiry
    last = fixed_day(rule, start.year + rule.years) or shifted(start, rule.years)
    return last - timedelta(days=1) if rule.minus_one_day else last


def valid_from(rule: ValidityRule, on: date, expiry: date | None = None) -> date:
    """The first day of the validity that an approval gives: its own day (HN-36), or the one after
    the validity that is renewed before it ends (X-29)."""
    early = rule.anchor == "previous_expiry" and expiry and on <= expiry
    return expiry + timedelta(days=1) if early and expiry else on


def fixed_day(rule: ValidityRule, year: int) -> date | None:
    """The fixed day of a year on which validity ends, if the rule has one."""
    if not rule.month_day:
        return None
    month, day = map(int, rule.month_day.split("-"))
    return _clamped(year, month, day)


def shifted(day: date, years: int = 0, months: int = 0) -> date:
    """The same day some years and months later or earlier; a day that the month does not have
    becomes its last one (G3)."""
    count = day.year * 12 + day.month - 1 + years * 12 + months
    return _clamped(count // 12, count % 12 + 1, day.day)


def _clamped(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def state_on(state: str, last_day: date, on: date) -> str:
    """The stored state, or `due` or `expired` when a valid certificate's date says so (H)."""
    if state != "valid":
        return state
    if on > last_day:
        return "expired"
    return "due" if (last_day - on).days <= DUE_DAYS else "valid"
