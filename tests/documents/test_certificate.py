"""The registration certificate: what it says, that it can be read, copied and checked."""

import dataclasses
import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from app.documents.certificate import (
    CertificateFacts,
    Copy,
    Undrawable,
    certificate_pdf,
    certificate_png,
    chinese_date,
)
from app.documents.seals import UnusableSeal, seal
from app.documents.trial import COPY, missing
from app.documents.typesetting import UnknownTemplate
from tests.documents.reading import (
    codes,
    metadata,
    page_texts,
    rendered,
    share_of,
    squeezed,
    whole_text,
)
from tests.documents.samples import BLUE, FIRST, NUMBER, URL, certificate, plain, portrait

RED = (192, 32, 32)

pytestmark = pytest.mark.slow  # drawing takes its time


def png(facts: CertificateFacts) -> Image.Image:
    return Image.open(io.BytesIO(certificate_png(facts)))


# --- What it says ----------------------------------------------------------------------------


def test_the_first_page_says_who_what_and_until_when() -> None:
    first = squeezed(page_texts(certificate_pdf(certificate()))[0])
    for text in (
        "社会工作者职业水平证书",
        "登记证书",
        "姓名欧阳静怡",
        "证件号码110105********4514",
        "级别社会工作师",
        "管理号20190410500000177",
        f"证书编号{NUMBER}",
        "本次登记有效期自二〇二〇年七月十五日至二〇二三年五月三十一日。",
        "二〇二〇年七月十五日",
        URL,
    ):
        assert text in first


def test_ba_02_the_certificate_shows_the_authority_and_who_handled_it_in_its_name() -> None:
    assert "委托北京社会工作者协会办理" in whole_text(certificate_pdf(certificate()))
    own = whole_text(certificate_pdf(certificate(handling_body=None)))
    assert "北京市民政局" in own
    assert "办理" not in own


def test_x_41_the_number_is_grouped_for_reading_aloud_and_whole_for_searching() -> None:
    text = page_texts(certificate_pdf(certificate()))[0]
    assert "11 2020 4182 7365 9" in text
    assert NUMBER in text
    assert NUMBER in metadata(certificate_pdf(certificate()))["Keywords"]


def test_the_second_page_lists_the_registrations() -> None:
    renewed = dataclasses.replace(
        FIRST, kind="再次登记", registered_on=date(2023, 5, 20), valid_until=None, level="高级"
    )
    pages = page_texts(certificate_pdf(certificate(entries=(FIRST, renewed))))
    assert len(pages) == 2
    second = squeezed(pages[1])
    assert "登记类型登记日期有效期至级别登记机构" in second
    assert "首次登记2020-07-152023-05-31社会工作师北京市民政局" in second
    assert "再次登记2023-05-20—高级北京市民政局" in second
    assert NUMBER in second


def test_a_long_record_goes_on_with_its_header_on_the_next_page() -> None:
    entries = tuple(
        dataclasses.replace(FIRST, registered_on=date(2020, 7, 15) + timedelta(days=1096 * turn))
        for turn in range(30)
    )
    pages = [squeezed(text) for text in page_texts(certificate_pdf(certificate(entries=entries)))]
    assert len(pages) == 3
    for page in pages[1:]:
        assert "登记类型登记日期" in page
    assert all(str(entry.registered_on) in "".join(pages) for entry in entries)
    assert "第3页，共3页" in pages[2]


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2020, 7, 1), "二〇二〇年七月一日"),
        (date(2021, 10, 10), "二〇二一年十月十日"),
        (date(2023, 5, 31), "二〇二三年五月三十一日"),
        (date(2024, 2, 29), "二〇二四年二月二十九日"),
        (date(2026, 12, 20), "二〇二六年十二月二十日"),
        (date(2030, 11, 11), "二〇三〇年十一月十一日"),
    ],
)
def test_dates_are_written_as_documents_write_them(day: date, words: str) -> None:
    assert chinese_date(day) == words


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_no_two_dates_read_alike(day: date) -> None:
    assert chinese_date(day) != chinese_date(day + timedelta(days=1))
    assert "零" not in chinese_date(day)


# --- How it looks ----------------------------------------------------------------------------


def test_cd_47_the_portrait_is_on_the_certificate_at_its_size_on_paper() -> None:
    facts = certificate(photo=plain(BLUE))
    expected = 35 * 53 / (210 * 297)
    assert share_of(rendered(certificate_pdf(facts)), BLUE) == pytest.approx(expected, rel=0.03)
    assert share_of(png(facts), BLUE) == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_portraits_are_taken_as_they_are_stored(kind: str) -> None:
    assert share_of(png(certificate(photo=portrait(kind))), BLUE) > 0.015


