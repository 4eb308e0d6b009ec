"""Applications: one case of one worker, its submissions, its materials and the decisions on it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    false,
    or_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.rules.workflow import IN_FLIGHT, State
from models.base import Record, WorkerOwned
from models.codes import APPLICATION_STATES, KINDS, LEVELS, VERDICTS
from models.columns import (
    Code,
    Count,
    Data,
    Day,
    Identifier,
    Line,
    LongText,
    Moment,
    PolicyCode,
    Ref,
)

_IN_FLIGHT = f"state IN ({', '.join(repr(str(state)) for state in IN_FLIGHT)})"
_QUEUES = {"queue": f"state = '{State.in_review}'", "returned": f"state = '{State.returned}'"}
"""What offices have before them: the cases under review, and those that they have returned."""


_PLACED = ("region_code", "city_code", "province_code")
_COUNTED = ("kind", "due_on", "stage", "attempt", "worker_id", "office_role")
"""What the figures of a queue and its conditions ask of a case, beside where it lies: a thousand
cases are counted in the index alone."""


def _partial(
    name: str, where: str, *columns: str, unique: bool = False, include: Sequence[str] = ()
) -> Index:
    """One index over some rows; Alembic does not see its WHERE, so a test reads the live schema."""
    return Index(
        name,
        *columns,
        unique=unique,
        sqlite_where=text(where),
        postgresql_where=text(where),
        postgresql_include=include,
    )


class Application(WorkerOwned, Record):
    """One case from draft to certificate; the state machine is `app.rules.workflow`."""

    __table_args__ = (
        _partial("uq_application_in_flight", _IN_FLIGHT, "worker_id", unique=True),
        _partial(
            "uq_application_draft", f"state = '{State.draft}'", "worker_id", "kind", unique=True
        ),
        *(
            _partial(
                f"ix_application_{name}",
                where,
                *("office_code", "submitted_at", "id"),
                include=(*_COUNTED, *_PLACED),
            )
            for name, where in _QUEUES.items()
        ),
        _partial("ix_application_erase", "erase_on IS NOT NULL", "erase_on", "id"),
    )
    __label__ = "reference"

    reference: Mapped[str] = Identifier(_l("Case number"), 24, written=False)
    kind: Mapped[str] = Code(_l("Kind"), KINDS, written=False)
    level: Mapped[str] = Code(_l("Level"), LEVELS, written=False)
    state: Mapped[str] = Code(_l("State"), APPLICATION_STATES, written=False)
    stage: Mapped[int] = Count(_l("Stage"), 0, 9, written=False)
    attempt: Mapped[int] = Count(_l("Attempt"), 1, 99, written=False)
    submitted_at: Mapped[datetime | None] = Moment(_l("Submitted"))
    decided_at: Mapped[datetime | None] = Moment(_l("Decided"))
    due_on: Mapped[date | None] = Day(_l("Decide by"), written=False)  # of the present stage
    erase_on: Mapped[date | None] = mapped_column(Date)  # its identity cards' pictures
    due_provisional: Mapped[bool] = mapped_column(default=False, server_default=false())
    # whose turn it is, or was when it was returned
    office_code: Mapped[str | None] = mapped_column(String(6))
    office_role: Mapped[str | None] = mapped_column(String(32))
    qualification_id: Mapped[int | None] = Ref(
        "qualification", _l("Qualification"), written=False, find=False
    )
    policy_code: Mapped[str] = PolicyCode()
    policy_version: Mapped[int] = Count(_l("Policy version"), 1, written=False)
    window_id: Mapped[int | None] = Ref("registration_window", _l("Window"), written=False)
    window_facts: Mapped[dict[str, Any]] = Data(_l("Window"))  # as it was when it was submitted
    form: Mapped[dict[str, Any]] = Data(_l("Form"))
    unlocked: Mapped[list[str]] = Data(_l("Opened for correction"), list)
    turns: Mapped[list[int]] = Data(_l("Turns"), list)  # that it settles, as it was submitted

    @property
    def open_for_change(self) -> bool:
        """Whether its applicant may type in it now."""
        return self.state in (State.draft, State.returned)


class Submission(WorkerOwned, Record):
    """What was submitted, word for word; written once and never again."""

    __table_args__ = (UniqueConstraint("application_id", "turn", name="uq_submission_turn"),)

    application_id: Mapped[int] = Ref("application", _l("Application"), written=False)
    turn: Mapped[int] = Count(_l("Turn"), 1, written=False)
    attempt: Mapped[int] = Count(_l("Attempt"), 1, written=False)
    form: Mapped[dict[str, Any]] = Data(_l("Form"))
    materials: Mapped[dict[str, Any]] = Data(_l("Materials"))
    findings: Mapped[list[dict[str, Any]]] = Data(_l("Findings"), list)
    policy_code: Mapped[str] = PolicyCode(find="")
    policy_version: Mapped[int] = Count(_l("Policy version"), 1, written=False)
    submitted_at: Mapped[datetime] = Moment(_l("Submitted"))


class Material(WorkerOwned, Record):
    """One uploaded picture in one slot of a case; a newer one supersedes it, nothing is
    overwritten. Of one with `erased_at` only the file's description is left."""

    __table_args__ = (
        _partial("uq_material_slot", "active", "application_id", "slot", unique=True),
    )
    __label__ = "slot"

    application_id: Mapped[int] = Ref("application", _l("Application"), written=False)
    slot: Mapped[str] = Line(_l("Material"), 32, written=False, find="equal")
    digest: Mapped[str] = mapped_column(String(64), index=True)
    media_type: Mapped[str] = Line(_l("Type"), 32, written=False)
    size: Mapped[int] = Count(_l("Bytes"), written=False)
    width: Mapped[int] = Count(_l("Width"), written=False)
    height: Mapped[int] = Count(_l("Height"), written=False)
    original_name: Mapped[str] = Line(_l("File name"), 200, written=False)
    warnings: Mapped[list[dict[str, str]]] = Data(_l("Remarks"), list)
    active: Mapped[bool] = mapped_column(default=True)
    erased_at: Mapped[datetime | None] = Moment(_l("Deleted"))  # the file; the row stays


