"""What the page without a connection says, in the language in which it is fetched."""

from typing import Any

from flask_babel import gettext as _

from app.services.verdicts import VERDICTS
from views.texts import in_words

OUT_OF_FORCE = ("revoked", "lost", "cancelled", "replaced", "expired")


def texts() -> dict[str, Any]:
    """Texts by name; of a state its tone, its title, and why with what to do."""
    return {
        "states": {name: _of(name) for name in OUT_OF_FORCE} | _of_signature() | _of_list(),
        "as_of": _("Status list of {time}"),
        "list_of": _("List of {time}; the next one is there by {next}."),
        "bad_list": _(
            "This is not a status list signed with a key of this page. Fetch the newest list, or "
            "save this page anew."
        ),
        "fetching": _("Fetching the list…"),
        "no_connection": _(
            "The list could not be fetched. Check the connection and try again, or open a saved "
            "list."
        ),
        "old_browser": [
            _("This browser is too old"),
            _(
                "It cannot check signatures. Use a current browser, or check the number with a "
                "connection."
            ),
        ],
    }


def _of(name: str) -> list[str]:
    verdict = VERDICTS[name]
    texts = (verdict.title, verdict.text, verdict.advice)
    title, text, advice = map(in_words, texts)
    return [verdict.tone, title, _both(text, advice)]


def _both(first: str, second: str) -> str:
    """Two sentences one after the other; Chinese puts no space between them."""
    return f"{first}{second}" if first.endswith("。") else f"{first} {second}"


def _of_list() -> dict[str, list[str]]:
    genuine = _("The code is signed by the registry and nothing in it was changed.")
    compare = _("Compare name, level and photo with the person who shows it.")
    stale = _(
        "The status list is older than it should be: a later revocation is not on it. Fetch the "
        "newest list."
    )
    newer = _("The certificate was issued after the status list. Fetch the newest list.")
    unknown = _(
        "Without a status list nobody can tell whether it was revoked since. Fetch or open a list."
    )
    other = _(
        "The status list says that this certificate is not in force. Check it with a connection to "
        "learn why."
    )
    return {
        "valid": ["good", _("Valid"), _both(genuine, compare)],
        "stale": ["warn", _("Genuine, state of an older list"), _both(genuine, stale)],
        "newer": ["warn", _("Genuine, newer than the list"), _both(genuine, newer)],
        "no_list": ["warn", _("Genuine, state not known"), _both(genuine, unknown)],
        "other": ["bad", _("Not in force"), other],
    }


def _of_signature() -> dict[str, list[str]]:
    changed = _(
        "The code was changed, is incomplete, or was not made by the registry. Scan it again; if "
        "this stays, do not accept the certificate."
    )
    strange = _(
        "The code is signed with a key that this page does not know. Save the page anew; if this "
        "stays, do not accept the certificate."
    )
    none = _(
        "This text has no signed code. Paste the whole link of the QR code, or check the number "
        "with a connection."
    )
    return {
        "changed": ["bad", _("Cannot be confirmed"), changed],
        "unknown_key": ["bad", _("Cannot be confirmed"), strange],
        "none": ["warn", _("No signed code"), none],
    }
