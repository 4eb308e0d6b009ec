"""What is drawn on the pages of a PDF: lines, pictures and runs of text, each with its place.

Lengths are millimetres from the upper left corner of the page, colours red, green, blue and
opacity from 0 to 255.
"""

import ctypes
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as raw  # type: ignore[import-untyped]

MM = 25.4 / 72
STROKED = (raw.FPDF_TEXTRENDERMODE_STROKE, raw.FPDF_TEXTRENDERMODE_FILL_STROKE)
Colour = tuple[int, int, int, int]
Move = tuple[str, tuple[float, ...]]


@dataclass(frozen=True)
class Drawing:
    """A path: `M`, `L`, `B` (a cubic curve) and `C` (closed), filled, outlined, or both."""

    moves: tuple[Move, ...]
    fill: Colour | None
    stroke: Colour | None
    line: float
    even_odd: bool


@dataclass(frozen=True)
class Picture:
    """A picture, upright, by its upper left corner."""

    png: bytes
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Glyphs:
    """A run of text on one line: the place of its first character, and the step to each next one.

    A run that is not level has its place in `turn`, an affine map, and x and y are 0.
    """

    text: str
    font: str
    size: float
    x: float
    y: float
    steps: tuple[float, ...]
    turn: tuple[float, ...]
    fill: Colour | None
    stroke: Colour | None
    line: float


@dataclass(frozen=True)
class Page:
    """One page with what is drawn on it, in the order in which it is drawn."""

    width: float
    height: float
    objects: tuple[Drawing | Picture | Glyphs, ...]


def pages(pdf: bytes) -> list[Page]:
    """The pages of a PDF."""
    document = pdfium.PdfDocument(pdf)
    try:
        return [_page(page) for page in document]
    finally:
        document.close()


def _page(page: Any) -> Page:
    height = page.get_height()
    runs = _runs(page, height)
    found: list[Drawing | Picture | Glyphs] = []
    for one in page.get_objects(max_depth=1):
        if one.type == raw.FPDF_PAGEOBJ_PATH:
            found.append(_drawing(one, height))
        elif one.type == raw.FPDF_PAGEOBJ_IMAGE:
            found.append(_picture(one, height))
        elif one.type == raw.FPDF_PAGEOBJ_TEXT:
            found += runs.get(_address(one.raw), ())
    return Page(page.get_width() * MM, height * MM, tuple(found))


def _address(handle: Any) -> int:
    return int(ctypes.cast(handle, ctypes.c_void_p).value or 0)


def _drawing(one: Any, height: float) -> Drawing:
    mode, outlined = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(one, mode, outlined)
    return Drawing(
        tuple(_moves(one, height)),
        _colour(raw.FPDFPageObj_GetFillColor, one) if mode.value else None,
        _colour(raw.FPDFPageObj_GetStrokeColor, one) if outlined.value else None,
        _line(one),
        mode.value == raw.FPDF_FILLMODE_ALTERNATE,
    )


def _moves(one: Any, height: float) -> Iterator[Move]:
    turn = one.get_matrix()
    curve: list[float] = []
    for index in range(raw.FPDFPath_CountSegments(one)):
        segment = raw.FPDFPath_GetPathSegment(one, index)
        x, y = ctypes.c_float(), ctypes.c_float()
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        at = turn.on_point(x.value, y.value)
        place = (at[0] * MM, (height - at[1]) * MM)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_BEZIERTO:
            curve += place
            if len(curve) == 6:
                yield "B", tuple(curve)
                curve = []
        else:
            yield ("M" if kind == raw.FPDF_SEGMENT_MOVETO else "L"), place
        if raw.FPDFPathSegment_GetClose(segment):
            yield "C", ()


def _line(one: Any) -> float:
    width = ctypes.c_float()
    raw.FPDFPageObj_GetStrokeWidth(one, width)
    turn = one.get_matrix()
    return width.value * math.hypot(turn.a, turn.b) * MM


def _colour(get: Any, one: Any) -> Colour:
    parts = [ctypes.c_uint() for _part in range(4)]
    get(one, *parts)
    red, green, blue, opacity = (part.value for part in parts)
    return red, green, blue, opacity


def _picture(one: Any, height: float) -> Picture:
    turn = one.get_matrix()
    out = io.BytesIO()
    one.get_bitmap(render=False).to_pil().save(out, "PNG")
    top = height - turn.f - abs(turn.d) if turn.d > 0 else height - turn.f
    return Picture(out.getvalue(), turn.e * MM, top * MM, abs(turn.a) * MM, abs(turn.d) * MM)


@dataclass(frozen=True)
class _Letter:
    sign: str
    x: float
    y: float
    owner: int
    handle: Any


def _runs(page: Any, height: float) -> dict[int, list[Glyphs]]:
    """The text of a page by the object that draws it."""
    text = page.get_textpage()
    found: dict[int, list[Glyphs]] = {}
    for owner, letters in groupby(_letters(text, height), key=lambda one: one.owner):
        run = list(letters)
        found.setdefault(owner, []).append(_glyphs(run))
    return found


def _letters(text: Any, height: float) -> Iterator[_Letter]:
    """The characters that are drawn; those that a reader adds, such as ends of lines, are not."""
    for index in range(text.count_chars()):
        if raw.FPDFText_IsGenerated(text, index):
            continue
        x, y = ctypes.c_double(), ctypes.c_double()
        raw.FPDFText_GetCharOrigin(text, index, x, y)
        handle = raw.FPDFText_GetTextObject(text, index)
        sign = chr(raw.FPDFText_GetUnicode(text, index))
        yield _Letter(sign, x.value * MM, (height - y.value) * MM, _address(handle), handle)


def _glyphs(run: list[_Letter]) -> Glyphs:
    handle = run[0].handle
    turn, size = raw.FS_MATRIX(), ctypes.c_float()
    raw.FPDFPageObj_GetMatrix(handle, turn)
    raw.FPDFTextObj_GetFontSize(handle, size)
    mode = raw.FPDFTextObj_GetTextRenderMode(handle)
    scale = math.hypot(turn.a, turn.b)
    level = abs(turn.b) < 1e-4 * scale
    cos, sin = turn.a / scale, turn.b / scale
    first = run[0]
    steps = [math.hypot(b.x - a.x, b.y - a.y) for a, b in pairwise(run)]
    width = ctypes.c_float()
    raw.FPDFPageObj_GetStrokeWidth(handle, width)
    return Glyphs(
        text="".join(one.sign for one in run),
        font=_font(handle),
        size=size.value * scale * MM,
        x=first.x if level else 0,
        y=first.y if level else 0,
        steps=tuple(steps),
        turn=() if level else (cos, -sin, sin, cos, first.x, first.y),
        fill=_colour(raw.FPDFPageObj_GetFillColor, handle),
        stroke=_colour(raw.FPDFPageObj_GetStrokeColor, handle) if mode in STROKED else None,
        line=width.value * scale * MM,
    )


def _font(handle: Any) -> str:
    """The family of a run's font, without the mark of a subset."""
    font = raw.FPDFTextObj_GetFont(handle)
    buffer = ctypes.create_string_buffer(200)
    raw.FPDFFont_GetBaseFontName(font, buffer, len(buffer))
    return buffer.value.decode().partition("+")[2] or buffer.value.decode()
