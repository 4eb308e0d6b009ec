"""Codes checked in a browser: on the public page, and on the saved one with the cable pulled."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from app import clock
from app.documents.code_payload import CodePayload, signed
from app.documents.status_token import packed, token
from app.keys import KeyStore
from app.scope import as_system
from app.services.certificate_codes import code_of
from models.certificate import Certificate
from tests.support.browser import Visitor
from tests.support.cases import case
from tests.support.portal import Client
from tests.support.signed_codes import opened

pytestmark = [pytest.mark.slow, pytest.mark.database("sqlite")]

HERE = "http://127.0.0.1:1"  # answered by the test's own portal; a browser trusts it like https
NUMBER = "112020041827365"


@dataclass
class Papers:
    """What somebody carries along: codes and lists, all signed by the portal's key."""

    keys: KeyStore

    def code(self, **changed: object) -> str:
        """The text of a QR code: of certificate 7, valid for another year."""
        today = clock.real_now().date()
        payload = CodePayload(
            NUMBER, "欧阳**", "senior", today, today, today + timedelta(365), b"x" * 16, 7
        )
        digits = signed(replace(payload, **changed), self.keys.signing_key())  # type: ignore[arg-type]
        return f"https://portal.example.org/verify/{NUMBER}#{digits}"

    def list(self, state: str, hours_ago: int = 0) -> dict[str, object]:
        """A list of nine places that says this of certificate 7, as a file to be chosen."""
        made = clock.real_now() - timedelta(hours=hours_ago)
        bits = packed(9, [] if state == "valid" else [(7, state)])
        text = token(self.keys.signing_key(), "list", bits, made, made + timedelta(hours=1))
        return {"name": "list.jwt", "mimeType": "text/plain", "buffer": text.encode()}


def at_home(visitor: Visitor, client: Client, path: str) -> Page:
    """A browser whose every request the test's portal answers."""

    def answer(route: Route) -> None:
        found = client.get(route.request.url.removeprefix(HERE))
        headers = dict(found.headers.items())
        route.fulfill(status=found.status_code, headers=headers, body=found.data)

    page = visitor.open("about:blank")
    page.route(f"{HERE}/**", answer)
    page.goto(HERE + path)
    return page


def paste(page: Page, text: str) -> None:
    page.get_by_label("二维码的内容").fill(text)
    page.get_by_role("button", name="核验", exact=True).click()


def test_a_saved_page_tells_genuine_from_changed_and_in_force_from_revoked(
    client: Client, app: Flask, visitor: Visitor, tmp_path: Path
) -> None:
    """Given the page and a list on disk and no network, every answer is the one it should be."""
    papers = Papers(app.extensions["keys"])
    saved = tmp_path / "核验.html"
    saved.write_bytes(client.get("/verify/offline").data)
    code = papers.code()
    page = visitor.open(f"{saved.as_uri()}{code[code.index('#') :]}")
    page.context.set_offline(True)
    title = page.locator("#title")
    expect(title).to_have_text("真实，状态未知")
    expect(page.get_by_text("欧阳**")).to_be_visible()

    def carry(name: str, **when: int) -> None:
        page.get_by_label("打开已保存的清单").set_input_files(papers.list(name, **when))  # type: ignore[arg-type]

    carry("valid", hours_ago=3)
    expect(title).to_have_text("真实，状态依据较早的清单")
    carry("valid")
    expect(title).to_have_text("有效")
    paste(page, papers.code(valid_until=date(2020, 5, 31)))
    expect(title).to_have_text("已过期")
    paste(page, papers.code(index=5000))
    expect(title).to_have_text("真实，签发晚于清单")
    wrong = str((int(code[-1]) + 1) % 10)
    for text in (code[:-1] + wrong, code[:-40], papers.code(number="512020041827365")):
        paste(page, text)
        expect(title).to_have_text("无法确认")
        expect(page.locator("#facts")).to_be_hidden()
    paste(page, "https://portal.example.org/verify/112020041827365")
    expect(title).to_have_text("没有签名内容")
    paste(page, code)
    expect(title).to_have_text("有效")
    for name, words in (("revoked", "已撤销"), ("lost", "遗失作废"), ("cancelled", "已注销")):
        carry(name)
        expect(title).to_have_text(words)


def test_the_public_page_compares_the_code_with_the_register(
    client: Client, app: Flask, visitor: Visitor
) -> None:
    with app.app_context():
        made = case(approved=True)
        with as_system("a test looks") as session:
            row = session.scalars(select(Certificate).filter_by(application_id=made.id)).one()
            number, code = row.number, code_of(row)
    keys: KeyStore = app.extensions["keys"]
    said = opened(code, keys.public_keys())
    other = signed(replace(said, name="李**"), keys.signing_key())
    changed = code[:-1] + str((int(code[-1]) + 1) % 10)
    for digits, words in (
        (code, "签名核验通过"),
        (other, "二维码与这份证书不符"),
        (changed, "二维码被改动过"),
    ):
        page = at_home(visitor, client, f"/verify/{number}#{digits}")
        expect(page.get_by_text(words)).to_be_visible()
    page = at_home(visitor, client, f"/verify/{number}")
    expect(page.get_by_role("heading", name="已过期")).to_be_visible()
    expect(page.locator("[data-code]")).to_be_hidden()


def test_the_page_fetches_the_newest_list_when_it_is_asked_to(
    client: Client, app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PORTAL_URL", HERE)
    page = at_home(visitor, client, "/verify/offline")
    page.get_by_role("button", name="获取最新清单").click()
    expect(page.locator("#list-state")).to_contain_text("清单时间")
