"""Who is looking, across an identity card: over all of the picture, and never in the way."""

import io

import pytest
from PIL import Image, ImageChops

from app.documents.watermark import LONGEST, watermarked

TEXT = "河南省郑州市金水区 · 张三 · 2026-11-22 14:32 · 仅供登记审核"


def encoded(size: tuple[int, int], mode: str = "RGB", kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "white").save(out, kind)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("size", [(1024, 646), (646, 1024), (413, 626), (300, 200)])
def test_every_quarter_of_the_picture_carries_the_text(size: tuple[int, int]) -> None:
    seen = opened(watermarked(encoded(size), TEXT))
    assert (seen.size, seen.mode, seen.format) == (size, "RGB", "JPEG")
    ink = ImageChops.invert(seen.convert("L")).point(lambda value: 255 if value > 40 else 0)
    width, height = size
    for left in (0, width // 2):
        for top in (0, height // 2):
            quarter = ink.crop((left, top, left + width // 2, top + height // 2))
            assert quarter.getbbox() is not None, (left, top)


def test_what_is_below_stays_legible() -> None:
    seen = opened(watermarked(encoded((1024, 646)), TEXT)).convert("L")
    covered = sum(seen.point(lambda value: 1 if value < 200 else 0).tobytes())
    assert covered < 0.2 * 1024 * 646


def test_two_texts_make_two_pictures() -> None:
    data = encoded((640, 400))
    assert watermarked(data, TEXT) != watermarked(data, TEXT.replace("张三", "李四"))


@pytest.mark.parametrize(("mode", "kind"), [("L", "PNG"), ("L", "JPEG"), ("RGB", "PNG")])
def test_whatever_is_stored_can_be_marked(mode: str, kind: str) -> None:
    assert opened(watermarked(encoded((300, 200), mode, kind), TEXT)).size == (300, 200)


def test_a_large_picture_is_made_smaller() -> None:
    assert max(opened(watermarked(encoded((4000, 3000)), TEXT)).size) == LONGEST
