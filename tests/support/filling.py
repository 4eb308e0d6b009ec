"""Filling in a form as a person does: what to answer is read from the page, not from a list."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.support.cases import picture

TEXTS = {"tel": "13812345678", "email": "li@example.com", "date": "2019-07-01", "month": "2019-07"}
MODES = {"numeric": "3", "decimal": "3"}
WORDS = "社会工作者登记"
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
    if box.locator("input[type=file][name]").count():
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
    box.locator("input[type=file][name]").set_input_files(_picture(name, folder))
    expect(box.locator(".tag.good")).to_have_text(SENT)


def _picture(name: str, folder: Path) -> Path:
    file = folder / f"{name}.jpg"
    file.write_bytes(picture())
    return file


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
    """Look everything over, agree to it and submit."""
    look_over(page)
    for box in page.locator("main .check input[type=checkbox]").all():
        box.check()
    page.locator("main form .btn-primary").click()


def look_over(page: Page) -> None:
    """From the form to all that will be sent."""
    page.locator("button[name=action][value=submit]").click()
    page.wait_for_url("**/check")


# ---- the same by keyboard alone ----

FOCUSED = """() => {
  const one = document.activeElement, box = one.closest("[data-field]");
  return {
    tag: one.tagName, type: one.type || "", mode: one.inputMode || "",
    role: one.getAttribute("role") || "",
    free: !one.readOnly && !one.disabled, empty: !one.value, name: box?.dataset.field || "",
    chosen: !!box?.querySelector("input:checked"), action: one.value, id: one.id,
    short: one.maxLength === 4, seen: one.matches(":focus-visible"),
  };
}"""
LONGEST_WALK = 200  # presses of the tabulator


def tab_to(page: Page, selector: str) -> None:
    """Press the tabulator until it stands on an element. Raises AssertionError if it never does."""
    for _ in range(LONGEST_WALK):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"no key leads to {selector} on {page.url}")


def fill_in_by_keyboard(page: Page, folder: Path) -> None:
    """Walk through the form to the button that ends it, and answer on the way."""
    # Listening all the time: were a dialog awaited only when its key is pressed, the key could
    # reach the page before the wish to hear of dialogs does.
    page.on("filechooser", lambda _: None)
    for _ in range(LONGEST_WALK):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        assert focused["seen"] or focused["type"] == "file", f"the focus is not seen on {focused}"
        if focused["tag"] == "BUTTON" and focused["action"] == "submit":
            return
        if focused["name"] and focused["free"]:
            _type(page, focused, folder)
    raise AssertionError("no key leads out of the form")


def _type(page: Page, focused: dict[str, str], folder: Path) -> None:
    kind = focused["type"]
    if kind == "file":
        with page.expect_file_chooser() as dialog:
            page.keyboard.press("Space")
        dialog.value.set_files(_picture(focused["name"], folder))
        expect(page.locator(f"[data-field={focused['name']}] .tag.good")).to_have_text(SENT)
    elif kind in ("radio", "checkbox"):
        if not focused["chosen"]:
            page.keyboard.press("Space")
    elif focused["tag"] == "SELECT":
        if focused["empty"]:
            page.keyboard.press("ArrowDown")
    elif focused["role"] == "combobox":
        if focused["empty"]:
            _look_up(page, focused["name"])
    elif focused["empty"]:
        text = TEXTS.get(kind) or MODES.get(focused["mode"]) or WORDS
        page.keyboard.insert_text("2019" if focused["short"] else text)


def _look_up(page: Page, name: str) -> None:
    page.keyboard.insert_text(REGION)
    expect(page.locator(f"[data-field={name}] [role=option]").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