class Decision(WorkerOwned, Record):
    """What one reviewer decided at one stage on one submission."""

    __table_args__ = (
        UniqueConstraint("submission_id", "stage", name="uq_decision_stage"),
        Index("ix_decision_by", "decided_by", "decided_at"),
        Index(
            "ix_decision_of",
            *("application_id", "decided_by", "on_behalf_id", "stage"),
            postgresql_include=_PLACED,
        ),
    )

    application_id: Mapped[int] = Ref("application", _l("Application"), written=False)
    submission_id: Mapped[int] = mapped_column(Integer, ForeignKey("submission.id"))
    stage: Mapped[int] = Count(_l("Stage"), 1, 9, written=False)
    verdict: Mapped[str] = Code(_l("Verdict"), VERDICTS, written=False)
    reason_code: Mapped[str | None] = Line(_l("Reason code"), 32, written=False, find="equal")
    reason: Mapped[str | None] = LongText(_l("Reason"), written=False)
    items: Mapped[list[str]] = Data(_l("Opened for correction"), list)
    office_code: Mapped[str] = Line(_l("Office"), 6, written=False)
    decided_by: Mapped[int] = Ref("ab_user", _l("Decided by"), written=False, find=False)
    on_behalf_id: Mapped[int | None] = Ref("ab_user", _l("On behalf of"), written=False, find=False)
    decided_at: Mapped[datetime] = Moment(_l("Decided"))

    @classmethod
    def of_person(cls, account_id: int) -> ColumnElement[bool]:
        """The decisions that somebody took, or that were taken for them while they were absent."""
        return or_(cls.decided_by == account_id, cls.on_behalf_id == account_id)
