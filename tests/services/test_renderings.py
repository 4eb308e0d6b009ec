"""The signed file of a certificate: drawn once, handed out until a newer one is, never lost."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, NoReturn

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select, update

from app import clock
from app.documents import ofd
from app.documents.signature import fault_of
from app.keys import KeyRefused, KeyStore
from app.scope import as_system
from app.services import certificates, holders, ofd_files, outbox, renderings
from app.services.genuine import verify_pdf
from app.services.refusals import Refusal
from app.storage import FileStore
from models.certificate import Certificate
from models.message import Outbox
from models.rendering import Rendering
from tests.documents.reading import whole_text
from tests.services.approved import Case, approved
from tests.services.faults import kills, later
from tests.support import factories

pytestmark = [pytest.mark.usefixtures("db"), pytest.mark.slow]

ON = "2020-08-01T09:00"


def copied(number: str) -> bytes:
    """An annotated copy."""
    return holders.annotated_copy(number, {"purpose": "落户手续"})


ASKED = (renderings.download, renderings.picture, ofd_files.download, copied)
"""Every kind of file that a holder has of a certificate."""


@pytest.fixture
def case(db: SQLAlchemy) -> Case:
    """A case with a certificate whose file nobody has drawn yet."""
    case = approved()
    with factories.acting(case.applicant, "2020-07-15T10:00"):
        certificates.issue(case.application.id)
    return case


def drawn() -> list[Rendering]:
    """All files that were ever drawn, the oldest first."""
    with as_system("a test looks") as session:
        return list(session.scalars(select(Rendering).order_by(Rendering.id)))


def stored() -> Certificate:
    with as_system("a test looks") as session:
        return session.query(Certificate).one()


def change(**columns: Any) -> None:
    with as_system("a test") as session:
        session.execute(update(Certificate).values(**columns))
        session.commit()


def download(case: Case, at: str = ON) -> bytes:
    with factories.acting(case.applicant, at):
        return renderings.download(stored().number)


def work(at: str = ON) -> None:
    """Do what is due, on a day on which the certificate is in force."""
    with clock.frozen(at):
        outbox.run_due()


def files(app: Flask) -> FileStore:
    found: FileStore = app.extensions["files"]
    return found


def test_the_job_draws_and_signs_and_the_register_has_the_digest(app: Flask, case: Case) -> None:
    work()
    (row,) = drawn()
    pdf = download(case)
    assert hashlib.sha256(pdf).hexdigest() == row.digest
    keys: KeyStore = app.extensions["keys"]
    assert row.key_id == keys.signing_key().kid
    assert fault_of(pdf, keys.public_keys()) is None
    assert verify_pdf(pdf).outcome == "genuine"
    assert verify_pdf(pdf).number == stored().number


def test_nobody_has_to_wait_for_the_job(case: Case) -> None:
    first = download(case)
    work()
    assert download(case) == first
    assert len(drawn()) == 1


def test_one_that_is_out_of_force_is_drawn_anew_with_its_mark_and_signed(case: Case) -> None:
    before = download(case)
    change(state="revoked")
    after = download(case)
    assert "已撤销" in whole_text(after)
    assert [row.standing for row in drawn()] == ["valid", "revoked"]
    assert verify_pdf(after).outcome == "genuine"
    assert verify_pdf(before).outcome == "superseded"
    assert download(case) == after


def test_the_day_after_the_last_the_file_says_so(case: Case) -> None:
    assert "已过期" not in whole_text(download(case, "2023-05-31T23:59"))
    assert "已过期" in whole_text(download(case, "2023-06-01T00:00"))


def test_a_file_that_is_gone_from_the_disk_is_drawn_again(app: Flask, case: Case) -> None:
    download(case)
    (row,) = drawn()
    files(app)._path(row.digest).unlink()
    assert verify_pdf(download(case)).outcome == "genuine"
    assert len(drawn()) == 2


def test_two_at_once_leave_one_file(app: Flask, case: Case) -> None:
    key = stored().id
    together = Barrier(2)

    def draw(_n: int) -> str:
        with app.app_context():
            together.wait(10)
            return renderings.render(key)

    with ThreadPoolExecutor(2) as pool:
        digests = set(pool.map(draw, range(2)))
    assert digests == {row.digest for row in drawn()}
    assert len(drawn()) == 1


def test_a_kill_at_any_step_leaves_the_old_file_or_the_new_one(
    db: SQLAlchemy, app: Flask, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, old = stored().id, hashlib.sha256(download(case)).hexdigest()
    monkeypatch.setitem(app.config, "PORTAL_URL", "https://elsewhere.example.cn")
    for step in kills(db, lambda: renderings.render(key)):
        assert [row.digest for row in drawn()] == [old], step
        assert files(app).exists(old)
    assert step > 4
    before, after = drawn()
    assert (before.digest, before.superseded_at is None) == (old, False)
    assert (after.superseded_at, files(app).exists(after.digest)) == (None, True)


def test_the_file_before_it_stays_genuine_and_is_handed_out_until_the_new_one_is_there(
    app: Flask, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = download(case)
    monkeypatch.setattr(renderings, "design", lambda *_of: "another design")
    assert download(case) == before
    renderings.render(stored().id)
    after = download(case)
    assert after != before
    assert (verify_pdf(before).outcome, verify_pdf(after).outcome) == ("superseded", "genuine")
    assert verify_pdf(before).number == stored().number
    assert verify_pdf(before).is_genuine


def test_no_byte_of_the_file_may_differ(case: Case) -> None:
    """Not even where the signature itself lies, of which no digest is taken: the register's is."""
    pdf = download(case)
    gap = pdf.index(b"/Contents <") + 11
    for place in (gap + 301, gap + 1801, gap + 3001, len(pdf) - 30, 5000, 40_000, 90_000):
        changed = pdf[:place] + bytes([pdf[place] ^ 0x01]) + pdf[place + 1 :]
        verdict = verify_pdf(changed)
        assert not verdict.is_genuine, place
        assert verdict.number is None
        assert verdict.sentence.zh


