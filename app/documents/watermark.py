"""Who is looking, written across a picture: a copy that leaves the desk says whose copy it was."""

import io
from functools import cache

import pylopdf_fonts_zh_cn
from PIL import Image, ImageDraw, ImageFont

LONGEST = 1800
"""Pixels of the longer side: enough to read an identity card, too few to print another one."""
INK = (40, 60, 90, 105)
PAPER = (255, 255, 255, 105)
LEAN = 24
"""Degrees by which the lines rise: text that lies along the card's own lines is easily cut out."""


def watermarked(data: bytes, text: str) -> bytes:
    """The picture as a JPEG of at most LONGEST pixels, the text over all of it.

    `data` is a stored, clean copy (`check_picture`); raises OSError when it cannot be decoded.
    """
    with Image.open(io.BytesIO(data)) as source:
        source.draft("RGB", (LONGEST, LONGEST))
        picture = source.convert("RGBA")
    picture.thumbnail((LONGEST, LONGEST))
    picture.alpha_composite(_veil(picture.size, text))
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=85)
    return out.getvalue()


def _veil(size: tuple[int, int], text: str) -> Image.Image:
    """The text in lines that rise, on a transparent ground of this size."""
    font = _font(max(14, max(size) // 36))
    side = int((size[0] ** 2 + size[1] ** 2) ** 0.5)
    sheet = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(sheet)
    width, height = draw.textlength(text, font), font.size
    step = int(width + 3 * height)
    for row, top in enumerate(range(0, side, int(height * 4.5))):
        for left in range(-(row % 2) * step // 2, side, step):
            draw.text((left, top), text, INK, font, stroke_width=1, stroke_fill=PAPER)
    turned = sheet.rotate(LEAN, Image.Resampling.BICUBIC)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    return turned.crop((left, top, left + size[0], top + size[1]))


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(pylopdf_fonts_zh_cn.sans_path()), size)
