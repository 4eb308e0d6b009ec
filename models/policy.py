"""Published versions of policies, and the dictionaries whose codes they use."""

from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Record
from models.columns import Count, Day, Line, LongText, Moment


class Policy(Record):
    """One version of one jurisdiction's policy as it was published; its file is the seed of the
    first."""

    __table_args__ = (UniqueConstraint("code", "edition", name="uq_policy_edition"),)
    __label__ = "code"

    code: Mapped[str] = Line(_l("Policy"), 64, find="equal")
    edition: Mapped[int] = Count(_l("Edition"), 1)
    # not a scoped row: a policy belongs to the platform, its region says where it applies
    jurisdiction: Mapped[str] = mapped_column(String(6), ForeignKey("region.code"))
    effective_from: Mapped[date | None] = Day(_l("In force from"))
    effective_until: Mapped[date | None] = Day(_l("In force until"))
    source: Mapped[str] = LongText(_l("YAML"), written=False)
    digest: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = Moment(_l("Published"))


class Dictionary(Record):
    """A list of codes that forms offer, such as the types of unit."""

    __label__ = "code"

    code: Mapped[str] = mapped_column(String(64), unique=True)
    name_zh: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))
    items: Mapped[list["DictionaryItem"]] = relationship(
        back_populates="dictionary",
        cascade="all, delete-orphan",
        order_by="DictionaryItem.position",
    )

    def __str__(self) -> str:
        return self.code


class DictionaryItem(Record):
    """One code with its words; a retired one stays, because old forms carry it."""

    __table_args__ = (UniqueConstraint("dictionary_id", "code", name="uq_dictionary_item"),)
    __label__ = "code"

    dictionary_id: Mapped[int] = mapped_column(Integer, ForeignKey("dictionary.id"), index=True)
    code: Mapped[str] = mapped_column(String(64))
    zh: Mapped[str] = mapped_column(String(100))
    en: Mapped[str] = mapped_column(String(100))
    position: Mapped[int] = mapped_column(Integer, default=0)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    dictionary: Mapped[Dictionary] = relationship(back_populates="items")

    def __str__(self) -> str:
        return self.code
