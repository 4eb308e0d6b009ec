"""The queue on the screen: what was asked for in the address, and the rows in words."""

import re
from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.queries.policies import editions
from app.queries.queue import QueueRow, Wanted
from app.rules.identifiers import normalise_id_number
from models.codes import KINDS, LEVELS
from views.resource.reading import here
from views.texts import moment

SEARCH = "q"
KEPT = ("kind", "region_code", SEARCH)
"""What of an address says which queue it is: carried along to its cases and back."""

HEADS = (
    _l("Name"),
    _l("Kind"),
    _l("Level"),
    _l("Region"),
    _l("Submitted"),
    _l("Stage"),
    _l("Case number"),
)


def kept() -> dict[str, Any]:
    """The filters of this request, for the address of another page of the same queue."""
    return {name: request.args[name] for name in KEPT if request.args.get(name)}


def wanted() -> Wanted:
    """What was asked for; a bad region or kind finds nothing that is not there anyway."""
    text = request.args.get(SEARCH, "").strip()[:64]
    kind, region = request.args.get("kind"), request.args.get("region_code")
    number = normalise_id_number(text) if len(text) == 18 else None
    return Wanted(
        kind=kind if kind in KINDS else None,
        region_code=region if region and re.fullmatch("[0-9]{6}", region) else None,
        name=None if number else text or None,
        id_number=number,
    )


def chips() -> list[dict[str, Any]]:
    """One for each kind that anybody reviews; a choice of one is none."""
    offered = {k.code for policy in editions() for k in policy.kinds.values() if k.review}
    chosen = request.args.get("kind")
    known = [(None, _l("All")), *((k, label) for k, label in KINDS.items() if k in offered)]
    return [
        {"label": label, "url": here(kind=code), "current": chosen == code}
        for code, label in known
        if len(offered) > 1
    ]


def row(one: QueueRow, regions: Mapping[str, str]) -> dict[str, Any]:
    """One case of the queue as the table shows it."""
    again = _("attempt %(number)s", number=one.attempt) if one.attempt > 1 else None
    return {
        "id": one.id,
        "url": url_for("Review.case", key=one.id, **kept()),
        "cells": [
            {"text": one.name, "note": one.id_number_masked},
            {"text": KINDS[one.kind], "note": again},
            LEVELS[one.level],
            regions.get(one.region_code, one.region_code),
            moment(one.submitted_at),
            one.stage_label,
            one.reference,
        ],
    }
