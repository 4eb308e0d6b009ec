"""A text in the two languages of the portal, and the way its blanks are filled."""

import calendar
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

BLANK = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Words:
    """One text in Chinese and in English; `{name}` marks a blank in either."""

    zh: str
    en: str

    def fill(self, **values: object) -> "Words":
        """Put values into the blanks; Words and dates come out in the language of the text.

        Blanks are names only: texts come from edited data, and `str.format` would let a text
        walk into attributes of what it is given. Raises KeyError for a blank without a value.
        """
        return Words(_filled(self.zh, "zh", values), _filled(self.en, "en", values))

    def in_(self, locale: str) -> str:
        """The text for a locale such as `zh_Hans_CN`; English for all that is not Chinese."""
        return self.zh if locale.startswith("zh") else self.en


def words(data: Mapping[str, str]) -> Words:
    """Words from `{"zh": ..., "en": ...}`; raises KeyError when a language is missing."""
    return Words(zh=data["zh"], en=data["en"])


def joined(items: Iterable[Words]) -> Words:
    """A list in one sentence: 甲、乙、丙 in Chinese, "a, b, c" in English."""
    items = tuple(items)
    return Words("、".join(w.zh for w in items), ", ".join(w.en for w in items))


def _filled(text: str, locale: str, values: Mapping[str, object]) -> str:
    return BLANK.sub(lambda blank: _shown(values[blank[1]], locale), text)


def _shown(value: object, locale: str) -> str:
    if isinstance(value, Words):
        return value.in_(locale)
    if isinstance(value, date):
        if locale == "zh":
            return f"{value.year}年{value.month}月{value.day}日"
        return f"{value.day} {calendar.month_name[value.month]} {value.year}"
    return str(value)
