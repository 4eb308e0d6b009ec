"""Absence on the screen: naming who stands in, and handing over what one had taken."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock
from app.queries.substitutes import Standing, standing
from app.rules.fields import Choice, FieldSpec
from app.scope import Actor
from app.services import colleagues, forms
from app.services.colleagues import Handed
from app.services.refusals import Conflict, Invalid
from app.services.verbs import need
from models.account import Account
from views.guard import permitted
from views.texts import in_words

KEY = "<int(max=2147483647):key>"
STAND_IN = ("absent_id", "substitute_id", "from_on", "until_on")
HAND_OVER = ("giver_id", "taker_id")


class Colleagues(BaseView):
    """Who does whose work in one's own office."""

    route_base = "/review/colleagues"

    @expose("/")
    @permitted("colleagues.arrange")
    def arrange(self) -> Any:
        """Who stands in for whom, and the forms to arrange it."""
        return _page({}, {})

    @expose("/substitutions", methods=["POST"])
    @permitted("colleagues.arrange")
    def stand_in(self) -> Any:
        """Name who stands in for somebody."""
        try:
            loaded = forms.load(_fields()[:4], _typed(STAND_IN))
            row = colleagues.stand_in(
                int(loaded["absent_id"]),
                int(loaded["substitute_id"]),
                loaded["from_on"],
                loaded["until_on"],
            )
        except Invalid as fault:
            return _page(fault.errors, request.form), 422
        days = {"first": row.from_on, "last": row.until_on}
        flash(_("Arranged from %(first)s to %(last)s; it ends by itself.", **days), "success")
        return redirect(url_for("Colleagues.arrange"))

    @expose(f"/substitutions/{KEY}/end", methods=["POST"])
    @permitted("colleagues.arrange")
    def end(self, key: int) -> Any:
        """End standing in before its last day."""
        colleagues.end(key)
        flash(_("Ended; nobody stands in any more."), "success")
        return redirect(url_for("Colleagues.arrange"))

    @expose("/handover", methods=["POST"])
    @permitted("colleagues.arrange")
    def hand_over(self) -> Any:
        """Hand over all that somebody had taken, with what came of each case."""
        try:
            loaded = forms.load(_fields()[4:], _typed(HAND_OVER))
            handed = colleagues.hand_over(int(loaded["giver_id"]), int(loaded["taker_id"]))
        except (Invalid, Conflict) as fault:
            return _page(fault.errors, request.form), fault.status
        return _page({}, {}, handed)


def _page(
    errors: Mapping[str, Any], values: Mapping[str, Any], handed: list[Handed] | None = None
) -> str:
    actor = need("colleagues.arrange")
    fields = _fields()
    first = {"from_on": clock.today().isoformat(), **_only_choices(fields)}
    return render_template(
        "review/colleagues.html",
        title=_("Absence and hand-over"),
        note=_("Whoever stands in decides by their own role; both names go on record."),
        rows=[_row(one, actor) for one in standing(actor.region_code)],
        stand_in={"url": url_for("Colleagues.stand_in"), "fields": fields[:4]},
        hand_over={"url": url_for("Colleagues.hand_over"), "fields": fields[4:]},
        values={**first, **{name: text for name, text in values.items() if text}},
        errors=errors,
        labels={spec.name: spec.label for spec in fields},
        alone=not fields[1].choices,
        handed=None if handed is None else _told(handed),
    )


def _fields() -> list[FieldSpec]:
    """The two forms: the people one may choose from, and the days."""
    mine, others = colleagues.arrangeable(need("colleagues.arrange"))
    return [
        _people("absent_id", _l("Who is absent"), mine),
        _people("substitute_id", _l("Who stands in"), others),
        FieldSpec("from_on", "date", _l("Begins on")),
        FieldSpec("until_on", "date", _l("Ends on")),
        _people("giver_id", _l("Whose cases"), mine),
        _people("taker_id", _l("To whom"), others),
    ]


def _people(name: str, label: Any, accounts: list[Account]) -> FieldSpec:
    """A choice of people; two of one name are told apart by their user names."""
    choices = tuple(Choice(str(one.id), f"{one.display_name} ({one.username})") for one in accounts)
    return FieldSpec(name, "choice", label, choices=choices)


def _only_choices(fields: list[FieldSpec]) -> dict[str, str]:
    """Where there is nothing to choose, it is chosen."""
    return {spec.name: spec.choices[0].code for spec in fields if len(spec.choices) == 1}


def _typed(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: request.form.get(name) for name in names}


def _row(one: Standing, actor: Actor) -> dict[str, Any]:
    row, today = one.row, clock.today()
    names = {"other": one.substitute.display_name, "absent": one.absent.display_name}
    may_end = colleagues.may_end(actor, row, one.absent)
    return {
        "text": _("%(other)s for %(absent)s", **names),
        "days": f"{_day(row.from_on)} – {_day(row.until_on)}",
        "state": _("Standing in now") if row.from_on <= today else _("To come"),
        "tone": "good" if row.from_on <= today else "idle",
        "end_url": url_for("Colleagues.end", key=row.id) if may_end else None,
    }


def _day(day: date) -> str:
    return day.isoformat()


def _told(handed: list[Handed]) -> dict[str, Any]:
    """What came of a hand-over: how many went, and why the others stayed."""
    gone = sum(one.refused is None for one in handed)
    return {
        "title": _("%(count)s cases handed over", count=gone),
        "rows": [
            {
                "name": one.name,
                "note": one.reference,
                "url": url_for("Review.case", key=one.application_id),
                "why": None if one.refused is None else in_words(one.refused),
            }
            for one in handed
        ],
    }
