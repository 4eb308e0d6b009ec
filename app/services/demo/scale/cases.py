"""The cases of a large register: what each worker applied for over the years, and what came of
it."""

from datetime import UTC, date, datetime
from functools import cache
from itertools import product
from random import Random

from app.rules.certificate import FIRST_YEAR, ValidityRule, number, valid_until
from app.rules.policy import TEMPLATE
from app.rules.workdays import add_working_days
from app.services.demo.people import story
from app.services.demo.scale import papers
from app.services.demo.scale.case import Case
from app.services.demo.scale.people import FIRST_EXAM, Person
from app.services.demo.scale.plan import KindPlan, Plan, figures
from app.services.demo.scale.rows import DAY, NULL, Lines, as_json, below, day_of, instant, or_null
from app.services.drafts import SIGNS

PAIRS = ["".join(pair) for pair in product(SIGNS, repeat=2)]
RECENT = 45 * DAY
"""What is older has been decided."""
LAST_WORD = {"issued": "approve", "rejected": "reject", "closed": "reject", "returned": "return"}


def turns(plan: Plan, dice: Random, count: int) -> list[tuple[int, str]]:
    """When somebody applied `count` times, three years apart, and what the latest is now."""
    year = datetime.fromtimestamp(plan.now, UTC).year - below(dice, 4)
    latest = _busy_moment(dice, year)
    if latest > plan.now - RECENT:
        latest -= 365 * DAY
    earlier = [_busy_moment(dice, year - 3 * back) for back in range(count - 1, 0, -1)]
    return [*((at, "issued") for at in earlier if at < latest - DAY), (latest, "")][-count:]


def _busy_moment(dice: Random, year: int) -> int:
    """An instant of a year, by day, and most likely shortly before a window used to end."""
    if dice.random() < 0.6:
        month, day = map(int, dice.choice(figures()["peaks"]).split("-"))
        at = _midnight(year, month, day) - int(dice.expovariate(1 / 6)) * DAY
    else:
        at = _midnight(year, 1, 1) + below(dice, 365) * DAY
    return at + int((0.5 + 13 * dice.random()) * 3600)


@cache
def _midnight(year: int, month: int, day: int) -> int:
    """Eight in the morning there."""
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


def exam_year_of(first: int) -> int:
    """The examination that somebody registered after who first applied then."""
    return max(FIRST_EXAM, day_of(first).year - 1)


def made(
    plan: Plan, dice: Random, person: Person, key: int, told: list[tuple[int, str]]
) -> list[Case]:
    """The cases of a worker, the oldest first."""
    found = []
    for turn, (at, state) in enumerate(told):
        kind = _kind(dice, person, turn)
        seats = tuple(plan.seats[desk] for desk in person.place.chains[kind.code])
        state = state or _latest_state(dice, kind)
        case = Case(key + turn, person, kind, state, at - DAY, at, seats)
        _decide(plan, dice, case)
        found.append(case)
    issued = [case for case in found if case.state == "issued"]
    for case in issued[-1:]:
        case.in_force = True
    return found


def _kind(dice: Random, person: Person, turn: int) -> KindPlan:
    """First registration, then mostly renewals, then whatever else the policy has."""
    kinds = person.place.kinds
    later = [code for code in kinds if code != "first"]
    if not turn or not later:
        return next(iter(kinds.values())) if "first" not in kinds else kinds["first"]
    usual = "renewal" in later and dice.random() < 0.85
    return kinds["renewal" if usual else dice.choice(later)]


def _latest_state(dice: Random, kind: KindPlan) -> str:
    shares = figures()["latest_in_window" if kind.opened else "latest"]
    state = dice.choices(list(shares), shares.values())[0]
    if state == "withdrawn" and not kind.may_withdraw:
        return "rejected"
    return "in_review" if state == "returned" and not kind.may_return else str(state)


def _decide(plan: Plan, dice: Random, case: Case) -> None:
    """Put the case where its state says: when it was handed in, and what each stage decided."""
    stages = len(case.seats)
    if case.state in ("draft", "in_review", "returned"):
        case.submitted = _lately(plan, dice, case.kind)
        case.started = case.submitted - 600 - below(dice, 2 * DAY - 600)
    last = LAST_WORD.get(case.state)
    if case.state == "draft":
        case.submitted = None
    elif case.state == "in_review":
        case.decided = _verdicts(plan, dice, case, below(dice, stages), None)
    elif last:
        passed = stages - 1 if last == "approve" else below(dice, stages)
        case.decided = _verdicts(plan, dice, case, passed, last)


def _lately(plan: Plan, dice: Random, kind: KindPlan) -> int:
    """In the window that is open, most in its last days; else mostly in the last three weeks."""
    if kind.opened:
        days = max((day_of(plan.now) - kind.opened).days, 1)
        back = int(days * dice.random() ** 1.5 * DAY)
    else:
        back = int(min(dice.expovariate(1 / 9), 60) * DAY)
    at = plan.now - 3600 - back
    # what would be the small hours there is the evening before
    return at - 8 * 3600 if (at + 8 * 3600) % DAY < 7 * 3600 else at


