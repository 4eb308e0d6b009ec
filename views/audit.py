"""The auditor's desk: the log of one's region under filters, one chain with its proof, the log as
CSV."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response, abort, render_template, request, stream_with_context, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import scope
from app.queries import audit as log
from app.queries.audit import Asked
from app.queries.listing import BadQuery, Filter
from app.rules.fields import Choice, FieldSpec
from app.scope import current_actor
from app.services import access, audit
from app.services.audit import Report
from models.codes import ACTS, ROLES
from models.event import SYSTEM, Event
from views.audit_words import code_text, glossary, reason_text
from views.guard import permitted
from views.markup import Cell
from views.resource import export, present
from views.resource.declaration import Resource
from views.resource.reading import day, filter_args, here, integer, reference_texts
from views.texts import in_words, moment

EVENTS = Resource("events", Event, _l("Audit log"), _l("Event"), screens=False)

SUBJECTS = {
    "account": _l("Account"),
    "application": _l("Application"),
    "certificate": _l("Certificate"),
    "contact": _l("Contact"),
    "credit": _l("Credit"),
    "delivery": _l("Consignment"),
    "dictionary": _l("Dictionary"),
    "document": _l("Policy document"),
    "export": _l("Exports of a list"),
    "holiday": _l("Holiday"),
    "labels": _l("Address labels"),
    "looks": _l("Looks at the papers of a case"),
    "message": _l("Message"),
    "message_template": _l("Message template"),
    "notice": _l("Notice"),
    "organization": _l("Organization"),
    "policy": _l("Policy"),
    "qualification": _l("Qualification"),
    "recheck": _l("Re-check of an approval"),
    "region": _l("Region"),
    "registration": _l("Registration"),
    "registration_window": _l("Registration window"),
    "roster_request": _l("Roster request"),
    "user": _l("Account"),
    "worker": _l("Social worker"),
}
"""What the first word of a subject means to people; another one is shown as it is."""

FIELDS = (
    FieldSpec("verb", "choice", _l("Act"), choices=tuple(Choice(c, w) for c, w in ACTS.items())),
    FieldSpec("actor_name", "text", _l("By"), max=128),
    FieldSpec("region_code", "region", _l("Region"), lookup="regions"),
    FieldSpec("first", "date", _l("From day")),
    FieldSpec("last", "date", _l("To day")),
    FieldSpec("reason", "text", _l("Word in the reason"), max=200),
)
LABELS = {"subject": _l("Subject")} | {spec.name: spec.label for spec in FIELDS}


class Audit(BaseView):
    """The audit log, for those who may read it and nothing of whom it tells."""

    route_base = "/events"

    @expose("/list/")
    @permitted("events.read")
    def log(self) -> Any:
        """The events of the region, the newest first."""
        asked = _asked()
        page = log.page(asked, request.args.get("after"), request.args.get("before"))
        given = _given(asked)
        texts = reference_texts(FIELDS, given)
        return render_template(
            "resource/list.html",
            title=EVENTS.label,
            note=_note(asked),
            search={
                "name": "subject",
                "value": asked.subject,
                "placeholder": _("Case or certificate number, or application:17"),
            },
            filters=FIELDS,
            filter_values=given,
            filter_texts=texts,
            active_filters=_active(asked, texts),
            clear_url=url_for("Audit.log"),
            columns=[
                *({"label": label, "whole": True} for label in _WHOLE),
                {"label": _l("Reason")},
            ],
            rows=_rows(page.rows),
            export_url=_export_url(**filter_args()),
            count_text=page.count_text,
            prev_url=page.before is not None and here(before=page.before, after=None),
            next_url=page.after is not None and here(after=page.after, before=None),
        )

    @expose("/chain/<path:subject>")
    @permitted("events.read")
    def chain(self, subject: str) -> Any:
        """Everything that happened to one subject, and whether the record of it is whole."""
        after = integer(request.args.get("after", "0")) or 0
        found = log.chain(subject, after)
        events = found[: log.ON_ONE_PAGE]
        if not events:
            abort(404)
        report = audit.verify_chain(subject)
        return render_template(
            "audit/chain.html",
            title=_called(subject),
            note=subject,
            crumbs=[(EVENTS.label, url_for("Audit.log"))],
            tags=[(_("Complete"), "good") if report.sound else (_("Not as it was"), "bad")],
            actions=_ways(subject),
            verdict=_verdict(report),
            faults=[fault.words for fault in report.faults],
            pairs=_facts(subject, report),
            columns=[{"label": label, "whole": label in _WHOLE[:-1]} for label in _CHAIN],
            rows=_chain_rows(events, report),
            prev_url=after and _page_of(subject, max(after - log.ON_ONE_PAGE, 0)),
            next_url=len(found) > len(events) and _page_of(subject, events[-1].seq),
        )

    @expose("/export.csv")
    @permitted("events.export")
    def export(self) -> Any:
        """The events under the filters of the address, as CSV."""
        asked = _asked()
        rows = log.stream(asked)
        given = _given(asked)
        access.exported(EVENTS.name, [Filter(name, "eq", said) for name, said in given.items()])
        lines = stream_with_context(scope.streamed(export.lines(EVENTS, rows)))
        disposition = "attachment; filename=events.csv"
        return Response(lines, mimetype="text/csv", headers={"Content-Disposition": disposition})


_WHOLE = (_l("Time"), _l("Subject"), _l("Act"), _l("State"), _l("By"), _l("Region"))
_CHAIN = (
    _l("Number"),
    _l("Time"),
    _l("Act"),
    _l("State"),
    _l("By"),
    _l("Region"),
    _l("Reason"),
    _l("Policy"),
    _l("Network address"),
    _l("Visible to the applicant"),
    _l("Proof"),
)


def _page_of(subject: str, after: int) -> str:
    return url_for("Audit.chain", subject=subject, after=after or None)


def _asked() -> Asked:
    """What the address asks for; raises BadQuery for what is no day and for another filter."""
    typed = {name: value.strip() for name, value in request.args.items()}
    unknown = typed.keys() - LABELS.keys() - {"after", "before"}
    if unknown:
        raise BadQuery(min(unknown))
    texts = {name: typed.get(name, "") for name in LABELS if name not in ("first", "last")}
    texts["subject"] = log.subject_of(texts["subject"])
    return Asked(**texts, first=day("first"), last=day("last"))


def _given(asked: Asked) -> dict[str, str]:
    """The filters that hold, the one that was added for a word in the reasons among them."""
    found = {**vars(asked), "first": asked.since}
    return {name: str(value) for name, value in found.items() if value}


def _note(asked: Asked) -> str | None:
    if asked.since == asked.first:
        return None
    return str(
        _(
            "A word is looked for in the last %(days)s days, unless you also name days, a subject "
            "or a person.",
            days=log.RECENT.days,
        )
    )


def _active(asked: Asked, texts: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "label": LABELS[name],
            "text": texts.get(name) or (ACTS.get(value, value) if name == "verb" else value),
            "remove_url": here(**{name: None}),
        }
        for name, value in _given(asked).items()
        if getattr(asked, name)
    ]


def _rows(events: Sequence[Event]) -> list[dict[str, Any]]:
    return [
        {"id": event.id, "cells": [moment(event.created_at), _subject(event), *cells]}
        for event, cells in zip(events, _told(events), strict=True)
    ]


def _chain_rows(events: Sequence[Event], report: Report) -> list[dict[str, Any]]:
    broken = {fault.seq for fault in report.faults}
    return [
        {
            "id": event.id,
            "cells": [
                str(event.seq),
                moment(event.created_at),
                *cells,
                event.policy,
                event.address,
                event.public,
                Cell(_("Broken"), tone="bad") if event.seq in broken else Cell("✓", tone="good"),
            ],
        }
        for event, cells in zip(events, _told(events), strict=True)
    ]


def _told(events: Sequence[Event]) -> Iterable[list[Any]]:
    """Act, states, person, region and reason of each event, in words."""
    cells = present.as_texts(EVENTS, events, ("verb", "from_state", "to_state", "region_code"))
    words = glossary(events)
    for event, (verb, before, after, region) in zip(events, cells, strict=True):
        who = Cell(event.actor_name or SYSTEM["system"], note=_roles(event))
        reason = Cell(reason_text(event, words), note=code_text(event, words))
        yield [verb, _states(before, after), who, region, reason]


def _states(before: Any, after: Any) -> str | None:
    """From and to, once where nothing changed."""
    said = [in_words(text) for text in (before, after) if text is not None]
    return " → ".join(dict.fromkeys(said)) or None


def _roles(event: Event) -> str | None:
    if event.actor_name is None:
        return None
    known = ROLES | SYSTEM
    roles = "、".join(in_words(known.get(code, code)) for code in event.actor_role.split())
    behalf = event.on_behalf_name
    return f"{roles} · {_('for %(name)s', name=behalf)}" if behalf else roles


def _subject(event: Event) -> Cell:
    of = url_for("Audit.chain", subject=event.subject)
    return Cell(_called(event.subject), url=of, note=event.subject)


def _called(subject: str) -> str:
    """What an event is about, as people say it; the code that one searches by stands beside."""
    kind, number = subject.partition(":")[0], subject.rpartition(":")[2]
    return f"{in_words(SUBJECTS[kind])} {number}" if kind in SUBJECTS else subject


def _ways(subject: str) -> list[tuple[Any, str]]:
    looks = f"looks:{subject}"
    found = [(_("Who looked at the papers"), url_for("Audit.chain", subject=looks))]
    found = found if log.has_events(looks) else []
    if subject.startswith("looks:"):
        of = subject.partition(":")[2]
        found.append((_("The case itself"), url_for("Audit.chain", subject=of)))
    export_url = _export_url(subject=subject)
    return [*found, (_("Export CSV"), export_url)] if export_url else found


def _export_url(**filters: Any) -> str | None:
    actor = current_actor()
    may = actor is not None and actor.may("events.export")
    return url_for("Audit.export", **filters) if may else None


def _verdict(report: Report) -> str:
    if report.sound:
        return str(_("Complete: each event is as it was sealed, and none is missing."))
    return str(_("This record is not as it was. Secure the database and report it at once."))


def _facts(subject: str, report: Report) -> list[tuple[Any, Any]]:
    actor = current_actor()
    assert actor is not None  # the door has asked
    away = log.elsewhere(subject, actor.region_code)
    found: list[tuple[Any, Any]] = [(_("Events"), report.events)]
    if away:
        text = _("%(count)s, in other regions: proved with the others, not shown here", count=away)
        found.append((_("Not shown"), text))
    return found
