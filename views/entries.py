"""The entries to the kinds of registration: what is open, and to whom, and why not (BJ-14)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.queries import own
from app.queries.facts import Assessment
from app.rules.conditions_hours import plain
from app.rules.eligibility import days_left
from app.rules.kinds import Kind, WindowFact
from app.rules.policy import Policy
from app.rules.words import Words, joined
from app.rules.workflow import State
from app.scope import current_actor
from app.services.synced import PROFILE_FIRST
from models.application import Application
from models.certificate import Certificate
from models.codes import DELIVERIES
from models.profile import Profile

TONES = {
    State.draft: "idle",
    State.in_review: "info",
    State.returned: "warn",
    State.rejected: "bad",
    State.withdrawn: "idle",
    State.approved: "good",
    State.issued: "good",
    State.closed: "idle",
}
PERIOD = Words("{title}：{first}至{last}", "{title}: {first} to {last}")
SUPPLY = Words(
    "没有您以前的登记记录。办理过登记的，请先补充历史登记记录，再填写申请表。",
    "No earlier registration of yours is on record. If you were registered, add your earlier "
    "registrations first, then fill in the form.",
)
STILL_TO_EARN = Words(
    "还差{short}学时，请于{day}前完成；不足的部分，申请时可上传继续教育证明。",
    "{short} more hours before {day}. For what is missing then, attach a proof when you apply.",
)
CONCENTRATED = Words(
    "{period}（集中办理期：{first}至{last}）",
    "{period} (best from {first} to {last})",
)
UNDER_WAY = (
    State.draft,
    State.in_review,
    State.returned,
    State.rejected,
    State.withdrawn,
    State.approved,
)


def of_policy(policy: Policy, on: date) -> Iterator[dict[str, Any]]:
    """Every kind of a policy as anybody sees it."""
    return (_of_kind(policy, kind, on) for kind in policy.kinds.values())


def explained(policy: Policy, code: str, on: date) -> dict[str, Any]:
    """One kind as the guides tell it: its entry, when it is open, how it goes and what it takes."""
    current, window = policy.kind_on(code, on), policy.window_near(code, on)
    return {
        **_of_kind(policy, current, on),
        "window": period(window) if window else None,
        "steps": current.guide,
        "materials": [(slot.label, slot.hint) for slot in current.materials],
        "conditions": current.conditions,
        "delivery": [DELIVERIES[one] for one in current.delivery],
    }


def _of_kind(policy: Policy, kind: Kind, on: date) -> dict[str, Any]:
    """Whether a kind is open, not yet, over, or to be announced.

    It leads to the application, and an office, which cannot apply, to the guide.
    """
    actor = current_actor()
    office = actor is not None and actor.worker_id is None
    tag, tone = _opening(policy, kind, on)
    guide = url_for("Guide.kind", code=policy.code, kind=kind.code)
    return {
        "label": kind.label,
        "summary": kind.summary,
        "tag": tag,
        "tone": tone,
        "url": guide if office else url_for("Apply.start", kind=kind.code),
        "guide_url": guide,
    }


def of_person(
    found: Assessment,
    cases: Sequence[Application],
    profile: Profile | None,
    held: Sequence[own.Holding] | None = None,
) -> Iterator[dict[str, Any]]:
    """Every kind as one person sees it: their case of it, that they may apply, or all that is
    against it; `profile` is what they said of themself, `held` are their certificates, where the
    caller has read them."""
    wordings = own.wordings(cases, found.facts.level)
    lacking = own.lacking(found.policy, profile)
    certificates = own.certificates_by_kind(held_by(found) if held is None else held)
    for kind in found.policy.kinds.values():
        case = own.of_kind(kind.code, cases)
        unprepared = bool(lacking) and kind.profile and found.eligible(kind.code)
        tag, tone = _standing(found, kind, case, wordings, unprepared)
        against = list(dict.fromkeys(finding.message for finding in found.against(kind.code)))
        supply = found.may_supply(kind.code)
        if supply:
            against = [SUPPLY]
        if unprepared:
            against = [PROFILE_FIRST.fill(fields=joined(lacking))]
        busy = case is not None and case.state in UNDER_WAY
        first = unprepared and not busy
        yield {
            "label": kind.label,
            "summary": kind.summary,
            "reasons": [] if busy else against or [found.summary(kind.code)],
            "tag": tag,
            "tone": tone,
            "open": (found.eligible(kind.code) or supply) and not busy,
            "recommended": kind.code == found.route and not busy,
            "certificate_url": certificate_url(certificates.get(kind.code)),
            "url": url_for("Personal.index") if first else url_for("Apply.start", kind=kind.code),
        }


def held_by(found: Assessment) -> list[own.Holding]:
    """One's own certificates, which are only asked for where the facts know of one."""
    return own.holdings() if found.facts.certificate else []


