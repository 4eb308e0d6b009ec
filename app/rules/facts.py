"""The facts about a person that the rules look at, and how they are read from edited data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args

from app.rules.reading import Fault, PolicyFaults, below, parse
from app.rules.words import Words

Level = Literal["assistant", "social_worker", "senior"]
KindCode = Literal[
    "first", "renewal", "late_renewal", "replacement", "exchange", "completion", "upgrade"
]
CertificateState = Literal["valid", "replaced", "lost", "revoked", "cancelled"]
Source = Literal["online", "offline"]

LEVELS: tuple[str, ...] = get_args(Level)
"""From low to high."""

ONE_KIND = {"one_of": get_args(KindCode)}
ONE_LEVEL = {"one_of": get_args(Level)}
YEARS = {"min": 1900, "max": 2999}
OUR_OWN = Words("此项由系统自行判断", "The portal settles this itself")


@dataclass(frozen=True)
class RegistrationFact:
    """One registration of a worker; `cycle_year` is the turn that it settles (X-01), `on` the day
    it was done."""

    kind: str = field(metadata=ONE_KIND)
    cycle_year: int = field(metadata={"key": "year", **YEARS})
    on: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class CertificateFact:
    """The latest registration certificate; `issued_here` tells those of this portal from others."""

    number: str | None
    valid_until: date
    state: str = field(default="valid", metadata={"one_of": get_args(CertificateState)})
    issued_here: bool = True


@dataclass(frozen=True)
class CreditFact:
    """Hours of one course; offline ones count once they are accepted."""

    on: date
    hours: Decimal
    source: str = field(metadata={"one_of": get_args(Source)})
    accepted: bool = False

    @property
    def counts(self) -> bool:
        """Whether the hours are certain: earned online, or accepted by an office."""
        return self.source == "online" or self.accepted


@dataclass(frozen=True)
class Facts:
    """What the rules look at. None is what nobody has said yet.

    `service_region_code` is the region that the application goes to; `open_application` the kind
    of a case in flight other than the one that is asked about; `proofs` the cycle years for which
    a proof of hours is attached. The portal alone says whether a person's name is verified and
    which level is registered, so that edited data may not give these two.
    """

    region_code: str | None = field(default=None, metadata={"pattern": r"\d{6}"})
    service_region_code: str | None = field(default=None, metadata={"pattern": r"\d{6}"})
    level: str | None = field(default=None, metadata=ONE_LEVEL)
    exam_year: int | None = field(default=None, metadata=YEARS)
    qualified_on: date | None = None
    management_number: str | None = field(default=None, metadata={"blank": True})
    born_on: date | None = None
    registrations: tuple[RegistrationFact, ...] = ()
    certificate: CertificateFact | None = None
    certificate_lost: bool | None = False
    credits: tuple[CreditFact, ...] = ()
    proofs: tuple[int, ...] = field(default=(), metadata=YEARS)
    open_application: str | None = field(default=None, metadata=ONE_KIND)
    real_name: bool = field(default=True, metadata={"own": True})
    registered_level: str | None = field(default=None, metadata={"own": True})


def parse_facts(data: object) -> Facts:
    """The facts that JSON or YAML data give; raises PolicyFaults with every fault by its key."""
    faults = list(_taken_over(data)) if isinstance(data, Mapping) else []
    try:
        facts: Facts = parse(Facts, data)
    except PolicyFaults as refused:
        raise PolicyFaults([*refused.faults, *faults]) from refused
    if faults:
        raise PolicyFaults(faults)
    return facts


def _taken_over(data: Mapping[Any, Any]) -> Iterator[Fault]:
    for one in fields(Facts):
        if one.metadata.get("own") and one.name in data:
            yield Fault(below("", one.name), OUR_OWN)
