"""反馈: asking the office to put somebody on the roster, and what the office does about it
(MC-04, MC-05)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import clock, vault
from app.documents.pictures import PictureRefused, check_picture
from app.documents.watermark import watermarked
from app.extensions import LOCKED, db
from app.queries import regions
from app.rules import identifiers
from app.rules.fields import Choice, FieldSpec
from app.scope import Actor, as_system
from app.services import (
    bilingual,
    consents,
    events,
    forms,
    materials,
    outbox,
    roster,
    roster_answers,
)
from app.services.jobs import job
from app.services.refusals import LOOK_AGAIN, Conflict, Invalid, Missing
from app.services.unattended import unattended
from app.services.verbs import STALE, need, transaction
from models.codes import LEVELS
from models.qualification import Qualification
from models.roster_request import RosterPicture, RosterRequest
from models.worker import Worker

MOST_PICTURES = 4
EVIDENCE_KEPT = timedelta(days=180)
"""After the answer: as long as the pictures of a case, whoever wants to object has them."""
PLEASE_SHOW = _l("Please add a picture of your identity card and one of your certificate.")
CHOOSE_AGAIN = _l("Choose the pictures again: the browser does not keep them.")
TOO_MANY = _l("At most four pictures.")
ELSEWHERE = _l("This number is on the roster of another region. Ask the office there.")
SAY_WHY = _l("Say in a few words what is missing or wrong; the person reads it.")

_ASKED: tuple[FieldSpec, ...] = (
    *roster.WHO,
    FieldSpec("phone", "phone", _l("Phone"), autocomplete="tel"),
    FieldSpec("email", "email", _l("E-mail"), max=254, autocomplete="email", required=False),
    FieldSpec(
        "level",
        "choice",
        _l("Level"),
        choices=tuple(Choice(code, label) for code, label in LEVELS.items()),
    ),
    FieldSpec("exam_year", "year", _l("Examination year"), min=2008),
    FieldSpec("management_number", "text", _l("Management number"), max=64),
    FieldSpec("region_code", "region", _l("Region"), lookup="regions"),
    FieldSpec("note", "textarea", _l("Remark"), max=1000, required=False),
)


def fields() -> tuple[FieldSpec, ...]:
    """What a request asks for; no examination is later than this year."""
    this_year = clock.today().year
    return tuple(replace(one, max=this_year) if one.kind == "year" else one for one in _ASKED)


@dataclass(frozen=True)
class Checked:
    """A request in which nothing is missing or wrong; the pictures by their digests."""

    values: Mapping[str, Any]
    pictures: list[str]


def check(values: Mapping[str, Any], files: Iterable[bytes], agreed: bool) -> Checked:
    """A request as it can be kept, its pictures decoded and cleaned.

    Raises Invalid with what is wrong with which entry.
    """
    errors: dict[str, Any] = {}
    loaded: dict[str, Any] = {}
    try:
        loaded = forms.load(fields(), values)
        roster.identity({spec.name: loaded[spec.name] for spec in roster.WHO})
    except Invalid as fault:
        errors |= fault.errors
    pictures = _clean(list(files), errors)
    if not agreed:
        errors["agree"] = _l("Please read this and tick it.")
    if loaded and not _is_county(loaded["region_code"]):
        errors["region_code"] = regions.CHOOSE_COUNTY
    if errors:
        if pictures:
            errors.setdefault("evidence", CHOOSE_AGAIN)
        raise Invalid(LOOK_AGAIN, errors)
    return Checked(loaded, pictures)


def _clean(files: list[bytes], errors: dict[str, Any]) -> list[str]:
    if not files or len(files) > MOST_PICTURES:
        errors["evidence"] = TOO_MANY if files else PLEASE_SHOW
        return []
    try:
        return [_stored(data) for data in files]
    except PictureRefused as fault:
        errors["evidence"] = fault.message
        return []


def _stored(data: bytes) -> str:
    """The digest of a clean copy in the store; what was sent is never kept."""
    return materials.store().put(check_picture(data, max_bytes=None).data)


def _is_county(code: str) -> bool:
    with as_system("whoever sends a request has no account") as session:
        return regions.lowest(session, [code]).get(code, False)


def send(checked: Checked, address: str | None) -> None:
    """Keep a request for the office of the region (MC-04)."""
    loaded, pictures = checked.values, checked.pictures
    number = identifiers.normalise_id_number(loaded["id_number"])
    given = {key: value for key, value in loaded.items() if key != "id_number"}
    with unattended("whoever sends a request has no account") as session:
        row = RosterRequest(
            **{**given, "name": roster.plain(given["name"])},
            id_number_cipher=vault.seal(number),
            id_number_digest=vault.digest(number),
            id_number_masked=identifiers.mask_id_number(number),
            agreed_text=consents.shown(consents.ACCOUNT),
            agreed_from=address,
            language=bilingual.language(),
        )
        session.add(row)
        session.flush()
        session.add_all(RosterPicture(request_id=row.id, digest=one) for one in pictures)
        events.record(session, _subject(row), "ask", row.region_code, to_state=row.state)


def one(key: int) -> RosterRequest:
    """A request in the actor's region; raises Missing."""
    need("roster_requests.read")
    row = db.session.scalar(select(RosterRequest).where(RosterRequest.id == key))
    return row or _missing()


def pictures(key: int) -> list[RosterPicture]:
    """The evidence of a request in the actor's region, until it is deleted; raises Missing."""
    query = select(RosterPicture).where(RosterPicture.request_id == one(key).id)
    return list(db.session.scalars(query.order_by(RosterPicture.id)))


