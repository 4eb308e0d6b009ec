"""CD-50: which PDFs are accepted, and the picture that is kept of them."""

import base64
import io
import zlib
from contextlib import suppress

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.documents.papers import MOST_PAGES, WIDTH, check_paper, is_paper
from app.documents.pictures import MIB, PictureRefused

LOCKED = zlib.decompress(
    base64.b85decode(
        "c-"
        "n1J%Wl*_5WLS<^kt9Wd34W1vi3kWkr1Fn32;Fi=Fzh(itNbiNC`j5fj@vBVRi|LQSe+m)vm7Ua<48nXD`%CBUV3u"
        "eg7d8NEp*s(f6Xeh+E!+ZpfwR-rwIabSH6+*W*^K*Mf&~_)sqhC*$ofgA(1FUD?AYFb67p{!2dgTTsn{`i{#kz8d"
        "cuOSVISz@t8JFXF_l>w}F;-jBCaZoV3;wdyX%InE4nDYDSOrM-"
        "#cyc>tjfzVfPa$&S7ks;$$l$xZM)~4XK4#~KvNpa<b#ryRGeVm}@j5<bDYnBav(xQddN6^h17}34uVLN{TrG1+PP"
        "zMaw>Cnn&yX%=J=&t5ClsFa9okK5~n!2WF7}-"
        "0_CfAq~S5hiE6Ekwwsd!5z7gNw`XB7tJVyeY4HlrV)w}n#m%)U~}vC5=sF(GDh!PR1u_NgLMlW^oCDvMIKyREfGs"
        "s0`7ZsIB=SRo%Du+&0>3Xhm-!yhZd6K3%lrnGs6>HlEHs3&Zm;_jNKW3E@bZ``c3-"
        "#)fY`?C|ThdKg2yl>hD^~Pti#u>!o2y;c`Dm|G{bs;K#4Si7AwY(hJ7E}sF+E6NEa*0ymVAhA-"
        "J00?Le=`Feo3}{zbDZX5AcR(|R;TA@;x{!A+57"
    )
)
"""A PDF of one blank page with a password."""


def paper(*sizes: tuple[float, float]) -> bytes:
    """A PDF with blank pages of these sizes in points."""
    document = pdfium.PdfDocument.new()
    for width, height in sizes or ((595, 842),):
        document.new_page(width, height)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def refusal(data: bytes, max_bytes: int | None = MIB) -> PictureRefused:
    with pytest.raises(PictureRefused) as caught:
        check_paper(data, max_bytes=max_bytes)
    assert caught.value.message.zh.endswith("。")
    return caught.value


def test_cd_50_a_page_becomes_a_picture() -> None:
    picture = check_paper(paper(), max_bytes=MIB)
    assert (picture.media_type, picture.width) == ("image/jpeg", WIDTH)
    assert picture.height == pytest.approx(WIDTH * 842 / 595, abs=2)
    with Image.open(io.BytesIO(picture.data)) as image:
        assert (image.format, image.size) == ("JPEG", (picture.width, picture.height))


def test_cd_50_several_pages_stand_below_each_other() -> None:
    one = check_paper(paper(), max_bytes=None)
    three = check_paper(paper(*[(595, 842)] * 3), max_bytes=None)
    assert three.height == 3 * one.height


def test_cd_50_too_many_pages_are_refused_with_their_number() -> None:
    pages = [(595.0, 842.0)] * (MOST_PAGES + 1)
    refused = refusal(paper(*pages))
    assert refused.code == "pages"
    assert f"{MOST_PAGES + 1}页" in refused.message.zh


def test_cd_50_a_password_is_refused() -> None:
    assert refusal(LOCKED).code == "encrypted"


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.4 nothing", paper()[:200]])
def test_cd_50_what_is_broken_is_refused(data: bytes) -> None:
    assert refusal(data).code == "damaged"


def test_cd_50_a_page_of_an_odd_shape_is_refused() -> None:
    assert refusal(paper((10, 14000))).code == "odd_page"


def test_cd_50_the_limit_counts_the_upload() -> None:
    data = paper()
    whole = data + b"\0" * (MIB - len(data))
    assert check_paper(whole, max_bytes=MIB).width == WIDTH
    assert refusal(whole + b"\0").code == "too_large"


@pytest.mark.slow
@given(st.binary(max_size=300), st.integers(0, 400))
@settings(max_examples=150)
def test_whatever_comes_is_a_picture_or_a_sentence(junk: bytes, at: int) -> None:
    data = paper()
    with suppress(PictureRefused):
        check_paper(data[:at] + junk + data[at + len(junk) :], max_bytes=MIB)


def test_a_pdf_is_known_by_its_beginning() -> None:
    assert is_paper(paper())
    assert not is_paper(b"\xff\xd8\xff")
