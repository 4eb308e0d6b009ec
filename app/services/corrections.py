"""Requests to correct what an office holds: asked by the person, settled with an answer by the
administrators of their region."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app import clock
from app.extensions import LOCKED
from app.queries import own_data
from app.queries.listing import Filter, Order, Page, keyset_page
from app.rules.fields import Choice, FieldSpec
from app.services import cases, events, forms, messages
from app.services.refusals import Conflict, Missing
from app.services.verbs import STALE, need, transaction
from models.codes import CORRECTION_STATES
from models.columns import semantics_of
from models.own_data import Correction

MOST_OPEN = 5
TOO_MANY = _l("Your office has not answered your earlier requests yet.")
NO_SUCH = _l("There is no such request in your region.")
SETTLED = _l("This request has been settled already.")
VERDICTS = {code: CORRECTION_STATES[code] for code in ("corrected", "refused")}
ANSWER = (
    FieldSpec(
        "verdict",
        "choice",
        _l("Result"),
        choices=tuple(Choice(code, label) for code, label in VERDICTS.items()),
        help=_l("Correct the record first, then say so here."),
    ),
    FieldSpec("answer", "textarea", _l("Answer to the person"), min=4, max=1000),
)
"""What settles a request."""


def questions() -> list[FieldSpec]:
    """What a request asks, as its model declares it."""
    meanings = semantics_of(Correction)
    return [meanings[name].field for name in ("about", "wanted")]


def ask(values: Mapping[str, Any]) -> Correction:
    """Ask the region's administrators for a correction; raises Invalid, or Conflict while too many
    requests wait."""
    actor = need("profile.keep")
    loaded = forms.load(questions(), values)
    with transaction() as session:
        worker = cases.own_worker(session, actor, lock=True)
        if sum(row.state == "open" for row in own_data.corrections()) >= MOST_OPEN:
            raise Conflict("too_many", TOO_MANY)
        row = Correction(worker_id=worker.id, state="open", **loaded)
        row.region_code = worker.region_code
        session.add(row)
        session.flush()
        _record(session, row, "request_correction", row.about)
    return row


def worklist(state: str, after: Any = None, before: Any = None) -> Page:
    """The requests of one's region in a state: open ones the oldest first, settled the latest."""
    need("corrections.settle")
    order = Order(descending=state != "open")
    return keyset_page(
        Correction, [Filter("state", "eq", state)], order, after=after, before=before
    )


def find(key: int) -> Correction:
    """A request of one's region; raises Missing."""
    need("corrections.settle")
    with transaction() as session:
        row = session.get(Correction, key)
        if row is None:
            raise Missing("missing", NO_SUCH)
        session.expunge(row)
    return row


def settle(key: int, values: Mapping[str, Any], version: int | None = None) -> Correction:
    """Answer a request, which tells the person; the record itself is corrected where it is kept.

    Raises Invalid without an answer, Missing outside the region, Conflict once it is settled.
    """
    actor = need("corrections.settle")
    loaded = forms.load(ANSWER, values)
    with transaction() as session:
        row = session.get(Correction, key, populate_existing=True, with_for_update=LOCKED)
        if row is None:
            raise Missing("missing", NO_SUCH)
        if row.state != "open":
            raise Conflict("settled", SETTLED)
        if version is not None and row.version != version:
            raise Conflict("stale", STALE)
        row.state, row.answer = loaded["verdict"], loaded["answer"]
        row.settled_by, row.settled_at = actor.account_id, clock.now()
        session.flush()
        _record(session, row, "settle_correction", row.answer, reason_code=row.state)
        told: dict[str, Any] = {
            "answer": row.answer,
            "about": _word("about", row),
            "result": _word("state", row),
        }
        messages.tell(session, row.worker_id, "correction", channels=["inbox"], **told)
    return row


def _word(name: str, row: Correction) -> Any:
    """A code's word, in whatever language the person reads it."""
    choice = semantics_of(Correction)[name].field.choice(getattr(row, name))
    return choice.label if choice else ""


def _record(session: Any, row: Correction, verb: str, reason: str, **facts: Any) -> None:
    subject = f"worker:{row.worker_id}"
    events.record(session, subject, verb, row.region_code, reason=reason, **facts)
