"""BA-07..09, BJ-27, X-05, X-06: which uploads are pictures, and what is kept of them."""

import io
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw, ImageStat, PngImagePlugin

from app.documents import pictures
from app.documents.pictures import MAX_PIXELS, MIB, Picture, PictureRefused, check_picture

PORTRAIT = (413, 626)

# pytest resets the filter that turns Pillow's warning into an error: what is tested here is the
# check of our own that stands behind it.
pytestmark = [
    pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning:PIL"),
]


def photo(width: int = 413, height: int = 626, mode: str = "RGB") -> Image.Image:
    """A picture whose top-left quarter is red, so that every turn of it can be told."""
    image = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(image).rectangle((0, 0, width // 2, height // 2), fill=(200, 30, 30))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def padded(data: bytes, length: int) -> bytes:
    """The same picture in exactly `length` bytes: decoders stop at its end marker."""
    return data + b"\0" * (length - len(data))


def check(data: bytes, **rule: Any) -> Picture:
    return check_picture(data, **{"max_bytes": MIB, **rule})


def refusal(data: bytes, **rule: Any) -> PictureRefused:
    with pytest.raises(PictureRefused) as caught:
        check(data, **rule)
    return caught.value


def reopened(picture: Picture) -> Image.Image:
    image = Image.open(io.BytesIO(picture.data))
    image.load()
    return image


def has_red_corner(image: Image.Image, x: float, y: float) -> bool:
    point = (int(image.width * x), int(image.height * y))
    red, green, _ = image.convert("RGB").getpixel(point)  # type: ignore[misc]
    return bool(red > 150 and green < 100)


# --- Bytes -----------------------------------------------------------------------------------


def test_ba_07_x_06_one_mebibyte_is_in_and_one_byte_more_is_out() -> None:
    data = encoded(photo())
    assert check(padded(data, 1_048_576)).width == 413
    refused = refusal(padded(data, 1_048_577))
    assert refused.code == "too_large"
    for text in (refused.message.zh, refused.message.en):
        assert "1,048,577" in text
        assert "1,048,576" in text
    assert "请压缩或重新拍摄" in refused.message.zh


def test_x_06_a_slot_without_a_limit_has_the_technical_one_only() -> None:
    data = encoded(photo())
    assert check(padded(data, 10 * MIB), max_bytes=None).width == 413
    assert refusal(padded(data, 10 * MIB + 1), max_bytes=None).code == "too_large"
    assert refusal(padded(data, 3001), max_bytes=MIB, technical_max=3000).code == "too_large"


def test_an_empty_file_says_so() -> None:
    assert refusal(b"").code == "empty"


# --- Kinds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "media_type", "stored"),
    [("JPEG", "image/jpeg", "JPEG"), ("PNG", "image/png", "PNG"), ("WEBP", "image/jpeg", "JPEG")],
)
def test_real_pictures_are_accepted_and_stored_as_jpeg_or_png(
    kind: str, media_type: str, stored: str
) -> None:
    picture = check(encoded(photo(640, 480), kind))
    assert (picture.media_type, picture.width, picture.height) == (media_type, 640, 480)
    assert picture.warnings == ()
    assert reopened(picture).format == stored
    assert has_red_corner(reopened(picture), 0.25, 0.25)


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"%PDF-1.7\n%...", "PDF"),
        (encoded(photo(), "GIF"), "GIF"),
        (encoded(photo(), "BMP"), "BMP"),
        (encoded(photo(), "TIFF"), "TIFF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"PK\3\4 a spreadsheet", "ZIP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", ""),
        (b"<script>alert(1)</script>", ""),
        (b"just text", ""),
    ],
)
def test_anything_else_is_refused_by_what_it_is_not_by_its_name(data: bytes, named: str) -> None:
    refused = refusal(data)
    assert refused.code == "not_a_picture"
    assert named in refused.message.zh
    assert "JPG" in refused.message.zh


def test_moving_pictures_are_refused_with_their_frames() -> None:
    frames = [photo(), Image.new("RGB", PORTRAIT, "blue"), Image.new("RGB", PORTRAIT, "green")]
    for kind in ("PNG", "WEBP"):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        refused = refusal(data)
        assert refused.code == "animated"
        assert "3" in refused.message.zh


def test_a_phone_photo_with_a_second_picture_inside_keeps_the_first() -> None:
    data = encoded(photo(), "MPO", save_all=True, append_images=[Image.new("RGB", PORTRAIT)])
    picture = check(data)
    assert picture.media_type == "image/jpeg"
    assert has_red_corner(reopened(picture), 0.25, 0.25)
    assert reopened(picture).format == "JPEG"