def test_x_05_a_portrait_lying_on_its_side_fills_the_frame_and_nothing_else() -> None:
    upright, lying = (portrait(size=size) for size in ((413, 626), (626, 413)))
    pages = [png(certificate(photo=photo)) for photo in (upright, lying)]
    outside = (280, 0, 1240, 1754)
    difference = ImageChops.difference(*(page.convert("RGB").crop(outside) for page in pages))
    assert difference.crop((100, 0, 960, 1754)).getbbox() is None
    assert share_of(pages[1], BLUE) > 0.015


def test_the_code_leads_to_the_verification_page_from_paper_and_from_the_album() -> None:
    facts = certificate()
    assert codes(png(facts)) == [URL]
    assert codes(rendered(certificate_pdf(facts))) == [URL]


def test_the_code_survives_a_small_screen() -> None:
    small = png(certificate()).convert("L").resize((620, 877), Image.Resampling.LANCZOS)
    assert codes(small) == [URL]


@pytest.mark.parametrize("length", [347, 380, 420])
@pytest.mark.parametrize("host", ["https://a.cn", "https://registration.mzj.some-province.gov.cn"])
def test_a_code_with_its_signature_is_read_from_paper_and_album(length: int, host: str) -> None:
    facts = certificate(verify_url=f"{host}/verify/{NUMBER}", code="7" * length)
    expected = [f"{facts.verify_url}#{facts.code}"]
    assert codes(rendered(certificate_pdf(facts))) == expected
    assert codes(png(facts)) == expected


def test_cd_40_the_picture_is_page_one_and_looks_like_the_pdf() -> None:
    facts = certificate()
    picture, page = png(facts).convert("RGB"), rendered(certificate_pdf(facts))
    assert (picture.format, picture.size) == (None, (1240, 1754))
    # The page number of a document of two pages has no place on a single picture.
    area = (0, 0, 1240, 1640)
    difference = ImageChops.difference(picture.crop(area), page.resize((1240, 1754)).crop(area))
    assert max(ImageStat.Stat(difference).mean) < 4


@pytest.mark.parametrize("words", ["已注销", "已过期", "已被新证书替代"])
def test_one_not_in_force_is_marked_across_every_page(words: str) -> None:
    facts = certificate(in_force=False, state_words=words)
    pages = [squeezed(text) for text in page_texts(certificate_pdf(facts))]
    assert len(pages) == 2
    assert all(words in page for page in pages)
    assert f"本证书当前状态：{words}" in pages[0]
    changed = ImageChops.difference(png(facts).convert("RGB"), png(certificate()).convert("RGB"))
    left, top, right, bottom = changed.getbbox() or (0, 0, 0, 0)
    assert right - left > 1200
    assert bottom - top > 800
    assert codes(png(facts)) == [URL]


def test_one_in_force_bears_no_mark_and_one_that_is_not_must_say_why() -> None:
    assert "当前状态" not in whole_text(certificate_pdf(certificate(state_words="有效")))
    with pytest.raises(ValueError, match="must say why"):
        certificate(in_force=False)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", "阿卜杜热西提·买买提艾力·依布拉音江·阿不都克里木"),
        ("authority", "新疆维吾尔自治区伊犁哈萨克自治州社会工作部"),
        ("handling_body", "新疆维吾尔自治区社会工作者与志愿服务联合会秘书处"),
    ],
)
def test_long_names_stay_on_one_line(field: str, text: str) -> None:
    lines = page_texts(certificate_pdf(certificate(**{field: text})))[0].splitlines()
    assert any(text in squeezed(line) for line in lines)


# --- What nobody can do with it --------------------------------------------------------------

NASTY = [
    "#panic()",
    '"]#panic("x")',
    '#read("/etc/passwd")',
    "*粗* _斜_ $x^2$ `码`",
    "\\#\\u{41} // 注释",
    "</text><script>",
    "{{ name }} %s {0}",
    "@preview <label>",
]


@pytest.mark.parametrize("name", NASTY)
def test_what_a_person_typed_is_shown_and_never_run(name: str) -> None:
    facts = certificate(
        name=name,
        management_number=name,
        handling_body=name,
        entries=(dataclasses.replace(FIRST, office=name),),
    )
    pages = [squeezed(text) for text in page_texts(certificate_pdf(facts))]
    assert pages[0].count(squeezed(name)) >= 3
    assert squeezed(name) in pages[1]


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12))
def test_any_ascii_name_is_drawn_as_it_is(name: str) -> None:
    # PDFium takes a hyphen at the end of a line for one that it may drop: none ends it here.
    lines = page_texts(certificate_pdf(certificate(name=f"{name}某")))[0].splitlines()
    assert any(squeezed(line) == f"姓名{name}某" for line in lines)


@pytest.mark.parametrize("template", ["", "../typesetting", "house/../house", "no_such"])
def test_a_template_is_one_of_those_shipped(template: str) -> None:
    with pytest.raises(UnknownTemplate):
        certificate_pdf(certificate(template=template))


