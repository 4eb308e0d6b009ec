"""A real browser: Debian's Chromium driven by Playwright, which would else fetch one of its own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",  # tests may run as root, where Chromium has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The name of no other host leads anywhere. Were it asked of each request here instead, the
    # browser would keep no style sheet and no script from one page to the next.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    # Two pages for its address bar, which nobody sees, would be drawn with every window. The last
    # such list counts, so that what Playwright turns off stands here again.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,AimEnabled,HttpsUpgrades,"
    "LensOverlay,MediaRouter,OptimizationHints,PaintHolding,ThirdPartyStoragePartitioning",
)
# Nobody presses a button before its page is whole; Playwright would, on a slow machine, and the
# button's script would not be there yet. What isn't visible it waits for.
WHOLE_FIRST = """
const unfinished = new CSSStyleSheet();
unfinished.replaceSync(":root { visibility: hidden }");
document.adoptedStyleSheets = [unfinished];
addEventListener("DOMContentLoaded", () => (document.adoptedStyleSheets = []));
"""
Size = Literal["phone", "laptop", "desktop"]
PATIENCE = 60_000  # milliseconds: only a failure takes so long
SIZES: dict[Size, tuple[int, int]] = {
    "phone": (390, 844),
    "laptop": (1280, 800),
    "desktop": (1440, 900),
}


def executable() -> str | None:
    """Where Chromium is on this machine, if it is."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launched() -> Iterator[Browser]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=executable(), args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody at a browser of their own; what a page does wrong behind their back is kept."""

    browser: Browser
    faults: list[str] = field(default_factory=list)

    def open(self, address: str, size: Size = "phone", language: str = "zh-CN") -> Page:
        """A page at this address, in a window that shares no cookie with any other."""
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            locale=language,
            timezone_id="Asia/Shanghai",
            has_touch=size == "phone",
            accept_downloads=True,
        )
        context.set_default_timeout(PATIENCE)
        context.add_init_script(WHOLE_FIRST)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("console", self._hear)
        page.on("request", self._stay_here)
        page.goto(address)
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text}")

    def _stay_here(self, request: Request) -> None:
        """A portal fetches nothing from elsewhere."""
        host = urlsplit(request.url).hostname
        if host not in (None, "127.0.0.1"):
            self.faults.append(f"fetched from {host}")
