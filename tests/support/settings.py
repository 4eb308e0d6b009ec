"""The settings under which tests run the portal."""

from collections.abc import Mapping
from pathlib import Path

# The demo follows the clock; at this instant it is the one of the announcement of 2020.
DEMO_NOW = "2020-07-10T09:00"

FIXED = {
    "SECRET_KEY": "key-of-the-tests-for-sessions-and-tokens",
    "IDENTITY_KEY": "a2V5LW9mLXRoZS10ZXN0cy1mb3ItaWRlbnRpdGllcy4=",
    "EVENT_KEY": "key-of-the-tests-for-the-chain-of-events",
    "PORTAL_JOBS": "off",
    "PORTAL_RATE_LIMIT": "off",
    "PORTAL_SMS": "",
    "PORTAL_QUIET_HOURS": "",
}


def settings(database_url: str, files: Path, changed: Mapping[str, str]) -> dict[str, str]:
    """The environment of one portal under test."""
    return {**FIXED, "DATABASE_URL": database_url, "PORTAL_FILES": str(files), **changed}