def evidence(key: int, number: int) -> bytes:
    """One picture of a request as JPEG, marked with who looks; that somebody looks is on record
    first. Raises Missing."""
    actor = need("roster_requests.settle")
    row, kept = one(key), pictures(key)
    if not 0 <= number < len(kept):
        _missing()
    with transaction() as session:
        events.record(session, _subject(row), "look", row.region_code, reason=f"picture {number}")
    data = materials.store().get(kept[number].digest)
    return watermarked(data, materials.mark_of(actor))


def erase_evidence() -> int:
    """Let go of the pictures of requests that were answered EVIDENCE_KEPT ago, each with an event;
    how many requests. The daily round over the store deletes their files."""
    over = RosterRequest.settled_at <= clock.now() - EVIDENCE_KEPT
    with unattended("the time is over, whoever acts now") as session:
        kept = select(RosterPicture.request_id)
        rows = session.scalars(select(RosterRequest).where(over, RosterRequest.id.in_(kept))).all()
        for row in rows:
            session.execute(delete(RosterPicture).where(RosterPicture.request_id == row.id))
            events.record(session, _subject(row), "erase", row.region_code)
    return len(rows)


@job("erase_evidence", attempts=None)
def erase_promised() -> None:
    """The job of `promise_today`."""
    erase_evidence()


def promise_today() -> None:
    """Promise to delete the evidence whose time is over, once a day."""
    outbox.promise_to_itself({f"erase_evidence:{clock.today()}": ("erase_evidence", {})})


def accept(key: int, version: int | None = None) -> Worker:
    """Put the person on the roster with the qualification, and tell them (MC-05).

    Who is there already gets the name, the telephone and the e-mail of the request. Raises
    Missing, Conflict when it is settled, or the number or the certificate is somebody else's.
    """
    actor = need("roster_requests.settle")
    with transaction() as session:
        row = _open(session, key, version)
        worker, verb = _worker(session, row)
        _qualify(session, worker, row)
        _settle(session, actor, row, "accepted", None)
        row.worker_id = worker.id
        session.flush()
        events.record(session, f"worker:{worker.id}", verb, worker.region_code, reason="反馈")
        roster_answers.tell(session, row, roster_answers.ACCEPTED)
    return worker


def refuse(key: int, reason: str, version: int | None = None) -> None:
    """Say no, with a reason that the person is told; raises Invalid without one, Conflict when it
    is settled."""
    actor = need("roster_requests.settle")
    if len(reason.strip()) < 4:
        raise Invalid.at("reason", SAY_WHY)
    with transaction() as session:
        row = _open(session, key, version)
        _settle(session, actor, row, "refused", reason.strip())
        roster_answers.tell(session, row, roster_answers.REFUSED)


def _open(session: Session, key: int, version: int | None) -> RosterRequest:
    row = session.get(RosterRequest, key, populate_existing=True, with_for_update=LOCKED)
    if row is None:
        _missing()
    assert row is not None
    if row.state != "pending" or version not in (None, row.version):
        raise Conflict("stale", STALE)
    return row


def _missing() -> Any:
    raise Missing("missing", _l("There is no such request in your region."))


def _worker(session: Session, row: RosterRequest) -> tuple[Worker, str]:
    """The person on the roster, new or put right, and the verb that says which of the two."""
    same = (
        Worker.id_type == row.id_type,
        Worker.id_number_digest == row.id_number_digest,
    )
    with as_system("a number is unique in the whole register") as everywhere:
        known = everywhere.scalar(select(Worker.id).where(*same))
    worker = session.scalar(select(Worker).where(*same)) if known else None
    if known and worker is None:
        raise Conflict("elsewhere", ELSEWHERE)
    verb = "update" if worker else "create"
    worker = worker or _new(session, row)
    worker.name, worker.phone = row.name, row.phone
    worker.email = row.email or worker.email
    session.flush()
    return worker, verb


def _new(session: Session, row: RosterRequest) -> Worker:
    number = vault.unseal(row.id_number_cipher)
    card = row.id_type == "id_card"
    worker = Worker(
        name=row.name,
        region_code=row.region_code,
        id_type=row.id_type,
        id_number_cipher=vault.seal(number),
        id_number_digest=row.id_number_digest,
        id_number_masked=row.id_number_masked,
        sex=identifiers.sex_of(number) if card else None,
        born_on=identifiers.born_on(number) if card else None,
        real_name=False,
    )
    session.add(worker)
    return worker


def _qualify(session: Session, worker: Worker, row: RosterRequest) -> None:
    held = select(Qualification.id).where(
        Qualification.worker_id == worker.id,
        Qualification.management_number == row.management_number,
    )
    if session.scalar(held) is None:
        session.add(
            Qualification(
                worker_id=worker.id,
                region_code=worker.region_code,
                level=row.level,
                exam_year=row.exam_year,
                management_number=row.management_number,
                verified=True,
            )
        )


def _settle(
    session: Session, actor: Actor, row: RosterRequest, state: str, reason: str | None
) -> None:
    before, row.state = row.state, state
    row.reason, row.settled_by, row.settled_at = reason, actor.account_id, clock.now()
    verb = {"accepted": "accept", "refused": "refuse"}[state]
    facts = {"from_state": before, "to_state": state, "reason": reason}
    events.record(session, _subject(row), verb, row.region_code, **facts)


def _subject(row: RosterRequest) -> str:
    return f"roster_request:{row.id}"


def known(row: RosterRequest) -> roster.Match | None:
    """What the roster of the actor's region says of the number of a request."""
    same = Worker.id_type == row.id_type, Worker.id_number_digest == row.id_number_digest
    worker = db.session.scalar(select(Worker).where(*same))
    return roster.known(db.session(), worker)
