"""Fifty people at once at one case: exactly one wins, the others are told so, nothing is lost.

`python -m bench.races [ROUNDS] [PEOPLE]` runs on a PostgreSQL of its own (requirements-dev.txt), on
the rows of the demonstration. Each round puts one case under review and lets so many threads
withdraw, approve, reject or take it. It ends with 1 when a round breaks a rule.
"""

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from time import perf_counter

from flask import Flask

from app.factory import create_app
from bench.lists import settings
from tests.support import databases, postgres, shared
from tests.support.contest import Contest, Outcome


@contextmanager
def portal(people: int) -> Iterator[Flask]:
    """The portal on a fresh PostgreSQL, with a connection for everybody."""
    shared.begin()
    try:
        databases.fresh("postgres", "races")
        with tempfile.TemporaryDirectory() as name:
            changed = {
                **settings(Path(name)),
                "SQLALCHEMY_DATABASE_URI": databases.url("postgres", "races"),
                "SQLALCHEMY_ENGINE_OPTIONS": {"pool_size": people + 5, "max_overflow": 5},
                "FAB_PASSWORD_HASH_METHOD": "pbkdf2:sha256:1",
            }
            yield create_app(changed)
    finally:
        postgres.stop()
        shared.end()


def main(rounds: int, people: int) -> int:
    """Race, count who won, print; the number of broken rounds."""
    dice = Random(int(os.environ.get("SEED", "1")))  # noqa: S311 - a draw, not a key
    won: Counter[str] = Counter()
    broken = 0
    with portal(people) as app, app.app_context():
        contest = Contest(app, people, dice)
        begun = perf_counter()
        for number in range(rounds):
            outcome: Outcome = contest.round()
            won.update(outcome.winners or ["nobody"])
            for fault in outcome.faults:
                broken += 1
                print(f"round {number}: {fault}", file=sys.stderr)  # noqa: T201
            if not (number + 1) % 50:
                print(f"{number + 1} rounds, {broken} rules broken", file=sys.stderr)  # noqa: T201
        took = perf_counter() - begun
    print(f"{rounds} rounds of {people} people, {took / rounds * 1000:.0f} ms a round")  # noqa: T201
    for verb, count in won.most_common():
        print(f"{verb:10} won {count}")  # noqa: T201
    print(f"{broken} rules broken")  # noqa: T201
    return broken


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    sys.exit(bool(main(*(given + [1000, 50][len(given) :]))))
