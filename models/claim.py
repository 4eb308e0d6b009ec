"""Claims: who is at a case of the queue just now, so that two reviewers don't do the same."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.columns import Moment


class Claim(Base):
    """One reviewer's hold on one case until an instant of real time; a late one holds nothing.

    It stands apart from the case, whose version it must not change: looking never makes the
    applicant's next step a stale one. `on_behalf_id` is the absent colleague whose case it was when
    somebody who stands in took it.
    """

    application_id: Mapped[int] = mapped_column(
        Integer, ForeignKey("application.id"), primary_key=True, autoincrement=False
    )
    account_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id"), index=True)
    on_behalf_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))
    holder: Mapped[str] = mapped_column(String(128))
    until: Mapped[datetime] = Moment(_l("Held until"))
