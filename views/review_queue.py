"""The queue on the screen: what was asked for in the address, the figures, the rows in words."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock
from app.queries.figures import LATE, TODAY, Figures
from app.queries.queue import QueueRow
from app.queries.waiting import Wanted, digest_of, sought
from app.rules.words import Words
from app.scope import current_actor
from models.codes import KINDS, LEVELS
from views.markup import Cell
from views.resource.export import plain, written
from views.resource.reading import here, integer
from views.texts import moment

KEPT = (
    "state",
    "kind",
    "region_code",
    "overdue",
    "mine",
    "of",
    "q",
    "identity",
    "number",
    "reference",
)
"""What of an address says which queue it is: carried along to its cases and back."""
SEARCHED = ("q", "identity", "number", "reference")
STATES = {"in_review": _l("Waiting for us"), "returned": _l("With the applicant")}

COLUMNS = (
    *({"label": one} for one in (_l("Name"), _l("Kind"), _l("Level"))),
    *({"label": one, "whole": True} for one in (_l("Region"), _l("Submitted"))),
    *({"label": one, "whole": True} for one in (_l("Waited"), _l("Decide by"))),
    *({"label": one} for one in (_l("Stage before"), _l("Checks"), _l("At it"))),
)


FILE_HEADS = (
    *(_l("Case number"), _l("Name"), _l("Identity number"), _l("Kind"), _l("Level")),
    *(_l("Region"), _l("Stage"), _l("Submitted"), _l("Working days waited"), _l("Decide by")),
    *(_l("Attempt"), _l("Checks to look at"), _l("At it")),
)


def kept() -> dict[str, Any]:
    """The filters of this request, for the address of another page of the same queue."""
    return {name: request.args[name] for name in KEPT if request.args.get(name)}


def wanted() -> Wanted:
    """What was asked for; what makes no sense is left out or finds nothing."""
    args = request.args
    region, identity = args.get("region_code", ""), args.get("identity", "")
    return Wanted(
        state="returned" if args.get("state") == "returned" else "in_review",
        kind=args.get("kind") if args.get("kind") in KINDS else None,
        region_code=region if re.fullmatch("[0-9]{6}", region) else None,
        overdue=bool(args.get("overdue")),
        mine=bool(args.get("mine")),
        absent_id=integer(args.get("of")),
        name=args.get("q", "").strip()[:64] or None,
        identity=identity if re.fullmatch("[0-9a-f]{64}", identity) else None,
        number=args.get("number") or None,
        reference=args.get("reference") or None,
    )


def searched(text: str) -> dict[str, str]:
    """What somebody typed into the one search box, as part of an address.

    A certificate has 15 digits, or 8 on paper; a case number has its hyphens; what else has five
    digits or more is an identity number, of which only the digest leaves the form.
    """
    text = unicodedata.normalize("NFKC", text).strip()[:64]
    if re.fullmatch("[0-9]{8}|[0-9]{15}", text):
        return {"number": text}
    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}", text):
        return {"reference": text.upper()}
    if sum(sign.isdigit() for sign in text) >= 5:
        return {"identity": digest_of(text)}
    return {"q": text} if text else {}


def found_by() -> Any:
    """What the queue is searched by, in words, or None."""
    said = {
        "q": _l("Name begins with “%(text)s”", text=request.args.get("q", "")),
        "identity": _l("By identity number"),
        "number": _l("Certificate %(number)s", number=request.args.get("number", "")),
        "reference": _l("Case %(number)s", number=request.args.get("reference", "")),
    }
    return next((said[name] for name in SEARCHED if request.args.get(name)), None)


def elsewhere(asked: Wanted) -> tuple[Any, str] | None:
    """Where a search that finds nothing here goes on: to all the cases of the one whom it is about,
    or to the people of whom there are several; None when nobody in reach is meant."""
    actor, people = current_actor(), sought(asked) if found_by() else ()
    if actor is None or not people:
        return None
    if len(people) == 1 and actor.may("applications.read"):
        label = _("Their cases among all applications")
        return label, url_for("ApplicationScreens.browse", worker_id=people[0])
    if asked.name and actor.may("workers.read"):
        return _("All people of this name"), url_for("WorkerScreens.browse", name=asked.name)
    return None


def tiles(figures: Figures) -> list[dict[str, Any]]:
    """The figures above the queue, each with the filter that shows what it counts."""
    late, today = figures.ages.get(LATE, 0), figures.ages.get(TODAY, 0)
    return [
        {"label": _("Waiting"), "value": figures.text(figures.total), "url": here(**_without())},
        {
            "label": _("To be decided today"),
            "value": figures.text(today),
            "tone": "warn" if today else None,
        },
        {
            "label": _("Overdue"),
            "value": figures.text(late),
            "tone": "bad" if late else None,
            "url": here(**_without(overdue=1)),
        },
        {
            "label": _("Taken by me"),
            "value": f"{figures.claimed:,}",
            "url": here(**_without(mine=1)),
        },
        {
            "label": _("Decided by me today"),
            "value": f"{figures.done:,}",
            "tone": "good" if figures.done else None,
            "url": url_for("Review.today", **kept()),
        },
    ]


def _without(**one: Any) -> dict[str, Any]:
    """An address with this one filter and no other."""
    return {**dict.fromkeys(KEPT), **one}


def chips(figures: Figures) -> list[dict[str, Any]]:
    """One for each kind that waits, and those for what is late or one's own."""
    chosen = request.args.get("kind")
    found = [{"label": _l("All"), "url": here(kind=None), "current": not chosen}]
    found += [
        {
            "label": label,
            "count": figures.text(figures.kinds.get(code, 0)),
            "url": here(kind=code),
            "current": chosen == code,
        }
        for code, label in KINDS.items()
        if code in figures.kinds or code == chosen
    ]
    for name, label in (("overdue", _l("Overdue")), ("mine", _l("Taken by me"))):
        on = bool(request.args.get(name))
        found.append({"label": label, "url": here(**{name: None if on else 1}), "current": on})
    for key, (name, number) in figures.absent.items():
        on = request.args.get("of") == str(key)
        label = _("For %(name)s", name=name)
        url = here(of=None if on else key)
        found.append({"label": label, "count": f"{number:,}", "url": url, "current": on})
    return found


