"""Personal information: what a social worker says of themself once, and forms take over (MC-06)."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, WorkerOwned
from models.codes import HONOR_LEVELS, PLANS
from models.columns import Code, Count, Data, Line, Month, Unit


class Profile(WorkerOwned, Record):
    """基础信息 of one person. `basic` is what was typed, `carried` what forms take over: the same,
    and what experience and honours come to, by the names of the dictionary of inputs. `kept` are
    the pictures, by the slots of forms: their digests."""

    __table_args__ = (UniqueConstraint("worker_id", name="uq_profile_worker"),)

    basic: Mapped[dict[str, Any]] = Data(_l("Basic information"))
    carried: Mapped[dict[str, Any]] = Data(_l("Taken over by forms"))
    kept: Mapped[dict[str, str]] = Data(_l("Pictures"))


class WorkExperience(WorkerOwned, Record):
    """One part of somebody's working life; the employer is typed or chosen (MC-12)."""

    __label__ = "unit_name"

    started: Mapped[str] = Month(_l("First month"))
    ended: Mapped[str | None] = Month(
        _l("Last month"), help=_l("Leave it empty if you still work there.")
    )
    unit_id: Mapped[int | None] = Unit(
        _l("Employer in the portal"),
        help=_l("For social work service organizations: type the beginning of the name."),
    )
    unit_name: Mapped[str | None] = Line(
        _l("Employer"), 100, help=_l("The full name, if it was not found above.")
    )
    post: Mapped[str] = Line(_l("Post"), 60)
    plan: Mapped[str] = Code(_l("A project of the Three Areas or the Hand in Hand Plan?"), PLANS)


class Honor(WorkerOwned, Record):
    """One honour, of one of six levels (MC-15)."""

    __label__ = "title"

    title: Mapped[str] = Line(_l("Honour"), 100)
    level: Mapped[str] = Code(_l("Level of the honour"), HONOR_LEVELS)
    awarded_on: Mapped[str] = Month(_l("Awarded in"))
    issuer: Mapped[str | None] = Line(_l("Awarded by"), 100)


class PersonalFile(WorkerOwned, Record):
    """One picture in one slot of personal information; a newer one takes its place, and what was
    superseded is gone: it is the person's own to keep."""

    __table_args__ = (UniqueConstraint("worker_id", "slot", name="uq_personal_file_slot"),)
    __label__ = "slot"

    slot: Mapped[str] = Line(_l("Material"), 40, written=False)
    digest: Mapped[str] = mapped_column(String(64), index=True)
    media_type: Mapped[str] = Line(_l("Type"), 32, written=False)
    size: Mapped[int] = Count(_l("Bytes"), written=False)
    width: Mapped[int] = Count(_l("Width"), written=False)
    height: Mapped[int] = Count(_l("Height"), written=False)
    original_name: Mapped[str] = Line(_l("File name"), 200, written=False)
    warnings: Mapped[list[dict[str, str]]] = Data(_l("Remarks"), list)
