"""A typeset page as OFD (GB/T 33190): its lines, pictures and text at the places of the PDF.

Lengths in an OFD are millimetres from the upper left corner of the page.
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from xml.sax.saxutils import escape, quoteattr

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from app.documents.fonts import font_files
from app.documents.pdf_pages import Colour, Drawing, Glyphs, Page, Picture, pages

SPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
BORN = (1980, 1, 1, 0, 0, 0)
"""The time of every entry of the archive: the same page gives the same bytes."""


class FontMissing(LookupError):
    """A font of the page is not installed, so that it cannot be embedded."""


@dataclass(frozen=True)
class About:
    """What a reader tells of the document."""

    key: str  # 32 hexadecimal digits
    title: str
    author: str
    made_on: date


@dataclass
class _Book:
    """The archive that is being made: its numbers, its fonts and its pictures."""

    ids: Iterator[int] = field(default_factory=lambda: count(1))
    fonts: dict[str, tuple[int, set[str]]] = field(default_factory=dict)
    media: list[tuple[int, bytes]] = field(default_factory=list)

    def font(self, name: str, text: str) -> int:
        """The number of a font, which will hold the characters of `text` among others."""
        number, known = self.fonts.setdefault(name, (next(self.ids), set()))
        known.update(text)
        return number

    def picture(self, png: bytes) -> int:
        """The number of a picture."""
        number = next(self.ids)
        self.media.append((number, png))
        return number


def ofd_of(pdf: bytes, about: About) -> bytes:
    """The pages of a PDF that the portal has drawn, as an OFD with text that is text.

    Fonts are embedded with the characters that are used. Raises FontMissing.
    """
    book, found = _Book(), pages(pdf)
    contents = [_content(book, page) for page in found]
    files = {
        "OFD.xml": _entry(about),
        "Doc_0/Document.xml": _document(book, found),
        **{f"Doc_0/Pages/Page_{i}/Content.xml": text for i, text in enumerate(contents)},
        "Doc_0/PublicRes.xml": _fonts_table(book),
        "Doc_0/DocumentRes.xml": _media_table(book),
    }
    packed = {name: (HEAD + text).encode() for name, text in files.items()}
    for name, (number, letters) in book.fonts.items():
        packed[f"Doc_0/Res/font_{number}.otf"] = _subset(name, "".join(sorted(letters)))
    packed |= {f"Doc_0/Res/image_{number}.png": png for number, png in book.media}
    return _zipped(packed)


def _entry(about: About) -> str:
    return (
        f'<ofd:OFD {SPACE} Version="1.1" DocType="OFD"><ofd:DocBody><ofd:DocInfo>'
        f"<ofd:DocID>{about.key}</ofd:DocID><ofd:Title>{escape(about.title)}</ofd:Title>"
        f"<ofd:Author>{escape(about.author)}</ofd:Author>"
        f"<ofd:CreationDate>{about.made_on}</ofd:CreationDate>"
        "<ofd:Creator>Dengji</ofd:Creator></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    )


def _document(book: _Book, found: list[Page]) -> str:
    listed = "".join(
        f'<ofd:Page ID="{next(book.ids)}" BaseLoc="Pages/Page_{index}/Content.xml"/>'
        for index, _page in enumerate(found)
    )
    return (
        f"<ofd:Document {SPACE}><ofd:CommonData><ofd:MaxUnitID>{next(book.ids)}</ofd:MaxUnitID>"
        f"<ofd:PageArea>{_box(found[0])}</ofd:PageArea>"
        "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>"
        "<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes></ofd:CommonData>"
        f"<ofd:Pages>{listed}</ofd:Pages></ofd:Document>"
    )


def _box(page: Page) -> str:
    return f"<ofd:PhysicalBox>0 0 {_n(page.width)} {_n(page.height)}</ofd:PhysicalBox>"


def _content(book: _Book, page: Page) -> str:
    layer = next(book.ids)
    objects = "".join(_object(book, page, one) for one in page.objects)
    return (
        f"<ofd:Page {SPACE}><ofd:Area>{_box(page)}</ofd:Area><ofd:Content>"
        f'<ofd:Layer ID="{layer}" Type="Body">{objects}</ofd:Layer></ofd:Content></ofd:Page>'
    )


def _object(book: _Book, page: Page, one: Drawing | Picture | Glyphs) -> str:
    if isinstance(one, Picture):
        return _image(book, one)
    whole = f'ID="{next(book.ids)}" Boundary="0 0 {_n(page.width)} {_n(page.height)}"'
    return _path(whole, one) if isinstance(one, Drawing) else _text(book, whole, one)


def _path(whole: str, one: Drawing) -> str:
    rule = ' Rule="Even-Odd"' if one.even_odd else ""
    return (
        f"<ofd:PathObject {whole} {_inked(one)}{rule}>{_stroke(one)}{_fill(one)}"
        f"<ofd:AbbreviatedData>{_moves(one)}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def _moves(one: Drawing) -> str:
    return " ".join(f"{verb} {' '.join(map(_n, at))}".rstrip() for verb, at in one.moves)


def _text(book: _Book, whole: str, one: Glyphs) -> str:
    font = book.font(one.font, one.text)
    turn = f' CTM="{" ".join(map(_n, one.turn))}"' if one.turn else ""
    steps = f' DeltaX="{" ".join(map(_n, one.steps))}"' if one.steps else ""
    return (
        f'<ofd:TextObject {whole} Font="{font}" Size="{_n(one.size)}" {_inked(one)}{turn}>'
        f'{_fill(one)}{_stroke(one)}<ofd:TextCode X="{_n(one.x)}" Y="{_n(one.y)}"{steps}>'
        f"{escape(one.text)}</ofd:TextCode></ofd:TextObject>"
    )


def _inked(one: Drawing | Glyphs) -> str:
    """Whether it is filled and how wide its outline is."""
    line = f' LineWidth="{_n(one.line)}"' if one.stroke else ""
    return (
        f'Fill="{str(one.fill is not None).lower()}" '
        f'Stroke="{str(one.stroke is not None).lower()}"{line}'
    )


def _fill(one: Drawing | Glyphs) -> str:
    return _colour("Fill", one.fill)


def _stroke(one: Drawing | Glyphs) -> str:
    return _colour("Stroke", one.stroke)


def _colour(name: str, rgba: Colour | None) -> str:
    if rgba is None:
        return ""
    red, green, blue, opacity = rgba
    return f'<ofd:{name}Color Value="{red} {green} {blue}" Alpha="{opacity}"/>'


def _image(book: _Book, one: Picture) -> str:
    width, height = _n(one.width), _n(one.height)
    return (
        f'<ofd:ImageObject ID="{next(book.ids)}" ResourceID="{book.picture(one.png)}" '
        f'Boundary="{_n(one.x)} {_n(one.y)} {width} {height}" CTM="{width} 0 0 {height} 0 0"/>'
    )


def _fonts_table(book: _Book) -> str:
    listed = "".join(
        f'<ofd:Font ID="{number}" FontName={quoteattr(name)} FamilyName={quoteattr(name)}>'
        f"<ofd:FontFile>font_{number}.otf</ofd:FontFile></ofd:Font>"
        for name, (number, _letters) in book.fonts.items()
    )
    return f'<ofd:Res {SPACE} BaseLoc="Res"><ofd:Fonts>{listed}</ofd:Fonts></ofd:Res>'


def _media_table(book: _Book) -> str:
    listed = "".join(
        f'<ofd:MultiMedia ID="{number}" Type="Image" Format="PNG">'
        f"<ofd:MediaFile>image_{number}.png</ofd:MediaFile></ofd:MultiMedia>"
        for number, _png in book.media
    )
    return f'<ofd:Res {SPACE} BaseLoc="Res"><ofd:MultiMedias>{listed}</ofd:MultiMedias></ofd:Res>'


def _subset(name: str, letters: str) -> bytes:
    """The installed font of this name with these characters and no others."""
    if name not in font_files():
        raise FontMissing(f"no font named {name} is installed")
    path, place = font_files()[name]
    options = subset.Options(layout_features=[], hinting=False, notdef_outline=True)
    font = TTFont(path, lazy=True, fontNumber=place, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(text=letters)
    cutter.subset(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def _zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, BORN), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _n(length: float) -> str:
    """A length to a thousandth of a millimetre, without idle zeros."""
    return f"{length:.3f}".rstrip("0").rstrip(".") or "0"