def choices(figures: Figures) -> list[dict[str, Any]]:
    """The boxes of the queue: what it waits for, and the regions in which something waits."""
    regions = [
        {"code": code, "label": f"{name} {figures.text(number)}"}
        for code, (name, number) in sorted(figures.regions.items())
    ]
    state = request.args.get("state") or "in_review"
    boxes = [
        {
            "name": "state",
            "label": _l("State"),
            "value": state,
            "options": [{"code": code, "label": label} for code, label in STATES.items()],
        }
    ]
    region = request.args.get("region_code")
    if len(regions) > 1 or region:
        every = {"code": "", "label": _l("All regions")}
        boxes.append(
            {
                "name": "region_code",
                "label": _l("Region"),
                "value": region,
                "options": [every, *regions],
            }
        )
    return boxes


def table(rows: Sequence[QueueRow]) -> list[dict[str, Any]]:
    """The cases of the queue as the table shows them; what many of them say is said once."""
    kinds, levels = ({code: str(label) for code, label in each.items()} for each in (KINDS, LEVELS))
    waited = {days: _("working day %(days)s", days=days) for days in {one.waited for one in rows}}
    due = {day: _day(day, clock.today()) for day in {one.due_on for one in rows} if day}
    filters, met = kept(), Cell(_("All met"), tone="good")
    return [
        {
            "id": one.id,
            "url": url_for("Review.case", key=one.id, **filters),
            "cells": [
                Cell(one.name, one.id_number_masked),
                Cell(kinds[one.kind], _again(one)),
                levels[one.level],
                one.region,
                Cell(moment(one.submitted_at), one.reference),
                waited[one.waited] if one.state == "in_review" else _paused(),
                _due(one, due),
                one.earlier,
                _to_look_at(one.remarks) if one.remarks else met,
                Cell(_("me"), tone="info") if one.mine else one.holder,
            ],
        }
        for one in rows
    ]


def as_file(rows: Iterable[QueueRow]) -> str:
    """The cases as CSV that a spreadsheet opens in Chinese and never runs."""
    lines = [
        (
            *(one.reference, one.name, one.id_number_masked, KINDS[one.kind], LEVELS[one.level]),
            *(one.region, one.stage_label, moment(one.submitted_at), one.waited, one.due_on),
            *(one.attempt, one.remarks, one.holder),
        )
        for one in rows
    ]
    return "\ufeff" + written([[plain(cell) for cell in line] for line in (FILE_HEADS, *lines)])


def _again(one: QueueRow) -> str | None:
    return _("attempt %(number)s", number=one.attempt) if one.attempt > 1 else None


def _paused() -> Cell:
    return Cell(_("With the applicant"), _("the clock stands still"))


def _due(one: QueueRow, said: dict[date, tuple[str, str | None]]) -> Cell | None:
    if one.due_on is None:
        return None
    text, tone = said[one.due_on]
    return Cell(text, _("provisional") if one.due_provisional else None, tone)


def _day(day: date, today: date) -> tuple[str, str | None]:
    if day < today:
        return _("overdue since %(day)s", day=day.strftime("%m-%d")), "bad"
    if day == today:
        return _("today"), "warn"
    if day == today + timedelta(days=1):
        return _("tomorrow"), "warn"
    return day.strftime("%m-%d" if day.year == today.year else "%Y-%m-%d"), None


def _to_look_at(remarks: int) -> Cell:
    return Cell(_("%(count)s to look at", count=remarks), tone="warn")


def stage_names(rows: Iterable[QueueRow]) -> Iterator[Words]:
    """The stages at which these cases wait, each once."""
    yield from dict.fromkeys(one.stage_label for one in rows)
