"""The form in a browser when something goes wrong: a lost session, a wrong picture, a last look."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.test_journey import SUBMITTED, fill_in, fits, signed_in, upload
from tests.support.browser import Visitor
from tests.support.cases import picture
from tests.support.portal import PASSWORD
from tests.support.server import Server

pytestmark = pytest.mark.slow


def opened(visitor: Visitor, server: Server) -> Page:
    """The form of the demo's applicant."""
    page = signed_in(visitor, server, "applicant_bj")
    page.goto(f"{server.url}/apply/first")
    if "/form" not in page.url:
        page.locator("main form .btn-primary").click()
        page.wait_for_url("**/form*")  # whole, or a late answer would bring a lost session back
    return page


def sign_in_again(page: Page) -> None:
    """The sign-in that the portal asks for."""
    page.get_by_label("用户名").fill("applicant_bj")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def test_bj_54_what_is_typed_into_a_lost_session_comes_back_after_the_sign_in(
    serve: Callable[..., Server], visitor: Visitor
) -> None:
    page = opened(visitor, serve())
    address = page.url
    page.context.clear_cookies()
    page.locator("[name=major]").fill("第一次")
    page.locator("[name=major]").blur()
    expect(page.locator(".saved.unsaved")).to_contain_text("未保存")
    with page.context.expect_page() as opening:
        page.locator(".saved a").click()
    assert parse_qs(urlsplit(opening.value.url).query)["next"] == [urlsplit(address).path]
    opening.value.close()

    page.get_by_role("button", name="保存").last.click()
    page.wait_for_url("**/login/**")
    sign_in_again(page)
    page.wait_for_url(address)
    expect(page.locator(".flash.warn")).to_contain_text("已恢复")
    expect(page.locator("[name=major]")).to_have_value("第一次")
    expect(page.locator(".saved")).to_contain_text("保存")
    page.reload()
    expect(page.locator("[name=major]")).to_have_value("第一次")
    expect(page.locator(".flash.warn")).to_have_count(0)
    visitor.faults.clear()  # the browser notes the 401, and it was meant


def test_bj_54_after_a_sign_in_in_another_tab_the_form_goes_on(
    serve: Callable[..., Server], visitor: Visitor
) -> None:
    page = opened(visitor, serve())
    page.context.clear_cookies()
    page.locator("[name=major]").fill("第二次")
    page.locator("[name=major]").blur()
    expect(page.locator(".saved.unsaved")).to_be_visible()
    other = page.context.new_page()
    other.goto(f"{serve().url}/login/")
    sign_in_again(other)
    other.wait_for_url(lambda url: "/login" not in url)
    page.bring_to_front()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".saved:not(.unsaved)")).to_contain_text("保存")
    page.get_by_role("button", name="保存").last.click()
    page.wait_for_url("**/form?saved=1")
    expect(page.locator("[name=major]")).to_have_value("第二次")
    visitor.faults.clear()


def test_what_is_typed_before_the_script_has_come_is_saved_too(
    serve: Callable[..., Server], visitor: Visitor
) -> None:
    page = opened(visitor, serve())
    late: list[Route] = []
    page.route("**/draft.js*", lambda route: late.append(route), times=1)
    with page.expect_request("**/draft.js*"):
        page.reload(wait_until="commit")
    page.wait_for_function("document.querySelector('[name=major]')")
    page.evaluate("document.querySelector('[name=major]').value = '第三次'")
    late.pop().continue_()
    expect(page.locator(".saved")).to_contain_text("保存")
    page.reload()
    expect(page.locator("[name=major]")).to_have_value("第三次")


def test_a_portrait_lying_on_its_side_is_warned_of_within_the_width_of_a_phone(
    serve: Callable[..., Server], visitor: Visitor, tmp_path: Path
) -> None:
    page = opened(visitor, serve())
    file = tmp_path / "portrait.jpg"
    file.write_bytes(picture(626, 413))
    page.locator("#f-portrait").set_input_files(file)
    expect(page.locator("[data-field=portrait] .slot-warning")).to_contain_text("横向图片")
    fits(page)
    page.reload()
    expect(page.locator("[data-field=portrait] .slot-warning")).to_contain_text("横向图片")
    fits(page)


