"""Files that an office attaches to what it publishes."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, RegionScoped
from models.columns import Count, Line, Ref


class Attached(RegionScoped, Record):
    """One file of a row, under a name that the row has once. A model of what is published gets
    files by one class of this kind that names it as its parent; its screens follow from that."""

    __abstract__ = True
    __label__ = "name"

    name: Mapped[str] = Line(_l("File"), 120, written=False)
    media_type: Mapped[str] = Line(_l("Type"), 100, written=False)
    size: Mapped[int] = Count(_l("Size in bytes"), written=False)
    digest: Mapped[str] = mapped_column(String(64), index=True)


class NoticeFile(Attached):
    """A file of a notice; it goes with the notice."""

    __table_args__ = (UniqueConstraint("notice_id", "name", name="uq_notice_file"),)

    notice_id: Mapped[int] = Ref("notice", _l("Notice"), parent=True, written=False, goes=True)


class DocumentFile(Attached):
    """A file of a document; it goes with the document."""

    __table_args__ = (UniqueConstraint("document_id", "name", name="uq_document_file"),)

    document_id: Mapped[int] = Ref(
        "document", _l("Document"), parent=True, written=False, goes=True
    )
