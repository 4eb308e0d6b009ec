"""axe-core within a page, and the pages that somebody comes to by following every link."""

import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import document_fromstring
from playwright.sync_api import APIRequestContext, Page

LINK = re.compile(r'<a\b[^>]*\bhref="([^"#?]+)')
LEAVES = re.compile(r"/logout|/lang/|.*\.[a-z]+$")  # what changes all other pages, and files
SHOWN = 200  # characters of an element in a message
HEADINGS = "//h1 | //h2 | //h3 | //h4 | //h5 | //h6"
LANDMARKS = "//header | //nav | //main | //aside | //footer | //section | //form | //*[@role]"
# attributes whose words axe-core looks at, beside that they are there at all
SAYING = {"class", "role", "type", "lang", "scope", "tabindex", "autocomplete", "dir"}
REFERRING = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list", "headers")


@cache
def script() -> str:
    """axe-core, as its package has it."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text()


def violations(page: Page) -> list[str]:
    """What axe-core finds on the page that is open: the rule and the first element, once a rule.

    The script comes in through the debugger, so that the portal's own policy stays in force.
    """
    page.evaluate(script())
    found = page.evaluate("axe.run({resultTypes: ['violations'], preload: false})")
    language = page.locator("html").get_attribute("lang")
    width = page.evaluate("window.innerWidth")
    where = f"{urlsplit(page.url).path} {width} {language}"
    return [
        f"{where}: {one['id']} ({len(one['nodes'])}): {one['nodes'][0]['html'][:SHOWN]}"
        for one in found["violations"]
    ]


def pages(
    asking: APIRequestContext, base: str, starts: Sequence[str], known: set[str]
) -> Iterator[tuple[str, str]]:
    """The paths and the markup of all pages that links lead to, one of each shape: a second case
    is no new page.

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
            yield arrived, answer.text()
            links = (urljoin(answer.url, link) for link in LINK.findall(answer.text()))
            waiting += [link.removeprefix(base) for link in links if link.startswith(base)]


def shape(path: str) -> str:
    """The path without what tells one row from another."""
    return re.sub(r"\d+", "0", path)


def parts(markup: str) -> set[str]:
    """All of a page that axe-core could find fault with, whatever the words and the rows: each
    element within those around it, with its classes, attributes and kinds of children, whether it
    holds a text and what it refers to; the steps between headings; landmarks, and names given
    twice. A page whose parts were all seen elsewhere shows axe-core nothing new.
    """
    root = document_fromstring(markup)
    names = Counter(root.xpath("//@id"))
    steps = pairwise(["", *(one.tag for one in root.xpath(HEADINGS))])
    marks = Counter((one.tag, one.get("aria-label", "")) for one in root.xpath(LANDMARKS))
    found = {f"heading {above} {below}" for above, below in steps}
    found |= {f"landmark {tag} {label} {min(count, 2)}" for (tag, label), count in marks.items()}
    found |= {f"twice {name}" for name, count in names.items() if count > 1}
    labelled = set(root.xpath("//label/@for"))
    waiting: list[tuple[Any, str]] = [(root, "")]
    while waiting:
        element, above = waiting.pop()
        own = f"{above} > {_sign(element, set(names), labelled)}"
        children = [one for one in element if isinstance(one.tag, str)]  # no comments
        text = "text" if element.text_content().strip() else "blank"
        found.add(f"{own} {text} {sorted({one.tag for one in children})}")
        waiting += [(one, own) for one in children]
    return found


def _sign(element: Any, names: set[str], labelled: set[str]) -> str:
    said = []
    for name, value in sorted(element.items()):
        says = name in SAYING or (name.startswith("aria-") and name not in REFERRING)
        blank = not value.strip()
        said.append(f"{name}={value}" if says and name != "aria-label" else f"{name}{blank:d}")
        if name in REFERRING and not set(value.split()) <= names:
            said.append(f"{name} leads nowhere")
    if element.get("id") in labelled:
        said.append("labelled")
    return f"{element.tag}[{' '.join(said)}]"
