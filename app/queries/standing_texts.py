"""Texts that a statement rests on, such as a privacy policy: what an office has published, else the
portal's own one (docs/adr/0078)."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from app.queries.policies import policy_for
from app.rules.regions import NATION, ancestors
from app.rules.words import Words
from app.scope import as_system
from models.codes import PUBLIC_STATES
from models.publication import Document

OWN = {"privacy": Path(__file__).parents[1] / "data" / "privacy.yaml"}
"""The portal's own text of each statement that rests on one; a statement, the module of the
documents that take its place, and the file have one name."""


@dataclass(frozen=True)
class StandingText:
    """One edition of a text, paragraph by paragraph."""

    title: Words
    edition: str
    issued_on: date
    paragraphs: tuple[Words, ...]

    def whole(self, locale: str) -> str:
        """All of it in one language, as it is kept with a consent."""
        head = f"{self.title.in_(locale)} · {self.edition} · {self.issued_on}"
        return "\n\n".join([head, *(one.in_(locale) for one in self.paragraphs)])


def standing_text(code: str, region_code: str | None) -> StandingText | None:
    """The text that the statement of this code rests on in a region, and for a visitor who has said
    nothing about one in the nation; None for a statement that says all itself."""
    if code not in OWN:
        return None
    where = region_code or NATION
    query = (
        select(Document)
        .where(Document.module == code, Document.state.in_(PUBLIC_STATES))
        .where(Document.region_code.in_(ancestors(where)))
        .order_by(Document.region_code.desc(), Document.issued_on.desc(), Document.id.desc())
    )
    with as_system("published texts are everybody's to read") as session:
        row = session.scalar(query.limit(1))
    return _own(code, where) if row is None else _published(row)


def _published(row: Document) -> StandingText:
    lines = (line for line in row.body.splitlines() if line.strip())
    return StandingText(
        Words(row.title, row.title),
        row.edition or str(row.id),
        row.issued_on,
        tuple(Words(line, line) for line in lines),
    )


def _own(code: str, region_code: str) -> StandingText:
    text, days = _read(code), policy_for(region_code).identity_days
    kept = Words(**text["kept"]["all" if days is None else "some"])
    kept = kept if days is None else kept.fill(days=days)
    return StandingText(
        Words(**text["title"]),
        text["edition"],
        text["issued_on"],
        tuple(Words(**one).fill(kept=kept) for one in text["paragraphs"]),
    )


@cache
def _read(code: str) -> Any:
    return yaml.safe_load(OWN[code].read_text("utf-8"))
