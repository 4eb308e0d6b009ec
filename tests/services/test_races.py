"""Many at one case at once: exactly one move goes through, and nothing of the others stays."""

from random import Random

import pytest
from flask import Flask

from app.services import audit
from tests.support.contest import Contest

pytestmark = [pytest.mark.usefixtures("db"), pytest.mark.slow]


@pytest.mark.database("postgres")
def test_of_fifty_people_at_one_case_one_wins_fifty_times(app: Flask) -> None:
    contest = Contest(app, people=50, dice=Random(1))
    outcomes = [contest.round() for _ in range(50)]
    assert [one.faults for one in outcomes if one.faults] == []
    assert {verb for one in outcomes for verb in one.winners} >= {"approve", "reject", "claim"}
    assert audit.verify().sound


@pytest.mark.database("sqlite")
def test_sqlite_lets_one_win_as_well(app: Flask) -> None:
    contest = Contest(app, people=8, dice=Random(1))
    outcomes = [contest.round() for _ in range(5)]
    assert [one.faults for one in outcomes if one.faults] == []
