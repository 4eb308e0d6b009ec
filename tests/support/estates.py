"""One of everything in a county, so that a test can ask what of it reaches somebody elsewhere.

Every row carries the county's mark in a text that screens, exports or the API show.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from flask import current_app
from PIL import Image
from sqlalchemy.orm import Session

from app import clock, vault
from app.rules import identifiers
from app.scope import as_system
from models.amendment import Amendment
from models.application import Application, Decision, Material, Submission
from models.attachment import DocumentFile, NoticeFile
from models.base import Base
from models.certificate import Certificate, Delivery, Measure
from models.credit import Credit
from models.event import Event
from models.figure import Due
from models.message import Message
from models.publication import Contact, Document, Notice, Window
from models.registration import Registration
from models.roster_request import RosterPicture, RosterRequest
from tests.support import factories

DAY = date(2020, 7, 1)
DIGEST = "0" * 64  # of an event that nobody verifies


@dataclass
class Estate:
    """The rows of one county by the name of their resource; `mark` stands in each of them."""

    region_code: str
    number: str = field(default_factory=factories.id_number)
    rows: dict[str, Any] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """A text of eight characters that nothing of another county holds."""
        return f"MK{self.region_code}"

    def id(self, resource: str) -> int:
        """The key of the county's row of a resource."""
        key: int = self.rows[resource].id
        return key


def estate(region_code: str) -> Estate:
    """One row of every resource in a county, as whoever acts there would have made them."""
    made = Estate(region_code)
    mark = made.mark
    account = factories.account("county_reviewer", region_code, phone="13900000001")
    made.rows["accounts"] = account
    made.rows["organizations"] = factories.organization(
        region_code, name=f"{mark}社", phone="13900000002"
    )
    worker = factories.worker(
        region_code,
        number=made.number,
        name=mark,
        unit_name=f"{mark}单位",
        organization_id=made.id("organizations"),
        phone="13900000003",
    )
    made.rows["workers"] = worker
    made.rows["qualifications"] = factories.qualification(
        worker, management_number=f"{mark}-Q", exam_year=2018
    )
    with as_system("a test makes what it needs") as session:
        add = partial(_add, session, made)
        _papers(add, made)
        _publications(add, made)
        session.commit()
        for row in session:
            session.refresh(row)
        session.expunge_all()
    return made


def _add(session: Session, made: Estate, resource: str, row: Any) -> None:
    if hasattr(type(row), "region_code"):
        row.region_code = made.region_code
    if hasattr(type(row), "worker_id"):
        row.worker_id = made.id("workers")
    session.add(row)
    session.flush()
    made.rows[resource] = row


def _papers(add: Callable[[str, Base], None], made: Estate) -> None:
    mark, issued = made.mark, {"valid_from": DAY, "valid_until": date(2023, 6, 30)}
    add("applications", application(made.mark))
    of = made.id("applications")
    case = {"application_id": of, "attempt": 1, "policy_code": mark, "policy_version": 1}
    add("submissions", Submission(**case, turn=1, submitted_at=clock.now()))
    add("materials", _material(of, mark))
    add("decisions", _decision(of, made))
    coded = {"kind": "first", "level": "social_worker"}
    numbered = {"legacy_number": mark, "application_id": of}
    past = {"cycle_year": 2018, "state": "verified", "registered_on": DAY}
    add("registrations", Registration(**coded, **past, **numbered, **issued))
    add("certificates", _certificate(made, issued))
    add("measures", _measure(made))
    add("amendments", _amendment(made))
    add("deliveries", _delivery(made))
    add("credits", Credit(title=f"{mark}课", taken_on=DAY, hours=6, source="offline"))
    add("due", Due(kind=made.mark, level="senior", found_on=DAY))
    add("roster_requests", request(made.mark))
    asked = made.id("roster_requests")
    add("roster_pictures", RosterPicture(request_id=asked, digest=_portrait()))
    message = {"title": mark, "body": mark, "user_id": made.id("accounts")}
    add("messages", Message(**message))
    add("events", event(made.region_code, f"{mark}:1"))


