"""《隐私政策》: read by everybody before they agree to it, and kept as it was when they did."""

import zipfile
from datetime import date

import pytest
from flask import Flask

from app.queries.files import in_use
from app.queries.policies import kind_of, policy_for
from app.queries.standing_texts import OWN, standing_text
from app.scope import as_system
from app.services import applications, retention
from models.application import Application
from models.codes import DOCUMENT_MODULES
from models.message import Consent
from models.publication import Document
from tests.conftest import new_client
from tests.rules.shipped import SHIPPED, shipped
from tests.support import factories
from tests.support.cases import case, filled
from tests.support.factories import acting, every, stored
from tests.views.people import applicant, text
from tests.views.test_job_own_data import copied

CHENGDU, ELSEWHERE = "510104", "410105"
READ = "/privacy?region=510104"
NOW = "2026-07-10T09:00"


def publish(region_code: str, edition: str, body: str, **facts: object) -> Document:
    """A text that two people of an office have published."""
    given = {"state": "published", "issued_on": date(2026, 7, 1), **facts}
    return factories.keep(
        Document(
            title="隐私政策",
            module="privacy",
            edition=edition,
            body=body,
            region_code=region_code,
            **given,
        )
    )


def test_cd_17_the_privacy_policy_is_read_without_an_account_in_both_languages(app: Flask) -> None:
    """What is collected, why, who sees it, how long, which rights, whom to ask."""
    visitor = new_client(app)
    chinese = visitor.get("/privacy", headers={"Accept-Language": "zh-CN"})
    assert chinese.status_code == 200
    told = text(chinese)
    assert all(
        about in told for about in ("收集", "为什么", "谁能看到", "保存多久", "权利", "咨询")
    )
    assert "《中华人民共和国个人信息保护法》" in told
    assert "{" not in told
    english = text(new_client(app).get("/privacy", headers={"Accept-Language": "en"}))
    assert "Personal Information Protection Law" in english
    assert 'href="/privacy"' in visitor.get("/").text


@pytest.mark.parametrize(
    "region", ["", "000000", CHENGDU, ELSEWHERE, "999999", "x", "5101040", "'"]
)
def test_cd_17_it_says_how_long_the_policy_of_the_region_keeps_pictures(
    region: str, app: Flask
) -> None:
    with app.test_request_context():
        days = policy_for(region if len(region) == 6 else "000000").identity_days
    told = text(
        new_client(app).get(f"/privacy?region={region}", headers={"Accept-Language": "zh-CN"})
    )
    assert f"办结{days}天后" in told if days else "没有规定身份证照片的自动删除时间" in told


def test_every_consent_to_a_text_has_one(app: Flask) -> None:
    """Whichever policy asks for it; the office may put its own in its place."""
    assert set(OWN) <= set(DOCUMENT_MODULES)
    for name in SHIPPED:
        for kind in shipped(name).kinds.values():
            for one in kind.consents:
                assert ("《" not in one.text.zh) or one.code in OWN or "指引》" in one.text.zh


def test_cd_17_the_check_page_leads_to_the_text_that_is_agreed_to(app: Flask) -> None:
    who = applicant(app, CHENGDU)
    with acting(who.actor, NOW):
        key = filled(CHENGDU).id
        page = who.client.get(f"/applications/{key}/check")
    assert page.status_code == 200
    assert f'href="{READ}"' in page.text


def test_cd_17_a_consent_keeps_the_text_as_it_was_read(app: Flask) -> None:
    who, other = applicant(app, CHENGDU), applicant(app, CHENGDU)
    case(who.actor, region_code=CHENGDU, submitted=True, at=NOW)
    (agreed,) = every(Consent, code="privacy")
    assert all(row.text_digest is None for row in every(Consent, code="truth"))
    publish("510000", "二", "省厅的新文本。")
    assert "省厅的新文本" in text(who.client.get(READ))
    page = who.client.get("/my-data/")
    address = f"/my-data/consents/{agreed.id}"
    assert f'href="{address}"' in page.text
    then = text(who.client.get(address))
    assert "省厅的新文本" not in then
    assert "个人信息保护法" in then
    assert "1.0" in then
    assert other.client.get(address).status_code == 404
    archive: zipfile.ZipFile = copied(who)
    kept = archive.read(f"files/consents/privacy-{agreed.id}.txt").decode()
    assert "个人信息保护法" in kept


def test_the_file_of_a_text_stays_as_long_as_somebody_has_agreed_to_it(app: Flask) -> None:
    who = applicant(app, CHENGDU)
    case(who.actor, region_code=CHENGDU, submitted=True, at=NOW)
    (agreed,) = every(Consent, code="privacy")
    retention.sweep()
    with as_system("a test looks") as session:
        assert in_use(session, [agreed.text_digest]) == {agreed.text_digest}
        assert in_use(session, [agreed.digest]) == set()


def test_the_nearest_office_s_newest_published_text_holds_below_it(app: Flask) -> None:
    publish("510000", "省", "省里的。")
    publish("510100", "旧", "市里旧的。", issued_on=date(2026, 1, 1))
    publish("510100", "市", "市里的。")
    publish("510100", "草稿", "还没有发布。", state="proposed")
    with app.test_request_context():
        editions = {
            code: getattr(standing_text("privacy", code), "edition", None)
            for code in (CHENGDU, "510100", "510300", ELSEWHERE)
        }
        assert standing_text("truth", CHENGDU) is None
    assert editions == {CHENGDU: "市", "510100": "市", "510300": "省", ELSEWHERE: "1.0"}


def test_the_statement_at_the_sign_up_leads_to_it(app: Flask) -> None:
    assert 'href="/privacy"' in new_client(app).get("/register/").text


def test_the_text_that_counts_is_that_of_the_region_that_is_applied_to(app: Flask) -> None:
    who = factories.applicant(region_code=CHENGDU)
    publish("510100", "市", "市里的。")
    with acting(who, NOW):
        key = filled(CHENGDU).id
        codes = [one.code for one in kind_of(stored(Application, key)).consents]
        applications.submit(key, agreed=codes)
    (agreed,) = every(Consent, code="privacy")
    assert "市里的。" in app.extensions["files"].get(agreed.text_digest).decode()
