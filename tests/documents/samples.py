"""Facts to draw: one certificate and its portrait, each varied by the test that needs it."""

import io
from datetime import date
from typing import Any

from PIL import Image, ImageDraw

from app.documents.certificate import CertificateEntry, CertificateFacts

BLUE = (94, 140, 190)


def portrait(kind: str = "JPEG", size: tuple[int, int] = (413, 626)) -> bytes:
    """A stored portrait before a background that no page has elsewhere."""
    image = Image.new("RGB", size, BLUE)
    ImageDraw.Draw(image).ellipse((110, 140, 303, 400), fill=(236, 198, 170))
    return _encoded(image, kind)


def plain(colour: tuple[int, int, int]) -> bytes:
    """A portrait of one colour, to measure where it lies on the page."""
    return _encoded(Image.new("RGB", (413, 626), colour), "JPEG")


def _encoded(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


NUMBER = "112020418273659"
URL = f"https://portal.example.cn/verify/{NUMBER}"
FIRST = CertificateEntry(
    kind="首次登记",
    registered_on=date(2020, 7, 15),
    valid_until=date(2023, 5, 31),
    level="社会工作师",
    office="北京市民政局",
)


def certificate(**changes: Any) -> CertificateFacts:
    facts: dict[str, Any] = {
        "number": NUMBER,
        "name": "欧阳静怡",
        "id_number_masked": "110105********4514",
        "level": "社会工作师",
        "management_number": "20190410500000177",
        "authority": "北京市民政局",
        "handling_body": "北京社会工作者协会",
        "issued_on": date(2020, 7, 15),
        "valid_from": date(2020, 7, 15),
        "valid_until": date(2023, 5, 31),
        "photo": portrait(),
        "entries": (FIRST,),
        "verify_url": URL,
    }
    return CertificateFacts(**(facts | changes))
