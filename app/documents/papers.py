"""Uploaded PDFs: the pages are drawn as one picture, which is what is stored and shown (CD-50)."""

import io
import threading
from collections.abc import Iterator
from contextlib import closing

import pypdfium2 as pdfium  # type: ignore[import-untyped]
from PIL import Image
from pypdfium2.raw import FPDF_ERR_PASSWORD  # type: ignore[import-untyped]

from app.documents.pictures import Picture, PictureRefused, check_size
from app.rules.words import Words

MOST_PAGES = 4
WIDTH = 1240
"""Pixels that a page is drawn wide: 150 to the inch on A4."""
TALLEST = 4
"""How many times as high as wide a page may be; certificates are far from it."""
QUALITY = 88
DRAWING = threading.Lock()
"""PDFium keeps state of its own: one thread at a time."""

ENCRYPTED = Words(
    "这份PDF设有密码，无法打开。请另存为没有密码的PDF，或拍照上传。",
    "This PDF has a password. Save it without one, or upload a photo.",
)
BROKEN = Words(
    "这份PDF不完整或已损坏，无法打开。请重新导出，或拍照上传。",
    "This PDF is incomplete or damaged and can't be opened. Export it again, or upload a photo.",
)
TOO_MANY_PAGES = Words(
    "这份PDF有{pages}页，最多{most}页。请只上传需要的页，或拍照上传。",
    "This PDF has {pages} pages; at most {most} are taken. Upload only the pages that are asked "
    "for, or a photo.",
)
ODD_PAGE = Words(
    "这份PDF的页面尺寸异常，无法显示。请重新导出，或拍照上传。",
    "A page of this PDF has a size that cannot be shown. Export it again, or upload a photo.",
)


def is_paper(data: bytes) -> bool:
    """Whether the bytes begin as a PDF does."""
    return b"%PDF-" in data[:1024]


def check_paper(data: bytes, *, max_bytes: int | None) -> Picture:
    """Draw all pages, one below the other, or raise PictureRefused.

    `max_bytes` counts the uploaded bytes, inclusive. Nothing of the PDF itself is kept: neither
    scripts nor attachments nor what lies under a layer.
    """
    check_size(data, max_bytes)
    try:
        with DRAWING, closing(pdfium.PdfDocument(data)) as document:
            pages = len(document)
            if not 0 < pages <= MOST_PAGES:
                text = TOO_MANY_PAGES.fill(pages=pages, most=MOST_PAGES) if pages else BROKEN
                raise PictureRefused("pages", text)
            drawn = [_drawn(document, number) for number in range(pages)]
    except pdfium.PdfiumError as fault:
        locked = getattr(fault, "err_code", None) == FPDF_ERR_PASSWORD
        refused = ("encrypted", ENCRYPTED) if locked else ("damaged", BROKEN)
        raise PictureRefused(*refused) from None
    sheet = _one_below_the_other(drawn)
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=QUALITY)
    return Picture(out.getvalue(), "image/jpeg", sheet.width, sheet.height)


def _drawn(document: pdfium.PdfDocument, number: int) -> Image.Image:
    page = document[number]
    width, height = page.get_size()
    if not (width >= 1 and 1 <= height <= TALLEST * width):
        raise PictureRefused("odd_page", ODD_PAGE)
    image: Image.Image = page.render(scale=WIDTH / width).to_pil()
    return image.convert("RGB")


def _one_below_the_other(pages: list[Image.Image]) -> Image.Image:
    sheet = Image.new("RGB", (WIDTH, sum(page.height for page in pages)), "white")
    for page, top in zip(pages, _tops(pages), strict=True):
        sheet.paste(page, (0, top))
    return sheet


def _tops(pages: list[Image.Image]) -> Iterator[int]:
    top = 0
    for page in pages:
        yield top
        top += page.height
