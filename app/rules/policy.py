"""What the keys of a policy mean: one jurisdiction's kinds of registration, windows and wording."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from app.rules.dictionaries import Reason
from app.rules.history import Due
from app.rules.kinds import Kind, WindowFact
from app.rules.words import Words

TEMPLATE = "registration_certificate"
"""The Typst file of a certificate whose policy names none."""
Office = Literal["province", "city", "county"]
FILE_NAME = r"[a-z0-9]+([_-][a-z0-9]+)*"
"""The name of a file without its ending."""


@dataclass(frozen=True)
class Contact:
    """Whom to ask, and about what (BA-27)."""

    name: Words
    about: Words
    person: Words | None = None
    phone: str | None = None
    email: str | None = None
    hours: Words | None = None


@dataclass(frozen=True)
class CertificateTerms:
    """How a jurisdiction's certificate looks and which office may end one.

    `template` names a Typst file, `seal` a PNG file with the authority's seal, if it has one (docs/
    certificates.md). `revoke`, `cancel` and `reissue` are the level of the lowest office that may
    propose and confirm each of these.
    """

    template: str = field(default=TEMPLATE, metadata={"pattern": FILE_NAME})
    seal: str | None = field(default=None, metadata={"pattern": FILE_NAME})
    revoke: Office = "province"
    cancel: Office = "city"
    reissue: Office = "city"


def edition_name(code: str, version: int) -> str:
    """How one edition of a policy is called in events and figures."""
    return f"{code}@{version}"


@dataclass(frozen=True)
class Policy:
    """What one jurisdiction, the subtree of `region_code`, allows from `effective_from` to
    `effective_until`, both included.

    `due` and `cycle_years` say when the next registration is due (X-01); `remind_days` how many
    days before a window opens those who may apply are told (BJ-55). `recheck_percent` of the final
    approvals are drawn for the office above, and `identity_days` after its end the pictures of
    identity cards of a case are deleted. `reasons` are those of this
    policy's refusals and returns, before the ones that all policies share.
    """

    code: str
    version: int
    region_code: str
    region_name: Words
    effective_from: date
    title: Words
    authority: Words
    legal_basis: tuple[Words, ...]
    labels: str
    due: Due
    kinds: Mapping[str, Kind]
    windows: tuple[WindowFact, ...] = ()
    contacts: tuple[Contact, ...] = ()
    handling_body: Words | None = None
    effective_until: date | None = None
    extends: str | None = None
    cycle_years: int = 3
    remind_days: int | None = None
    recheck_percent: int | None = field(default=None, metadata={"min": 0, "max": 100})
    identity_days: int | None = field(default=None, metadata={"min": 1, "max": 36500})
    certificate: CertificateTerms = CertificateTerms()
    reasons: Mapping[str, Reason] = field(default_factory=dict)

    @property
    def edition(self) -> str:
        """Its name in events and figures."""
        return edition_name(self.code, self.version)

    def in_force(self, on: date) -> bool:
        """Whether the policy holds on a day."""
        return self.effective_from <= on and (
            self.effective_until is None or on <= self.effective_until
        )

    def window_near(self, kind: str, on: date) -> WindowFact | None:
        """The kind's window that is open on a day, else the next one, else the latest one."""
        mine = [window for window in self.windows if kind in window.kinds]
        reachable = [window for window in mine if on <= window.closes_on]
        if reachable:
            return min(reachable, key=lambda window: window.opens_on)
        return max(mine, key=lambda window: window.closes_on, default=None)

    def is_open(self, kind: str, on: date) -> bool:
        """Whether the kind takes applications on a day."""
        if self.kinds[kind].opens == "window":
            window = self.window_near(kind, on)
            return window is not None and window.open_on(on)
        return True

    def kind_on(self, kind: str, on: date) -> Kind:
        """The kind as the window near a day has it; raises KeyError for an unknown kind."""
        window = self.window_near(kind, on)
        current = self.kinds[kind].under(window if window and window.rules_on(on) else None)
        return current.in_year(on.year)
