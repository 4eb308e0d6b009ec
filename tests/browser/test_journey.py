"""The whole job in a browser, in Chinese, on a phone: from the sign-in to the certificate."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from tests.support.browser import Visitor
from tests.support.cases import picture
from tests.support.portal import PASSWORD
from tests.support.server import Server

pytestmark = pytest.mark.slow

SUBMITTED = "您的登记申请表已提交，请耐心等待审核结果..."
TEXTS = {
    "major": "社会工作",
    "phone": "13812345678",
    "email": "li@example.com",
    "address": "建国路1号",
    "unit_name": "晨光社会工作事务所",
    "practice_years": "3",
    "recipient": "李建国",
    "recipient_phone": "13812345678",
    "delivery_address": "建国路1号院2号楼301室",
}
SLOTS = ("id_front", "id_back", "qualification", "portrait")


def signed_in(visitor: Visitor, server: Server, username: str) -> Page:
    """Somebody's page after the sign-in."""
    page = visitor.open(f"{server.url}/login/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login" not in url)
    return page


def fits(page: Page) -> None:
    """Nothing is wider than the phone, once the page is there with its styles and pictures."""
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def fill_in(page: Page) -> None:
    """Every open question of the form, as a thumb would."""
    for name in ("ethnicity", "political_status", "education", "unit_type", "post"):
        page.locator(f"select[name={name}]").select_option(index=1)
    page.locator("label:has(input[name=practice_fields])").first.click()
    page.locator("label:has(input[name=delivery])").first.click()
    for name, value in TEXTS.items():
        page.locator(f"[name={name}]").fill(value)
    region = page.locator("[data-field=delivery_region] input[role=combobox]")
    region.fill("朝阳")
    page.locator("[data-field=delivery_region] [role=option]", has_text="北京市朝阳区").click()


def upload(page: Page, folder: Path) -> None:
    """A picture for every slot, each sent at once."""
    for slot in SLOTS:
        file = folder / f"{slot}.jpg"
        file.write_bytes(picture())
        page.locator(f"#f-{slot}").set_input_files(file)
        expect(page.locator(f"[data-field={slot}] .tag.good")).to_have_text("已上传")


def confirmed(page: Page, button: str) -> None:
    """Press a button that asks first, and say yes with a button that says the same."""
    page.get_by_role("button", name=re.compile(f"^{button}")).click()
    page.locator("#ask").get_by_role("button", name=re.compile(f"^{button}")).click()


def downloaded(page: Page, link: str) -> bytes:
    """The file behind a link."""
    with page.expect_download() as waiting:
        page.get_by_role("link", name=link).first.click()
    download: Download = waiting.value
    return Path(download.path()).read_bytes()


def person_of(page: Page) -> str:
    """The name of whoever is signed in, as the bar has it."""
    return page.locator(".person b").text_content().split("·")[-1].strip()  # type: ignore[union-attr]


def begin_and_come_back(page: Page, folder: Path) -> None:
    """From the personal centre into the form, away from it, and back to all that was typed."""
    sentence = "距本次登记截止日期还有 21天，请您及时填写登记申请表。"
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_text("再登记工作另行通知，目前尚未开放。")).to_be_visible()
    fits(page)
    page.get_by_role("link", name="首登记").first.click()
    page.get_by_role("button", name="填写登记申请表").click()
    expect(page.get_by_label("证件号码")).to_have_attribute("readonly", "")
    fill_in(page)
    expect(page.locator(".saved")).to_have_text("已于 09:00 保存")
    upload(page, folder)
    fits(page)
    page.get_by_role("link", name="个人中心").first.click()
    page.get_by_role("link", name="继续填写").click()
    expect(page.locator("[name=major]")).to_have_value("社会工作")
    expect(page.locator(".drop img")).to_have_count(4)


def submit(page: Page) -> None:
    """Look everything over, tick the declaration and hand the application in."""
    page.get_by_role("button", name="核对并提交").click()
    page.wait_for_url("**/check")
    fits(page)
    page.get_by_label("我保证上述所填信息均真实有效").check()
    page.get_by_role("button", name=re.compile("^提交")).click()
    expect(page.get_by_role("heading", name=SUBMITTED)).to_be_visible()
    fits(page)


def open_case(desk: Page, server: Server, name: str, reference: str) -> None:
    """Find a case in the queue by its applicant's name."""
    desk.goto(f"{server.url}/review/")
    desk.get_by_role("searchbox").fill(name)
    with desk.expect_navigation():
        desk.get_by_role("button", name="查询").click()
    fits(desk)
    desk.locator("tr", has_text=reference).get_by_role("link").first.click()
    expect(desk.locator(".thumbs a")).to_have_count(4)
    fits(desk)


def send_by_post(desk: Page, server: Server, number: str) -> None:
    """Type the tracking number of a certificate."""
    desk.goto(f"{server.url}/deliveries/list/?certificate_number={number}")
    desk.locator("tbody a.row-link").first.click()
    desk.get_by_role("link", name="交付邮寄").click()
    desk.get_by_label("承运").fill("中国邮政")
    desk.get_by_label("邮件号").fill("EMS1234567890")
    desk.get_by_role("button", name="保存").click()
    expect(desk.locator(".flash.good")).to_be_visible()


def test_the_job_from_the_sign_in_to_the_certificate(
    serve: Callable[..., Server], visitor: Visitor, tmp_path: Path
) -> None:
    server = serve()
    page = signed_in(visitor, server, "applicant_bj")
    begin_and_come_back(page, tmp_path)

    page.get_by_role("button", name="核对并提交").click()
    page.wait_for_url("**/check")
    page.get_by_role("button", name=re.compile("^提交")).click()
    expect(page.locator("[data-summary]")).to_contain_text("请阅读并勾选声明")
    visitor.faults.clear()  # the browser notes every 422, and this one was meant
    page.get_by_role("link", name="返回填写").click()
    page.wait_for_url("**/form")
    submit(page)
    expect(page.get_by_role("button", name="撤回")).to_have_count(0)
    reference, name = page.locator(".facts dd").first.inner_text(), person_of(page)

    desk = signed_in(visitor, server, "province_11")
    open_case(desk, server, name, reference)
    desk.get_by_text("图片不清晰").click()
    confirmed(desk, "不通过")
    expect(desk.locator(".flash.good")).to_contain_text("不通过")

    page.goto(f"{server.url}/messages/")
    expect(page.get_by_text("上传的图片不清晰或不完整").first).to_be_visible()
    page.get_by_role("link", name="查看申请").first.click()
    page.get_by_role("button", name="重新申请").click()
    expect(page.locator(".edge-bad")).to_contain_text("上传的图片不清晰或不完整")
    upload(page, tmp_path)
    submit(page)

    open_case(desk, server, name, reference)
    confirmed(desk, "通过")
    expect(desk.locator(".flash.good")).to_be_visible()

    page.goto(f"{server.url}/centre/")
    fits(page)
    number = page.locator(".holder .number").first.inner_text()
    assert downloaded(page, "下载 PDF").startswith(b"%PDF")
    assert downloaded(page, "保存图片").startswith(b"\x89PNG")
    send_by_post(desk, server, number)
    page.reload()
    expect(page.get_by_text("EMS1234567890").first).to_be_visible()

    anyone = visitor.open(f"{server.url}/")
    anyone.get_by_label("证书编号").fill(number)
    anyone.get_by_role("button", name="核验").click()
    expect(anyone.get_by_role("heading", name="有效", exact=True)).to_be_visible()
    fits(anyone)
