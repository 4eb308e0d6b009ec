"""What a draft of a policy would change: a job over the real register, with its progress."""

import dataclasses
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from app import clock
from app.queries import studio
from app.queries.policies import policy_for
from app.queries.register import compare
from app.rules.policy import Policy
from app.services import outbox
from app.services.jobs import Undeliverable, job
from app.services.refusals import Conflict, Invalid, Missing
from app.services.unattended import unattended
from app.services.verbs import need, transaction
from models.draft import PolicyDraft, PolicyImpact

JOB = "policy_impact"
PAUSE = 0.5
"""Seconds between two notes of how far it has come."""

UNDER_WAY = ("waiting", "running")
FAULTY = _l("Correct the faults first: only a sound policy can be compared.")
TOO_EARLY = _l("Choose today or a later day.")
MISSING = _l("There is no such draft.")


def ask(key: int, as_of: date | None = None) -> PolicyImpact:
    """Have the impact of a draft as it is saved computed by the worker, for its first day or for
    a later one; what is under way for the same text is not begun twice.

    Raises Missing, Invalid for a day in the past, and Conflict for a text with faults.
    """
    actor = need("console.use")
    if as_of is not None and as_of < clock.today():
        raise Invalid.at("as_of", TOO_EARLY)
    with transaction() as session:
        draft = session.get(PolicyDraft, key)
        if draft is None:
            raise Missing("missing", MISSING)
        policy, _faults = studio.inspected(draft.code, draft.text)
        if policy is None:
            raise Conflict("faulty", FAULTY)
        day = as_of or studio.first_day(draft, policy)
        current, digest = studio.impact_of(draft), studio.digest_of(draft)
        same = current and (current.digest, current.as_of) == (digest, day)
        if current and same and current.state in UNDER_WAY:
            return current
        impact = PolicyImpact(
            draft_id=draft.id,
            digest=digest,
            as_of=day,
            state="waiting",
            done=0,
            total=0,
            result={},
            asked_by=actor.account_id,
        )
        session.add(impact)
        session.flush()
        outbox.promise(session, JOB, _key(impact.id), impact_id=impact.id)
    return impact


@job(JOB, attempts=3)
def run(impact_id: int) -> Mapping[str, Any]:
    """Compute one impact; done twice it says the same, killed anywhere it begins again.

    Raises Undeliverable when there is no such impact.
    """
    policies = _begun(impact_id)
    if policies is None:
        return {}
    began = time.monotonic()
    try:
        found = compare(*policies, progress=_noting(impact_id))
    except Exception:
        _note(impact_id, state="failed")
        raise
    seconds = round(time.monotonic() - began, 1)
    result = {**dataclasses.asdict(found), "seconds": seconds}
    _note(impact_id, state="done", result=result, finished_at=clock.now())
    return {}


def _begun(impact_id: int) -> tuple[Policy, Policy, date] | None:
    """The policies to compare and the day; None when it is done or about an earlier text."""
    with unattended("an impact is computed for the platform") as session:
        impact = session.get(PolicyImpact, impact_id)
        if impact is None:
            raise Undeliverable(f"no impact {impact_id}")
        if impact.state in ("done", "stale"):
            return None
        draft = session.get_one(PolicyDraft, impact.draft_id)
        after, _faults = studio.inspected(draft.code, draft.text)
        if after is None or studio.digest_of(draft) != impact.digest:
            impact.state = "stale"
            return None
        impact.state, impact.done = "running", 0
        return *_compared(after, impact.as_of), impact.as_of


def _compared(after: Policy, on: date) -> tuple[Policy, Policy]:
    """What applies in the draft's region on a day, and the draft as if it were in force then."""
    before = policy_for(after.region_code, on)
    windows = studio.windows_then(after, before)
    return before, replace(after, windows=windows, effective_from=on)


def _noting(impact_id: int) -> Callable[[int, int], None]:
    noted = time.monotonic()

    def note(done: int, total: int) -> None:
        nonlocal noted
        if time.monotonic() - noted >= PAUSE:
            noted = time.monotonic()
            _note(impact_id, done=done, total=total)
            outbox.prolong(_key(impact_id))

    return note


def _key(impact_id: int) -> str:
    return f"{JOB}:{impact_id}"


def _note(impact_id: int, **facts: Any) -> None:
    with unattended("a job says how far it has come") as session:
        impact = session.get_one(PolicyImpact, impact_id)
        for name, value in facts.items():
            setattr(impact, name, value)
