"""What an approval brings about: a row of the register, the certificate, its way to the holder."""

import secrets
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.queries import policies
from app.queries.names import region_names
from app.rules import certificate as rules
from app.rules.kinds import Kind
from app.rules.policy import Policy
from app.rules.workflow import Refused, State, Verb, next_state
from app.services import events, messages
from app.services.refusals import Conflict
from models.application import Application, Material
from models.certificate import Certificate, Delivery
from models.qualification import Qualification
from models.registration import Registration
from models.worker import Worker

TEMPLATE = "registration_certificate"
LONGEST_ADDRESS = 200


def carry_out(session: Session, application: Application) -> Certificate:
    """Move an approved application on to issued, with all that comes of it, in one transaction.

    Raises Conflict unless it is approved.
    """
    policy = policies.policy_of(application.policy_code, application.policy_version)
    kind = policy.kinds[application.kind]
    _move_on(session, application, len(kind.review), f"{policy.code} {policy.version}")
    registration = _register(session, application, kind)
    certificate = _certify(session, application, policy, registration)
    _promise_delivery(session, application, certificate)
    messages.tell(
        session,
        application.worker_id,
        "issued",
        application,
        ("inbox",),  # the approval itself went out by every channel
        number=certificate.number,
        valid_until=certificate.valid_until,
    )
    return certificate


def _register(session: Session, application: Application, kind: Kind) -> Registration:
    """The row of the register, of the day of the final approval, not of the job (X-29, X-48)."""
    assert application.decided_at is not None, "approved without a decision"
    approved_on = clock.local(application.decided_at).date()
    registration = Registration(
        worker_id=application.worker_id,
        region_code=application.region_code,
        kind=application.kind,
        cycle_year=approved_on.year,
        level=application.level,
        state="verified",
        registered_on=approved_on,
        valid_from=approved_on,
        valid_until=rules.valid_until(kind.validity, approved_on),
        application_id=application.id,
    )
    session.add(registration)
    session.flush()
    return registration


def _certify(
    session: Session, application: Application, policy: Policy, registration: Registration
) -> Certificate:
    worker = session.get_one(Worker, application.worker_id)
    portrait = portrait_of(session, application)
    assert portrait is not None, "approved without a portrait"
    certificate = Certificate(
        worker_id=worker.id,
        region_code=application.region_code,
        number=_free_number(session, application.province_code, clock.today()),
        name=worker.name,
        level=application.level,
        state="valid",
        issued_on=clock.today(),
        valid_from=registration.valid_from,
        valid_until=registration.valid_until,
        management_number=management_number_of(session, application),
        id_number_masked=worker.id_number_masked,
        authority=policy.authority.zh,
        handling_body=policy.handling_body.zh if policy.handling_body else None,
        template=TEMPLATE,
        photo_digest=portrait,
        application_id=application.id,
        registration_id=registration.id,
    )
    session.add(certificate)
    session.flush()
    return certificate


def _free_number(session: Session, province_code: str, on: date) -> str:
    """A number that nobody has (X-41). Two that draw one at once break the unique index: the
    second is tried again with a number of its own."""
    while True:
        number = rules.number(province_code, on.year, f"{secrets.randbelow(10**8):08d}")
        if session.scalar(select(Certificate.id).where(Certificate.number == number)) is None:
            return number


def _promise_delivery(session: Session, application: Application, certificate: Certificate) -> None:
    """What has to leave the office: nothing for an electronic certificate (BA-14, BA-25)."""
    form: dict[str, Any] = application.form
    method = form.get("delivery", "electronic")
    if method == "electronic":
        return
    by_post = method == "post"
    session.add(
        Delivery(
            worker_id=application.worker_id,
            region_code=application.region_code,
            certificate_id=certificate.id,
            certificate_number=certificate.number,
            method=method,
            state="pending",
            recipient=form["recipient"] if by_post else certificate.name,
            phone=form["recipient_phone"] if by_post else None,
            address=_postal_address(form) if by_post else None,
        )
    )


def _postal_address(form: dict[str, Any]) -> str:
    """Region and street in one line; nothing is ever cut from it (BA-26)."""
    code, street = str(form["delivery_region"]), str(form["delivery_address"])
    region = region_names([code])[code]
    # people repeat the region, and a very long street names it for sure
    if street.startswith(region) or len(region + street) > LONGEST_ADDRESS:
        return street
    return region + street


def _move_on(session: Session, application: Application, stages: int, policy: str) -> None:
    before = State(application.state)
    try:
        step = next_state(before, Verb.issue, application.stage, stages)
    except Refused as refused:
        raise Conflict(refused.code, refused.message) from refused
    application.state, application.stage = step.state, step.stage
    events.record(
        session,
        f"application:{application.id}",
        Verb.issue,
        application.region_code,
        from_state=before,
        to_state=step.state,
        policy=policy,
        public=True,
    )


def portrait_of(session: Session, application: Application) -> str | None:
    """The digest of the portrait that was submitted."""
    policy = policies.policy_of(application.policy_code, application.policy_version)
    slots = [s.name for s in policy.kinds[application.kind].materials if s.portrait]
    query = select(Material.digest).where(
        Material.application_id == application.id, Material.slot.in_(slots), Material.active
    )
    return session.scalar(query)


def management_number_of(session: Session, application: Application) -> str:
    """The number of the qualification that is registered, empty when there is none on record."""
    key = application.qualification_id
    qualification = session.get(Qualification, key) if key else None
    return (qualification.management_number if qualification else None) or ""
