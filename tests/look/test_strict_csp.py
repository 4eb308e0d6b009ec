"""Pages hold nothing that `default-src 'self'` forbids: a browser would drop it without a word."""

import re
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
TEMPLATES = sorted((APP / "templates").rglob("*.html"))
STYLES = sorted((APP / "static").glob("*.css"))

FORBIDDEN = {
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "an inline style": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "a javascript: link": re.compile(r"javascript:", re.IGNORECASE),
    "a style element": re.compile(r"<style", re.IGNORECASE),
    "another host": re.compile(r"(?:src|href)=\"(?:https?:)?//", re.IGNORECASE),
}


def without_comments(text: str) -> str:
    """The template as it reaches a browser: its own comments never do."""
    return re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds_what_the_policy_forbids(what: str) -> None:
    """Given every template, none holds it; the message names those that do."""
    guilty = [
        str(path.relative_to(APP))
        for path in TEMPLATES
        if FORBIDDEN[what].search(without_comments(path.read_text()))
    ]
    assert guilty == []


def test_no_stylesheet_fetches_from_elsewhere_or_from_itself() -> None:
    """A data: picture or another host would be refused; only files beside the stylesheet load."""
    found = {p.name: re.findall(r"url\(['\"]?(?:data:|https?:|//)", p.read_text()) for p in STYLES}
    assert found == {path.name: [] for path in STYLES}


def test_the_scan_finds_what_it_looks_for() -> None:
    """Given one sample of each, each pattern finds its own: else the scan proves nothing."""
    samples = {
        "an inline handler": '<button onclick="go()">',
        "an inline style": '<p style="color:red">',
        "an inline script": "<script>go()</script>",
        "a javascript: link": '<a href="javascript:void(0)">',
        "a style element": "<style>p{}</style>",
        "another host": '<script src="https://cdn.example/x.js"></script>',
    }
    assert {
        what: bool(FORBIDDEN[what].search(text)) for what, text in samples.items()
    } == dict.fromkeys(FORBIDDEN, True)
    assert TEMPLATES
    assert STYLES
