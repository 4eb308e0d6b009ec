"""Progress of registration: a year's figures by region, kind, state and month, and as CSV."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Response, abort, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock
from app.queries import counted
from app.queries.counted import Figures, Line
from app.queries.names import region_names
from app.rules import regions
from app.scope import current_actor
from app.services import access
from models.codes import APPLICATION_STATES, KINDS
from models.figure import Due
from views.guard import permitted
from views.markup import Cell
from views.resource.declaration import Resource
from views.resource.export import plain, written
from views.resource.reading import here, integer
from views.texts import in_words, moment

DUE = Resource(
    "due",
    Due,
    _l("Due and not registered"),
    _l("Due and not registered"),
    ("worker_id", "kind", "level", "valid_until", "region_code", "found_on"),
    with_parent=False,
)
STATES: dict[str, Any] = {
    **{str(code): label for code, label in APPLICATION_STATES.items()},
    "verified": _l("Verified"),
    "claimed": _l("Claimed"),
}
SHADES = 6
WIDTH, HEIGHT, EDGE = 640, 220, 26
WHATS = {
    counted.SUBMITTED: _l("Submissions"),
    counted.DECIDED: _l("Decisions"),
    counted.DUE: _l("Due and not registered"),
    counted.RECORDS: _l("Records of examinations"),
}
HEADS = (
    _l("Expected"),
    _l("Registered"),
    _l("Rate"),
    _l("In review"),
    _l("Due and not registered"),
    _l("Submissions"),
    _l("Decisions"),
    _l("Days to a decision"),
)
FILE_HEADS = (
    *(_l("Region code"), _l("Region"), _l("Of what"), _l("Kind"), _l("State")),
    *(_l("Month"), _l("How many"), _l("Days to a decision")),
)


class Statistics(BaseView):
    """How far registration has come, for the administrators of a region (HN-16)."""

    route_base = "/statistics"

    @expose("/")
    @permitted("statistics.read")
    def index(self) -> Any:
        """One page for a region of mine: the whole, the regions below, months, kinds and states."""
        region, year, kind = _asked()
        found = counted.figures(region, year, kind)
        at = counted.as_of()
        counted_at = _("As of %(at)s", at=moment(at)) if at else _("Not counted yet")
        return render_template(
            "statistics/index.html",
            title=_("Progress of registration in %(year)s", year=year),
            note=" · ".join([found.whole.name, counted_at]),
            crumbs=_crumbs(region),
            choices=list(_choices(region, year, kind)),
            export_url=url_for("Statistics.export", **_filters(region, year, kind)),
            tiles=list(_tiles(found.whole)) if at or found.lines else [],
            regions=[_region(line, region) for line in found.lines],
            columns=[{"label": _l("Region")}, *({"label": one, "right": True} for one in HEADS)],
            rows=[_row(line, region) for line in found.lines],
            chart=_chart(found, year),
            states=list(_states(found)),
            records=[_checked(line) for line in found.lines if line.records],
            years=counted.EXAMINED,
        )

    @expose("/export.csv")
    @permitted("statistics.export")
    def export(self) -> Any:
        """The figures of the page as CSV: one line for each region, kind, state and month."""
        region, year, kind = _asked()
        access.exported("statistics", [])
        text = "\ufeff" + written(
            [
                list(map(str, FILE_HEADS)),
                *([plain(one) for one in line] for line in _lines(region, year, kind)),
            ]
        )
        disposition = f"attachment; filename=statistics-{region}-{year}.csv"
        return Response(text, mimetype="text/csv", headers={"Content-Disposition": disposition})


def _asked() -> tuple[str, int, str | None]:
    """The region, one of mine, the year and the kind; 404 for a region of others."""
    actor = current_actor()
    assert actor is not None  # the door has asked
    region = request.args.get("region_code") or actor.region_code
    if not (counted.is_region(region) and regions.covers(actor.region_code, region)):
        abort(404)
    year = integer(request.args.get("year")) or clock.today().year
    kind = request.args.get("kind")
    return region, min(max(year, 2008), 2100), kind if kind in KINDS else None


def _filters(region: str, year: int, kind: str | None) -> dict[str, Any]:
    return {"region_code": region, "year": year, **({"kind": kind} if kind else {})}


def _crumbs(region: str) -> list[tuple[str, str | None]]:
    """The way up to my own region."""
    actor = current_actor()
    assert actor is not None  # the door has asked
    path = [one for one in regions.ancestors(region) if regions.covers(actor.region_code, one)]
    names = region_names(path)
    known = [(names[code], code) for code in reversed(path) if names.get(code, code) != code]
    if len(known) < 2:
        return []
    return [(name, None if code == region else here(region_code=code)) for name, code in known]


def _choices(region: str, year: int, kind: str | None) -> Iterator[dict[str, Any]]:
    years = sorted({year, clock.today().year, *counted.years_known(region)}, reverse=True)
    yield {
        "name": "year",
        "label": _l("Year"),
        "value": str(year),
        "options": [{"code": str(one), "label": str(one)} for one in years],
    }
    yield {
        "name": "kind",
        "label": _l("Kind"),
        "value": kind or "",
        "options": [
            {"code": "", "label": _l("All kinds")},
            *({"code": code, "label": label} for code, label in KINDS.items()),
        ],
    }


def _tiles(whole: Line) -> Iterator[tuple[Any, Any, str | None]]:
    yield HEADS[0], f"{whole.expected:,}", None
    rate = "" if whole.rate is None else f" · {_percent(whole.rate)}"
    yield HEADS[1], f"{whole.registered:,}{rate}", "good"
    yield HEADS[3], f"{whole.in_review:,}", None
    yield HEADS[4], f"{whole.due:,}", "warn" if whole.due else None
    yield HEADS[7], _days(whole), None


def _region(line: Line, shown: str) -> dict[str, Any]:
    """One region as a patch: its shade never says more than its number does."""
    shade = 0 if line.rate is None else round(line.rate * (SHADES - 1))
    return {
        "name": line.name,
        "rate": _percent(line.rate),
        "shade": shade,
        "url": _url(line, shown),
    }


def _url(line: Line, shown: str) -> str | None:
    """Its own page, unless it is the region that is shown."""
    deeper = line.code != shown and regions.level_of(line.code) != "county"
    return here(region_code=line.code) if deeper else None


def _row(line: Line, shown: str) -> dict[str, Any]:
    due = url_for("DueScreens.browse", region_code=line.code) if line.due else None
    return {
        "url": _url(line, shown),
        "cells": [
            line.name,
            f"{line.expected:,}",
            f"{line.registered:,}",
            _percent(line.rate),
            f"{line.in_review:,}",
            Cell(f"{line.due:,}", url=due),
            f"{line.submitted:,}",
            f"{line.decided:,}",
            _days(line),
        ],
    }


def _checked(line: Line) -> dict[str, Any]:
    share = _percent(line.verified / line.records)
    return {"cells": [line.name, f"{line.records:,}", f"{line.verified:,}", share]}


def _states(found: Figures) -> Iterator[dict[str, Any]]:
    for (kind, state), number in sorted(found.states.items()):
        label = STATES.get(state, state)
        yield {"cells": [KINDS.get(kind, kind), label, f"{number:,}"]}


def _chart(found: Figures, year: int) -> dict[str, Any]:
    """Two lines over the months, drawn where the page is made; the same numbers in a table."""
    lines = (found.submitted, found.decided)
    most = max([1, *found.submitted.values(), *found.decided.values()])
    step = (WIDTH - 2 * EDGE) / 11
    today = clock.today()
    months = range(1, today.month + 1 if year == today.year else 13)  # the rest is still to come

    def points(counts: Any) -> str:
        places = (
            (EDGE + step * (month - 1), HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * counts[month] / most)
            for month in months
        )
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)

    return {
        "width": WIDTH,
        "height": HEIGHT,
        "most": f"{most:,}",
        "submitted": points(found.submitted),
        "decided": points(found.decided),
        "months": [(f"{EDGE + step * (m - 1):.1f}", m) for m in range(1, 13)],
        "rows": [
            {"cells": [f"{year}-{month:02}", *(f"{counts[month]:,}" for counts in lines)]}
            for month in range(1, 13)
            if found.submitted[month] or found.decided[month]
        ],
    }


def _lines(region: str, year: int, kind: str | None) -> Iterable[list[str]]:
    found = counted.rows(region, year, kind)
    names = region_names(row.region_code for row in found)
    for row in found:
        yield [
            row.region_code,
            names.get(row.region_code, row.region_code),
            in_words(WHATS[row.what]),
            in_words(KINDS.get(row.kind, "")),
            in_words(STATES.get(row.state, "")),
            _month(row),
            str(row.number),
            f"{row.days / row.number:.1f}" if row.what == counted.DECIDED and row.number else "",
        ]


def _month(row: counted.Row) -> str:
    if row.what == counted.DUE:
        return ""
    return f"{row.month:%Y}" if row.what == counted.RECORDS else f"{row.month:%Y-%m}"


def _days(line: Line) -> str:
    return "—" if line.average is None else _("%(days)s days", days=f"{line.average:.1f}")


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{100 * share:.0f}%"
