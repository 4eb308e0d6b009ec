"""By when the office that has a case now has to decide it, for both sides (X-43)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import object_session

from app import clock
from app.extensions import db
from app.queries.policies import editions
from app.queries.workdays import calendar
from app.rules.policy import Policy
from app.rules.workdays import Calendar, due_day, working_days_between
from app.rules.workflow import State
from models.application import Application, Decision, Submission


@dataclass(frozen=True)
class Due:
    """The day by which the present stage has to be decided, and since when its office has had the
    case without a break.

    `provisional`: holidays that nobody has announced yet may put it off. `left` counts the working
    days that remain after today, negative once it is `overdue`.
    """

    since: datetime
    day: date
    provisional: bool
    left: int
    overdue: bool


@dataclass(frozen=True)
class DueDay:
    """By when the present stage has to be decided, as it is kept with the case."""

    day: date
    provisional: bool
    overdue: bool


def kept_due(application: Application) -> DueDay | None:
    """The day that is kept with a case under review, without a statement."""
    if application.state != State.in_review or application.due_on is None:
        return None
    overdue = clock.today() > application.due_on
    return DueDay(application.due_on, application.due_provisional, overdue)


@dataclass(frozen=True)
class _Turn:
    """When a stage had the case: from an instant to its decision, or until now."""

    stage: int
    since: datetime
    until: datetime | None = None


def due_of(application: Application) -> Due | None:
    """By when the case has to be decided; None while no office has it, or where its policy sets no
    limit."""
    return dues_of([application]).get(application.id)


def dues_of(applications: Sequence[Application]) -> dict[int, Due]:
    """The same for many cases, by id, in four statements; those without a limit are left out."""
    policies = {(one.code, one.version): one for one in editions()} if applications else {}
    limits = {one.id: limit for one in applications if (limit := _limit(one, policies))}
    turns = _turns([one for one in applications if one.id in limits])
    if not turns:
        return {}
    days = calendar(_day(min(found[0].since for found in turns.values())))
    dues = ((key, _due(found, limits[key], days)) for key, found in turns.items())
    return {key: due for key, due in dues if due}


def _limit(application: Application, policies: Mapping[tuple[str, int], Policy]) -> int | None:
    """The working days of the stage that a case waits at now."""
    if application.state != State.in_review:
        return None
    policy = policies[application.policy_code, application.policy_version]
    return policy.kinds[application.kind].review[application.stage - 1].working_days


def _due(turns: Sequence[_Turn], limit: int, days: Calendar) -> Due | None:
    today = clock.today()
    found = due_day(
        days, [(_day(one.since), one.until and _day(one.until)) for one in turns], limit
    )
    if found is None:
        return None
    return Due(
        since=turns[-1].since,
        day=found.day,
        provisional=found.provisional,
        left=working_days_between(days, today, found.day),
        overdue=today > found.day,
    )


def _day(moment: datetime) -> date:
    return clock.local(moment).date()


def _turns(applications: Sequence[Application]) -> dict[int, list[_Turn]]:
    """When the present stage of each case had it in the present attempt, in two statements for all
    of them; a case outside the actor's scope has no turns."""
    if not applications:
        return {}
    submissions = _by_case(
        applications,
        select(
            Submission.application_id, Submission.id, Submission.attempt, Submission.submitted_at
        ).order_by(Submission.application_id, Submission.turn),
    )
    decisions = _by_case(
        applications,
        select(
            *(Decision.application_id, Decision.submission_id),
            *(Decision.stage, Decision.verdict, Decision.decided_at),
        ).order_by(Decision.application_id, Decision.id),
    )
    found: dict[int, list[_Turn]] = {}
    for case in applications:
        present = [one for one in submissions.get(case.id, ()) if one.attempt == case.attempt]
        for turn in _turns_of(present, decisions.get(case.id, ())):
            if turn.stage == case.stage:
                found.setdefault(case.id, []).append(turn)
    return found


def _by_case(cases: Sequence[Application], query: Select[*tuple[Any, ...]]) -> dict[int, list[Any]]:
    """Rows by the case that they belong to, read in the session, and so in the scope, that the
    cases were read in; the query is ordered by it, too."""
    session = object_session(cases[0]) or db.session()
    case_of = query.selected_columns[0]
    rows = session.execute(query.where(case_of.in_([one.id for one in cases])))
    return {key: list(found) for key, found in groupby(rows, lambda row: row[0])}


def _turns_of(submissions: Sequence[Any], decisions: Sequence[Any]) -> Iterator[_Turn]:
    """A submission goes to the first stage, or back to the one that returned it; an approval goes
    on to the next."""
    stage = 1
    for submission in submissions:
        since: datetime | None = submission.submitted_at
        for decision in decisions:
            if decision.submission_id == submission.id and since:
                yield _Turn(decision.stage, since, decision.decided_at)
                approved = decision.verdict == "approve"
                stage = decision.stage + approved
                since = decision.decided_at if approved else None
        if since:
            yield _Turn(stage, since)
