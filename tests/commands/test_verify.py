"""`portal verify`: one certificate, by its number or its file, for scripts."""

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from app.rules.certificate import number as number_of
from app.scope import as_system
from app.services import certificates, renderings
from models.certificate import Certificate
from tests.services.approved import approved

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def issued(app: Flask) -> tuple[str, bytes]:
    """The number of a certificate that is in force today, and its file."""
    with app.app_context():
        case = approved(name="欧阳静怡")
        certificates.issue(case.application.id)
        with as_system("a test looks") as session:
            row = session.query(Certificate).one()
            row.valid_until = date(2099, 5, 31)
            session.commit()
            key, number = row.id, row.number
        data: bytes = app.extensions["files"].get(renderings.render(key))
    return number, data


def call(app: Flask, *words: str) -> tuple[int, str]:
    """How the command ended and what it wrote to standard output."""
    found = app.test_cli_runner().invoke(args=["portal", "verify", *words])
    return found.exit_code, found.stdout


def become(app: Flask, state: str) -> None:
    with app.app_context(), as_system("a test arranges") as session, session.begin():
        session.execute(update(Certificate).values(state=state))


def test_a_certificate_ends_with_0_while_it_is_in_force_and_with_1_after(
    app: Flask, issued: tuple[str, bytes], tmp_path: Path
) -> None:
    number, data = issued
    file = tmp_path / "a.pdf"
    file.write_bytes(data)
    for what in (number, str(file)):
        code, told = call(app, what)
        assert (code, f"number: {number}" in told, "欧阳**" in told) == (0, True, True)
        assert "静怡" not in told
    become(app, "revoked")
    for what in (number, str(file)):
        code, told = call(app, what)
        assert (code, "status: revoked" in told) == (1, True)


def test_a_changed_file_and_an_unknown_number_end_with_1(
    app: Flask, issued: tuple[str, bytes], tmp_path: Path
) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(issued[1] + b"\n")
    assert call(app, str(file)) == (1, "Changed after signing\n")
    assert call(app, number_of("110000", 2020, "00000001"))[0] == 1
    assert "mistyped" in call(app, "123")[1]


def test_no_word_and_no_such_file_are_wrong_use(app: Flask, tmp_path: Path) -> None:
    assert call(app)[0] == 2
    assert call(app, str(tmp_path / "none.pdf"))[0] == 2
