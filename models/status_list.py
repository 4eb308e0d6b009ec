"""The published list of the states of certificates."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.columns import Moment


class StatusList(Base):
    """One signed list as it is served, replaced whole by the next one; it holds no person."""

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    issued_at: Mapped[datetime] = Moment(_l("Issued"))
    next_update: Mapped[datetime] = Moment(_l("Next update"))
    token: Mapped[str] = mapped_column(Text)
