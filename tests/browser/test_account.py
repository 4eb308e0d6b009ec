"""A newcomer on a phone, in Chinese: register, sign in by a code, begin an application."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.rules.identifiers import id_check_digit
from app.services.demo.people import story
from tests.browser.test_journey import fits
from tests.support import texts
from tests.support.browser import Visitor
from tests.support.portal import PASSWORD
from tests.support.server import Server

pytestmark = pytest.mark.slow


def press(page: Page, button: str) -> None:
    """Press the button of the step, and look whether the next page fits the phone."""
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name=button).click()
    fits(page)


def type_code(page: Page, phone: str, sent: Path) -> None:
    """Type the code that has arrived meanwhile."""
    page.locator("#f-code").fill(texts.arrived(phone, sent))
    press(page, "下一步")


def test_bj_05_bj_07_a_newcomer_registers_signs_in_by_a_code_and_begins(
    serve: Callable[..., Server], visitor: Visitor, tmp_path: Path
) -> None:
    one, sent = story()["newcomers"][0], tmp_path / "sms.txt"
    first = one["id_number_start"] + "1"
    server = serve(PORTAL_SMS=f"file:{sent}")
    page = visitor.open(f"{server.url}/apply/first")
    page.get_by_role("link", name="注册账号").click()
    page.locator("#f-name").fill(one["name"])
    page.locator("#f-id_number").fill(first + id_check_digit(first))
    page.locator("#f-agree").check()
    press(page, "下一步")
    expect(page.locator("dt", has_text="管理号")).to_be_visible()
    press(page, "发送验证码")
    type_code(page, one["phone"], sent)
    page.locator("#f-username").fill("newcomer.on.a.phone")
    page.locator("#f-password").fill(PASSWORD)
    page.locator("#f-repeat").fill(PASSWORD)
    press(page, "注册")
    expect(page.get_by_text("实名认证成功")).to_be_visible()
    assert "/apply/first" in page.url

    page.context.clear_cookies()
    sent.unlink()
    page.goto(f"{server.url}/apply/first")
    page.get_by_role("link", name="短信验证码登录").click()
    page.locator("#f-phone").fill(one["phone"])
    press(page, "发送验证码")
    type_code(page, one["phone"], sent)
    assert "/apply/first" in page.url
    press(page, "填写登记申请表")
    expect(page).to_have_url(re.compile(r"/applications/\d+/form"))
    expect(page.locator("#f-name")).to_have_value(one["name"])
