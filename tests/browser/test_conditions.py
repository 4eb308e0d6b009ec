"""The browser's side of the conditions: the same table as Python's, in the portal's own script."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support.conditions import TABLE

SCRIPT = Path(__file__).parents[2] / "app" / "static" / "portal.js"


def drawn(form: dict[str, Any]) -> str:
    """A form with these questions, as the field macro marks them."""
    return f"<form>{''.join(map(_box, form['items']))}</form>"


def _box(item: dict[str, Any]) -> str:
    when = item.get("when")
    condition = ""
    if when:
        quoted = ", ".join(f'"{one}"' for one in when["in"])
        text = f'{{"field": "{when["field"]}", "in": [{quoted}]}}'
        condition = f" data-required-when='{text}' data-off"
    name = item["name"]
    inputs = "".join(
        f'<input type="checkbox" name="{name}" value="{one}">' for one in item.get("list", ())
    )
    return f'<div data-field="{name}"{condition}>{inputs or f"<input name={name}>"}</div>'


def filled(page: Page, values: dict[str, Any]) -> None:
    """Fill everything in, and let the form notice at the end."""
    page.evaluate(
        """(values) => {
          const form = document.querySelector("form");
          for (const input of form.elements) {
            const given = values[input.name] ?? "";
            if (input.type === "checkbox") input.checked = given.includes(input.value);
            else input.value = given;
          }
          form.dispatchEvent(new Event("change"));
        }""",
        values,
    )


def shown(page: Page) -> list[str]:
    """The names of the questions that one sees."""
    boxes = page.locator("[data-field]:not([hidden])")
    return [str(one.get_attribute("data-field")) for one in boxes.all()]


@pytest.mark.parametrize("form", TABLE, ids=[form["name"] for form in TABLE])
def test_x_20_x_40_the_script_asks_what_python_asks(browser: Browser, form: dict[str, Any]) -> None:
    page = browser.new_page()
    page.set_content(drawn(form))
    page.add_script_tag(path=SCRIPT)
    page.evaluate("conditionalFields(document.querySelector('form'))")
    for case in form["cases"]:
        filled(page, case["values"])
        assert shown(page) == case["asked"], case["values"]
        sent = page.evaluate("[...new FormData(document.querySelector('form'))]")
        typed = {name: value for name, value in sent if value}
        given = {name: value for name, value in case["values"].items() if value}
        assert typed.keys() == given.keys()  # what is hidden now is kept all the same
    page.close()
