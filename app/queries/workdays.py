"""The calendar of working days, as the console keeps it."""

from datetime import date

from sqlalchemy import select

from app.extensions import db
from app.rules.workdays import Calendar
from models.holiday import Holiday


def calendar(since: date) -> Calendar:
    """The working days from the year of a day on, in one statement of some forty rows a year."""
    query = select(Holiday.day, Holiday.works).where(Holiday.day >= since.replace(month=1, day=1))
    return Calendar(dict(db.session.execute(query).all()))
