"""A file that could not be drawn: shown to the office with the reason, and tried again."""

from typing import NoReturn

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app import clock
from app.documents.certificate import Undrawable
from app.keys import KeyRefused, KeyStore
from app.scope import acting_as
from app.services import certificates, outbox, renderings, undrawn
from app.services.refusals import Forbidden
from models.certificate import Certificate
from models.event import Event
from models.rendering import Rendering
from tests.services.approved import approved
from tests.support import factories
from tests.views.people import person

pytestmark = pytest.mark.usefixtures("db")

ON = "2020-08-01T09:00"
ADMIN = ("county_admin", "110105")


def no_key(_keys: object) -> NoReturn:
    raise KeyRefused("The token seal does not sign: DeviceError")


def no_font(_facts: object) -> NoReturn:
    raise Undrawable(["𡈼"])


def full_disk(_facts: object) -> NoReturn:
    raise OSError(28, "No space left on device", "/srv/files/ab/cd")


def no_right(_facts: object) -> NoReturn:
    raise PermissionError(13, "Permission denied", "/srv/files/ab/cd")


def work() -> None:
    with clock.frozen(ON):
        outbox.run_due()


@pytest.fixture
def failed(db: SQLAlchemy, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """A certificate that could not be signed, because the key did not answer."""
    with clock.frozen("2020-07-15T10:00"):
        made = certificates.issue(approved().application.id)
    with monkeypatch.context() as broken:
        broken.setattr(KeyStore, "signing_key", no_key)
        work()
    return made


def test_what_failed_is_shown_to_the_office_with_the_reason(failed: Certificate) -> None:
    with factories.acting(factories.actor(*ADMIN), ON):
        (one,) = undrawn.worklist()
    assert (one.certificate.number, one.attempts) == (failed.number, 1)
    assert one.reason.zh == "签名密钥没有应答，或不能使用"
    assert one.detail == "The token seal does not sign: DeviceError"
    assert one.next_at > clock.real_now()


@pytest.mark.parametrize("where", ["110106", "110000", "000000"])
def test_an_office_sees_its_own_region_alone(failed: Certificate, where: str) -> None:
    role = {"110106": "county_admin", "110000": "province_admin", "000000": "platform_admin"}
    with factories.acting(factories.actor(role[where], where), ON):
        assert len(undrawn.worklist()) == (where != "110106")
        assert undrawn.again([failed.id])[1] == (where != "110106")


def test_what_failed_elsewhere_before_hides_nothing(
    failed: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.frozen("2020-07-16T10:00"):
        later = certificates.issue(approved("410105").application.id)
    with monkeypatch.context() as broken:
        broken.setattr(KeyStore, "signing_key", no_key)
        work()
    monkeypatch.setattr(undrawn, "MOST", 1)
    with factories.acting(factories.actor("county_admin", "410105"), ON):
        assert [one.certificate.number for one in undrawn.worklist()] == [later.number]
    with factories.acting(factories.actor(*ADMIN), ON):
        assert [one.certificate.number for one in undrawn.worklist()] == [failed.number]


@pytest.mark.parametrize("role", ["county_reviewer", "auditor"])
def test_nobody_else_sees_or_draws(failed: Certificate, role: str) -> None:
    with acting_as(factories.actor(role, "110105")):
        for verb in (undrawn.worklist, lambda: undrawn.again([failed.id])):
            with pytest.raises(Forbidden):
                verb()


@pytest.mark.slow
def test_again_draws_it_at_once_and_says_who_asked(failed: Certificate) -> None:
    with factories.acting(factories.actor(*ADMIN), ON):
        assert undrawn.again([failed.id]) == (1, 1)
        assert undrawn.worklist() == []
    (event,) = factories.every(Event, subject=f"certificate:{failed.id}", verb="redraw")
    assert event.actor_role == "county_admin"
    assert len(factories.every(Rendering)) == 1


@pytest.mark.parametrize(
    ("fault", "reason", "detail"),
    [
        (no_font, "有字符没有可用的字体", "U+2123C"),
        (full_disk, "文件无法写入或读取", ""),
        (no_right, "文件无法写入或读取", ""),
    ],
)
def test_one_that_fails_again_stays_with_its_new_reason(
    failed: Certificate,
    monkeypatch: pytest.MonkeyPatch,
    fault: object,
    reason: str,
    detail: str,
) -> None:
    monkeypatch.setattr(renderings, "certificate_pdf", fault)
    with factories.acting(factories.actor(*ADMIN), ON):
        assert undrawn.again([failed.id]) == (0, 1)
        (one,) = undrawn.worklist()
    assert one.reason.zh == reason
    assert detail in one.detail
    assert "/srv" not in one.detail


@pytest.mark.slow
def test_an_administrator_looks_at_the_page_and_presses_again(
    app: Flask, failed: Certificate
) -> None:
    admin = person(app, *ADMIN)
    page = admin.client.get("/certificates/undrawn/")
    assert (page.status_code, failed.number in page.text) == (200, True)
    token = admin.client.csrf_token("/certificates/undrawn/")
    chosen = {"csrf_token": token, "action": "again", "ids": str(failed.id)}
    answer = admin.client.post("/certificates/undrawn/again", data=chosen, follow_redirects=True)
    assert failed.number not in answer.text
    assert len(factories.every(Rendering)) == 1
