"""The one way from facts and a Typst template to a PDF or a picture of its first page."""

import base64
import hashlib
import json
import os
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from app.documents.fonts import fonts

TEMPLATES = Path(__file__).parent / "templates"
_IMPORT = re.compile(rb'#(?:import|include) "([^"]+)"')


class UnknownTemplate(LookupError):
    """No template of this name is shipped or stands in a folder of TEMPLATE_PATHS."""


def draw_pdf(
    template: str,
    facts: Mapping[str, Any],
    pictures: Mapping[str, str],
    *,
    made_at: datetime | None = None,
    archival: bool = False,
) -> bytes:
    """The PDF that `template` makes of `facts`; the same facts give the same bytes.

    `pictures` are the SVG files that the template names. `made_at` (aware) becomes the date of
    creation. `archival` asks for PDF/A-2u: each glyph is embedded and copyable, a missing one
    an error. Raises UnknownTemplate, or typst.TypstError when the template fails.
    """
    return typst.compile(
        _project(template, facts, pictures),
        format="pdf",
        font_paths=fonts(),
        pdf_standards=["a-2u"] if archival else [],
        timestamp=int(made_at.timestamp()) if made_at else 0,
    )


def draw_png(
    template: str, facts: Mapping[str, Any], pictures: Mapping[str, str], *, dpi: int
) -> bytes:
    """The first page as PNG at `dpi` dots an inch, from the template and facts of the PDF."""
    # One page comes as bytes, several as a list, whatever the stubs say.
    pages: Any = typst.compile(
        _project(template, facts, pictures),
        format="png",
        font_paths=fonts(),
        ppi=float(dpi),
        sys_inputs={"pages": "first"},
    )
    first: bytes = pages[0] if isinstance(pages, list) else pages
    return first


def as_svg(picture: bytes, width: int, height: int, *, whole: bool = False) -> str:
    """A JPEG or PNG filling a frame of `width` by `height` (any unit), cut where it overlaps, or
    `whole` within it.

    Typst's projects in memory hold text only, so a picture travels inside an SVG; its bytes go
    into the PDF as they are.
    """
    fit = "meet" if whole else "slice"
    kind = "png" if picture.startswith(b"\x89PNG") else "jpeg"
    data = base64.b64encode(picture).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" preserveAspectRatio="xMidYMid {fit}"'
        f' href="data:image/{kind};base64,{data}"/></svg>'
    )


def _project(template: str, facts: Mapping[str, Any], pictures: Mapping[str, str]) -> Any:
    """A Typst project in memory.

    Facts travel as a JSON file beside the template and are read as strings: nothing that a
    person typed is ever part of Typst source.
    """
    sources = _sources()
    if f"{template}.typ" not in sources:
        raise UnknownTemplate(template)
    files = {"facts.json": json.dumps(facts, ensure_ascii=False), **pictures}
    encoded = {name: content.encode() for name, content in files.items()}
    return {**sources, **encoded, "main": sources[f"{template}.typ"]}


def design_of(template: str, *others: str) -> str:
    """The digest of a template with all that it imports, and of `others` that pages have in common:
    64 hexadecimal digits. Raises UnknownTemplate."""
    sources = _sources()
    if f"{template}.typ" not in sources:
        raise UnknownTemplate(template)
    names = sorted(_with_imports(f"{template}.typ", sources, set()))
    parts = [*(sources[name] for name in names), *(other.encode() for other in others)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _with_imports(name: str, sources: Mapping[str, bytes], known: set[str]) -> set[str]:
    if name not in known and name in sources:
        known.add(name)
        for found in _IMPORT.findall(sources[name]):
            _with_imports(found.decode(), sources, known)
    return known


def added(name: str) -> Path | None:
    """The file of this name in the folders of TEMPLATE_PATHS, the last one of several; None where
    there is none."""
    found = [path for folder in _folders() for path in [folder / name] if path.is_file()]
    return found[-1] if found else None


def _folders() -> list[Path]:
    """The folders that an authority keeps its templates and seals in; separated as PATH does."""
    paths = os.environ.get("TEMPLATE_PATHS", "").split(os.pathsep)
    return [Path(path) for path in paths if path]


def _sources() -> dict[str, bytes]:
    """Every template by its file's name: what is shipped, over it what an authority has added. A
    changed file holds for the next page that is drawn."""
    paths = [path for folder in (TEMPLATES, *_folders()) for path in sorted(folder.glob("*.typ"))]
    return {path.name: _text(path, path.stat().st_mtime_ns) for path in paths}


@lru_cache(maxsize=256)
def _text(path: Path, _changed: int) -> bytes:
    return path.read_bytes()
