"""Texts in both languages at once, for whoever reads them later in a language nobody knows yet."""

from typing import Any

from flask_babel import force_locale

from app.rules.words import Words

LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


def both(text: Any) -> Words:
    """A lazily translated text in each language; Words stay as they are."""
    if isinstance(text, Words):
        return text
    said = {}
    for code, locale in LOCALES.items():
        with force_locale(locale):
            said[code] = str(text)
    return Words(**said)
