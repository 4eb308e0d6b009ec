"""One case of a large register, before its rows are written."""

from dataclasses import dataclass

from app.services.demo.scale.people import Person
from app.services.demo.scale.plan import KindPlan, Seat


@dataclass
class Case:
    """One application while its rows are written; instants in seconds."""

    key: int
    person: Person
    kind: KindPlan
    state: str
    started: int
    submitted: int | None
    seats: tuple[Seat, ...]
    decided: tuple[tuple[str, int], ...] = ()
    """What each stage said, and when."""
    full: bool = False
    in_force: bool = False
    begun: str = ""
    """The columns that all its rows begin with, after their key."""

    @property
    def stage(self) -> int:
        """The stage that the case is at or ended at."""
        passed = sum(verdict == "approve" for verdict, _ in self.decided)
        return min(passed + 1, len(self.seats))

    @property
    def ended(self) -> int | None:
        """When it left the offices, if it did."""
        return self.decided[-1][1] if self.decided and self.state != "in_review" else None

    @property
    def live(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state in ("draft", "in_review", "returned")
