"""Walking the portal by its links: what every page asks of the database, and what it weighs."""

import gzip
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from html import unescape
from typing import Protocol
from urllib.parse import urljoin, urlsplit

from flask_sqlalchemy import SQLAlchemy
from werkzeug.test import TestResponse

from tests.support.watching import statements

LINK = re.compile(r'<a\b[^>]*\shref="([^"#]+)')
PARTS = re.compile(r'<(?:link rel="stylesheet"[^>]* href|script[^>]* src)="([^"]+)"')
FILES = re.compile(
    r"\.(?:pdf|png|ofd|zip|json|yaml)$|^/(?:static|materials)/|^/profile/pictures/|/file/\d+$"
)
FRAME = ("BEGIN", "COMMIT", "ROLLBACK")
"""How SQLite begins and ends what PostgreSQL does without a statement."""


class Visitor(Protocol):
    """A browser, whoever sits in front of it."""

    def get(self, path: str) -> TestResponse:
        """One page."""


@dataclass(frozen=True)
class Page:
    """A page with the tables of its statements, in order, and its compressed bytes with the styles
    and scripts that it loads."""

    asked: tuple[str, ...]
    weight: int


def walked(who: Visitor, db: SQLAlchemy, start: Iterable[str]) -> dict[str, Page]:
    """Every page that these and their links lead to, by its address; a redirect is followed, and a
    file is no page."""
    waiting, seen = deque(start), set[str]()
    found: dict[str, Page] = {}
    size_of = cache(lambda address: len(gzip.compress(who.get(address).data)))
    while waiting:
        path = waiting.popleft()
        if path in seen or FILES.search(urlsplit(path).path):
            continue
        seen.add(path)
        answer = who.get(path)  # whatever is read once for a process is read by now
        if answer.status_code in (302, 303):
            waiting.append(_local(path, answer.location))
            continue
        assert answer.status_code == 200, path
        parts = {urljoin(path, address) for address in PARTS.findall(answer.text)}
        assert parts or "<style" in answer.text, f"{path} has neither style nor script"
        weight = len(gzip.compress(answer.data)) + sum(map(size_of, parts))
        found[path] = Page(asked(who, db, path), weight)
        waiting.extend(_links(path, answer.text))
    return found


def asked(who: Visitor, db: SQLAlchemy, path: str) -> tuple[str, ...]:
    """The tables of the statements that a page sends, writes and all, in order."""
    with statements(db) as seen:
        assert who.get(path).status_code == 200, path
    sent = [sql for sql in seen.sent if not sql.startswith(FRAME)]
    return (*seen.read, *seen.written, *("?" for _more in sent[len(seen.read) :]))


def _links(path: str, text: str) -> Iterator[str]:
    for address in LINK.findall(text):
        parts = urlsplit(unescape(address))
        if not parts.netloc and parts.scheme == "":
            yield _local(path, unescape(address))


def _local(path: str, address: str) -> str:
    parts = urlsplit(urljoin(path, address))
    return parts.path + (f"?{parts.query}" if parts.query else "")
