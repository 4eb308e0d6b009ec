"""axe-core within a page, and the pages that somebody comes to by following every link."""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import APIRequestContext, Page

LINK = re.compile(r'<a\b[^>]*\bhref="([^"#?]+)')
LEAVES = re.compile(r"/logout|/lang/|.*\.[a-z]+$")  # what changes all other pages, and files
SHOWN = 200  # characters of an element in a message


@cache
def script() -> str:
    """axe-core, as its package has it."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text()


def violations(page: Page) -> list[str]:
    """What axe-core finds on the page that is open: the rule and the first element, once a rule.

    The script comes in through the debugger, so that the portal's own policy stays in force.
    """
    page.evaluate(script())
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    language = page.locator("html").get_attribute("lang")
    width = page.evaluate("window.innerWidth")
    where = f"{urlsplit(page.url).path} {width} {language}"
    return [
        f"{where}: {one['id']} ({len(one['nodes'])}): {one['nodes'][0]['html'][:SHOWN]}"
        for one in found["violations"]
    ]


def pages(
    asking: APIRequestContext, base: str, starts: Sequence[str], known: set[str]
) -> Iterator[str]:
    """The paths of all pages that links lead to, one of each shape: a second case is no new page.

    Nothing comes whose shape is in `known`, to which every shape is added.
    """
    waiting = deque(starts)
    while waiting:
        path = waiting.popleft()
        if shape(path) in known or LEAVES.match(path):
            continue
        answer = asking.get(base + path)
        arrived = urlsplit(answer.url).path
        is_new = shape(arrived) not in known
        known.update((shape(path), shape(arrived)))
        if is_new and answer.ok and answer.headers["content-type"].startswith("text/html"):
            yield arrived
            links = (urljoin(answer.url, link) for link in LINK.findall(answer.text()))
            waiting += [link.removeprefix(base) for link in links if link.startswith(base)]


def shape(path: str) -> str:
    """The path without what tells one row from another."""
    return re.sub(r"\d+", "0", path)