def application(reference: str, **facts: Any) -> Application:
    """A first registration under review; the caller says where and whose."""
    given = {
        "kind": "first",
        "level": "social_worker",
        "state": "in_review",
        "stage": 1,
        "attempt": 1,
        "submitted_at": clock.now(),
        "policy_code": "national",
        "policy_version": 1,
        **facts,
    }
    return Application(reference=reference, **given)


def _material(of: int, mark: str) -> Material:
    return Material(
        application_id=of,
        slot="photo",
        digest=_portrait(),
        media_type="image/jpeg",
        size=1,
        width=413,
        height=626,
        original_name=mark,
    )


def _portrait() -> str:
    """The digest of a stored picture of the size that policies ask for."""
    file = io.BytesIO()
    Image.new("RGB", (413, 626), "white").save(file, "JPEG")
    digest: str = current_app.extensions["files"].put(file.getvalue())
    return digest


def _decision(of: int, made: Estate) -> Decision:
    return Decision(
        application_id=of,
        submission_id=made.id("submissions"),
        stage=1,
        verdict="approve",
        reason=made.mark,
        office_code=made.region_code,
        decided_by=made.id("accounts"),
        decided_at=clock.now(),
    )


def _certificate(made: Estate, issued: dict[str, date]) -> Certificate:
    return Certificate(
        number=f"4120{made.region_code}00001",
        name=made.mark,
        level="social_worker",
        state="valid",
        issued_on=DAY,
        management_number=made.mark,
        id_number_masked="110105********5170",
        authority=made.mark,
        template="registration_certificate",
        photo_digest=_portrait(),
        application_id=made.id("applications"),
        registration_id=made.id("registrations"),
        **issued,
    )


def _amendment(made: Estate) -> Amendment:
    return Amendment(
        registration_id=made.id("registrations"),
        name=made.mark,
        changes={"legacy_number": ["00000001", made.mark]},
        note=made.mark,
        state="proposed",
        proposed_by=made.id("accounts"),
    )


def _measure(made: Estate) -> Measure:
    return Measure(
        certificate_id=made.id("certificates"),
        certificate_number=made.rows["certificates"].number,
        name=made.mark,
        act="cancel",
        reason_code="own_wish",
        note=made.mark,
        state="proposed",
        proposed_by=made.id("accounts"),
    )


def _delivery(made: Estate) -> Delivery:
    return Delivery(
        certificate_id=made.id("certificates"),
        certificate_number=made.rows["certificates"].number,
        method="post",
        state="pending",
        recipient=made.mark,
        phone="13900000004",
        address=f"{made.mark}路1号",
    )


def event(region_code: str, subject: str) -> Event:
    """An entry of the audit log, not chained."""
    return Event(
        subject=subject,
        seq=1,
        verb="submit",
        actor_role="applicant",
        region_code=region_code,
        reason=subject,
        public=True,
        previous="",
        digest=DIGEST,
    )


def request(name: str, **facts: Any) -> RosterRequest:
    """Somebody who asks to be put on the roster."""
    number = factories.id_number()
    return RosterRequest(
        name=name,
        id_type="id_card",
        id_number_cipher=vault.seal(number),
        id_number_digest=vault.digest(number),
        id_number_masked=identifiers.mask_id_number(number),
        phone="13900000005",
        email="request@example.com",
        level="assistant",
        exam_year=2018,
        management_number=f"{name}-R",
        agreed_text="agreed",
        state="pending",
        **facts,
    )


def _publications(add: Callable[[str, Base], None], made: Estate) -> None:
    title, state = f"{made.mark}标题", "draft"
    window = {"policy_code": "national", "kinds": ["first"], "opens_on": DAY, "closes_on": DAY}
    add("windows", Window(title=title, state=state, **window))
    dated: dict[str, Any] = {"title": title, "state": state, "issued_on": DAY, "body": made.mark}
    add("notices", Notice(issuer=made.mark, **dated))
    add("documents", Document(**dated))
    add("contacts", Contact(title=title, position=0, state=state))
    file: dict[str, Any] = {"media_type": "application/pdf", "size": 1, "digest": _portrait()}
    name = f"{made.mark}.pdf"
    add("notice_files", NoticeFile(notice_id=made.id("notices"), name=name, **file))
    add("document_files", DocumentFile(document_id=made.id("documents"), name=name, **file))
