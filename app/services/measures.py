"""What an office does to a certificate: it revokes or cancels it or makes it anew, when a second
person agrees."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app import clock
from app.extensions import LOCKED, db
from app.queries import four_eyes
from app.queries.policies import policy_of
from app.rules.fields import Choice, FieldSpec
from app.rules.regions import LEVELS, Level, level_of
from app.scope import Actor
from app.services import approvals, certificates, ending, events, forms, issuing, messages
from app.services.refusals import LOOK_AGAIN, Conflict, Forbidden, Invalid, Missing, Refusal
from app.services.verbs import STALE, need, transaction
from models.application import Application
from models.certificate import Certificate, Measure
from models.codes import MEASURE_REASONS, REASONS_OF, REGION_LEVELS

PERMISSION = "certificates.end"
OPEN = ("valid", "lost")
"""The states in which a certificate, in time or not, is the last one of its holder."""
ENDS = {"revoke": "revoked", "cancel": "cancelled", "reissue": "replaced"}
TOLD = {"revoke": "revoked", "cancel": "cancelled", "reissue": "reissued"}
"""The message to the holder."""

NO_SUCH = _l("There is no such measure in your region.")
OVER = _l("This certificate has been replaced, revoked or cancelled already.")
WAITING = _l("A measure on this certificate is waiting for confirmation already.")
OWN = _l("Nobody acts on a certificate of their own.")
ALONE = _l("A second person has to confirm what you proposed.")
OTHER_REASON = _l("This is no reason for this measure. Choose one of its own.")
UNCHANGED = _l(
    "Nothing on this certificate would change. Correct the holder's record first, "
    "then have the certificate made anew."
)


def fields(offered: tuple[str, ...]) -> tuple[FieldSpec, ...]:
    """What is typed in a proposal that may be any of these measures."""
    reasons = {code: words for act in offered for code, words in REASONS_OF[act].items()}
    return (
        FieldSpec(
            "reason_code",
            "choice",
            _l("Reason"),
            required=True,
            choices=tuple(Choice(code, words) for code, words in reasons.items()),
        ),
        FieldSpec("note", "textarea", _l("Facts and documents"), required=True, min=4, max=2000),
    )


def refused(certificate: Certificate, act: str, actor: Actor | None) -> Refusal | None:
    """Why somebody may not propose or confirm this measure, or None: first whether the certificate
    is still open to it, then what is against the person."""
    return over(certificate, act) or barred(certificate, act, actor)


def over(certificate: Certificate, act: str) -> Refusal | None:
    """Why a certificate is not open to a measure any more, whoever asks, or None."""
    if certificate.state not in OPEN or (act == "reissue" and certificate.state != "valid"):
        return Conflict("over", OVER)
    return None


def barred(certificate: Certificate, act: str, actor: Actor | None) -> Refusal | None:
    """Why somebody has no say in this measure, or None: the role, then the office's level as the
    policy of the certificate has it, then whose certificate it is."""
    if actor is None or not actor.may(PERMISSION):
        return Forbidden("not_permitted", _l("Your role does not permit this."))
    lowest = lowest_office(certificate, act)
    if LEVELS.index(level_of(actor.region_code)) > LEVELS.index(lowest):
        sentence = _l(
            "This needs an office of the level “%(level)s” or above. Please report it there.",
            level=REGION_LEVELS[lowest],
        )
        return Forbidden("too_low", sentence)
    return own(certificate, actor)


def own(certificate: Certificate, actor: Actor) -> Refusal | None:
    """Why a holder has no say in a measure on the own certificate, whatever the office; or None."""
    if certificate.worker_id in four_eyes.records_of(actor):
        return Forbidden("own_certificate", OWN)
    return None


def lowest_office(certificate: Certificate, act: str) -> Level:
    """The level of the lowest office that may do this, by the policy of the certificate's case."""
    case = db.session.get_one(Application, certificate.application_id)
    terms = policy_of(case.policy_code, case.policy_version).certificate
    return {"revoke": terms.revoke, "cancel": terms.cancel, "reissue": terms.reissue}[act]