def _verdicts(
    plan: Plan, dice: Random, case: Case, passed: int, last: str | None
) -> tuple[tuple[str, int], ...]:
    """The approvals of the stages that were passed, and the last word."""
    assert case.submitted is not None, "decided without a submission"
    said = ["approve"] * passed + [last] * (last is not None)
    at, found = case.submitted, []
    for verdict in said:
        room = max(plan.now - 600 - at, 60)
        at += min(3600 + below(dice, 11 * DAY - 3600), 30 + below(dice, room - 29))
        found.append((str(verdict), at))
    return tuple(found)


def write(lines: Lines, plan: Plan, case: Case) -> None:
    """The rows of one case."""
    at = instant(case.submitted or case.started)
    case.begun = f"{at}\t1\t{case.person.place.text}\t{case.person.key}"
    form = papers.form(case)
    _application(lines, plan, case, form)
    if case.submitted is not None:
        papers.submission(lines, plan, case, form)
    if case.full or case.state in ("in_review", "returned"):
        papers.materials(lines, plan, case)
        papers.decisions(lines, case)
    if case.state == "issued":
        _certificate(lines, plan, case)
    papers.events_of(lines, plan, case)


def _signs(key: int) -> str:
    """Eight signs that look drawn and that no other key has."""
    rest, signs = key * 424_242_424_243 % len(PAIRS) ** 4, ""
    for _ in range(4):
        rest, pair = divmod(rest, len(PAIRS))
        signs += PAIRS[pair]
    return signs


def _application(lines: Lines, plan: Plan, case: Case, form: str) -> None:
    due, provisional = _due(plan, case)
    kind = case.kind
    year = day_of(case.submitted or case.started).year
    signs = _signs(case.key)
    here = f"{year}-{case.person.place.code[:2]}-{signs[:4]}-{signs[4:]}"
    window = f"{or_null(kind.window_id)}\t{kind.window_facts}" if case.live else f"{NULL}\t{{}}"
    decided = NULL if case.ended is None else instant(case.ended)
    submitted = NULL if case.submitted is None else instant(case.submitted)
    settled = f"[{year}]" if kind.settles and case.submitted is not None else "[]"
    unlocked = as_json(story()["return_items"]) if case.state == "returned" else "[]"
    lines["application"].append(
        f"{case.key}\t{case.begun}\t{here}\t{kind.code}\t{case.person.level}\t{case.state}\t"
        f"{case.stage}\t1\t{submitted}\t{decided}\t{or_null(due)}\t{'t' if provisional else 'f'}\t"
        f"{_turn(case)}\t{case.person.key}\t{kind.policy_code}\t{kind.policy_version}\t"
        f"{window}\t{form}\t{unlocked}\t{settled}"
    )


def _turn(case: Case) -> str:
    """Whose turn it is, as `app.services.deadlines` keeps it."""
    if case.state not in ("in_review", "returned"):
        return f"{NULL}\t{NULL}"
    seat = case.seats[case.stage - 1]
    return f"{seat.office}\t{seat.role}"


def _due(plan: Plan, case: Case) -> tuple[date | None, bool]:
    """By when the present stage has to decide, as `app.services.deadlines` keeps it."""
    if case.state != "in_review" or case.submitted is None:
        return None, False
    limit = case.kind.limits[case.stage - 1]
    since = case.decided[-1][1] if case.decided else case.submitted
    return (None, False) if limit is None else _due_day(plan, day_of(since), limit)


_dues: dict[tuple[date, int], tuple[date, bool]] = {}


def _due_day(plan: Plan, since: date, limit: int) -> tuple[date, bool]:
    if (since, limit) not in _dues:
        found = add_working_days(plan.calendar, since, limit)
        _dues[since, limit] = found.day, found.provisional
    return _dues[since, limit]


@cache
def _validity(rule: ValidityRule, on: date) -> tuple[str, str]:
    """The first and the last day of what is approved on a day, as text."""
    return str(on), str(valid_until(rule, on, turns=(on.year,)))


def _certificate(lines: Lines, plan: Plan, case: Case) -> None:
    """The row of the register and the certificate of an approval, of its day."""
    assert case.ended is not None, "issued without a decision"
    on, key, person = day_of(case.ended), case.key, case.person
    day, until = _validity(case.kind.validity, on)
    begun = f"{key}\t{instant(case.ended)}\t1\t{person.place.text}\t{person.key}"
    lines["registration"].append(
        f"{begun}\t{case.kind.code}\t{on.year}\t{person.level}\tverified\t{day}\t{day}\t{until}\t{key}"
    )
    # the portal's numbers begin with a year: what is older got its number then
    printed = number(person.place.code, max(on.year, FIRST_YEAR), f"{key * 7_368_787 % 10**8:08d}")
    state = "valid" if case.in_force else "replaced"
    lines["certificate"].append(
        f"{begun}\t{printed}\t{person.name}\t{person.level}\t{state}\t{day}\t{day}\t{until}\t"
        f"{person.values['qualification.management_number']}\t"
        f"{person.values['worker.id_number']}\t{case.kind.authority}\t"
        f"{or_null(case.kind.handling_body)}\t{TEMPLATE}\t{plan.pictures['portrait']['digest']}\t"
        f"{key}\t{key}"
    )
