"""Uploaded pictures: which are accepted, and the clean copy of them that is stored."""

import io
import struct
import threading
import warnings
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageOps, JpegImagePlugin, UnidentifiedImageError

from app.rules.words import Words

MIB = 1024 * 1024
TECHNICAL_MAX = 10 * MIB
"""Bytes accepted where the policy states no limit of its own."""
MAX_PIXELS = 50_000_000
"""Enough for a 48-megapixel phone camera; decoded, such a picture takes 150 MB."""
PORTRAIT_QUALITY = 92
_DECODING = threading.BoundedSemaphore(2)
"""A few kilobytes can hold 50 million pixels: at most two are decoded at once in a process."""

# Pillow's own guard is process-wide and warns only; one filter set at import is safe with
# threads, which `warnings.catch_warnings` around each call would not be.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)

_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)
# What Pillow's decoders raised on 330,000 damaged files, and its nearest neighbours.
_DAMAGED = (OSError, SyntaxError, ValueError, TypeError, struct.error, EOFError, LookupError)

_OTHER_KINDS = (
    (0, b"%PDF", "PDF"),
    (0, b"GIF8", "GIF"),
    (0, b"BM", "BMP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"PK\3\4", "ZIP / Office"),
    (4, b"ftyphei", "HEIC"),
    (4, b"ftypmif1", "HEIC"),
    (4, b"ftypavif", "AVIF"),
)

EMPTY = Words(
    zh="文件是空的（0 字节）。请重新选择图片后上传。",
    en="The file is empty (0 bytes). Choose the picture again and upload it.",
)
TOO_LARGE = Words(
    zh="文件大小为 {actual}，超过上限 {limit}。请压缩或重新拍摄后上传。",
    en="The file has {actual}; the limit is {limit}. Make it smaller or take it again.",
)
SIZE = Words(zh="{count} 字节（{mib} MB）", en="{count} bytes ({mib} MB)")
NOT_A_PICTURE = Words(
    zh="这不是 JPEG、PNG 或 WebP 图片{kind}。请用手机拍照，或把文件另存为 JPG 后上传。",
    en="This is not a JPEG, PNG or WebP picture{kind}. Photograph it with a phone, or save it as"
    " JPG, and upload that.",
)
DAMAGED = Words(
    zh="图片不完整或已损坏，无法完整打开。请重新拍摄或重新导出后上传。",
    en="The picture is incomplete or damaged and can't be opened to the end. Take or export it"
    " again and upload it.",
)
ANIMATED = Words(
    zh="图片含有 {frames} 帧动画，只接受单张静态图片。请上传一张静态照片。",
    en="The picture is an animation of {frames} frames; only a single still picture is accepted."
    " Upload a still photo.",
)
TOO_MANY_PIXELS = Words(
    zh="图片像素过大{actual}，上限为 {limit} 像素。请缩小尺寸后上传。",
    en="The picture has too many pixels{actual}; the limit is {limit}. Scale it down and upload"
    " it.",
)
PORTRAIT_SHAPE = Words(
    zh="证件照应为宽{need_width}×高{need_height}像素（两寸免冠照片），上传的是宽{width}×高{height}"
    "，比例不符。请裁剪为宽{need_width}×高{need_height}后上传。",
    en="The portrait must be {need_width} wide × {need_height} high (pixels); yours is {width}"
    " wide × {height} high, another shape. Crop it to {need_width}×{need_height} and upload it.",
)
PORTRAIT_SMALL = Words(
    zh="证件照应为宽{need_width}×高{need_height}像素（两寸免冠照片），上传的是宽{width}×高{height}"
    "，像素不足。请上传不小于宽{need_width}×高{need_height}的照片。",
    en="The portrait must be {need_width} wide × {need_height} high (pixels); yours is {width}"
    " wide × {height} high, too small. Upload one of at least {need_width}×{need_height}.",
)
PORTRAIT_SIDEWAYS = Words(
    zh="这张证件照是宽{width}×高{height}的横向图片，要求为宽{need_width}×高{need_height}。"
    "图片已接收；请确认人像是正立的，如不正立请旋转后重新上传。",
    en="This portrait is {width} wide × {height} high, lying on its side; {need_width} wide ×"
    " {need_height} high is asked for. It is accepted; check that the face stands upright, and"
    " if it does not, rotate the picture and upload it again.",
)


class PictureRefused(ValueError):
    """An upload that is not accepted, with the rule it breaks and what to do next."""

    def __init__(self, code: str, message: Words) -> None:
        super().__init__(message.en)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Picture:
    """A clean copy: upright, opaque, without metadata. Width and height in pixels."""

    data: bytes
    media_type: str
    width: int
    height: int
    warnings: tuple[Words, ...] = ()


def check_picture(
    data: bytes,
    *,
    max_bytes: int | None,
    portrait: tuple[int, int] | None = None,
    technical_max: int = TECHNICAL_MAX,
    tolerance: float = 0.02,
    accept_swapped: bool = True,
) -> Picture:
    """Decode `data` and return the copy to store, or raise PictureRefused.

    `max_bytes` counts the uploaded bytes and is inclusive (BA-07, BJ-56, X-06); None leaves
    only `technical_max`. `portrait` is (width, height) in pixels: that size passes, a larger one
    of that ratio within `tolerance` is cropped and scaled to it, the same figures the other way
    round pass with a warning if `accept_swapped`, all else is refused (BJ-27, BA-09, X-05).
    """
    check_size(data, max_bytes, technical_max)
    with _DECODING:
        source = _open(data)
        image = _upright(source)
        if portrait is None:
            return _encode(image, source)
        fitted, notes = _fit_portrait(image, portrait, tolerance, accept_swapped)
        return _encode(fitted, source, notes, scaled=fitted is not image)


def check_size(data: bytes, max_bytes: int | None, technical_max: int = TECHNICAL_MAX) -> None:
    """Raise PictureRefused for an upload that is empty or larger than the limit, inclusive."""
    limit = min(max_bytes or technical_max, technical_max)
    if not data:
        raise PictureRefused("empty", EMPTY)
    if len(data) > limit:
        message = TOO_LARGE.fill(actual=_size(len(data)), limit=_size(limit))
        raise PictureRefused("too_large", message)


def _size(count: int) -> Words:
    return SIZE.fill(count=f"{count:,}", mib=f"{count / MIB:.2f}")


def _open(data: bytes) -> Image.Image:
    """The decoder, at its header: pixels are counted before any of them is decoded."""
    try:
        source = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
        frames = _frames(source)
    except _BOMB:
        raise PictureRefused("too_many_pixels", _too_many(None)) from None
    except UnidentifiedImageError:
        kind = _other_kind(data)
        raise PictureRefused("not_a_picture", NOT_A_PICTURE.fill(kind=kind)) from None
    except _DAMAGED:
        raise PictureRefused("damaged", DAMAGED) from None
    if source.width * source.height > MAX_PIXELS:
        raise PictureRefused("too_many_pixels", _too_many(source.size))
    if frames > 1:
        raise PictureRefused("animated", ANIMATED.fill(frames=frames))
    return source


def _frames(source: Image.Image) -> int:
    # Phones add a depth map or a preview to a JPEG as a further "frame" (MPO): the photo is
    # the first one, and the only one that is kept.
    if source.format == "MPO":
        return 1
    return int(getattr(source, "n_frames", 1))


def _other_kind(data: bytes) -> str:
    names = [name for start, magic, name in _OTHER_KINDS if data.startswith(magic, start)]
    return f" ({names[0]})" if names else ""


def _too_many(size: tuple[int, int] | None) -> Words:
    actual = f" ({size[0]}×{size[1]} = {size[0] * size[1]:,})" if size else ""
    return TOO_MANY_PIXELS.fill(actual=actual, limit=f"{MAX_PIXELS:,}")


def _upright(source: Image.Image) -> Image.Image:
    """All pixels, decoded, turned as EXIF says, without transparency, in RGB or grey."""
    try:
        # `verify()` lets truncated JPEGs through; only decoding to the end finds them.
        source.load()
        return _opaque(ImageOps.exif_transpose(source))
    except _DAMAGED:
        raise PictureRefused("damaged", DAMAGED) from None


def _opaque(image: Image.Image) -> Image.Image:
    """On white, because a transparent picture shows each reader another background."""
    if image.mode.startswith("I"):
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        return white
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _fit_portrait(
    image: Image.Image, need: tuple[int, int], tolerance: float, accept_swapped: bool
) -> tuple[Image.Image, tuple[Words, ...]]:
    width, height = image.size
    if image.size == need:
        return image, ()
    figures = {
        "need_width": need[0],
        "need_height": need[1],
        "width": width,
        "height": height,
    }
    if accept_swapped and image.size == (need[1], need[0]):
        return image, (PORTRAIT_SIDEWAYS.fill(**figures),)
    if abs((width * need[1]) / (height * need[0]) - 1) > tolerance:
        raise PictureRefused("portrait_shape", PORTRAIT_SHAPE.fill(**figures))
    if width < need[0] or height < need[1]:
        raise PictureRefused("portrait_small", PORTRAIT_SMALL.fill(**figures))
    # Cropping the last two percent, rather than squeezing them, leaves the face its shape.
    return ImageOps.fit(image, need, Image.Resampling.LANCZOS), ()


def _encode(
    image: Image.Image,
    source: Image.Image,
    notes: tuple[Words, ...] = (),
    *,
    scaled: bool = False,
) -> Picture:
    # What is left in `info` (comment, colour profile, text) would be written out again.
    image.info = {}
    keep_png = source.format == "PNG"
    options = {} if keep_png else _jpeg_options(image, source, scaled)
    out = io.BytesIO()
    image.save(out, "PNG" if keep_png else "JPEG", **options)
    media_type = "image/png" if keep_png else "image/jpeg"
    return Picture(out.getvalue(), media_type, image.width, image.height, notes)


def _jpeg_options(image: Image.Image, source: Image.Image, scaled: bool) -> dict[str, Any]:
    """The upload's own quantization, so that cleaning neither blurs a picture nor swells it."""
    if isinstance(source, JpegImagePlugin.JpegImageFile) and not scaled and source.mode == "RGB":
        sampling = JpegImagePlugin.get_sampling(source)
        if sampling != -1 and image.mode == "RGB":
            return {"qtables": source.quantization, "subsampling": sampling}
    return {"quality": PORTRAIT_QUALITY}
