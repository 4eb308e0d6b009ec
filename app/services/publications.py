"""Publishing and taking back: what one person proposes, a second one of the office confirms."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import clock
from app.extensions import LOCKED
from app.queries.policies import policy_for
from app.queries.windows import window_fact
from app.rules.policy import Policy
from app.rules.policy_reading import OVERLAPS, overlap, window_faults
from app.rules.regions import ancestors
from app.rules.words import Words
from app.scope import Actor, within
from app.services import events
from app.services.refusals import LOOK_AGAIN, NO_RECORD, Conflict, Forbidden, Invalid, Missing
from app.services.verbs import STALE, need, transaction
from models.base import Published
from models.codes import PUBLIC_STATES
from models.policy import Policy as Edition
from models.publication import Contact, Document, Notice, Window

RESOURCES: dict[type, str] = {
    Window: "windows",
    Notice: "notices",
    Document: "documents",
    Contact: "contacts",
}
DATED = (Notice, Document)

NO_POLICY = _l("No policy is in force in this region on that day.")
LATE_NOTICE = Words(
    "公告发布日期{day}不早于登记开始日期{opens_on}：公告应在登记开始之前发布。",
    "This is published on {day}, but registration opens on {opens_on}: "
    "the announcement should come before the opening.",
)
NO_NOTICE = Words(
    "本批次自{opens_on}起受理，尚无已发布的公告。",
    "This window opens on {opens_on} and no announcement of it is published yet.",
)


def propose(model: type, key: int) -> tuple[Words, ...]:
    """Ask a second person to confirm a draft; gives back warnings for whoever proposes.

    Raises Forbidden, Missing, Conflict when it is no draft, Invalid when a window contradicts its
    policy.
    """
    actor = need(f"{RESOURCES[model]}.publish")
    with transaction() as session:
        row = _fetch(session, model, key, "draft")
        follow_policy(row)
        _refuse_unsound(session, row)
        row.proposed_by = actor.account_id
        _move(session, row, "propose", "proposed")
        return _warnings(session, row)


def confirm(model: type, key: int) -> tuple[Words, ...]:
    """Publish what somebody else proposed; gives back warnings, such as a late notice (BA-30).

    Raises Forbidden for the one who proposed it, Missing, Conflict when it is not proposed,
    Invalid when a window contradicts its policy.
    """
    actor = need(f"{RESOURCES[model]}.publish")
    with transaction() as session:
        row = _fetch(session, model, key, "proposed")
        _refuse_alone(row, actor)
        _refuse_unsound(session, row)
        if model in DATED:
            row.published_at = clock.now()
        _move(session, row, "confirm", "published")
        return _warnings(session, row)


def retract(model: type, key: int) -> None:
    """Take a proposal back to a draft, which alone can be changed; for what is published, ask a
    second person to confirm that, because the public sees it.

    Raises Forbidden, Missing, Conflict in any other state.
    """
    actor = need(f"{RESOURCES[model]}.publish")
    with transaction() as session:
        row = _fetch(session, model, key, "proposed", "published")
        if row.state == "proposed":
            _to_draft(session, row, "retract")
        else:
            row.proposed_by = actor.account_id
            _move(session, row, "retract", "retracting")


def confirm_retraction(model: type, key: int) -> None:
    """Take back to a draft what somebody else proposed to take back.

    Raises Forbidden for the one who proposed it, Missing, Conflict when nobody did.
    """
    actor = need(f"{RESOURCES[model]}.publish")
    with transaction() as session:
        row = _fetch(session, model, key, "retracting")
        _refuse_alone(row, actor)
        _to_draft(session, row, "confirm_retraction")


def keep(model: type, key: int) -> None:
    """Leave published what somebody proposed to take back; the public sees no change.

    Raises Forbidden, Missing, Conflict when nobody proposed that.
    """
    need(f"{RESOURCES[model]}.publish")
    with transaction() as session:
        row = _fetch(session, model, key, "retracting")
        row.proposed_by = None
        _move(session, row, "keep", "published")


def refuse_unless_draft(row: Any) -> None:
    """Refuse to change what was proposed or published: two people answer for it as it is.

    Raises Conflict; rows that are never published pass.
    """
    if isinstance(row, Published) and row.state != "draft":
        raise Conflict("published", _l("Take it back to a draft before you change it."))


def _fetch(session: Session, model: type, key: int, *states: str) -> Any:
    row: Any = session.get(model, key, populate_existing=True, with_for_update=LOCKED)
    if row is None:
        raise Missing("missing", NO_RECORD)
    if row.state not in states:
        raise Conflict("stale", STALE)
    return row


def _refuse_alone(row: Any, actor: Actor) -> None:
    if row.proposed_by == actor.account_id:
        raise Forbidden("second_person", _l("A second person has to confirm what you proposed."))


def _to_draft(session: Session, row: Any, verb: str) -> None:
    row.proposed_by = None
    if isinstance(row, DATED):
        row.published_at = None
    _move(session, row, verb, "draft")


def _move(session: Session, row: Any, verb: str, to: str) -> None:
    before, row.state = row.state, to
    session.flush()
    subject = f"{row.__tablename__}:{row.id}"
    events.record(session, subject, verb, row.region_code, from_state=before, to_state=to)


def follow_policy(row: Any) -> None:
    """A window opens kinds of the policy that holds in its region on its first day; nobody has to
    say which one that is.

    Raises Invalid where none holds then. Rows that are no window pass.
    """
    if isinstance(row, Window):
        row.policy_code = _policy_of(row).code


def _policy_of(row: Window) -> Policy:
    try:
        return policy_for(row.region_code, row.opens_on)
    except LookupError as fault:
        raise Invalid(LOOK_AGAIN, {"opens_on": NO_POLICY}) from fault


def _refuse_unsound(session: Session, row: Any) -> None:
    """A window opens only kinds of its own policy that open by window, in the right order, and
    beside no other one for the same people."""
    if not isinstance(row, Window):
        return
    policy, fact = _policy_of(row), window_fact(row)
    errors: dict[str, Any] = {
        _input(fault.path): fault.message for fault in window_faults(policy, fact)
    }
    if row.policy_code != policy.code:
        errors["policy_code"] = _l("Another policy is in force in this region on that day.")
    for other in _beside(session, row):
        if kind := overlap(window_fact(other), fact):
            label = policy.kinds[kind].label if kind in policy.kinds else kind
            errors["opens_on"] = OVERLAPS.fill(title=other.title, kind=label)
    if errors:
        raise Invalid(LOOK_AGAIN, errors)


def _input(path: str) -> str:
    """The input of the form that a fault is about."""
    name = path.partition("[")[0].removeprefix("overrides.")
    return "concentrated_from" if name == "concentrated" else name


def _beside(session: Session, row: Window) -> Sequence[Window]:
    """The other published windows of the policy for the people of this one's region; whoever
    confirms another one at the same moment waits, and then sees this one."""
    session.execute(
        select(Edition.id).where(Edition.code == row.policy_code).with_for_update(**LOCKED)
    )
    query = select(Window).where(
        Window.policy_code == row.policy_code,
        Window.state.in_(PUBLIC_STATES),
        Window.id != row.id,
        or_(
            Window.region_code.in_(ancestors(row.region_code)),
            within(Window, row.region_code),
        ),
    )
    return session.scalars(query.order_by(Window.opens_on, Window.id)).all()


def _warnings(session: Session, row: Any) -> tuple[Words, ...]:
    """BA-30: an announcement comes before the opening of the window that it announces."""
    if isinstance(row, Notice) and row.window_id is not None:
        window = session.get_one(Window, row.window_id)
        if clock.today() >= window.opens_on:
            return (LATE_NOTICE.fill(day=clock.today(), opens_on=window.opens_on),)
    if isinstance(row, Window):
        announced = select(Notice.id).where(
            Notice.window_id == row.id, Notice.state.in_(PUBLIC_STATES)
        )
        if session.scalar(announced) is None:
            return (NO_NOTICE.fill(opens_on=row.opens_on),)
    return ()
