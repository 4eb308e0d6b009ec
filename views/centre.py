"""The personal centre: what to do now and until when, the case in flight, the certificate."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import abort, render_template, session, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.queries import own, progress
from app.queries.facts import Assessment, assessment
from app.queries.names import region_names
from app.queries.policies import policies_for, policy_of
from app.rules.kinds import Kind
from app.rules.words import Words
from app.rules.workflow import IN_FLIGHT, Refused, State
from app.services import certificates
from app.services.verdicts import VERDICTS
from models.application import Application
from models.profile import Profile
from models.worker import Worker
from views import cases, entries
from views.guard import permitted
from views.texts import in_words


class Centre(BaseView):
    """个人中心, where an applicant's work begins (BJ-12)."""

    route_base = "/centre"

    @expose("/")
    @permitted("applications.apply")
    def index(self) -> Any:
        """Everything that is the applicant's own, on one page."""
        me = own.person() or abort(403)
        person = me.worker
        found, mine = assessment(person), own.applications()
        wordings = own.wordings(mine, found.facts.level)
        held = entries.held_by(found)
        return render_template(
            "applicant/home.html",
            greeting=person.name,
            note=_who(person, found),
            tasks=[*_tasks(found, mine, wordings), *_now(found, mine, me.profile)],
            current=_current(mine, wordings),
            hours=entries.hours_of_period(found),
            entries=list(entries.of_person(found, mine, me.profile, held)),
            certificates=[_certificate(one, found) for one in held[:1]],
            links=[
                (_("My details"), url_for("Personal.index")),
                (_("My applications"), url_for("Records.mine")),
                (_("Registration history"), url_for("Records.past")),
                (_("My certificate"), url_for("MyCertificates.index")),
                (_("My messages"), url_for("Messages.inbox")),
                (_("My data"), url_for("OwnData.index")),
            ],
        )


def _who(person: Worker, found: Assessment) -> str:
    """The level and the region; what the sign-in has put down needs no statement."""
    office = session.get("office") or region_names([person.region_code]).get(person.region_code)
    level = found.facts.level
    names = (_level(found, level) if level else None, office)
    return " · ".join(in_words(name) for name in names if name)


def _level(found: Assessment, level: str) -> Words:
    known = (kind.wording("level", level) for kind in found.policy.kinds.values() if kind.layout)
    return next(known, Words(level, level))


def _tasks(
    found: Assessment, mine: Sequence[Application], wordings: Mapping[int, own.Wording]
) -> Iterator[dict[str, Any]]:
    """What waits for the applicant of what was begun: a correction, a draft, a refusal."""
    in_flight = any(case.state in IN_FLIGHT for case in mine)
    against = {} if in_flight else _against(mine, found)
    notes = {} if in_flight else _notes(mine, against)
    for case in mine:
        if case.state in (State.returned, State.draft):
            yield _unfinished(case, wordings[case.id].kind, found)
        elif case.id in notes:
            again = _("See why and apply again") if _may_begin_again(case, against) else None
            yield _refused(case, wordings[case.id].kind, notes[case.id], again)
        elif _is_taken_back(case, mine) and not in_flight:
            again = _("See it and submit again") if _may_begin_again(case, against) else None
            yield _taken_back(case, wordings[case.id].kind, found, again)


def _now(
    found: Assessment, mine: Sequence[Application], profile: Profile | None
) -> Iterator[dict[str, Any]]:
    """What to begin now, before its window closes (BJ-13); first what its form is taken from."""
    in_flight = any(case.state in IN_FLIGHT for case in mine)
    kind = None if in_flight else _may_apply(found, mine)
    if kind is None:
        return
    unprepared = kind.profile and own.lacking(found.policy, profile)
    name = in_words(kind.label)
    yield {
        "text": found.countdown or _("You can apply now: %(kind)s", kind=name),
        "note": _("Your details come first: the form is filled in from them.")
        if unprepared
        else kind.summary,
        "label": _("Fill in my details") if unprepared else _("Register now"),
        "url": url_for("Personal.index") if unprepared else url_for("Apply.start", kind=kind.code),
        "tone": "warn" if found.countdown else "info",
    }