def noise(width: int, height: int) -> bytes:
    """A photo that no quality makes small."""
    taken = BytesIO()
    Image.effect_noise((width, height), 80).convert("RGB").save(taken, "JPEG", quality=95)
    return taken.getvalue()


def test_ba_07_a_picture_that_is_too_large_is_made_smaller_and_what_is_none_is_told_its_size(
    serve: Callable[..., Server], visitor: Visitor, tmp_path: Path
) -> None:
    page = opened(visitor, serve())
    file = tmp_path / "large.jpg"
    file.write_bytes(noise(2400, 1800))
    assert file.stat().st_size > 1_048_576
    page.locator("#f-id_front").set_input_files(file)
    slot = page.locator("[data-field=id_front]")
    expect(slot.locator(".tag.good")).to_have_text("已上传")
    expect(slot.locator("[data-upload-state]")).to_contain_text("已自动缩小")
    file.write_bytes(b"no picture" + b"0" * 1_048_576)
    size = f"{file.stat().st_size:,} 字节"
    page.locator("#f-id_front").set_input_files(file)
    expect(slot.locator(".error")).to_contain_text(f"文件大小为 {size}")
    expect(slot.locator(".error")).to_contain_text("超过上限 1,048,576 字节（1.00 MB）")
    file.write_bytes(b"GIF89a" + b"0" * 50)
    page.locator("#f-id_front").set_input_files(file)
    expect(slot.locator(".error")).to_contain_text("GIF")
    expect(slot.locator(".tag.good")).to_have_text("已上传")
    expect(slot.locator("img")).to_have_count(1)
    visitor.faults.clear()


def test_a_photo_of_another_shape_is_cropped_to_a_portrait_and_sent_when_the_network_is_back(
    serve: Callable[..., Server], visitor: Visitor, tmp_path: Path
) -> None:
    page = opened(visitor, serve())
    file = tmp_path / "me.jpg"
    file.write_bytes(noise(900, 600))  # nearly as lying as the portrait is high
    page.route("**/materials/portrait", lambda route: route.abort(), times=1)
    page.locator("#f-portrait").set_input_files(file)
    page.get_by_role("button", name="向右旋转").click()
    page.get_by_role("button", name="使用此图").click()
    slot = page.locator("[data-field=portrait]")
    expect(slot.locator(".error")).to_contain_text("网络已断开")
    fits(page)
    visitor.faults.clear()  # the browser notes what it could not send, and it was meant
    slot.get_by_role("button", name="重试").click()
    expect(slot.locator("[data-upload-state]")).to_contain_text("413 × 626")
    expect(slot.locator(".error")).to_be_hidden()
    slot.get_by_role("button", name="旋转、裁剪").click()
    page.get_by_role("button", name="取消").last.click()
    expect(slot.locator("[data-upload-state]")).to_contain_text("413 × 626")


def test_ba_26_a_final_submission_shows_where_the_certificate_goes_before_it_is_sent(
    serve: Callable[..., Server], visitor: Visitor, tmp_path: Path
) -> None:
    page = opened(visitor, serve())
    fill_in(page)
    upload(page, tmp_path)
    page.get_by_role("button", name="核对并提交").click()
    page.wait_for_url("**/check")
    asked = page.locator("main")
    for text in (
        "不可修改和撤回",
        "李建国",
        "13812345678",
        "北京市朝阳区",
        "建国路1号院2号楼301室",
    ):
        expect(asked).to_contain_text(text)
    fits(page)
    page.get_by_role("link", name="返回填写").click()
    page.wait_for_url("**/form")
    page.get_by_role("button", name="核对并提交").click()
    page.wait_for_url("**/check")
    page.get_by_label("我保证上述所填信息均真实有效").check()
    page.get_by_role("button", name="提交").dblclick()
    expect(page.get_by_role("heading", name=SUBMITTED)).to_be_visible()
    page.wait_for_function("sessionStorage.length === 0")
