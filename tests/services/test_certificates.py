"""Certificates as files for those who may have them, and as an answer to anyone with the number."""

import io
from datetime import date
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import update

from app.rules.certificate import number as number_of
from app.scope import acting_as, as_system
from app.services import certificates
from app.services.certificates import public_status, render
from app.services.refusals import Forbidden, Missing
from models.certificate import Certificate
from tests.documents.reading import codes, rendered, share_of, whole_text
from tests.documents.samples import BLUE
from tests.services.approved import Case, approved
from tests.support import factories

pytestmark = pytest.mark.usefixtures("db")

IN_FORCE = "2020-08-01T09:00"


@pytest.fixture
def case(app: Flask) -> Case:
    """A case with a certificate."""
    with app.app_context():
        case = approved(name="欧阳静怡")
        with factories.acting(case.applicant, "2020-07-15T10:00"):
            certificates.issue(case.application.id)
    return case


def change(**columns: Any) -> str:
    """Change the one certificate there is; gives its number."""
    with as_system("a test") as session:
        if columns:
            session.execute(update(Certificate).values(**columns))
            session.commit()
        row = session.query(Certificate).one()
        return row.number


def test_ba_21_the_holder_gets_the_certificate_with_all_that_stands_on_it(case: Case) -> None:
    number = change()
    with factories.acting(case.applicant, IN_FORCE):
        pdf = render(number, "pdf", "https://portal.example.org/")
    text = whole_text(pdf)
    for written in (
        number,
        "欧阳静怡",
        case.worker.id_number_masked,
        "社会工作师",
        case.qualification.management_number or "?",
        "北京市民政局",
        "北京社会工作者协会",
        "首登记",
        "二〇二〇年七月十五日",
        "二〇二三年五月三十一日",
    ):
        assert written in text, written
    picture = rendered(pdf)
    assert share_of(picture, BLUE) > 0.01  # the portrait from the storage
    assert codes(picture) == [f"https://portal.example.org/verify/{number}"]


def test_cd_40_the_picture_for_the_phone_shows_the_same(case: Case) -> None:
    with factories.acting(case.applicant, IN_FORCE):
        png = Image.open(io.BytesIO(render(change(), "png", "https://portal.example.org")))
    assert png.format == "PNG"
    assert codes(png.convert("RGB")) == [f"https://portal.example.org/verify/{change()}"]


def test_the_setting_says_where_certificates_are_checked_whoever_asks(
    app: Flask, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PORTAL_URL", "https://register.example.cn")
    with factories.acting(case.applicant, IN_FORCE):
        pdf = render(change(), "pdf", "http://10.0.0.7:8080/")
    assert codes(rendered(pdf)) == [f"https://register.example.cn/verify/{change()}"]


@pytest.mark.parametrize(
    ("role", "region"),
    [
        ("body_reviewer", "110000"),
        ("province_admin", "110000"),
        ("county_reviewer", "110105"),
        ("platform_admin", "000000"),
    ],
)
def test_the_offices_of_the_region_get_it_too(case: Case, role: str, region: str) -> None:
    with factories.acting(factories.actor(role, region), IN_FORCE):
        assert render(change(), "pdf").startswith(b"%PDF")


def test_strangers_do_not_get_it(case: Case) -> None:
    number = change()
    for who in (
        factories.applicant(),
        factories.actor("county_reviewer", "110106"),
        factories.actor("province_admin", "410000"),
    ):
        with acting_as(who), pytest.raises(Missing):
            render(number, "pdf")
    for who_not in (factories.actor("auditor", "110000"), None):
        with acting_as(who_not), pytest.raises(Forbidden):
            render(number, "pdf")


@pytest.mark.parametrize(
    ("state", "mark"),
    [("replaced", "已换发"), ("lost", "遗失作废"), ("revoked", "已撤销"), ("cancelled", "已注销")],
)
def test_one_that_is_not_in_force_is_marked(case: Case, state: str, mark: str) -> None:
    number = change(state=state)
    with factories.acting(case.applicant, IN_FORCE):
        assert mark in whole_text(render(number, "pdf"))


def test_the_mark_comes_on_the_day_after_the_last(case: Case) -> None:
    with factories.acting(case.applicant, "2023-05-31T23:59:59"):
        assert "已过期" not in whole_text(render(change(), "pdf"))
    with factories.acting(case.applicant, "2023-06-01T00:00:00"):
        assert "已过期" in whole_text(render(change(), "pdf"))


def test_anyone_learns_what_a_number_stands_for_and_no_more(case: Case) -> None:
    number = change()
    with factories.acting(factories.actor("auditor", "410000"), IN_FORCE), acting_as(None):
        status = public_status(number)
    assert (status.standing, status.in_force, status.verdict.tone) == ("valid", True, "good")
    assert status.as_of.isoformat() == "2020-08-01T01:00:00+00:00"
    printed = status.printed
    assert printed is not None
    assert (printed.name, printed.level.zh) == ("欧阳**", "社会工作师")
    assert (printed.valid_from, printed.valid_until) == (date(2020, 7, 15), date(2023, 5, 31))
    assert (printed.authority, printed.handling_body) == ("北京市民政局", "北京社会工作者协会")
    for private in ("静怡", case.worker.id_number_masked, case.qualification.management_number):
        assert str(private) not in repr(status)


@pytest.mark.parametrize(
    ("at", "standing", "tone"),
    [
        ("2023-03-01T00:00:00", "valid", "good"),
        ("2023-03-02T00:00:00", "due", "good"),
        ("2023-05-31T23:59:59", "due", "good"),
        ("2023-06-01T00:00:00", "expired", "warn"),
    ],
)
def test_the_answer_is_that_of_the_day(case: Case, at: str, standing: str, tone: str) -> None:
    with factories.acting(case.applicant, at):
        status = public_status(change())
    assert (status.standing, status.verdict.tone) == (standing, tone)


@pytest.mark.parametrize("state", ["replaced", "lost", "revoked", "cancelled"])
def test_one_that_was_taken_out_of_force_says_why(case: Case, state: str) -> None:
    with factories.acting(case.applicant, IN_FORCE):
        status = public_status(change(state=state))
    assert (status.standing, status.in_force) == (state, False)
    assert status.printed is not None


def test_a_sound_number_that_was_never_issued_is_unknown(case: Case) -> None:
    status = public_status(number_of("410000", 2020, "00000000"))
    assert (status.standing, status.printed) == ("unknown", None)
    assert status.verdict.tone == "bad"


@given(place=st.integers(0, 14), shift=st.integers(1, 9))
def test_x_41_one_wrong_digit_is_called_a_mistake_in_typing(place: int, shift: int) -> None:
    number = number_of("110000", 2020, "04182736")
    wrong = str((int(number[place]) + shift) % 10)
    status = public_status(number[:place] + wrong + number[place + 1 :])
    assert (status.standing, status.printed) == ("wrong_digit", None)
    assert "15位" not in status.verdict.text.zh


@pytest.mark.parametrize("typed", ["", "12345678", "<script>", "1" * 500, "11 2020 0418"])
def test_what_is_no_number_is_called_a_mistake_in_typing(typed: str) -> None:
    assert public_status(typed).standing == "mistyped"
    assert len(public_status(typed).number) <= 32


def test_a_number_may_be_typed_as_it_is_read(case: Case) -> None:
    number = change()
    grouped = f" {number[:2]}-{number[2:6]} {number[6:14]} {number[14]} "
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in number)
    with factories.acting(case.applicant, IN_FORCE):
        assert {public_status(typed).standing for typed in (grouped, full_width)} == {"valid"}
