"""Certificates as files for those who may have them, and as an answer to anyone with the number."""

import io
from typing import NamedTuple

import pytest
from flask import Flask, current_app
from PIL import Image

from app.keys import KeyStore
from app.scope import acting_as
from app.services import certificates, renderings
from app.services.refusals import Forbidden, Missing
from app.services.renderings import download
from app.services.verification import public_status
from tests.documents.reading import codes, rendered, share_of, whole_text
from tests.documents.samples import BLUE
from tests.services.approved import Case, approved, change
from tests.support import factories
from tests.support.signed_codes import opened

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


class Scanned(NamedTuple):
    """The one code of a picture: the address of the public page, and the signed digits."""

    address: str
    code: str


def scanned(picture: Image.Image) -> Scanned:
    """What an independent reader finds."""
    (found,) = codes(picture)
    address, _hash, code = found.partition("#")
    return Scanned(address, code)


def test_ba_21_the_holder_gets_the_certificate_with_all_that_stands_on_it(case: Case) -> None:
    number = change()
    with factories.acting(case.applicant, IN_FORCE):
        pdf = download(number)
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
    assert scanned(picture).address == f"http://127.0.0.1:8080/verify/{number}"


@pytest.mark.slow
def test_cd_40_the_picture_for_the_phone_shows_the_same(case: Case) -> None:
    with factories.acting(case.applicant, IN_FORCE):
        png = Image.open(io.BytesIO(renderings.picture(change())))
    assert png.format == "PNG"
    assert scanned(png.convert("RGB")).address == f"http://127.0.0.1:8080/verify/{change()}"


def test_the_setting_says_where_certificates_are_checked_whoever_asks(
    app: Flask, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PORTAL_URL", "https://register.example.cn")
    with factories.acting(case.applicant, IN_FORCE):
        pdf = download(change())
    assert scanned(rendered(pdf)).address == f"https://register.example.cn/verify/{change()}"


def test_x_17_the_code_of_print_and_picture_says_what_the_public_page_says(case: Case) -> None:
    number = change()
    with factories.acting(case.applicant, IN_FORCE):
        pictures = [
            rendered(download(number)),
            Image.open(io.BytesIO(renderings.picture(number))),
        ]
        printed = public_status(number).printed
    assert printed is not None
    keys: KeyStore = current_app.extensions["keys"]
    for picture in pictures:
        said = opened(scanned(picture.convert("RGB")).code, keys.public_keys())
        assert (said.number, said.name) == (number, "欧阳**")
        assert (said.level, said.valid_until) == (printed.level_code, printed.valid_until)
        assert (said.issued_on, said.valid_from) == (printed.issued_on, printed.valid_from)
        assert said.photo == bytes.fromhex(printed.photo_digest)[:16]


def test_cd_40_the_code_survives_the_scaling_of_a_chat_program(case: Case) -> None:
    with factories.acting(case.applicant, IN_FORCE):
        png = Image.open(io.BytesIO(renderings.picture(change()))).convert("L")
    half = png.resize((png.width * 6 // 10, png.height * 6 // 10), Image.Resampling.LANCZOS)
    squashed = io.BytesIO()
    half.save(squashed, "JPEG", quality=60)
    assert scanned(Image.open(squashed).convert("RGB")).address.endswith(change())


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
        assert download(change()).startswith(b"%PDF")


def test_strangers_do_not_get_it(case: Case) -> None:
    number = change()
    for who in (
        factories.applicant(),
        factories.actor("county_reviewer", "110106"),
        factories.actor("province_admin", "410000"),
    ):
        with acting_as(who), pytest.raises(Missing):
            download(number)
    for who_not in (factories.actor("auditor", "110000"), None):
        with acting_as(who_not), pytest.raises(Forbidden):
            download(number)


@pytest.mark.parametrize(
    ("state", "mark"),
    [
        ("replaced", "已被新证书取代"),
        ("lost", "遗失作废"),
        ("revoked", "已撤销"),
        ("cancelled", "已注销"),
    ],
)
def test_one_that_is_not_in_force_is_marked(case: Case, state: str, mark: str) -> None:
    number = change(state=state)
    with factories.acting(case.applicant, IN_FORCE):
        assert mark in whole_text(download(number))


def test_the_mark_comes_on_the_day_after_the_last(case: Case) -> None:
    with factories.acting(case.applicant, "2023-05-31T23:59:59"):
        assert "已过期" not in whole_text(download(change()))
    with factories.acting(case.applicant, "2023-06-01T00:00:00"):
        assert "已过期" in whole_text(download(change()))
