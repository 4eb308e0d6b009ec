"""One case on one screen: what the review desk's page of a case is put together from."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from app import clock
from app.queries import queue
from app.queries.cases import Case, shared_numbers
from app.queries.checks import checks
from app.queries.comparison import Compared, Picture
from app.queries.decided import Decided
from app.queries.due import due_of
from app.queries.names import region_names
from app.queries.policies import reasons_of
from app.rules.conditions_hours import plain
from app.rules.dictionaries import Reason
from app.rules.kinds import Kind
from app.scope import current_actor
from app.services import claims, credits, review, undoing
from models.codes import (
    CREDIT_SOURCES,
    CREDIT_STATES,
    KINDS,
    LEVELS,
    REGISTRATION_STATES,
    VERDICTS,
)
from models.credit import Credit
from models.registration import Registration
from views.cases import steps
from views.markup import Cell
from views.review_queue import kept, wanted
from views.texts import decided_by, in_words, moment


def page(
    found: Case, errors: Mapping[str, Any] | None = None, number: str | None = None
) -> dict[str, Any]:
    """What the template of a case is given; `number` is an identity number that was revealed."""
    application = found.application
    previous_key, next_key = queue.neighbours(application, wanted())
    refused = review.may_decide(application)
    mine, actor = _is_mine(found), current_actor()
    taken = claims.in_the_way(found.claim, actor) if actor else None
    return {
        "title": f"{found.worker.name} · {in_words(found.kind.label)}",
        "note": _note(found),
        "crumbs": [
            (_("Waiting for my review"), url_for("Review.queue", **kept())),
            (application.reference, None),
        ],
        "tags": list(_tags(found)),
        "previous_url": url_of(previous_key),
        "next_url": url_of(next_key),
        "print_url": url_for("Cases.pdf", key=application.id),
        "correction": _correction(found),
        "comparison": [
            {"title": part.label, "rows": [_row(row) for row in part.rows]} for part in found.parts
        ],
        "registrations": list(_registrations(found)),
        "identity": _identity(found, number),
        "proofs": list(_proofs(found, mine or (not taken and not refused))),
        "earned": [_credit(one) for one in found.credits if one.application_id != application.id],
        "checks": checks(found.kind, found.findings),
        "steps": steps(application, found.deciders),
        "pictures": [_picture(one) for one in found.visible],
        "erased": [(one.label, one.erased) for one in found.pictures if one.erased],
        "shown": next((i for i, one in enumerate(found.visible) if one.since or one.asked), 0),
        "claim": None if refused or taken else _claim(found),
        "decision": None if refused or taken else _decision(found),
        "errors": errors or {},
        "kept_text": request.form.get("reason"),
        "locked_text": refused.sentence if refused else taken,
        "undo": _undo(found) if refused else None,
    }


def url_of(key: int | None, endpoint: str = "Review.case") -> str | None:
    """The page of another case of the same queue."""
    return None if key is None else url_for(endpoint, key=key, **kept())


def _note(found: Case) -> str:
    application = found.application
    region = region_names([application.region_code]).get(application.region_code, "")
    basis = _(
        "%(policy)s, edition %(number)s",
        policy=in_words(found.policy.title),
        number=found.policy.version,
    )
    parts = (
        in_words(found.kind.wording("level", application.level)),
        region,
        _("submitted %(at)s", at=moment(application.submitted_at)),
        basis,
    )
    return " · ".join(part for part in parts if part)


def _tags(found: Case) -> Iterator[tuple[str, str]]:
    actor = current_actor()
    absent = claims.behalf(found.application, actor) if actor else None
    if absent and found.office:
        yield _("For %(name)s", name=absent.display_name), "info"
    if found.application.attempt > 1:
        yield _("attempt %(number)s", number=found.application.attempt), "info"
    if found.returned:
        yield _("corrected"), "info"
    yield from _due(found)


def _due(found: Case) -> Iterator[tuple[str, str]]:
    due = due_of(found.application)
    if due is None:
        return
    if due.overdue:
        yield _("%(days)s working days overdue", days=-due.left), "bad"
    elif due.left == 0:
        yield _("to be decided today"), "warn"
    else:
        yield decided_by(due), "idle"


def _is_mine(found: Case) -> bool:
    actor = current_actor()
    return bool(actor and found.claim and found.claim.account_id == actor.account_id)


def _claim(found: Case) -> dict[str, Any]:
    """Taking the case, or leaving it to others."""
    held = found.claim if _is_mine(found) else None  # an absent colleague's is still to be taken
    until = clock.local(held.until).strftime("%H:%M") if held else None
    return {
        "url": url_of(found.application.id, "Review.claim"),
        "until": until,
        "version": found.application.version,
    }


def _undo(found: Case) -> dict[str, Any] | None:
    """Taking back one's own decision, when that can be done."""
    actor = current_actor()
    if actor is None or not found.decisions or undoing.refusal(found.application, actor):
        return None
    last = found.decisions[-1]
    return {
        "url": url_of(found.application.id, "Review.undo"),
        "version": found.application.version,
        "name": found.worker.name,
        "verdict": VERDICTS[last.verdict],
        "at": moment(last.decided_at),
    }


def decided_row(one: Decided) -> dict[str, Any]:
    """One decision of today, with the way to take it back or why there is none."""
    actor, decision, application = current_actor(), one.decision, one.application
    refused = undoing.refusal_of(one, actor) if actor else None
    return {
        "name": one.name,
        "note": f"{one.id_number_masked} · {application.reference}",
        "kind": KINDS[application.kind],
        "verdict": VERDICTS[decision.verdict],
        "tone": {"approve": "good", "reject": "bad"}.get(decision.verdict, "warn"),
        "at": moment(decision.decided_at),
        "reason": decision.reason,
        "url": url_of(application.id),
        "undo_url": None if refused else url_of(application.id, "Review.undo"),
        "version": application.version,
        "why": refused.sentence if refused else None,
    }


