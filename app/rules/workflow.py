"""What may happen to an application next: one table of moves for any number of stages."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from app.rules.words import Words

Withdraw = Literal["never", "until_first_decision"]
Return = Literal["never", "allowed"]
Resubmit = Literal["within_window", "any_time"]


class State(StrEnum):
    """The stored states of an application; screens word them through labels.yaml."""

    draft = "draft"
    in_review = "in_review"
    returned = "returned"
    rejected = "rejected"
    withdrawn = "withdrawn"
    approved = "approved"
    issued = "issued"
    closed = "closed"


class Verb(StrEnum):
    """What people and jobs do to an application."""

    submit = "submit"
    approve = "approve"
    reject = "reject"
    return_ = "return"
    resubmit = "resubmit"
    withdraw = "withdraw"
    reopen = "reopen"
    issue = "issue"
    undo = "undo"
    close = "close"


@dataclass(frozen=True)
class Step:
    """Where an application is: its state, and the stage (from 1) that it is at or ended at."""

    state: State
    stage: int


class Refused(Exception):
    """A verb that may not be done now: a stable code, and the reason in words."""

    def __init__(self, code: str, message: Words) -> None:
        super().__init__(f"{code}: {message.en}")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Move:
    """The state that a verb leads to, and what it does to the stage.

    `past_last` is the state instead when there is no further stage to go on to.
    """

    to: State
    stage: Literal["first", "same", "next", "back"] = "same"
    past_last: State | None = None


MOVES: Mapping[tuple[State, Verb], Move] = {
    (State.draft, Verb.submit): Move(State.in_review, "first"),
    (State.in_review, Verb.approve): Move(State.in_review, "next", past_last=State.approved),
    (State.in_review, Verb.reject): Move(State.rejected),
    (State.in_review, Verb.return_): Move(State.returned),
    (State.in_review, Verb.withdraw): Move(State.withdrawn),
    (State.returned, Verb.resubmit): Move(State.in_review),
    (State.rejected, Verb.reopen): Move(State.draft, "first"),
    (State.withdrawn, Verb.reopen): Move(State.draft, "first"),
    (State.approved, Verb.issue): Move(State.issued),
    (State.in_review, Verb.undo): Move(State.in_review, "back"),
    (State.rejected, Verb.undo): Move(State.in_review),
    (State.returned, Verb.undo): Move(State.in_review),
    (State.approved, Verb.undo): Move(State.in_review),  # while nothing is issued
    (State.draft, Verb.close): Move(State.closed),
    (State.returned, Verb.close): Move(State.closed),
    (State.rejected, Verb.close): Move(State.closed),
    (State.withdrawn, Verb.close): Move(State.closed),
}

IN_FLIGHT = (State.in_review, State.returned, State.approved)
"""The states of which a worker has at most one application (X-39)."""

FINAL = (State.issued, State.closed)

NO_SUCH_MOVE = Words(
    "该申请当前的状态不允许此操作，请刷新页面后查看最新状态。",
    "The application is not in a state that allows this. Refresh the page to see where it is now.",
)
NOTHING_TO_UNDO = Words("尚无可撤销的审核决定。", "There is no decision to undo yet.")
NO_WITHDRAWAL = Words(
    "提交后信息不可修改和撤回，请等待审核结果。",
    "An application that has been submitted can be neither changed nor withdrawn. "
    "Please wait for the result of the review.",
)
ALREADY_DECIDED = Words(
    "材料已经审核，不能再撤回。",
    "The application has already been reviewed and can no longer be withdrawn.",
)
NO_RETURN = Words(
    "本登记不设退回补正，请作出通过或不通过的决定。",
    "This registration has no return for correction: approve or reject.",
)
WINDOW_OVER = Words(
    "登记时间已过，不能再次提交；请等待下一批次的通知。",
    "The registration window is over, so you cannot apply again; "
    "please wait for the notice of the next one.",
)


def allowed(state: State, verb: Verb) -> bool:
    """Whether the table has this move; the policy and the stage may still refuse it."""
    return (state, verb) in MOVES


def next_state(state: State, verb: Verb, stage: int, stages: int) -> Step:
    """Where the verb leads an application at `stage` of `stages` (both from 1).

    Raises Refused (`no_such_move`, `nothing_to_undo`). A rejected application starts again at the
    first stage (X-36), a returned one where it was.
    """
    move = MOVES.get((state, verb))
    if move is None:
        raise Refused("no_such_move", NO_SUCH_MOVE)
    if move.stage == "back" and stage == 1:
        raise Refused("nothing_to_undo", NOTHING_TO_UNDO)
    if move.past_last and stage >= stages:
        return Step(move.past_last, stage)
    shift = {"first": 1, "same": stage, "next": stage + 1, "back": stage - 1}
    return Step(move.to, shift[move.stage])


def withdraw_refusal(withdraw: Withdraw, decisions_made: int) -> Refused | None:
    """Why the applicant may not withdraw, if so (X-10): the policy, or a decision in this attempt
    (a return for correction is one)."""
    if withdraw == "never":
        return Refused("never_withdrawn", NO_WITHDRAWAL)
    return Refused("already_decided", ALREADY_DECIDED) if decisions_made else None


def return_refusal(return_: Return) -> Refused | None:
    """Why a reviewer may not return an application for correction, if so."""
    return Refused("never_returned", NO_RETURN) if return_ == "never" else None


def reopen_refusal(resubmit: Resubmit, window_is_open: bool) -> Refused | None:
    """Why a rejected or withdrawn application may not be taken up again, if so (X-35, BA-22)."""
    if resubmit == "within_window" and not window_is_open:
        return Refused("window_over", WINDOW_OVER)
    return None


def state_label(
    labels: Mapping[str, Words], state: State | None, stage: int = 1, *, upgradable: bool = False
) -> Words:
    """What a policy's label set calls a state (H); None is a worker without an application.

    A set may name a state differently from the second stage on (`in_review_later`), and a
    certificate whose holder has passed for a higher level since (`issued_upgradable`, MC-33).
    """
    name = state.value if state else "none"
    later = labels.get(f"{name}_later") if stage > 1 else None
    higher = labels.get(f"{name}_upgradable") if upgradable else None
    return (higher or later or labels[name]).fill(stage=stage)
