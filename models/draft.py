"""The studio's rows: a draft of a policy on its way to an edition, and what it would change."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy import text as condition
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record
from models.codes import DRAFT_STATES, IMPACT_STATES
from models.columns import Code, Count, Data, Day, Line, LongText, Moment

_OPEN = "state IN ('draft', 'proposed')"


def _account() -> Any:
    return mapped_column(Integer, ForeignKey("ab_user.id"))


class PolicyDraft(Record):
    """The next edition of a policy while people work on it; one at a time for each policy.

    Not a scoped row: it belongs to the platform, as the editions do.
    """

    __table_args__ = (
        Index(
            "uq_policy_draft_open",
            "code",
            unique=True,
            sqlite_where=condition(_OPEN),
            postgresql_where=condition(_OPEN),
        ),
    )
    __label__ = "code"

    code: Mapped[str] = Line(_l("Policy"), 40, written=False)
    text: Mapped[str] = LongText(_l("YAML"), written=False)
    state: Mapped[str] = Code(_l("State"), DRAFT_STATES, written=False, default="draft")
    effective_from: Mapped[date | None] = Day(_l("In force from"), written=False)
    base_edition: Mapped[int | None] = Count(_l("Begun from edition"), 1, written=False)
    edition: Mapped[int | None] = Count(_l("Edition"), 1, written=False)
    remark: Mapped[str | None] = LongText(_l("Reason"), written=False)
    created_by: Mapped[int | None] = _account()
    edited_by: Mapped[int | None] = _account()
    proposed_by: Mapped[int | None] = _account()
    confirmed_by: Mapped[int | None] = _account()
    edited_at: Mapped[datetime] = Moment(_l("Edited"))
    proposed_at: Mapped[datetime | None] = Moment(_l("Proposed"))
    confirmed_at: Mapped[datetime | None] = Moment(_l("Published"))


class PolicyImpact(Record):
    """Who would change verdict under a draft, computed by a job; `digest` says for which text."""

    draft_id: Mapped[int] = mapped_column(Integer, ForeignKey("policy_draft.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    as_of: Mapped[date] = Day(_l("In force from"), written=False)
    state: Mapped[str] = Code(_l("State"), IMPACT_STATES, written=False, default="waiting")
    done: Mapped[int] = Count(_l("Done"), written=False)
    total: Mapped[int] = Count(_l("All"), written=False)
    result: Mapped[dict[str, Any]] = Data(_l("Result"))
    asked_by: Mapped[int | None] = _account()
    finished_at: Mapped[datetime | None] = Moment(_l("Done"))
