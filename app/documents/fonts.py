"""The fonts that documents are drawn with, and the characters that none of them has."""

import os
from functools import cache
from pathlib import Path

import pylopdf_fonts_zh_cn
import typst
from fontTools.ttLib import TTCollection, TTFont  # type: ignore[import-untyped]


@cache
def fonts() -> typst.Fonts:
    """The packaged Noto Serif SC and Noto Sans SC, and every font in the folders of FONT_PATHS.

    Fonts of the machine are left out: a certificate looks the same wherever it is drawn.
    FONT_PATHS separates folders as PATH does; it is read once, when the first page is drawn.
    """
    extra = [folder for folder in os.environ.get("FONT_PATHS", "").split(os.pathsep) if folder]
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(pylopdf_fonts_zh_cn.serif_path().parent), *extra],
    )


def uncovered(text: str) -> list[str]:
    """The characters of `text` that no installed font can draw, each once, in their order.

    Asked before a certificate is issued: a rare character in a name must be found by the
    office, not by the holder as an empty box.
    """
    return [character for character in dict.fromkeys(text) if ord(character) not in _covered()]


@cache
def font_files() -> dict[str, tuple[Path, int]]:
    """The file of every installed font by its PostScript name, and its place in the file."""
    return {
        str(face["name"].getDebugName(6)): (path, place)
        for path in _paths()
        for place, face in enumerate(_faces(path))
    }


@cache
def _covered() -> frozenset[int]:
    faces = [face for path in _paths() for face in _faces(path)]
    return frozenset(code for face in faces for code in face.getBestCmap() or ())


def _paths() -> list[Path]:
    return sorted({Path(font.path) for font in fonts().fonts() if font.path})


def _faces(path: Path) -> list[TTFont]:
    if path.suffix.lower() in (".ttc", ".otc"):
        return list(TTCollection(path, lazy=True))
    return [TTFont(path, lazy=True)]
