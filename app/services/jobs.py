"""What a promised job is: a function under a name, and how often it is tried."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

Run = Callable[..., Mapping[str, Any] | None]

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)


class Undeliverable(Exception):
    """The job can never be done as it was promised; trying again would change nothing."""


@dataclass(frozen=True)
class Job:
    """A function that takes the payload; done twice it does no more than done once.

    `attempts` is after how many failures it is given up, None never. What the function returns is
    kept with the payload.
    """

    run: Run
    attempts: int | None

    def is_over_after(self, failures: int) -> bool:
        """Whether so many failures are enough."""
        return self.attempts is not None and failures >= self.attempts


JOBS: dict[str, Job] = {}


def job(name: str, *, attempts: int | None = None) -> Callable[[Run], Run]:
    """Register a function as the job of this name."""

    def register(run: Run) -> Run:
        JOBS[name] = Job(run, attempts)
        return run

    return register


def pause_after(failures: int) -> timedelta:
    """How long to wait before the next try: 30 s, then twice as long each time, an hour at most."""
    return min(FIRST_PAUSE * (1 << min(failures - 1, 20)), LONGEST_PAUSE)
