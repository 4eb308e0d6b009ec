"""`portal certificates render`: a change of template reaches every file, whatever happens."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from click.testing import Result
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from app import clock
from app.documents.certificate import CertificateFacts, Undrawable, certificate_pdf
from app.keys import KeyRefused, KeyStore
from app.scope import as_system
from app.services import certificates, renderings
from app.services.genuine import verify_pdf
from app.services.redrawing import Redrawing
from models.certificate import Certificate
from models.message import Outbox
from models.rendering import Rendering
from tests.services.approved import approved
from tests.services.faults import Killed, killed_at
from tests.support import factories

pytestmark = [pytest.mark.usefixtures("db"), pytest.mark.slow]

HOW_MANY = 4


@pytest.fixture
def numbers(db: SQLAlchemy) -> list[str]:
    """The numbers of some certificates, all drawn as the template said before it changed."""
    with clock.frozen("2020-07-15T10:00"):
        issued = [certificates.issue(approved().application.id) for _ in range(HOW_MANY)]
        for one in issued:
            renderings.render(one.id)
    return [one.number for one in issued]


@pytest.fixture
def changed(app: Flask, numbers: list[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The same after a change that every file needs: the address of the portal."""
    monkeypatch.setitem(app.config, "PORTAL_URL", "https://new.example.cn")
    return numbers


def run(app: Flask, *arguments: str) -> Result:
    with clock.frozen("2020-08-01T09:00"):
        return app.test_cli_runner().invoke(args=["portal", "certificates", "render", *arguments])


def left() -> int:
    with clock.frozen("2020-08-01T09:00"):
        return Redrawing().left()


def files() -> list[Rendering]:
    with as_system("a test looks") as session:
        return list(session.scalars(select(Rendering).order_by(Rendering.id)))


def current() -> list[int]:
    return [row.certificate_id for row in files() if row.superseded_at is None]


def test_all_are_drawn_again_with_a_bar_and_the_second_time_none(
    app: Flask, changed: list[str]
) -> None:
    assert left() == HOW_MANY
    done = run(app, "--all")
    assert (done.exit_code, done.stdout) == (0, f"done: {HOW_MANY}, failed: 0\n")
    assert "certificates" in done.stderr
    assert left() == 0
    assert (len(files()), len(set(current()))) == (2 * HOW_MANY, HOW_MANY)
    assert run(app, "--all").stdout == "done: 0, failed: 0\n"
    assert len(files()) == 2 * HOW_MANY


def test_nothing_is_drawn_that_looks_as_it_should(app: Flask, numbers: list[str]) -> None:
    assert run(app, "--all").stdout == "done: 0, failed: 0\n"


def test_one_that_was_killed_is_continued(db: SQLAlchemy, app: Flask, changed: list[str]) -> None:
    before = set(current())
    for step in (8, 15, 22, 29):
        with pytest.raises(Killed), killed_at(db, step), clock.frozen("2020-08-01T09:00"):
            list(Redrawing().round())
        assert set(current()) == before, "every certificate has a file at any time"
    assert run(app, "--all").exit_code == 0
    assert (left(), len(files())) == (0, 2 * HOW_MANY)


def test_two_processes_share_the_work_and_draw_nothing_twice(
    app: Flask, changed: list[str]
) -> None:
    together = Barrier(2)

    def go(_n: int) -> int:
        with app.app_context(), clock.frozen("2020-08-01T09:00"):
            together.wait(10)
            return len(list(Redrawing().round()))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(go, range(2)))
    assert (left(), len(files()), len(set(current()))) == (0, 2 * HOW_MANY, HOW_MANY)


def test_one_that_cannot_be_drawn_stops_no_other_and_is_promised_again(
    app: Flask, changed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_for_one(facts: CertificateFacts) -> bytes:
        if facts.number == changed[1]:
            raise Undrawable(["𡈼"])
        return certificate_pdf(facts)

    monkeypatch.setattr(renderings, "certificate_pdf", fails_for_one)
    done = run(app, "--all")
    assert (done.exit_code, done.stdout) == (1, f"done: {HOW_MANY - 1}, failed: 1\n")
    assert f"{changed[1]}: Undrawable" in done.stderr
    with as_system("a test looks") as session:
        failed = session.scalar(select(Certificate.id).where(Certificate.number == changed[1]))
    (row,) = factories.every(Outbox, key=f"render:{failed}")
    assert row.state == "waiting"
    assert len(set(current())) == HOW_MANY


def test_without_a_key_it_ends_at_once_and_says_what_to_do(
    app: Flask, changed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_keys: KeyStore) -> None:
        raise KeyRefused("The token seal does not sign: DeviceError.")

    with monkeypatch.context() as broken:
        broken.setattr(KeyStore, "signing_key", refuse)
        broken.setattr(renderings, "kids", frozenset)
        done = run(app, "--all")
    assert (done.exit_code, done.stdout) == (1, "done: 0, failed: 0\n")
    assert "call the command again" in done.stderr


def test_one_number_is_drawn_anew_in_any_case(app: Flask, numbers: list[str]) -> None:
    assert run(app, numbers[0]).stdout == "done: 1, failed: 0\n"
    assert len(files()) == HOW_MANY + 1
    assert run(app, "112020000000000").exit_code == 1
    for wrong in ((), ("--all", numbers[0])):
        assert run(app, *wrong).exit_code == 2


def test_files_of_a_key_that_was_taken_out_of_use_are_drawn_again(
    app: Flask, numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a key that fell into wrong hands, when its certificate is removed, then what it signed
    is genuine no longer, and every file gets the signature of the new key."""
    keys: KeyStore = app.extensions["keys"]
    lost = keys.signing_key().kid
    store = app.extensions["files"]
    (old, *_) = files()
    (keys.folder / "signing.pem").unlink()
    (keys.folder / "published" / f"{lost}.pem").unlink()
    monkeypatch.setattr(keys, "_loaded", None)
    assert verify_pdf(store.get(old.digest)).outcome == "foreign"
    assert left() == HOW_MANY
    assert run(app, "--all").exit_code == 0
    assert lost not in {row.key_id for row in files() if row.superseded_at is None}
    assert left() == 0
