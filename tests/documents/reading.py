"""Independent readers of what was drawn: PDFium for text and looks, ZXing for codes."""

import re
from typing import Any

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import zxingcpp
from PIL import Image

QR = zxingcpp.BarcodeFormats(
    zxingcpp.BarcodeFormat.QRCode
)  # lines of print make an eager reader see other kinds


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page as a reader copies it."""
    return [page.get_textpage().get_text_range() for page in pdfium.PdfDocument(pdf)]


def squeezed(text: str) -> str:
    """Text without white space: line breaks and the air between letters say nothing."""
    return re.sub(r"\s", "", text)


def whole_text(pdf: bytes) -> str:
    return squeezed("".join(page_texts(pdf)))


def metadata(pdf: bytes) -> dict[str, str]:
    return dict(pdfium.PdfDocument(pdf).get_metadata_dict())


def rendered(pdf: bytes, page: int = 0, dpi: int = 150) -> Image.Image:
    image: Any = pdfium.PdfDocument(pdf)[page].render(scale=dpi / 72).to_pil()
    return Image.Image.convert(image, "RGB")


def codes(image: Image.Image) -> list[str]:
    """The texts of all QR codes on a picture."""
    return [code.text for code in zxingcpp.read_barcodes(image, QR)]


def share_of(image: Image.Image, colour: tuple[int, int, int], near: int = 12) -> float:
    """Which share of the pixels is within `near` of a colour in each channel."""
    bands = [
        band.point(lambda value, want=want: 255 if abs(value - want) <= near else 0)
        for band, want in zip(image.convert("RGB").split(), colour, strict=True)
    ]
    both = Image.composite(bands[0], Image.new("L", image.size), bands[1])
    hit = Image.composite(both, Image.new("L", image.size), bands[2])
    return hit.histogram()[255] / (image.width * image.height)
