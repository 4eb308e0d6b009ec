"""The review desk in a browser: a whole day without a mouse, and on a phone without keys."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_journey import fits, signed_in
from tests.support.browser import Visitor
from tests.support.portal import PASSWORD
from tests.support.server import Server

pytestmark = pytest.mark.slow

CASE = re.compile(r"/review/\d+")


def at_the_desk(visitor: Visitor, server: Server, username: str) -> Page:
    """A reviewer's queue on a desktop."""
    page = visitor.open(f"{server.url}/login/", "desktop")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto(f"{server.url}/review/?kind=first")
    return page


def open_first(page: Page) -> None:
    """The oldest case of the queue, as a link that takes nothing."""
    with page.expect_navigation(url=CASE):
        page.locator("tbody a.row-link").first.click()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_routine_case_takes_three_keystrokes(
    serve: Callable[..., Server], visitor: Visitor
) -> None:
    page = at_the_desk(visitor, serve(), "county_410105")
    with page.expect_navigation(url=CASE):
        press(page, "n")
    first = page.url
    assert first.endswith("?kind=first"), "the queue stays the one that was filtered"
    expect(page.get_by_text("我已领取至")).to_be_visible()
    press(page, "a", "Escape")
    approve = page.locator("button[value=approve]")
    expect(approve).to_be_focused()
    expect(approve).to_have_css("color", "rgb(255, 255, 255)")  # not Bootstrap's of a bare button
    press(page, "a")
    expect(page.locator("#ask")).to_be_visible()
    with page.expect_navigation(url=CASE):
        press(page, "Enter")
    assert page.url != first
    expect(page.locator(".flash.good")).to_contain_text("已通过")
    expect(page.get_by_text("我已领取至")).to_be_visible()


def test_cases_are_walked_and_pictures_turned_by_key(
    serve: Callable[..., Server], visitor: Visitor
) -> None:
    page = at_the_desk(visitor, serve(), "county_410102")
    open_first(page)
    first = page.url
    with page.expect_navigation():
        press(page, "j")
    with page.expect_navigation():
        press(page, "k")
    assert page.url == first
    stage, dialog = page.locator(".viewer .stage img"), page.locator("dialog.zoom")
    press(page, "r")
    expect(stage).to_have_class("turned-90")
    press(page, "z")
    expect(dialog).to_be_visible()
    press(page, "r")
    expect(dialog.locator("img")).to_have_class("turned-180")
    press(page, "z", "r")  # at full size, all of it can be scrolled to
    picture, box = dialog.locator("img").bounding_box(), dialog.locator(".pan").bounding_box()
    assert picture
    assert box
    assert (picture["x"] - box["x"], picture["y"] - box["y"]) >= (-0.5, -0.5)
    press(page, "a")
    expect(page.locator("#ask")).to_be_hidden()
    press(page, "Escape")
    expect(dialog).to_be_hidden()
    press(page, "2")
    expect(page.locator("[data-viewer-number]")).to_have_text("2")
    expect(stage).to_have_class("")


def test_a_return_asks_for_its_reason_and_what_it_unlocks(
    serve: Callable[..., Server], visitor: Visitor
) -> None:
    page = at_the_desk(visitor, serve(), "county_410105")  # whose policy knows returns
    open_first(page)
    press(page, "b")
    expect(page.locator("#f-reason_code")).to_be_focused()
    press(page, "Space")
    expect(page.locator("[data-reason]")).to_have_value(re.compile("不清晰"))
    press(page, "b")
    expect(page.locator("#f-items")).to_have_attribute("open", "")
    expect(page.locator("[name=items]").first).to_be_focused()
    press(page, "Space")
    with page.expect_navigation():
        press(page, "b")
    expect(page.locator(".flash.good")).to_contain_text("已退回补正")


def test_typing_a_reason_is_no_command(serve: Callable[..., Server], visitor: Visitor) -> None:
    page = at_the_desk(visitor, serve(), "province_11")
    open_first(page)
    page.locator("[data-reason]").click()
    page.keyboard.type("a b x j")
    expect(page.locator("[data-reason]")).to_have_value("a b x j")
    expect(page.locator("#ask")).to_be_hidden()


def test_what_was_typed_comes_back_after_a_sign_in_that_had_ended(
    serve: Callable[..., Server], visitor: Visitor
) -> None:
    page = at_the_desk(visitor, serve(), "county_410105")
    open_first(page)
    address = page.url
    approve = page.get_by_role("button", name="通过并看下一件")
    expect(approve).to_be_in_viewport(ratio=1)  # whatever is above and below it
    page.locator(".chip", has_text="其他原因").click()
    page.locator("[data-reason]").fill("照片与身份证不是同一人")
    page.context.clear_cookies()
    page.get_by_role("button", name="不通过").click()
    page.locator("#ask [value=yes]").click()
    page.wait_for_url("**/login/**")
    page.get_by_label("用户名").fill("county_410105")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(address)
    expect(page.locator("[data-reason]")).to_have_value("照片与身份证不是同一人")
    expect(page.locator(".flash.warn")).to_contain_text("尚未提交")
    page.get_by_role("button", name="不通过").click()
    with page.expect_navigation():
        page.locator("#ask [value=yes]").click()
    page.goto(address)
    expect(page.locator(".flash.warn")).to_have_count(0)


def test_the_verdicts_stay_where_they_are_while_the_page_moves(
    serve: Callable[..., Server], visitor: Visitor
) -> None:
    page = at_the_desk(visitor, serve(), "county_410105")
    open_first(page)
    # without a frame in between: a button that moves under a pressed finger is not clicked
    first, moved = page.evaluate("""() => [0, 150].map((top) => {
        scrollTo({ top, behavior: "instant" });
        return document.querySelector("[value=reject]").getBoundingClientRect().bottom;
    })""")
    assert moved == first
    expect(page.get_by_role("button", name="不通过")).to_be_in_viewport(ratio=1)


def test_a_batch_shows_how_far_it_is(serve: Callable[..., Server], visitor: Visitor) -> None:
    page = at_the_desk(visitor, serve(), "city_5101")
    page.locator("input[name=ids]").first.check()
    page.get_by_role("button", name="批量通过").click()
    expect(page.get_by_role("heading", name="可直接通过")).to_be_visible()
    page.get_by_role("button", name="通过勾选的申请").click()
    # the worker beside the portal does it, and the page follows by itself
    expect(page.get_by_text("本批已全部办完")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("通过 1 件")).to_be_visible()


def test_on_a_phone_everything_has_a_button(serve: Callable[..., Server], visitor: Visitor) -> None:
    server = serve()
    page = signed_in(visitor, server, "city_4101")
    page.goto(f"{server.url}/review/")
    fits(page)
    open_first(page)
    fits(page)
    page.get_by_role("button", name="旋转").first.click()
    expect(page.locator(".viewer .stage img")).to_have_class("turned-90")
    page.get_by_role("button", name="放大").click()
    page.locator("dialog.zoom").get_by_role("button", name="关闭").click()
    page.get_by_role("button", name="领取").click()
    expect(page.get_by_text("我已领取至")).to_be_visible()
    fits(page)
