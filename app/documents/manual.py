"""用户操作手册 as PDF, set from the text beside the portal's data (BJ-04)."""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from app.documents.typesetting import draw_pdf

TEXT = Path(__file__).parent.parent / "data" / "manual.md"
KINDS = (("## ", "heading"), ("# ", "title"), ("- ", "point"))


@lru_cache(maxsize=1)
def manual_pdf() -> bytes:
    """The manual; drawn once in a process, because it changes with the portal alone."""
    return draw_pdf("manual", {"blocks": list(blocks(TEXT.read_text("utf-8")))}, {})


def blocks(text: str) -> Iterator[dict[str, str]]:
    """Title, headings, numbered steps, points and paragraphs, one a line of the text."""
    for line in filter(None, map(str.strip, text.splitlines())):
        if step := re.match(r"(\d+)\. (.+)", line):
            yield {"kind": "step", "number": step[1], "text": step[2]}
            continue
        mark, kind = next(((m, k) for m, k in KINDS if line.startswith(m)), ("", "text"))
        yield {"kind": kind, "text": line.removeprefix(mark)}
