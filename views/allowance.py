"""How often one address may ask: what is counted, and the refusal when it is used up.

The numbers of certificates cannot be guessed, and here nobody gets to try many: an answer that a
guess would look for is counted apart, and once its allowance is gone the address gets no answer at
all, because the refusal itself would tell a hit from a miss.
"""

from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from flask import current_app, request
from flask_babel import lazy_gettext as _l
from limits import parse

from app.services.refusals import TooMany

LATER = _l("Too many attempts from your network. Wait an hour and try again.")
SOON = _l("Too many attempts. Wait a minute and try again.")


@dataclass(frozen=True)
class Allowance:
    """Something that an address may do so often, such as "30 per hour"."""

    name: str
    rate: str
    sentence: Any = LATER

    def check(self) -> None:
        """Raises TooMany when nothing is left."""
        limiter = _limiter()
        if limiter and not limiter.test(parse(self.rate), self.name, asker()):
            raise TooMany("too_many", self.sentence)

    def spend(self, cost: int = 1) -> None:
        """Count what was done, however much is left."""
        limiter = _limiter()
        if limiter and cost:
            limiter.hit(parse(self.rate), self.name, asker(), cost=cost)

    def take(self) -> None:
        """Count it and go on; raises TooMany when nothing was left."""
        self.check()
        self.spend()


CHECKS = Allowance("checks", "60 per minute", SOON)
"""Answers: enough for an office with a pile of paper, not for all numbers."""

GUESSES = Allowance("guesses", "30 per hour")
"""Numbers that could be a try: those that were never issued, and all of paper."""

LISTS = Allowance("lists", "12 per hour")
FILES = Allowance("files", "20 per hour")
DOWNLOADS = Allowance("downloads", "30 per minute", SOON)
LISTED_GUESSES = Allowance(
    "listed_guesses",
    "600 per day",
    _l("Too many unknown numbers from your network today. Try again tomorrow."),
)
"""The same numbers in lists: an employer's old files are full of paper."""


def _limiter() -> Any:
    limiter = current_app.appbuilder.sm.limiter  # type: ignore[attr-defined]
    return limiter.limiter if limiter.enabled else None


def asker() -> str:
    """Who is counted: an address, and of the new kind its network, since one line has them all."""
    address = ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104 - a name, not a socket
    if address.version == 6:
        return str(ip_network((address, 64), strict=False))
    return str(address)
