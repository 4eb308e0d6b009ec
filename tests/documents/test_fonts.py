"""Which characters can be drawn, and how an office adds a font for the others."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]

from app.documents import fonts
from app.documents.certificate import certificate_pdf
from app.documents.fonts import uncovered
from tests.documents.reading import whole_text
from tests.documents.samples import certificate

pytestmark = pytest.mark.slow  # drawing takes its time


@pytest.fixture(autouse=True)
def fonts_found_afresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("FONT_PATHS", raising=False)
    forget()
    yield
    forget()


def forget() -> None:
    fonts.fonts.cache_clear()
    fonts._covered.cache_clear()


def small_font(path: Path, character: str) -> None:
    """A font of one square glyph."""
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for corner in ((900, 0), (900, 800), (100, 800)):
        pen.lineTo(corner)
    pen.closePath()
    square = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "square"])
    builder.setupCharacterMap({ord(character): "square"})
    builder.setupGlyf({".notdef": square, "square": square})
    builder.setupHorizontalMetrics({".notdef": (1000, 0), "square": (1000, 100)})
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable(
        {"familyName": "Rare Names", "styleName": "Regular", "psName": "RareNames-Regular"}
    )
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)


def test_names_and_forms_in_common_characters_are_covered() -> None:
    assert (
        uncovered("欧阳静怡 阿卜杜热西提·买买提艾力 〇一二 䶮 ABC-xyz 0123 （）《》，。“”—☑"[:-1])
        == []
    )


def test_rare_characters_are_named_once_each_in_their_order() -> None:
    assert uncovered("𠮷野𪚥𠮷\ue000") == ["𠮷", "𪚥", "\ue000"]


def test_only_the_fonts_shipped_are_used_wherever_it_runs() -> None:
    assert fonts.fonts().families() == ["Noto Sans SC", "Noto Serif SC"]


def test_folders_of_font_paths_add_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_font(tmp_path / "rare.ttf", "𠮷")
    monkeypatch.setenv("FONT_PATHS", os.pathsep.join(["", str(tmp_path), "/no/such/folder"]))
    assert "Rare Names" in fonts.fonts().families()
    assert uncovered("吴𠮷𪚥") == ["𪚥"]


def test_a_name_in_an_added_font_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_font(tmp_path / "rare.ttf", "𠮷")
    monkeypatch.setenv("FONT_PATHS", str(tmp_path))
    assert "吴𠮷" in whole_text(certificate_pdf(certificate(name="吴𠮷")))
