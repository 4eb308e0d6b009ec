"""Attaching files to what an office publishes, as long as it is a draft: two people answer for the
files as for the text."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents.attachments import Checked, check_attachment, kept_name
from app.documents.pictures import PictureRefused
from app.extensions import LOCKED, db
from app.queries.attachments import file_model
from app.rules.words import Words
from app.services import events, publications
from app.services.materials import store
from app.services.refusals import NO_RECORD, Invalid, Missing
from app.services.verbs import need, transaction
from models.attachment import Attached

MOST = 20
"""Files that one row has at most."""
FIELD = "files"
NO_SUCH_FILE = _l("There is no such file.")
ENOUGH = Words(
    "最多可附{most}个文件。请先移除不需要的文件，或合并后上传。",
    "At most {most} files are attached. Take one out first, or put several into one.",
)
THERE_ALREADY = Words(
    "这个文件已经附上，名为“{name}”。如要改名，请先移除再上传。",
    "This file is attached already, as “{name}”. To rename it, take it out and upload it again.",
)


def attach(model: type, key: int, filename: str, data: bytes) -> Attached:
    """Attach a file to a draft; one of the same name is replaced by it, and the same file twice is
    there once.

    Raises Forbidden, Missing outside the region, Conflict when it is no draft, Invalid with what to
    do about a file that is not accepted; nothing is kept then.
    """
    # outside of the transaction and without a lock: taking a file apart takes long
    _draft(db.session(), model, key, lock=False)
    checked = _checked(data)
    name, digest = kept_name(filename, checked.media_type), store().put(checked.data)
    with transaction() as session:
        row = _draft(session, model, key)
        file = _place(session, row, name, digest, checked)
    if not store().exists(digest):  # deleted as left over while nothing pointed at it yet
        store().put(checked.data)
    return file


def detach(model: type, key: int, file_id: int) -> None:
    """Take a file out of a draft, with an event; the daily round over the store deletes it.

    Raises Forbidden, Missing, Conflict when it is no draft.
    """
    with transaction() as session:
        row = _draft(session, model, key)
        file = next((one for one in _files(session, row) if one.id == file_id), None)
        if file is None:
            raise Missing("missing", NO_SUCH_FILE)
        _record(session, row, "remove_file", file.name)
        session.delete(file)
        session.flush()


def content(file: Attached) -> bytes:
    """The bytes of a file that the caller has found."""
    return store().get(file.digest)


def _draft(session: Session, model: Any, key: int, *, lock: bool = True) -> Any:
    need(f"{publications.RESOURCES[model]}.write")
    row = session.get(model, key, populate_existing=True, with_for_update=LOCKED if lock else None)
    if row is None:
        raise Missing("missing", NO_RECORD)
    publications.refuse_unless_draft(row)
    return row


def _files(session: Session, row: Any) -> list[Attached]:
    found = file_model(row.__class__)
    if found is None:
        raise Missing("missing", NO_SUCH_FILE)
    files: Any = found[0]
    mine = getattr(files, found[1]) == row.id
    return list(session.scalars(select(files).where(mine).order_by(files.id)))


def _checked(data: bytes) -> Checked:
    try:
        return check_attachment(data)
    except PictureRefused as fault:
        raise _invalid(fault.code, fault.message) from fault


def _place(session: Session, row: Any, name: str, digest: str, checked: Checked) -> Attached:
    kept = _files(session, row)
    same = next((one for one in kept if one.digest == digest), None)
    namesake = next((one for one in kept if one.name == name), None)
    if same is not None and same is namesake:
        return same  # sent twice
    if same is not None:
        raise _invalid("there", THERE_ALREADY.fill(name=same.name))
    if namesake is None and len(kept) >= MOST:
        raise _invalid("enough", ENOUGH.fill(most=MOST))
    file = namesake or _new(session, row)
    file.name, file.digest = name, digest
    file.media_type, file.size = checked.media_type, len(checked.data)
    session.flush()
    _record(session, row, "replace_file" if namesake else "add_file", name)
    return file


def _new(session: Session, row: Any) -> Attached:
    found = file_model(row.__class__)
    if found is None:
        raise Missing("missing", NO_SUCH_FILE)
    files, owner = found
    file = files(**{owner: row.id, "region_code": row.region_code})
    session.add(file)
    return file


def _invalid(code: str, sentence: Words) -> Invalid:
    refused = Invalid.at(FIELD, sentence)
    refused.code = code
    return refused


def _record(session: Session, row: Any, verb: str, name: str) -> None:
    subject = f"{row.__tablename__}:{row.id}"
    events.record(session, subject, verb, row.region_code, reason=name)