# --- Damage and bombs ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.5, 0.9, 0.98])
def test_truncated_files_are_refused(kind: str, share: float) -> None:
    noisy = Image.effect_noise((300, 300), 90).convert("RGB")
    data = encoded(noisy, kind)
    refused = refusal(data[: int(len(data) * share)])
    assert refused.code == "damaged"
    assert "重新拍摄" in refused.message.zh


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(["JPEG", "PNG", "WEBP"]),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6)), max_size=6),
)
def test_damaged_bytes_are_a_picture_or_a_refusal_never_an_error(
    kind: str, cuts: list[tuple[float, bytes]]
) -> None:
    data = bytearray(encoded(photo(40, 60), kind, exif=turned(6)))
    for where, junk in cuts:
        start = int(where * len(data))
        data[start : start + len(junk)] = junk
    try:
        picture: Picture | None = check(bytes(data))
    except PictureRefused:
        picture = None
    if picture:
        assert reopened(picture).size == (picture.width, picture.height)


def png_chunk(name: bytes, body: bytes) -> bytes:
    crc = zlib.crc32(name + body).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + name + body + crc


def bomb(width: int, height: int) -> bytes:
    """A PNG that claims a size in its header and holds next to nothing."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"
    body = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", body)


@pytest.mark.parametrize("size", [(10_000, 5_001), (10_000, 9_999), (60_000, 60_000)])
def test_decompression_bombs_are_refused_before_a_pixel_is_decoded(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def decoded(self: Any) -> None:
        raise AssertionError("the pixels of a bomb were decoded")

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", decoded)
    refused = refusal(bomb(*size))
    assert refused.code == "too_many_pixels"
    assert f"{MAX_PIXELS:,}" in refused.message.zh


def test_the_bomb_check_does_not_rest_on_pillows_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    refused = refusal(bomb(10_000, 5_001))
    assert refused.code == "too_many_pixels"
    assert "10000×5001 = 50,010,000" in refused.message.zh


def test_pillows_own_bomb_guard_is_set() -> None:
    assert Image.MAX_IMAGE_PIXELS == pictures.MAX_PIXELS == 50_000_000


# --- Turning and cleaning --------------------------------------------------------------------


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SECRET-MAKER"
    exif.get_ifd(0x8825)[1] = "N"
    return exif


# What a camera writes when the pixels must be turned to stand upright: after the turn the red
# corner is where a person would see it.
CORNERS = {
    1: (0.25, 0.25),
    3: (0.75, 0.75),
    6: (0.75, 0.25),
    8: (0.25, 0.75),
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", CORNERS)
def test_exif_orientation_is_applied(kind: str, orientation: int) -> None:
    picture = check(encoded(photo(640, 400), kind, exif=turned(orientation)))
    size = (640, 400) if orientation in (1, 3) else (400, 640)
    assert (picture.width, picture.height) == size
    assert has_red_corner(reopened(picture), *CORNERS[orientation])
    assert sum(has_red_corner(reopened(picture), *corner) for corner in CORNERS.values()) == 1


def with_jpeg_secrets() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(photo(), "JPEG", exif=turned(6), icc_profile=profile, comment="SECRET-NOTE")
    return data + b"SECRET-TAIL"


def with_png_secrets() -> bytes:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "SECRET-NOTE")
    notes.add_itxt("XML:com.adobe.xmp", "SECRET-XMP")
    return encoded(photo(), "PNG", exif=turned(6), pnginfo=notes, dpi=(300, 300)) + b"SECRET-TAIL"


def with_webp_secrets() -> bytes:
    return encoded(photo(), "WEBP", exif=turned(6), xmp=b"SECRET-XMP")


@pytest.mark.parametrize("make", [with_jpeg_secrets, with_png_secrets, with_webp_secrets])
def test_all_metadata_is_dropped(make: Callable[[], bytes]) -> None:
    data = make()
    assert b"SECRET" in data
    picture = check(data)
    assert b"SECRET" not in picture.data
    clean = reopened(picture)
    assert dict(clean.getexif()) == {}
    assert set(clean.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_transparency_becomes_white_so_that_every_reader_sees_the_same() -> None:
    for mode in ("RGBA", "LA"):
        picture = check(encoded(Image.new(mode, (50, 50)), "PNG"))
        clean = reopened(picture)
        assert clean.mode == "RGB"
        assert clean.getpixel((25, 25)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16"])
def test_unusual_colour_modes_come_out_as_grey_or_rgb(mode: str) -> None:
    grey = Image.new("I;16", (60, 60), 32896) if mode == "I;16" else photo(60, 60, mode)
    picture = check(encoded(grey, "JPEG" if mode == "CMYK" else "PNG"))
    clean = reopened(picture)
    assert clean.mode in ("L", "RGB")
    if mode == "I;16":
        assert clean.getpixel((30, 30)) == 128


def test_cleaning_a_jpeg_keeps_its_quality_and_its_size() -> None:
    noisy = Image.effect_noise((600, 400), 60).convert("RGB")
    for quality in (60, 95):
        data = encoded(noisy, "JPEG", quality=quality)
        clean = check(data)
        assert abs(len(clean.data) / len(data) - 1) < 0.05
        before = ImageStat.Stat(Image.open(io.BytesIO(data)).convert("L")).stddev[0]
        assert abs(ImageStat.Stat(reopened(clean).convert("L")).stddev[0] - before) < 1


# --- Portraits -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_bj_27_a_portrait_of_413_by_626_passes_as_it_is(kind: str) -> None:
    picture = check(encoded(photo(), kind), portrait=PORTRAIT)
    assert (picture.width, picture.height, picture.warnings) == (413, 626, ())


@pytest.mark.parametrize("size", [(826, 1252), (1239, 1878), (3472, 5263), (420, 630), (413, 634)])
def test_x_05_larger_portraits_of_that_ratio_are_scaled_to_413_by_626(
    size: tuple[int, int],
) -> None:
    picture = check(encoded(photo(*size)), portrait=PORTRAIT)
    assert (picture.width, picture.height, picture.warnings) == (413, 626, ())
    assert reopened(picture).size == PORTRAIT
    assert has_red_corner(reopened(picture), 0.25, 0.25)


def test_x_05_626_by_413_passes_with_a_warning_in_both_languages() -> None:
    picture = check(encoded(photo(626, 413)), portrait=PORTRAIT)
    assert (picture.width, picture.height) == (626, 413)
    (warning,) = picture.warnings
    assert "宽626×高413" in warning.zh
    assert "宽413×高626" in warning.zh
    assert "413 wide × 626 high" in warning.en


def test_x_05_626_by_413_is_refused_where_the_policy_says_so() -> None:
    refused = refusal(encoded(photo(626, 413)), portrait=PORTRAIT, accept_swapped=False)
    assert refused.code == "portrait_shape"


def test_x_05_orientation_is_applied_before_the_shape_is_judged() -> None:
    lying = encoded(photo(626, 413), "JPEG", exif=turned(6))
    picture = check(lying, portrait=PORTRAIT)
    assert (picture.width, picture.height, picture.warnings) == (413, 626, ())


@pytest.mark.parametrize(
    ("size", "code"),
    [
        ((200, 200), "portrait_shape"),
        ((800, 800), "portrait_shape"),
        ((413, 579), "portrait_shape"),
        ((1252, 826), "portrait_shape"),
        ((412, 625), "portrait_small"),
        ((412, 626), "portrait_small"),
        ((413, 625), "portrait_small"),
        ((206, 313), "portrait_small"),
    ],
)
def test_bj_27_other_portraits_are_refused_naming_413_by_626_and_their_own_size(
    size: tuple[int, int], code: str
) -> None:
    refused = refusal(encoded(photo(*size)), portrait=PORTRAIT)
    assert refused.code == code
    assert "宽413×高626" in refused.message.zh
    assert f"宽{size[0]}×高{size[1]}" in refused.message.zh
    assert "413 wide × 626 high" in refused.message.en
    assert f"{size[0]} wide × {size[1]} high" in refused.message.en


@settings(max_examples=40, deadline=None)
@given(width=st.integers(390, 1300), off=st.floats(-0.05, 0.05))
def test_x_05_the_ratio_is_kept_within_two_percent(width: int, off: float) -> None:
    height = round(width * 626 / 413 * (1 + off))
    fits = abs((width / height) / (413 / 626) - 1) <= 0.02
    large = width >= 413 and height >= 626
    data = encoded(Image.new("RGB", (width, height)), quality=20)
    if fits and large:
        assert check(data, portrait=PORTRAIT).width == 413
    else:
        assert refusal(data, portrait=PORTRAIT).code == (
            "portrait_small" if fits else "portrait_shape"
        )


def test_a_page_of_a_document_has_no_shape_to_keep() -> None:
    assert check(encoded(photo(200, 200))).width == 200
