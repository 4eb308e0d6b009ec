"""Administrative divisions by GB/T 2260: dated, with a successor, because codes
change every year."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.codes import REGION_LEVELS
from models.columns import Code, Day, Title


class Region(Base):
    """One division; province-administered counties and districts of municipalities hang on a
    province."""

    __label__ = "name"

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name: Mapped[str] = Title(_l("Region"), 64)
    level: Mapped[str] = Code(_l("Level"), REGION_LEVELS)
    parent_code: Mapped[str | None] = mapped_column(
        String(6), ForeignKey("region.code"), index=True
    )
    valid_from: Mapped[date | None] = Day(_l("In force from"))
    valid_until: Mapped[date | None] = Day(_l("In force until"))
    successor_code: Mapped[str | None] = mapped_column(String(6), ForeignKey("region.code"))
