"""Registrations: one row for each 首次登记, 再登记 or 补登记; the verified ones never change."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, WorkerOwned
from models.codes import KINDS, LEVELS, REGISTRATION_STATES
from models.columns import Code, Day, Identifier, Year


class Registration(WorkerOwned, Record):
    """One turn of the register; `cycle_year` is the turn that it settles, `registered_on` the day
    it was done. An application settles each turn once, however many there are (BJ-44)."""

    __table_args__ = (
        UniqueConstraint("application_id", "cycle_year", name="uq_registration_turn"),
        Index("ix_registration_legacy_number", "legacy_number"),
    )

    kind: Mapped[str] = Code(_l("Kind"), KINDS)
    cycle_year: Mapped[int] = Year(_l("Cycle year"))
    level: Mapped[str] = Code(_l("Level"), LEVELS)
    state: Mapped[str] = Code(_l("State"), REGISTRATION_STATES)
    registered_on: Mapped[date | None] = Day(_l("Registered on"))
    valid_from: Mapped[date | None] = Day(_l("Valid from"))
    valid_until: Mapped[date | None] = Day(_l("Valid until"))
    legacy_number: Mapped[str | None] = Identifier(_l("Paper certificate number"), 8, unique=False)
    application_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("application.id"))
