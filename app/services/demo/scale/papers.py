"""What hangs on a case of a large register: form, submission, pictures, decisions and events."""

from collections.abc import Iterable, Iterator
from typing import Any

from app.services.demo.people import story
from app.services.demo.scale.case import Case
from app.services.demo.scale.plan import Plan
from app.services.demo.scale.rows import NULL, Lines, as_json, instant, iso, or_null
from app.services.submissions import KEPT

Act = tuple[str, int, int | None, str | None, str, str | None, str | None]
"""Verb, instant, account, name, role, state before, state after."""

NOBODY = None, None, "system"
MOST_EVENTS = 16
MOST_PICTURES = 8
REASONS = {"reject": "reject_reason", "return": "return_reason"}


def form(case: Case) -> str:
    """What was filled in: all of it where somebody still works with it, else what an older system
    hands over."""
    values = case.person.values
    if not (case.live or case.full):
        return f'{{"phone":"{values["worker.phone"]}","unit_type":"social_work_agency"}}'
    known = {name: values[source] for name, source in case.kind.sources if source in values}
    return as_json({**case.kind.form, **known})


def submission(lines: Lines, plan: Plan, case: Case, form: str) -> None:
    """The latest submission, word for word."""
    kept, pictures = case.live or case.full, "{}"
    if kept:
        found = _pictures(plan, case)
        pictures = as_json({slot: {k: row[k] for k in KEPT} for slot, row in found})
    lines["submission"].append(
        f"{case.key}\t{case.begun}\t{case.key}\t1\t1\t{form}\t"
        f"{pictures}\t{case.kind.findings if kept else '[]'}\t"
        f"{case.kind.policy_code}\t{case.kind.policy_version}\t{instant(case.submitted or 0)}"
    )


def _pictures(plan: Plan, case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, slot in enumerate(case.kind.slots[:MOST_PICTURES]):
        facts = plan.pictures["portrait" if slot == "portrait" else "card"]
        yield slot, {"id": case.key * MOST_PICTURES + number, "warnings": [], **facts}


def materials(lines: Lines, plan: Plan, case: Case) -> None:
    """The pictures, which all point at the same few files."""
    for slot, row in _pictures(plan, case):
        lines["material"].append(
            f"{row['id']}\t{case.begun}\t{case.key}\t{slot}\t{row['digest']}\t{row['media_type']}\t"
            f"{row['size']}\t{row['width']}\t{row['height']}\t{row['original_name']}\t[]\tt"
        )


def decisions(lines: Lines, case: Case) -> None:
    """What each stage said, by whoever sits there."""
    place = f"{case.person.place.text}\t{case.person.key}\t{case.key}\t{case.key}"
    for number, (verdict, at) in enumerate(case.decided):
        seat = case.seats[number]
        reason = story()[REASONS[verdict]] if verdict in REASONS else NULL
        items = as_json(story()["return_items"]) if verdict == "return" else "[]"
        lines["decision"].append(
            f"{case.key * 8 + number}\t{instant(at)}\t1\t{place}\t{number + 1}\t{verdict}\t{NULL}\t"
            f"{reason}\t{items}\t{seat.office}\t{seat.account_id}\t{instant(at)}"
        )


def events_of(lines: Lines, plan: Plan, case: Case) -> None:
    """The chain of the case, sealed as every other one; its head too."""
    subject, head, length = f"application:{case.key}", "", 0
    place, policy = case.person.place, case.kind.policy
    for length, act in enumerate(_acts(plan, case), 1):
        verb, at, *who, before, after = act
        reason = story()[REASONS[verb]] if verb in REASONS else None
        said = before, after, None, reason, policy
        public = verb != "import"
        sealed = subject, length, verb, *who, place.code, *said, None, public, head
        before_it, head = head, plan.seal(sealed, iso(at))
        lines["event"].append(
            f"{case.key * MOST_EVENTS + length}\t{instant(at)}\t{place.text}\t{subject}\t{length}\t"
            f"{verb}\t{_texts(who)}\t{_texts(said)}\t{'t' if public else 'f'}\t{before_it}\t{head}"
        )
    lines["event_chain"].append(f"{subject}\t{length}\t{head}")


def _texts(values: Iterable[Any]) -> str:
    return "\t".join(map(or_null, values))


def _acts(plan: Plan, case: Case) -> Iterator[Act]:
    """One event says that the case was taken over; with a full history all that happened since."""
    if not case.full:
        yield "import", plan.now, *NOBODY, None, case.state
        return
    yield "import", case.started, *NOBODY, None, "draft"
    applicant = None, case.person.name, "applicant"
    yield "start", case.started, *applicant, None, "draft"
    for _slot in case.kind.slots[:6]:
        yield "attach", case.started + 300, *applicant, "draft", "draft"
    if case.submitted is None:
        return
    yield "submit", case.submitted, *applicant, "draft", "in_review"
    if case.state == "withdrawn":
        yield "withdraw", case.submitted + 3600, *applicant, "in_review", "withdrawn"
    for number, (verdict, at) in enumerate(case.decided):
        seat = case.seats[number]
        after = _after(case, number)
        yield verdict, at, seat.account_id, seat.name, seat.role, "in_review", after
    if case.state == "issued" and case.ended is not None:
        yield "issue", case.ended + 1, *NOBODY, "approved", "issued"


def _after(case: Case, number: int) -> str:
    """The state that a decision led to."""
    if case.decided[number][0] == "approve":
        return "approved" if number + 1 == len(case.seats) else "in_review"
    return "returned" if case.decided[number][0] == "return" else "rejected"
