"""Qualifications: the certificate from the national examination, which this portal never issues."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped

from models.base import Record, WorkerOwned
from models.codes import LEVELS
from models.columns import Code, Day, Flag, Identifier, Year


class Qualification(WorkerOwned, Record):
    """One 职业水平证书 of a worker; the management number is opaque and never parsed."""

    __label__ = "management_number"

    level: Mapped[str] = Code(_l("Level"), LEVELS)
    exam_year: Mapped[int] = Year(_l("Examination year"))
    management_number: Mapped[str | None] = Identifier(_l("Management number"))
    qualified_on: Mapped[date | None] = Day(_l("Qualified on"))
    verified: Mapped[bool] = Flag(_l("Verified"))