def test_a_name_that_no_font_covers_is_refused_and_never_drawn_as_a_box() -> None:
    facts = certificate(name="吴𠮷")
    for draw in (certificate_pdf, certificate_png):
        with pytest.raises(Undrawable, match=r"U\+20BB7") as caught:
            draw(facts)
        assert caught.value.characters == ["𠮷"]


def test_the_same_facts_give_the_same_bytes() -> None:
    assert certificate_pdf(certificate()) == certificate_pdf(certificate())
    assert certificate_png(certificate()) == certificate_png(certificate())
    assert certificate_pdf(certificate()) != certificate_pdf(certificate(name="王芳"))


def test_the_pdf_is_archival_and_dated_by_its_issue() -> None:
    pdf = certificate_pdf(certificate())
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    # Midnight of the day of issue in Asia/Shanghai.
    assert metadata(pdf)["CreationDate"].startswith("D:20200714160000")
    assert metadata(pdf)["Author"] == "北京市民政局"


# --- What an authority brings: a seal, a template; and a copy for one purpose -----------------


def seal_picture(size: tuple[int, int] = (400, 400)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, RED).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of TEMPLATE_PATHS."""
    monkeypatch.setenv("TEMPLATE_PATHS", str(tmp_path))
    return tmp_path


def test_the_seal_is_on_page_one_in_pdf_and_picture_and_a_missing_one_leaves_no_trace() -> None:
    facts = certificate(seal=seal_picture())
    expected = 42 * 42 / (210 * 297)
    assert share_of(png(facts), RED) == pytest.approx(expected, rel=0.2)  # text lies in it
    assert share_of(rendered(certificate_pdf(facts)), RED) == pytest.approx(expected, rel=0.2)
    assert share_of(png(certificate()), RED) == 0


def test_a_seal_that_is_no_picture_is_refused_with_its_name(folder: Path) -> None:
    whole = seal_picture()
    jpeg = io.BytesIO()
    Image.new("RGB", (9, 9)).save(jpeg, "JPEG")
    (folder / "good.png").write_bytes(whole)
    assert seal("good") == whole
    for name, data in {
        "cut": whole[: len(whole) // 2],
        "text": b"no picture",
        "empty": b"",
        "jpeg": jpeg.getvalue(),
        "huge": seal_picture((2001, 10)),
    }.items():
        (folder / f"{name}.png").write_bytes(data)
        with pytest.raises(UnusableSeal, match=name):
            seal(name)
    with pytest.raises(UnusableSeal, match="nowhere"):
        seal("nowhere")


PLAIN = """#import "house.typ": *
#let facts = json("facts.json")
#set page(foreground: marks-of(facts))
#set text(font: serif)
#(facts.title, facts.name, facts.number, facts.level, facts.authority).join(" ")
#facts.valid_until_words #facts.verify_url
"""


def test_an_authority_adds_a_template_of_its_own_without_python(folder: Path) -> None:
    (folder / "own.typ").write_text(PLAIN + "改版第一稿", "utf-8")
    facts = certificate(template="own")
    assert "改版第一稿" in whole_text(certificate_pdf(facts))
    assert missing("own") == []
    (folder / "own.typ").write_text(PLAIN + "改版第二稿", "utf-8")
    assert "改版第二稿" in whole_text(certificate_pdf(facts))


@pytest.mark.parametrize(
    ("left_out", "named"),
    [
        ("#set page(foreground: marks-of(facts))", {"已撤销", COPY.mark, COPY.note}),
        ("facts.number, ", {"412020000000006"}),
        ("#facts.valid_until_words ", {"二〇二三年七月十四日"}),
    ],
)
def test_a_template_that_leaves_out_what_every_certificate_says_is_found(
    left_out: str, named: set[str], folder: Path
) -> None:
    url = "#facts.verify_url"
    text = PLAIN.replace(left_out, "").replace(url, "#facts.verify_url.slice(0, -15)")
    (folder / "own.typ").write_text(text, "utf-8")
    assert named <= set(missing("own"))


@pytest.mark.parametrize("purpose", ["应聘", "办理郑州市金水区花园路街道社会工作站入职手续与定级"])
def test_a_copy_is_marked_on_every_page_and_its_data_stay_legible(purpose: str) -> None:
    facts = certificate(copy=Copy(purpose, date(2026, 11, 22)))
    pages = [squeezed(text) for text in page_texts(certificate_pdf(facts))]
    for page in pages:
        assert page.count(f"仅供{purpose}使用2026-11-22") > 3
        assert "不是经签名的证书原件" in page
    assert "姓名欧阳静怡" in pages[0]
    assert codes(rendered(certificate_pdf(facts))) == [URL]