def _correction(found: Case) -> dict[str, Any] | None:
    """What changed since the decision that this submission answers, and nothing else."""
    if found.returned is None:
        return None
    answered = found.returned
    named = found.deciders.get(answered.decided_by, "")
    return {
        "reason": answered.reason,
        "who": f"{named} · {moment(answered.decided_at)}",
        "rows": [_row(row) for row in found.changed],
        "pictures": [
            {"title": one.label, "url": _url_of(one), "since": one.since}
            for one in found.changed_pictures
        ],
    }


def _row(row: Compared) -> dict[str, Any]:
    note = _("last certificate") if row.former and row.known else None
    return {
        "name": row.name,
        "label": row.label,
        "submitted": row.submitted,
        "known": Cell(row.known, note) if row.known else None,
        "state": row.state,
        "before": row.before,
        "since": row.since,
    }


def _registrations(found: Case) -> Iterator[dict[str, Any]]:
    shared = shared_numbers(found.registrations)
    for row in found.registrations:
        yield _registration(row, shared)


def _registration(row: Registration, shared: Collection[str]) -> dict[str, Any]:
    """A year that was claimed or settled, beside the picture of the certificate (BJ-22); a number
    that somebody else has given as well is told (MC-31)."""
    until = _("valid until %(day)s", day=row.valid_until) if row.valid_until else None
    twice = row.legacy_number in shared
    warning = _("this number is on record of another person, too") if twice else None
    parts = (KINDS[row.kind], LEVELS[row.level], row.legacy_number, until, warning)
    return {
        "year": row.cycle_year,
        "text": " · ".join(str(part) for part in parts if part),
        "state": _("Number used twice") if twice else REGISTRATION_STATES[row.state],
        "tone": "bad" if twice else "good" if row.state == "verified" else "warn",
    }


def _proofs(found: Case, open_: bool) -> Iterator[dict[str, Any]]:
    """Each picture that proves hours, with what was recorded beside it and the form for more."""
    at = request.view_args.get("material") if request.view_args else None
    for index, one in enumerate(found.visible):
        if not one.hours:
            continue
        typed = request.form if at == one.id else {}
        key: dict[str, Any] = {"key": found.application.id, "material": one.id}
        yield {
            "title": one.label,
            "picture": index + 1,
            "prefix": f"p{one.id}",
            "fields": credits.FIELDS,
            "typed": {spec.name: typed.get(spec.name) for spec in credits.FIELDS},
            "open": at == one.id,
            "credits": [
                _credit(credit) | {"undo_url": _undo_url(found, credit.id) if open_ else None}
                for credit in found.credits
                if credit.application_id == found.application.id and credit.material_id == one.id
            ],
            "form_url": url_for("Review.hours", **key, **kept()) if open_ else None,
        }


def _undo_url(found: Case, credit: int) -> str:
    return url_for("Review.undo_hours", key=found.application.id, credit=credit, **kept())


def _credit(one: Credit) -> dict[str, Any]:
    tones = {"accepted": "good", "refused": "bad"}
    known = (one.title, one.provider, str(one.taken_on), CREDIT_SOURCES[one.source])
    return {
        "text": " · ".join(str(part) for part in known if part),
        "hours": plain(one.hours),
        "state": CREDIT_STATES[one.state] if one.source == "offline" else None,
        "tone": tones.get(one.state),
    }


def _identity(found: Case, number: str | None) -> dict[str, Any] | None:
    """The way to the identity number, for those who may see it with a reason."""
    actor = current_actor()
    if actor is None or not actor.may("workers.reveal"):
        return None
    return {"url": url_of(found.application.id, "Review.identity"), "number": number}


def _url_of(one: Picture) -> str | None:
    return None if one.erased else url_for("Materials.one", key=one.id)


def _picture(one: Picture) -> dict[str, Any]:
    remarks = " ".join(in_words(text) for text in one.warnings)
    size = f"{one.width} × {one.height} · {-(-one.size // 1024)} KB"
    return {
        "title": one.label,
        "url": url_for("Materials.one", key=one.id),
        "note": f"{size} {remarks}".strip(),
        "warning": remarks,
        "since": one.since,
    }


def offered(found: Case, verdicts: Collection[str]) -> list[Reason]:
    """The coded reasons that one of these verdicts on a case may have."""
    return [one for one in reasons_of(found.policy).values() if set(one.verdicts) & set(verdicts)]


def unlockable(kind: Kind) -> list[tuple[str, Any]]:
    """What a return may open for correction, with its label: pictures first."""
    return [(one.name, one.label) for one in kind.slots() if one.page == 1] + [
        (spec.name, spec.label) for spec in kind.fields if not spec.locked
    ]


def _decision(found: Case) -> dict[str, Any]:
    """The form of a decision, with what was typed before it was refused."""
    kind, stage = found.kind, found.office.stage if found.office else None
    verdicts = ["approve", "reject"] + (["return"] if kind.return_ == "allowed" else [])
    return {
        "title": stage.label if stage else _("Review"),
        "form_url": url_of(found.application.id),
        "version": found.application.version,
        "name": found.worker.name,
        "verdicts": verdicts,
        "reasons": offered(found, verdicts),
        "unlockable": unlockable(kind),
        "given": {
            "reason_code": request.form.get("reason_code"),
            "reason": request.form.get("reason"),
            "unlocked": request.form.getlist("items"),
        },
    }
