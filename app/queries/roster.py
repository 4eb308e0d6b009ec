"""What is on record about the answers of a form: the roster's side of every question."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from app import clock
from app.queries.facts import facts_of
from app.queries.holdings import Holdings
from app.queries.policies import policy_of
from app.rules import history
from app.rules.fields import FieldSpec
from models.application import Application
from models.qualification import Qualification
from models.worker import Worker


def on_record(
    specs: Iterable[FieldSpec],
    application: Application,
    worker: Worker,
    held: Qualification | None,
    holdings: Holdings | None = None,
) -> dict[str, Any]:
    """What the sources of these inputs say, as JSON; inputs without a source are left out.

    `holdings` is what is on record of the worker, where the caller has read it.
    """
    rows = {"worker": worker, "qualification": held, "application": application}
    found = {}
    for spec in specs:
        if spec.source == "credit.online":
            found[spec.name] = plain(_online_hours(application, worker, holdings))
        elif spec.source:
            row, _, column = spec.source.partition(".")
            # the number itself is sealed: a form, like every list, has the mask
            column = "id_number_masked" if column == "id_number" else column
            found[spec.name] = plain(getattr(rows[row], column, None))
    return found


def _online_hours(application: Application, worker: Worker, holdings: Holdings | None) -> Decimal:
    """The hours earned online in the periods that count for the case today (MC-23)."""
    policy, today = policy_of(application.policy_code, application.policy_version), clock.today()
    facts = holdings.facts(worker) if holdings else facts_of(worker)
    online = replace(facts, credits=tuple(c for c in facts.credits if c.source == "online"))
    periods = history.periods(policy.due, online, policy.cycle_years, today)
    return sum((history.hours_in(online, period) for period in periods), Decimal(0))


def plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
