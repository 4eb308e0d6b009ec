"""Every test here walks on a morning in the window of the announcement of 2020."""

from collections.abc import Iterator

import pytest
from flask_sqlalchemy import SQLAlchemy

from app import clock
from tests.support.factories import IN_WINDOW


@pytest.fixture(autouse=True)
def morning(db: SQLAlchemy) -> Iterator[SQLAlchemy]:
    """Business time stands still at nine o'clock on 10 July 2020."""
    with clock.frozen(IN_WINDOW):
        yield db
