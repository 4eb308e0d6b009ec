"""The language of whoever reads, and texts in both at once for whoever reads them later."""

from typing import Any

from flask import current_app
from flask_babel import force_locale, get_locale

from app.rules.words import Words

LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


def language() -> str:
    """The locale of whoever reads now; the portal's own outside of a request."""
    return str(get_locale())


def own_language() -> str:
    """The portal's own locale, for those who never chose one."""
    own: str = current_app.config["BABEL_DEFAULT_LOCALE"]
    return own


def both(text: Any) -> Words:
    """A lazily translated text in each language; Words stay as they are."""
    if isinstance(text, Words):
        return text
    said = {}
    for code, locale in LOCALES.items():
        with force_locale(locale):
            said[code] = str(text)
    return Words(**said)
