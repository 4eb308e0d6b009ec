"""What offices change in the registrations on record: proposed by one, confirmed by another."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped

from models.base import Record, RegionScoped
from models.codes import MEASURE_STATES
from models.columns import Changes, Code, LongText, Moment, PersonName, Ref

_PROPOSED = "state = 'proposed'"


class Amendment(RegionScoped, Record):
    """A change of a registration that no certificate of the portal stands for (X-45). What it said
    before stays here for good; one proposal at a time waits for a second person."""

    __label__ = "name"
    __table_args__ = (
        Index(
            "uq_amendment_proposed",
            "registration_id",
            unique=True,
            sqlite_where=text(_PROPOSED),
            postgresql_where=text(_PROPOSED),
        ),
    )

    registration_id: Mapped[int] = Ref(
        "registration", _l("Registration"), parent=True, written=False, shown=False
    )
    name: Mapped[str] = PersonName()
    changes: Mapped[dict[str, list[Any]]] = Changes("registration")
    note: Mapped[str] = LongText(_l("Facts and documents"), written=False)
    state: Mapped[str] = Code(_l("State"), MEASURE_STATES, written=False)
    proposed_by: Mapped[int] = Ref("ab_user", _l("Proposed by"), written=False, find=False)
    decided_by: Mapped[int | None] = Ref("ab_user", _l("Decided by"), written=False, find=False)
    decided_at: Mapped[datetime | None] = Moment(_l("Decided"))
