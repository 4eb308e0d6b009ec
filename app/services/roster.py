"""Asking the roster who somebody is: a name with an identity number, and nothing by halves
(MC-02)."""

import re
import unicodedata
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import vault
from app.rules import identifiers
from app.rules.fields import Choice, FieldSpec
from app.rules.words import Words
from app.services import forms
from app.services.refusals import Invalid
from models.account import Account
from models.codes import DOCUMENT_TYPES
from models.qualification import Qualification
from models.worker import Worker

NOT_FOUND = Words("请输入正确的身份证号", "Please enter the correct identity number")
"""The national guide's own words, even when the number is right (MC-03)."""
MALFORMED = _l("The format or the check digit of the identity number is wrong.")
OTHER_PAPER = re.compile(r"[0-9A-Z()]{5,20}")

WHO: tuple[FieldSpec, ...] = (
    FieldSpec("name", "text", _l("Name"), max=64, autocomplete="name"),
    FieldSpec(
        "id_type",
        "choice",
        _l("Document type"),
        choices=tuple(Choice(code, label) for code, label in DOCUMENT_TYPES.items()),
    ),
    FieldSpec("id_number", "text", _l("Identity number"), max=32),
)


@dataclass(frozen=True)
class Identity:
    """Somebody by the papers: a name, the kind of document and its number, in their one form."""

    name: str
    id_type: str
    id_number: str


@dataclass(frozen=True)
class Match:
    """Somebody whom the roster knows by these papers; `phone` is the mobile number on record, if
    there is one, and `account` the user name of the account that is there already."""

    worker_id: int
    name: str
    management_number: str | None
    phone: str | None
    account: str | None


def identity(values: dict[str, str | None]) -> Identity:
    """The typed papers; raises Invalid for what is empty or malformed, each in its own words.

    Only the number of a resident identity card has a check digit (X-23, X-38).
    """
    loaded = forms.load(WHO, values)
    number = identifiers.normalise_id_number(loaded["id_number"])
    card = loaded["id_type"] == "id_card"
    bad = identifiers.check_id_number(number) if card else not OTHER_PAPER.fullmatch(number)
    if bad:
        raise Invalid.at("id_number", MALFORMED)
    return Identity(plain(loaded["name"]), loaded["id_type"], number)


def plain(name: str) -> str:
    """A name as it is compared: half-width, the middle dot of one kind, no blanks at the ends."""
    return re.sub(r"\s*[·•．.]\s*", "·", unicodedata.normalize("NFKC", name).strip())


def find(session: Session, who: Identity) -> Match | None:
    """Whom the roster knows by name and number together.

    The same statements are asked in every case, so that neither text nor time tells a wrong name
    from an unknown number.
    """
    worker = session.scalar(
        select(Worker).where(
            Worker.id_type == who.id_type, Worker.id_number_digest == vault.digest(who.id_number)
        )
    )
    found = known(session, worker)
    return found if found and plain(found.name) == who.name else None


def known(session: Session, worker: Worker | None) -> Match | None:
    """What is on record of a worker; for none the same statements, which find nothing."""
    key = worker.id if worker else 0
    number = session.scalar(
        select(Qualification.management_number)
        .where(Qualification.worker_id == key)
        .order_by(Qualification.exam_year.desc(), Qualification.id.desc())
        .limit(1)
    )
    account = session.scalar(select(Account.username).where(Account.worker_id == key))
    if worker is None:
        return None
    mobile = worker.phone if identifiers.check_phone(worker.phone or "") is None else None
    return Match(worker.id, worker.name, number, mobile, account)