def refuse(_keys: object) -> NoReturn:
    raise KeyRefused("The token seal does not sign: DeviceError")


def test_a_key_that_does_not_answer_is_told_and_tried_again(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(KeyStore, "signing_key", refuse)
        for _ in range(12):
            work()
            later(monkeypatch, 2)
        number = stored().number
        assert all(told(case, ask, number) for ask in ASKED)
    (row,) = (row for row in factories.every(Outbox) if row.job == "render")
    assert (row.state, row.attempts) == ("waiting", 12)
    assert "The token seal does not sign" in (row.fault or "")
    work()
    assert len(drawn()) == 1


def told(case: Case, ask: Callable[[str], bytes], number: str) -> bool:
    """Whether the holder who asks for a file now is told that it cannot be drawn."""
    with factories.acting(case.applicant, ON), pytest.raises(Refusal) as refused:
        ask(number)
    return refused.value.code == "not_drawn"


def test_a_portrait_that_is_gone_is_told_for_every_kind_of_file(app: Flask, case: Case) -> None:
    certificate = stored()
    files(app)._path(certificate.photo_digest).unlink()
    assert all(told(case, ask, certificate.number) for ask in ASKED)


def test_a_font_that_is_gone_is_told(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ofd, "font_files", dict)
    assert told(case, ofd_files.download, stored().number)


def test_a_refused_download_wakes_a_job_that_was_done(
    app: Flask, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    work()
    (row,) = drawn()
    files(app)._path(row.digest).unlink()
    with monkeypatch.context() as broken:
        broken.setattr(KeyStore, "signing_key", refuse)
        with pytest.raises(Refusal):
            download(case)
    assert {one.state for one in factories.every(Outbox, job="render")} == {"waiting"}
    work()
    assert len(drawn()) == 2
