"""Filling in a form as a person does: what to answer is read from the page, not from a list."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.support.cases import picture

TEXTS = {"tel": "13812345678", "email": "li@example.com", "date": "2019-07-01", "month": "2019-07"}
MODES = {"numeric": "3", "decimal": "3"}
WORDS = "社会工作"
REGION = "朝阳"
SENT = re.compile("已上传|Uploaded")
ROUNDS = 8  # an answer may ask for more, and that for more again
OPEN = """boxes => boxes.filter(box => box.checkVisibility() && !box.dataset.answered).map(box => {
  const inputs = [...box.querySelectorAll("input:not([type=hidden]), select, textarea")];
  const free = inputs.filter(one => !one.readOnly && !one.disabled);
  box.dataset.answered = "yes";
  return free.length ? box.dataset.field : "";
}).filter(Boolean)"""


def fill_in(page: Page, folder: Path, chosen: dict[str, str] | None = None) -> None:
    """Answer every question that shows, with those that come up by an answer; `chosen` says which
    code to take where it matters, elsewhere it is the first."""
    for _ in range(ROUNDS):
        names = page.locator("main form [data-field]").evaluate_all(OPEN)
        if not names:
            return
        for name in names:
            box = page.locator(f'main form [data-field="{name}"]')
            if box.is_visible():  # an answer just given may have taken it away
                _answer(box, name, folder, (chosen or {}).get(name))
    raise AssertionError("the form goes on asking")


def _answer(box: Locator, name: str, folder: Path, code: str | None) -> None:
    if box.locator("input[type=file]").count():
        _send(box, name, folder)
    elif box.locator("select").count():
        _select(box.locator("select"), code)
    elif box.locator("label.chip").count():
        wanted = f"label.chip:has(input[value='{code}'])" if code else "label.chip"
        box.locator(wanted).first.click()
    elif box.locator("[role=combobox]").count():
        box.locator("[role=combobox]").fill(REGION)
        box.locator("[role=option]").first.click()
    else:
        _write(box.locator("input:not([type=hidden]), textarea"))


def _send(box: Locator, name: str, folder: Path) -> None:
    """A picture, which is sent at once."""
    file = folder / f"{name}.jpg"
    file.write_bytes(picture())
    box.locator("input[type=file]").set_input_files(file)
    expect(box.locator(".tag.good")).to_have_text(SENT)


def _select(box: Locator, code: str | None) -> None:
    if code:
        box.select_option(code)
    else:
        box.select_option(index=1)


def _write(box: Locator) -> None:
    """The text that its keyboard and its length allow; what is filled in already stays."""
    if not box.input_value():
        kind, mode = box.get_attribute("type") or "", box.get_attribute("inputmode") or ""
        text = TEXTS.get(kind) or MODES.get(mode) or WORDS
        box.fill("2019" if box.get_attribute("maxlength") == "4" else text)


def hand_in(page: Page) -> None:
    """Agree to everything and submit, over whatever comes between the form and the submission."""
    for box in page.locator("main form .check input[type=checkbox]").all():
        box.check()
    page.locator("button[name=action][value=submit]").click()
    if page.locator("#ask").is_visible():
        page.locator("#ask [value=yes]").click()
