"""The certificate as OFD: an independent reader finds its text, and its parts lie where they lie in
the PDF."""

import io
import zipfile
from datetime import date
from xml.etree import ElementTree

import ofdkit  # type: ignore[import-untyped]
import pytest
from PIL import Image, ImageDraw, ImageFont

from app.documents.certificate import certificate_pdf
from app.documents.certificate_ofd import UNSEALED, certificate_ofd
from app.documents.pdf_pages import Glyphs, pages
from tests.documents.reading import codes, rendered, squeezed
from tests.documents.samples import FIRST, URL, certificate, portrait

pytestmark = pytest.mark.slow  # cutting fonts takes its time

NAME = "{http://www.ofdspec.org/2016}"
DOTS = 6


@pytest.fixture(scope="module")
def ofd() -> bytes:
    return certificate_ofd(certificate(label=UNSEALED))


def text_of(data: bytes) -> str:
    """What ofdkit reads, without white space."""
    with ofdkit.open(io.BytesIO(data)) as document:
        return squeezed(document.text())


def tree_of(xml: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(xml)  # noqa: S314 - our own, from a moment ago


def parts_of(data: bytes, page: int = 0) -> list[ElementTree.Element]:
    """The objects of a page in the order in which they are drawn."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = tree_of(archive.read(f"Doc_0/Pages/Page_{page}/Content.xml"))
    return next(iter(content.iter(f"{NAME}Layer")))[:]


def test_an_independent_reader_finds_all_that_the_certificate_says(ofd: bytes) -> None:
    text = text_of(ofd)
    for said in (
        "社会工作者职业水平证书",
        "姓名欧阳静怡",
        "110105********4514",
        "证书编号112020418273659",
        "本次登记有效期自二〇二〇年七月十五日至二〇二三年五月三十一日。",
        "首次登记2020-07-152023-05-31社会工作师北京市民政局",
        URL,
    ):
        assert said in text
    assert text.count(UNSEALED) == 2


def test_one_not_in_force_says_so_here_as_well() -> None:
    data = certificate_ofd(certificate(in_force=False, state_words="遗失作废"))
    assert "本证书当前状态：遗失作废" in text_of(data)
    assert UNSEALED not in text_of(data)


def test_every_run_of_text_lies_where_the_pdf_has_it(ofd: bytes) -> None:
    page = pages(certificate_pdf(certificate(label=UNSEALED)))[0]
    runs = [one for one in page.objects if isinstance(one, Glyphs)]
    texts = [one for one in parts_of(ofd) if one.tag == f"{NAME}TextObject"]
    assert len(runs) == len(texts) > 30
    for run, part in zip(runs, texts, strict=True):
        code = part[-1]
        assert code.text == run.text
        assert float(code.attrib["X"]) == pytest.approx(run.x, abs=0.001)
        assert float(code.attrib["Y"]) == pytest.approx(run.y, abs=0.001)
        assert len(code.attrib.get("DeltaX", "").split()) == len(run.text) - 1


def drawn(data: bytes) -> Image.Image:
    """A small reader of our own: paths, pictures and embedded fonts, DOTS to a millimetre."""
    sheet = Image.new("RGB", (210 * DOTS, 297 * DOTS), "white")
    pen = ImageDraw.Draw(sheet)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in parts_of(data):
            if part.tag == f"{NAME}PathObject":
                _path(pen, part)
            elif part.tag == f"{NAME}ImageObject":
                x, y, width, height = (float(n) * DOTS for n in part.attrib["Boundary"].split())
                name = f"Doc_0/Res/image_{part.attrib['ResourceID']}.png"
                picture = Image.open(io.BytesIO(archive.read(name))).convert("RGB")
                sheet.paste(picture.resize((round(width), round(height))), (round(x), round(y)))
            else:
                font = archive.read(f"Doc_0/Res/font_{part.attrib['Font']}.otf")
                _text(pen, part, font)
    return sheet


def _path(pen: ImageDraw.ImageDraw, part: ElementTree.Element) -> None:
    words = (part[-1].text or "").split()
    lines: list[list[tuple[float, float]]] = []
    while words:
        verb = words.pop(0)
        if verb == "C":
            lines[-1].append(lines[-1][0])
            continue
        took = [float(words.pop(0)) * DOTS for _ in range(6 if verb == "B" else 2)]
        lines += [[]] if verb == "M" else []
        lines[-1].append((took[-2], took[-1]))
    for colour in part[:-1]:
        ink = tuple(map(int, colour.attrib["Value"].split()))
        wide = max(1, round(float(part.attrib.get("LineWidth", 0)) * DOTS))
        for line in lines:
            if colour.tag == f"{NAME}StrokeColor":
                pen.line(line, ink, wide)
            elif len(line) > 2:
                pen.polygon(line, ink)


def _text(pen: ImageDraw.ImageDraw, part: ElementTree.Element, font: bytes) -> None:
    code = part[-1]
    face = ImageFont.truetype(io.BytesIO(font), round(float(part.attrib["Size"]) * DOTS))
    x, y = float(code.attrib["X"]), float(code.attrib["Y"])
    steps = [0.0, *map(float, code.attrib.get("DeltaX", "").split())]
    ink = tuple(map(int, part[0].attrib["Value"].split()))
    for letter, step in zip(code.text or "", steps, strict=True):
        x += step
        pen.text((x * DOTS, y * DOTS), letter, ink, face, anchor="ls")


def test_what_is_embedded_is_enough_to_draw_the_page_again(ofd: bytes) -> None:
    page = drawn(ofd)
    assert codes(page) == [URL]
    again = page.convert("L").resize((105, 148))
    once = rendered(certificate_pdf(certificate(label=UNSEALED)), dpi=150).convert("L")
    differs = [
        abs(a - b) for a, b in zip(again.tobytes(), once.resize((105, 148)).tobytes(), strict=True)
    ]
    assert sum(differs) / len(differs) < 6


@pytest.mark.parametrize("size", [(626, 413), (295, 413)])
def test_a_portrait_of_another_shape_fills_its_frame_and_nothing_else(
    size: tuple[int, int],
) -> None:
    data = certificate_ofd(certificate(photo=portrait(size=size)))
    (picture,) = [one for one in parts_of(data) if one.tag == f"{NAME}ImageObject"]
    _x, _y, width, height = map(float, picture.attrib["Boundary"].split())
    assert (width, height) == pytest.approx((35, 53), abs=0.2)


def test_the_package_is_one_that_the_standard_describes(ofd: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(ofd)) as archive:
        names = archive.namelist()
        trees = {n: tree_of(archive.read(n)) for n in names if n.endswith(".xml")}
    root = trees["OFD.xml"]
    assert (root.tag, root.attrib) == (f"{NAME}OFD", {"Version": "1.1", "DocType": "OFD"})
    assert root.findtext(f".//{NAME}DocRoot") == "Doc_0/Document.xml"
    assert root.findtext(f".//{NAME}CreationDate") == str(date(2020, 7, 15))
    every = [one.attrib for tree in trees.values() for one in tree.iter()]
    ids = [int(attributes["ID"]) for attributes in every if "ID" in attributes]
    assert len(ids) == len(set(ids))
    most = trees["Doc_0/Document.xml"].findtext(f".//{NAME}MaxUnitID")
    assert most is not None
    assert max(ids) <= int(most)
    files = [one.text for n in ("Public", "Document") for one in trees[f"Doc_0/{n}Res.xml"].iter()]
    named = [f"Doc_0/Res/{text}" for text in files if text]
    assert sorted(named) == sorted(name for name in names if name.startswith("Doc_0/Res/"))


def test_the_same_facts_give_the_same_bytes() -> None:
    facts = certificate(entries=(FIRST, FIRST))
    assert certificate_ofd(facts) == certificate_ofd(facts)