def propose(number: str, act: str, values: Any) -> Measure:
    """Ask a second person to confirm a measure on a certificate; nothing changes until then.

    `values` are those of `fields`. Raises Missing outside the scope, Conflict where the certificate
    is over or a measure waits, Forbidden by role, level of the office or for the holder, Invalid
    for a reason that is not this measure's, and Refusal where a new certificate would say nothing
    new or could not be printed.
    """
    need(PERMISSION)
    if act not in ENDS:
        raise Invalid(LOOK_AGAIN, {"act": OTHER_REASON})
    typed = forms.load(fields(tuple(ENDS)), values)
    if typed["reason_code"] not in REASONS_OF[act]:
        raise Invalid(LOOK_AGAIN, {"reason_code": OTHER_REASON})
    with transaction() as session:
        row = _locked(session, Certificate.number == number)
        actor = _admit(session, row, act)
        if _waiting(session, row) is not None:
            raise Conflict("waiting", WAITING)
        measure = Measure(
            name=row.name,
            region_code=row.region_code,
            certificate_id=row.id,
            certificate_number=number,
            act=act,
            state="proposed",
            proposed_by=actor.account_id,
            **typed,
        )
        session.add(measure)
        session.flush()
        _record(session, row, "propose_measure", measure)
    return measure


def confirm(key: int) -> Measure:
    """Carry out what somebody else proposed, tell the holder, and let the public page know.

    Raises Missing, Conflict where it was decided already or the certificate is over, Forbidden for
    the one who proposed it and as `propose`.
    """
    need(PERMISSION)
    with transaction() as session:
        measure, row = _proposed(session, key)
        actor = _admit(session, row, measure.act)
        if measure.proposed_by == actor.account_id:
            raise Forbidden("second_person", ALONE)
        _decide(measure, actor, "confirmed")
        _carry_out(session, row, measure)
    return measure


def decline(key: int) -> Measure:
    """Leave the certificate as it is; also whoever proposed a measure may think better of it, from
    any office, and one on a certificate that is over meanwhile is cleared away so.

    Raises Missing, Forbidden as `propose` does, Conflict where it was decided already.
    """
    actor = need(PERMISSION)
    with transaction() as session:
        measure, row = _proposed(session, key)
        is_theirs = measure.proposed_by == actor.account_id
        against = own(row, actor) if is_theirs else barred(row, measure.act, actor)
        if against:
            raise against
        _decide(measure, actor, "declined")
        _record(session, row, "decline_measure", measure)
    return measure


def _carry_out(session: Session, certificate: Certificate, measure: Measure) -> None:
    ending.end(
        session,
        certificate,
        ENDS[measure.act],
        measure.act,
        reason_code=measure.reason_code,
        reason=measure.note,
    )
    case = session.get_one(Application, certificate.application_id)
    said: dict[str, Any] = {
        "number": certificate.number,
        "reason": MEASURE_REASONS[measure.reason_code],
    }
    if measure.act == "reissue":
        new = issuing.reissue(session, certificate)
        said |= {"new_number": new.number, "valid_until": new.valid_until}
    messages.tell(session, certificate.worker_id, TOLD[measure.act], case, **said)


def _admit(session: Session, certificate: Certificate, act: str) -> Actor:
    """Whoever may do this; raises what is against it."""
    actor = need(PERMISSION)
    against = refused(certificate, act, actor)
    if against:
        raise against
    if act == "reissue":
        _refuse_same(session, certificate)
    return actor


def _refuse_same(session: Session, certificate: Certificate) -> None:
    """A certificate is made anew only where it would say something else, and what it would say can
    be printed."""
    found = issuing.printed_now(session, certificate)
    if all(getattr(certificate, key) == value for key, value in found.items()):
        raise Refusal("unchanged", UNCHANGED)
    approvals.printable_or_refuse(*found.values())


def _locked(session: Session, which: ColumnElement[bool]) -> Certificate:
    query = select(Certificate).where(which).with_for_update(**LOCKED)
    certificate = session.scalar(query.execution_options(populate_existing=True))
    if certificate is None:
        raise Missing("missing", certificates.MISSING)
    return certificate


def _proposed(session: Session, key: int) -> tuple[Measure, Certificate]:
    measure = session.get(Measure, key, populate_existing=True, with_for_update=LOCKED)
    if measure is None:
        raise Missing("missing", NO_SUCH)
    if measure.state != "proposed":
        raise Conflict("stale", STALE)
    return measure, _locked(session, Certificate.id == measure.certificate_id)


def _waiting(session: Session, certificate: Certificate) -> int | None:
    query = select(Measure.id).where(
        Measure.certificate_id == certificate.id, Measure.state == "proposed"
    )
    return session.scalar(query)


def _decide(measure: Measure, actor: Actor, state: str) -> None:
    measure.state = state
    measure.decided_by, measure.decided_at = actor.account_id, clock.now()


def _record(session: Session, certificate: Certificate, verb: str, measure: Measure) -> None:
    events.record(
        session,
        f"certificate:{certificate.id}",
        verb,
        certificate.region_code,
        reason_code=measure.reason_code,
        reason=f"{measure.act}: {measure.note}",
    )