def certificate_url(held: Certificate | None) -> str | None:
    """查看证书: the page of a certificate that was issued (MC-20)."""
    return url_for("Holding.show", number=held.number) if held else None


def open_windows(policy: Policy, on: date) -> Iterator[dict[str, Any]]:
    """The windows of a policy that are open or still to come, in words, with the days left."""
    for window in sorted(policy.windows, key=lambda w: w.opens_on):
        if on <= window.closes_on:
            yield {"text": period(window), "left": _left(days_left(window, on))}


def period(window: WindowFact) -> Words:
    """A window's title, its first and last day, and those on which most should come (HN-24)."""
    whole = PERIOD.fill(title=window.title, first=window.opens_on, last=window.closes_on)
    most = window.concentrated
    if most is None:
        return whole
    return CONCENTRATED.fill(period=whole, first=most.opens_on, last=most.closes_on)


def _left(days: int | None) -> str | None:
    if days is None:
        return None
    return str(_("Days left: %(days)s", days=days) if days else _("Last day today"))


def awaits_notice(policy: Policy, kind: Kind, on: date) -> bool:
    """Whether the kind opens by windows and has none yet (BA-06)."""
    return kind.opens == "window" and policy.window_near(kind.code, on) is None


def _standing(
    found: Assessment,
    kind: Kind,
    case: Application | None,
    wordings: Mapping[int, own.Wording],
    unprepared: bool,
) -> tuple[Any, str]:
    if case is not None and case.state in UNDER_WAY:
        return wordings[case.id].state, TONES[State(case.state)]
    if unprepared:
        return _("Your details first"), "info"
    if found.eligible(kind.code):
        return _("You may apply"), "good"
    if found.may_supply(kind.code):
        return _("Your record first"), "info"
    if awaits_notice(found.policy, kind, found.on):
        return _("To be announced"), "idle"
    return _("Not open to you now"), "warn"


def _opening(policy: Policy, kind: Kind, on: date) -> tuple[str, str]:
    if awaits_notice(policy, kind, on):
        return _("To be announced"), "idle"
    if policy.is_open(kind.code, on):
        return _("Taking applications"), "good"
    window = policy.window_near(kind.code, on)
    if window is not None and on < window.opens_on:
        return _("Opens %(day)s", day=window.opens_on.isoformat()), "info"
    return _("Registration over"), "idle"


def hours_of_period(found: Assessment) -> dict[str, Any] | None:
    """The hours of the present period beside those that it needs, where one renewal counts them."""
    rule = next((one for one in found.findings if one.rule == "credit_hours"), None)
    turns = rule.values.get("turns", {}) if rule else {}
    if rule is None or len(turns) != 1:
        return None
    have, need = sum(turns.values(), Decimal(0)), Decimal(rule.expected)
    held = found.facts.certificate
    text = rule.message
    if have < need and held and held.valid_until >= found.on:
        text = STILL_TO_EARN.fill(short=plain(need - have), day=held.valid_until)
    return {
        "have": rule.actual,
        "need": rule.expected,
        "share": min(float(have / need), 1.0) if need else 1,
        "text": text,
        "url": url_for("CreditScreens.browse"),
    }
