"""查验: what anyone who has a certificate's number may know of it, as of now.

Nothing is kept from one answer to the next: a change of state is public with its commit.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.queries import policies
from app.rules import certificate as rules
from app.rules import identifiers
from app.rules.kinds import Kind
from app.rules.words import Words
from app.scope import as_system
from app.services import certificates
from app.services.verdicts import IN_FORCE, VERDICTS, Standing, Verdict
from models.application import Application
from models.certificate import Certificate
from models.registration import Registration

LONGEST = 32
SHOWN_FROM = 11  # of the number of a certificate that took the place of paper
MADE_ANEW = Words("换发", "Made anew")
REASON = "whoever holds a number may ask whether it is good"


@dataclass(frozen=True)
class Printed:
    """What anyone may know of a certificate: the holder's name is masked."""

    name: str
    level: Words
    level_code: str
    issued_on: date
    valid_from: date
    valid_until: date
    authority: str
    handling_body: str | None
    photo_digest: str


@dataclass(frozen=True)
class Successor:
    """The certificate that took the place of another, and the kind of case that brought it."""

    number: str
    reason: Words


@dataclass(frozen=True)
class PublicStatus:
    """What a number stands for at an instant; `printed` is None where there is no certificate, or
    where its number can be guessed."""

    number: str
    standing: Standing
    as_of: datetime
    printed: Printed | None = None
    successor: Successor | None = None
    valid_until: date | None = None

    @property
    def verdict(self) -> Verdict:
        """The answer in words."""
        return VERDICTS[self.standing]

    @property
    def in_force(self) -> bool:
        """Whether the certificate holds at that instant."""
        return self.standing in IN_FORCE

    @property
    def typed_right(self) -> bool:
        """Whether the number could be one; if not, nothing was looked up."""
        return self.standing not in ("mistyped", "wrong_digit")

    @property
    def could_be_a_guess(self) -> bool:
        """Whether the answer is worth something to somebody who only tries numbers: the one that
        there is none, and any about paper, whose numbers follow each other."""
        return self.standing == "unknown" or rules.check_legacy_number(self.number)


@dataclass(frozen=True)
class _Register:
    """What the register has under some numbers, read with as many statements for one as for many:
    certificates and those that took their place, registrations on paper, and what their people
    were issued here since."""

    issued: dict[str, Certificate]
    later: dict[int, Certificate]
    paper: dict[str, list[Registration]]
    newest: dict[int, Certificate]
    kinds: dict[int, Kind]

    def successor(self, later: Certificate, shown_from: int = 0) -> Successor:
        """A certificate that took another's place; its number may be shown only in part."""
        number = "*" * shown_from + later.number[shown_from:]
        reason = MADE_ANEW if later.edition > 1 else self.kinds[later.id].label
        return Successor(number, reason)


def public_status(typed: str) -> PublicStatus:
    """What anyone who has the number of a certificate may know (X-41, MC-31).

    A number that cannot be one is told so before anything is looked up.
    """
    return public_statuses([typed])[0]


def public_statuses(typed: Sequence[str]) -> list[PublicStatus]:
    """The answers to many numbers, in their order."""
    numbers = [cleaned(one) for one in typed]
    asked = {number for number in numbers if fault_of(number) is None}
    if not asked:
        return [_answer(None, number) for number in numbers]
    with as_system(REASON) as session:
        found = _looked_up(session, asked)
        return [_answer(found, number) for number in numbers]


def cleaned(typed: str) -> str:
    """A number as it is stored: half-width, without what groups its digits for reading aloud."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", typed)))[:LONGEST]


def fault_of(number: str) -> Standing | None:
    """Why this cannot be the number of a certificate, None when it can."""
    if rules.check_legacy_number(number) or rules.check_number(number, clock.today().year):
        return None
    whole = len(number) == 15 and number.isdecimal()
    return "wrong_digit" if whole else "mistyped"


def _looked_up(session: Session, numbers: Iterable[str]) -> _Register:
    paper = sorted(filter(rules.check_legacy_number, numbers))
    issued = session.scalars(
        select(Certificate).where(Certificate.number.in_(set(numbers) - set(paper)))
    ).all()
    old = [row.id for row in issued if row.state == "replaced"]
    later = session.scalars(select(Certificate).where(Certificate.predecessor_id.in_(old))).all()
    registered = session.scalars(
        select(Registration)
        .where(Registration.legacy_number.in_(paper), Registration.state == "verified")
        .order_by(Registration.cycle_year, Registration.id)
    ).all()
    people = {row.worker_id for row in registered}
    newest = session.scalars(
        select(Certificate).where(Certificate.worker_id.in_(people)).order_by(Certificate.id)
    ).all()
    by_number: dict[str, list[Registration]] = {}
    for row in registered:
        by_number.setdefault(str(row.legacy_number), []).append(row)
    return _Register(
        {row.number: row for row in issued},
        {row.predecessor_id: row for row in later if row.predecessor_id},
        by_number,
        {row.worker_id: row for row in newest},
        _kinds(session, [*issued, *later, *newest]),
    )


def _kinds(session: Session, rows: Iterable[Certificate]) -> dict[int, Kind]:
    """What each certificate was issued for, as the policy of its case calls it."""
    key = {row.id: row.application_id for row in rows}
    query = select(Application).where(Application.id.in_(set(key.values())))
    kinds = {
        case.id: policies.policy_of(case.policy_code, case.policy_version).kinds[case.kind]
        for case in policies.with_their_policies(session, query)
    }
    return {row: kinds[case] for row, case in key.items()}


def _answer(found: _Register | None, number: str) -> PublicStatus:
    wrong = fault_of(number)
    if wrong or found is None:
        return PublicStatus(number, wrong or "mistyped", clock.now())
    if certificate := found.issued.get(number):
        return _issued(found, certificate)
    if rows := found.paper.get(number):
        return _paper(found, number, rows)
    return PublicStatus(number, "unknown", clock.now())


def _issued(found: _Register, row: Certificate) -> PublicStatus:
    later = found.later.get(row.id)
    return PublicStatus(
        row.number,
        certificates.standing(row),
        clock.now(),
        _printed(row, found.kinds[row.id]),
        found.successor(later) if later else None,
        row.valid_until,
    )


def _paper(found: _Register, number: str, rows: Sequence[Registration]) -> PublicStatus:
    """What the register knows of a paper certificate. Its number can be guessed, so the answer
    names nobody, and of the certificate that took its place it shows the end of the number."""
    if len({row.worker_id for row in rows}) > 1:
        return PublicStatus(number, "paper_doubtful", clock.now())
    if later := found.newest.get(rows[-1].worker_id):
        hidden = found.successor(later, SHOWN_FROM)
        return PublicStatus(number, "paper_replaced", clock.now(), successor=hidden)
    last = rows[-1].valid_until
    over = last is not None and clock.today() > last
    standing: Standing = "paper_expired" if over else "paper"
    return PublicStatus(number, standing, clock.now(), valid_until=last)


def _printed(certificate: Certificate, kind: Kind) -> Printed:
    return Printed(
        name=identifiers.mask_name(certificate.name),
        level=kind.wording("level", certificate.level),
        level_code=certificate.level,
        issued_on=certificate.issued_on,
        valid_from=certificate.valid_from,
        valid_until=certificate.valid_until,
        authority=certificate.authority,
        handling_body=certificate.handling_body,
        photo_digest=certificate.photo_digest,
    )
