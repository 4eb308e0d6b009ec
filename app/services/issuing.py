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
from app.rules.policy import Policy
from app.rules.workflow import Verb
from app.services import cases, ending, events, messages, outbox, registering
from app.services.cases import Terms
from app.services.registering import Registered
from models.application import Application, Material
from models.certificate import Certificate, Delivery
from models.qualification import Qualification
from models.worker import Worker

LONGEST_ADDRESS = 200
STAYS = (
    "worker_id",
    "region_code",
    "level",
    "valid_from",
    "valid_until",
    "authority",
    "handling_body",
    "template",
    "photo_digest",
    "application_id",
    "registration_id",
)
"""What a certificate that is made anew takes over from the one before."""
RENDER = "render"
"""The job that draws and signs a certificate."""


def carry_out(session: Session, application: Application) -> Certificate:
    """Move an approved application on to issued, with all that comes of it, in one transaction.

    Raises Conflict unless it is approved.
    """
    terms = cases.terms_of(session, application)
    _move_on(session, application, terms)
    assert application.decided_at is not None, "approved without a decision"
    approved_on = clock.local(application.decided_at).date()  # not the day of the job
    effect = registering.effect_of(session, application, approved_on)
    registered = registering.register(session, application, effect)
    before = _take_over(session, application)
    certificate = _certify(session, application, terms.policy, registered, before)
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


def _take_over(session: Session, application: Application) -> Certificate | None:
    """Take the certificate before this one out of force, as lost or replaced, in its own event;
    gives the one whose place is taken, also when it was lost before (H)."""
    query = select(Certificate).where(Certificate.worker_id == application.worker_id)
    held = session.scalar(query.order_by(Certificate.id.desc()).limit(1))
    if held is None or held.state not in ("valid", "lost"):
        return None
    if held.state == "valid":
        state, verb = ("replaced", "replace")
        if registering.says_lost(application):
            state, verb = ("lost", "lose")
        ending.end(session, held, state, verb, reason=application.reference)
    return held


def printed_now(session: Session, certificate: Certificate) -> dict[str, str]:
    """What the record says today where a certificate made anew would differ: the name, the masked
    identity number, the number of the qualification."""
    worker = session.get_one(Worker, certificate.worker_id)
    application = session.get_one(Application, certificate.application_id)
    return {
        "name": worker.name,
        "id_number_masked": worker.id_number_masked,
        "management_number": management_number_of(session, application, certificate.level),
    }


def reissue(session: Session, certificate: Certificate) -> Certificate:
    """Make a certificate anew for its registration, with what the record says today and a number of
    its own, in the place of one that was just taken out of force; its validity stays as it was."""
    kept = {key: getattr(certificate, key) for key in STAYS}
    application = session.get_one(Application, certificate.application_id)
    new = Certificate(
        **kept,
        **printed_now(session, certificate),
        number=_free_number(session, application.province_code, clock.today()),
        state="valid",
        issued_on=clock.today(),
        edition=certificate.edition + 1,
        predecessor_id=certificate.id,
    )
    session.add(new)
    session.flush()
    promise_file(session, new)
    events.record(
        session,
        f"certificate:{new.id}",
        "reissue",
        new.region_code,
        to_state="valid",
        reason=certificate.number,
        public=True,
    )
    return new


def _certify(
    session: Session,
    application: Application,
    policy: Policy,
    registered: Registered,
    before: Certificate | None,
) -> Certificate:
    worker = session.get_one(Worker, application.worker_id)
    portrait = portrait_of(session, application)
    assert portrait is not None, "approved without a portrait"
    certificate = Certificate(
        worker_id=worker.id,
        region_code=application.region_code,
        number=_free_number(session, application.province_code, clock.today()),
        name=worker.name,
        level=registered.row.level,
        state="valid",
        issued_on=clock.today(),
        valid_from=registered.valid_from,
        valid_until=registered.valid_until,
        management_number=management_number_of(session, application, registered.row.level),
        id_number_masked=worker.id_number_masked,
        authority=policy.authority.zh,
        handling_body=policy.handling_body.zh if policy.handling_body else None,
        template=policy.certificate.template,
        photo_digest=portrait,
        application_id=application.id,
        registration_id=registered.row.id,
        predecessor_id=before.id if before else None,
    )
    session.add(certificate)
    session.flush()
    promise_file(session, certificate)
    return certificate


def promise_file(session: Session, certificate: Certificate) -> None:
    """Promise the signed file of a new certificate in the transaction that makes it."""
    outbox.promise(session, RENDER, job_of(certificate), certificate_id=certificate.id)


def job_of(certificate: Certificate) -> str:
    """The key of the job that draws and signs a certificate."""
    return f"{RENDER}:{certificate.id}"


def _free_number(session: Session, province_code: str, on: date) -> str:
    """A number that nobody has, and that no exchange of neighbours turns into another (X-41). Two
    that draw one at once break the unique index: the second is tried again with its own."""
    while True:
        number = rules.number(province_code, on.year, f"{secrets.randbelow(10**8):08d}")
        if not rules.steady(number):
            continue
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


def _move_on(session: Session, application: Application, terms: Terms) -> None:
    before = application.state
    cases.step(application, Verb.issue, terms.kind)
    cases.record(session, application, Verb.issue, before)


def portrait_of(session: Session, application: Application) -> str | None:
    """The digest of the portrait that was submitted."""
    policy = policies.policy_of(application.policy_code, application.policy_version)
    slots = [s.name for s in policy.kinds[application.kind].materials if s.portrait]
    query = select(Material.digest).where(
        Material.application_id == application.id, Material.slot.in_(slots), Material.active
    )
    return session.scalar(query)


def management_number_of(session: Session, application: Application, level: str) -> str:
    """The number of the qualification that is registered, empty when there is none on record: that
    of the level, since a higher one may have come since (X-25), else the one of the case."""
    held = select(Qualification.management_number).where(
        Qualification.worker_id == application.worker_id
    )
    newest = Qualification.exam_year.desc(), Qualification.id.desc()
    of_level = session.scalar(held.where(Qualification.level == level).order_by(*newest).limit(1))
    of_case = held.where(Qualification.id == application.qualification_id)
    return of_level or session.scalar(of_case) or ""
