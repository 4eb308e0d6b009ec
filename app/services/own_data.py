"""A copy of all that is held about oneself: asked for, made by a job, fetched, deleted in time."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app import clock
from app.extensions import LOCKED, db
from app.queries import own_data
from app.rules.words import Words
from app.scope import acting_as, as_system
from app.security import actor_of, find_account
from app.services import cases, events, messages, outbox
from app.services.jobs import Undeliverable, job
from app.services.materials import store
from app.services.refusals import Conflict, Missing
from app.services.unattended import unattended
from app.services.verbs import need, transaction
from app.storage import FileMissing
from models.message import Consent
from models.own_data import DataExport

KEPT = timedelta(days=3)
"""How long a copy waits to be fetched."""
UNDER_WAY = _l("A copy is being made, or waits to be fetched.")
NO_SUCH = _l("There is no such copy any more. Ask for a new one.")
NO_TEXT = _l("There is no such text.")
SUFFIXES = {b"\xff\xd8\xff": "jpg", b"\x89PN": "png", b"RIF": "webp"}
ABOUT = Words(
    "本压缩包是社会工作者证书登记系统所保存的您的个人数据副本。\n"
    "data 目录：每张数据表一个 JSON 文件（UTF-8），只含与您有关的记录。\n"
    "files 目录：您上传的图片。looks.json：查看过您的身份证号和材料的记录。\n"
    "内容含身份证号等敏感信息，请妥善保管。\n",
    "This archive holds a copy of the data that the portal keeps about you.\n"
    "data: one JSON file (UTF-8) for each table, with the rows that are about you alone.\n"
    "files: the pictures that you uploaded. looks.json: who looked at your papers.\n"
    "It contains your identity number: keep it safe.\n",
)


def request_copy() -> DataExport:
    """Promise a copy of one's own data; raises Conflict while there is one already."""
    actor = need("profile.keep")
    with transaction() as session:
        cases.own_worker(session, actor, lock=True)  # who presses twice asks once
        if any(row.state in ("waiting", "ready") for row in own_data.exports()):
            raise Conflict("under_way", UNDER_WAY)
        row = DataExport(user_id=actor.account_id, state="waiting")
        session.add(row)
        session.flush()
        subject = f"user:{actor.account_id}"
        events.record(session, subject, "request_export", actor.region_code, reason=str(row.id))
        outbox.promise(session, "own_export", f"own_export:{row.id}", export_id=row.id)
    return row


def fetch(export_id: int) -> bytes:
    """The archive of one's own copy; raises Missing when it is not there, or not one's own."""
    actor = need("profile.keep")
    with transaction() as session:
        row = session.get(DataExport, export_id, populate_existing=True)
        if row is None or row.state != "ready" or row.digest is None or _is_over(row):
            raise Missing("missing", NO_SUCH)
        subject = f"user:{actor.account_id}"
        events.record(session, subject, "fetch_export", actor.region_code, reason=str(row.id))
        digest = row.digest
    return store().get(digest)


def _is_over(row: DataExport) -> bool:
    return row.expires_at is None or row.expires_at <= clock.now()


def text_of(consent_id: int) -> str:
    """The text that a consent of one's own rests on, as it was read; raises Missing."""
    row = db.session.get(Consent, consent_id)
    if row is None or row.text_digest is None or row.worker_id != need("profile.keep").worker_id:
        raise Missing("missing", NO_TEXT)
    return store().get(row.text_digest).decode()


@job("own_export", attempts=None)
def make_copy(export_id: int) -> None:
    """The job of `request_copy`: gather as the person, so that the scope lets nothing else in."""
    with as_system("a job begins without an actor") as session:
        row = session.get(DataExport, export_id)
        account = find_account(id=row.user_id) if row else None
    if row is None or account is None or account.worker_id is None:
        raise Undeliverable(f"nobody asked for copy {export_id}")
    if row.state != "waiting":
        return
    with acting_as(actor_of(account)):
        db.session.rollback()
        archive = _archive()
        db.session.rollback()
    digest = store().put(archive)
    with unattended("the portal answers whoever asked for their data") as session:
        kept = session.get_one(DataExport, export_id, with_for_update=LOCKED)
        if kept.state == "waiting":
            kept.state, kept.digest, kept.size = "ready", digest, len(archive)
            kept.ready_at, kept.expires_at = clock.now(), clock.now() + KEPT
            until = clock.local(kept.expires_at).strftime("%Y-%m-%d %H:%M")
            messages.tell(session, account.worker_id, "own_export", channels=["inbox"], until=until)


def _archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", f"{ABOUT.zh}\n{ABOUT.en}")
        for table, rows in own_data.tables():
            archive.writestr(f"data/{table}.json", own_data.as_text(rows))
        looks = [vars(look) for look in own_data.looks()]
        archive.writestr("looks.json", own_data.as_text(looks))
        for name, content in _pictures():
            archive.writestr(f"files/{name}", content, zipfile.ZIP_STORED)
    return out.getvalue()


def _pictures() -> Iterator[tuple[str, bytes]]:
    for name, digest in own_data.files():
        with suppress(FileMissing):  # deleted in its time while this was being made
            content = store().get(digest)
            yield f"{name}.{SUFFIXES.get(content[:3], 'txt')}", content


def promise_today() -> None:
    """Promise to delete the copies whose time is over, once a day."""
    key = f"own_exports_over:{clock.today()}"
    outbox.promise_to_itself({key: ("own_exports_over", {})})


@job("own_exports_over", attempts=None)
def delete_over() -> None:
    """The job of `promise_today`: the row stays, the archive goes."""
    over = select(DataExport).where(
        DataExport.state == "ready", DataExport.expires_at <= clock.now()
    )
    with unattended("its time is over, whoever asked for it") as session:
        rows = session.scalars(over.order_by(DataExport.id).with_for_update(**LOCKED)).all()
        digests = [row.digest for row in rows if row.digest]
        for row in rows:
            row.state, row.digest = "over", None
        if digests:
            key = f"erase:own_export:{rows[0].id}"
            outbox.promise(session, "erase_files", key, digests=digests)