def _may_apply(found: Assessment, mine: Sequence[Application]) -> Kind | None:
    """The kind to begin now: the one that fits the person best, or while a window closes any that
    is open; none where a case of it was begun already, which the other tasks tell."""
    if any(case.state == State.draft for case in mine):
        return None
    fitting = [code for code in (found.route,) if code and found.eligible(code)]
    closing = [code for code in found.policy.kinds if found.countdown and found.eligible(code)]
    code = next(iter((*fitting, *closing)), None)
    case = own.of_kind(code, mine) if code else None
    if code is None or (case is not None and case.state != State.issued):
        return None
    return found.policy.kinds[code]


def _unfinished(case: Application, kind: Words, found: Assessment) -> dict[str, Any]:
    returned = case.state == State.returned
    name = in_words(kind)
    saved = _("%(kind)s: saved, not submitted yet", kind=name)
    draft_text = found.countdown or saved
    returned_text = _("%(kind)s: returned to you for correction", kind=name)
    return {
        "text": returned_text if returned else draft_text,
        "note": saved if found.countdown and not returned else case.reference,
        "label": _("Correct and submit again") if returned else _("Go on filling in"),
        "url": url_for("Filling.form", key=case.id),
        "tone": "warn",
    }


def _is_taken_back(case: Application, mine: Sequence[Application]) -> bool:
    return case.state == State.withdrawn and case is own.of_kind(case.kind, mine)


def _taken_back(
    case: Application, kind: Words, found: Assessment, again: str | None
) -> dict[str, Any]:
    taken_back = _("%(kind)s: taken back, not submitted again yet", kind=in_words(kind))
    return {
        "text": found.countdown or taken_back,
        "note": taken_back if found.countdown else case.reference,
        "label": again or _("Details"),
        "url": url_for("Cases.one", key=case.id),
        "tone": "warn",
    }


def _may_begin_again(case: Application, against: Mapping[int, Refused | None]) -> bool:
    return case.id in against and not against[case.id]


def _against(mine: Sequence[Application], found: Assessment) -> dict[int, Refused | None]:
    """What is against taking each rejected or withdrawn case up again, if anything."""
    over = [case for case in mine if case.state in cases.RETAKEN]
    home = found.facts.region_code or ""
    elsewhere = {case.region_code for case in over} - {home}
    at = {home: found.policy, **(policies_for(elsewhere, found.on) if elsewhere else {})}
    known = [case for case in over if case.kind in at[case.region_code].kinds]
    return {case.id: own.reopening_refused(case, at[case.region_code]) for case in known}


def _notes(
    mine: Sequence[Application], against: Mapping[int, Refused | None]
) -> dict[int, Words | str | None]:
    """What is said of each rejected case: why it cannot be taken up again, else the reason."""
    rejected = [case for case in mine if case.state == State.rejected]
    reasons = own.reasons(rejected) if rejected else {}
    said = ((case.id, against.get(case.id)) for case in rejected)
    return {key: why.message if why else reasons.get(key) for key, why in said}


def _refused(
    case: Application, kind: Words, note: Words | str | None, again: str | None
) -> dict[str, Any]:
    return {
        "text": _("%(kind)s: not approved", kind=in_words(kind)),
        "note": note,
        "label": again or _("Details"),
        "url": url_for("Cases.one", key=case.id),
        "tone": "bad",
    }


def _current(
    mine: Sequence[Application], wordings: Mapping[int, own.Wording]
) -> dict[str, Any] | None:
    """The case that is with an office now: who has it and since when."""
    with_office = (State.in_review, State.approved)  # a returned one waits among the tasks
    case = next((one for one in mine if one.state in with_office), None)
    if case is None:
        return None
    step = progress.present(case, policy_of(case.policy_code, case.policy_version))
    return {
        "title": wordings[case.id].kind,
        "tag": wordings[case.id].state,
        "tone": entries.TONES[State(case.state)],
        "steps": cases.told([step] if step else []),
        "url": url_for("Cases.one", key=case.id),
    }


def _certificate(held: own.Holding, found: Assessment) -> dict[str, Any]:
    row = held.certificate
    standing = VERDICTS[certificates.standing(row)]
    (_pdf, pdf_url), (_png, png_url) = cases.files_of(row.number)
    return {
        "number": row.number,
        "url": url_for("Holding.show", number=row.number),
        "level": _level(found, row.level),
        "valid_text": _("Valid until %(day)s", day=row.valid_until.isoformat()),
        "tag": standing.title,
        "tone": standing.tone,
        "photo_url": url_for("Materials.one", key=held.portrait.id) if held.portrait else None,
        "pdf_url": pdf_url,
        "png_url": png_url,
        "delivery": cases.delivery_facts(held.delivery) if held.delivery else [],
    }
