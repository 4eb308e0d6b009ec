"""BA-14, BA-25: certificates go by post, with labels that carry every character of an address."""

import pytest

from app.documents.labels import AddressLabel, address_labels_pdf
from tests.documents.reading import page_texts, rendered, squeezed, whole_text

pytestmark = pytest.mark.slow  # drawing takes its time

LABEL = AddressLabel(
    recipient="欧阳静怡",
    phone="13800138000",
    address="北京市朝阳区某某路1号院3号楼2单元201室",
    reference="2020-000123",
)


def labels(count: int) -> list[AddressLabel]:
    return [
        AddressLabel(f"收件人{index}号", f"1380013{index:04}", f"某某路{index}号", f"R-{index:06}")
        for index in range(count)
    ]


def test_a_label_says_who_where_and_which_case() -> None:
    text = page_texts(address_labels_pdf([LABEL]))[0]
    assert "北京市朝阳区某某路1号院3号楼2单元201室" in squeezed(text)
    assert "欧阳静怡收" in squeezed(text)
    assert "13800138000" in text
    assert "2020-000123" in text


@pytest.mark.parametrize(("count", "sheets"), [(0, 1), (1, 1), (24, 1), (25, 2), (49, 3)])
def test_a_sheet_holds_three_by_eight(count: int, sheets: int) -> None:
    pages = page_texts(address_labels_pdf(labels(count)))
    assert len(pages) == sheets
    assert pages[0].count("收件人") == min(count, 24)
    assert all(f"R-{index:06}" in "".join(pages) for index in range(count))


def test_labels_lie_70_by_37_millimetres_apart() -> None:
    page = rendered(address_labels_pdf([LABEL] * 24), dpi=254).convert("L")
    cells = [
        page.crop((x * 700 + 8, y * 370 + 13, x * 700 + 692, y * 370 + 367))
        for y in range(8)
        for x in range(3)
    ]
    marks = [cell.point(lambda value: 255 if value < 128 else 0).getbbox() for cell in cells]
    first = marks[0]
    assert first is not None
    for mark in marks:
        assert mark is not None
        assert all(abs(a - b) <= 1 for a, b in zip(mark, first, strict=True))


@pytest.mark.parametrize("times", [1, 3, 6])
def test_a_long_address_is_set_smaller_and_never_cut(times: int) -> None:
    address = "新疆维吾尔自治区伊犁哈萨克自治州霍城县清水河镇某某小区" * times
    sheet = address_labels_pdf([AddressLabel("王芳", "13800138000", address, "R-1")])
    assert address in whole_text(sheet)
    ink = rendered(sheet, dpi=254).convert("L").point(lambda value: 255 if value < 160 else 0)
    box = ink.getbbox()
    assert box is not None
    # Within the first label, clear of the recipient's line below.
    assert box[2] <= 700
    assert box[3] <= 370
    gap = ink.crop((0, 188, 700, 208)).getbbox()
    assert gap is None


def test_what_a_person_typed_is_shown_and_never_run() -> None:
    typed = '#panic()"]$x$'
    text = whole_text(address_labels_pdf([AddressLabel(typed, typed, typed, typed)]))
    assert text.count(typed) == 4
