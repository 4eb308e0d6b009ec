"""Office documents (ECMA-376): which are sound and carry nothing that runs.

A package is taken apart: every part is unpacked to its end and its sum checked, and what a reader
of the document could be made to run or to fetch is refused: macros, controls, embedded objects and
parts that lie elsewhere. The formats of before 2007 cannot be looked through like this.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from xml.parsers.expat import ExpatError, ParserCreate

from app.documents.pictures import PictureRefused
from app.rules.words import Words

MOST_PARTS = 3000
UNPACKED = 200 * 1024 * 1024
"""Bytes of all parts together."""
LARGEST_XML = 5 * 1024 * 1024
"""Bytes of a part that is read as a whole: the table of types, and relationships."""
_CHUNK = 1024 * 1024

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
OFFICE_TYPES = {"docx": _WORD, "xlsx": _SHEET, "pptx": _SLIDES}
_TABLE = "[Content_Types].xml"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_RUNS = re.compile(
    r"(^|/)(vba|activex|embeddings|macrosheets|customui)|\.(exe|dll|js|vbs|scr|bat|cmd|hta|lnk)$"
)
_RUNNING_TYPES = ("macroenabled", "vbaproject", "vbadata", "activex", "oleobject", "macrosheet")
_BROKEN_ZIP = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(ValueError, RuntimeError, NotImplementedError, LookupError),
)

LEGACY = Words(
    "这是旧格式（.doc、.xls、.ppt）的文件，无法检查其中是否带有宏。"
    "请用WPS或Office另存为 .docx、.xlsx、.pptx 或PDF后上传。",
    "This file is in a format of before 2007 (.doc, .xls, .ppt), which cannot be checked for "
    "macros. Save it as .docx, .xlsx, .pptx or PDF and upload that.",
)
LOCKED = Words(
    "这份文件设有密码，无法检查。请另存为没有密码的文件后上传。",
    "This file has a password and cannot be checked. Save it without one and upload that.",
)
BROKEN = Words(
    "这份文件不完整或已损坏，无法打开。请重新保存后上传。",
    "This file is incomplete or damaged and can't be opened. Save it again and upload it.",
)
BOMB = Words(
    "这份文件解开后过大（上限200 MB）或部件过多，不能接收。请缩减内容，或另存为PDF后上传。",
    "Unpacked, this file is too large (more than 200 MB) or has too many parts. Make it smaller, "
    "or save it as PDF, and upload that.",
)
RUNS = Words(
    "这份文件带有宏、控件或嵌入的对象（{part}）。请去掉后另存，或另存为PDF后上传。",
    "This file carries macros, controls or embedded objects ({part}). Save it without them, or as "
    "PDF, and upload that.",
)
ELSEWHERE = Words(
    "这份文件引用了外部的模板、图片或数据（{part}）。请断开链接后另存，或另存为PDF后上传。",
    "This file takes a template, a picture or data from elsewhere ({part}). Break the link and "
    "save it, or save it as PDF, and upload that.",
)
OTHER_ZIP = Words(
    "这是压缩包或其他格式的文件，不是Word、Excel或PowerPoint文件。"
    "请解压后逐个上传，或另存为 .docx、.xlsx、.pptx 或PDF。",
    "This is an archive or something else, and no Word, Excel or PowerPoint file. Unpack it and "
    "upload what is in it, or save it as .docx, .xlsx, .pptx or PDF.",
)


def is_office_file(data: bytes) -> bool:
    """Whether the bytes begin as a package or as a document of before 2007 does."""
    return data.startswith((b"PK\3\4", _OLE))


def office_suffix(data: bytes) -> str:
    """Which of OFFICE_TYPES a sound document is; raises PictureRefused for every other file."""
    if data.startswith(_OLE):
        locked = _LOCKED in data
        raise PictureRefused("encrypted" if locked else "legacy", LOCKED if locked else LEGACY)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = _parts(package)
            if _TABLE not in parts:
                raise PictureRefused("other_zip", OTHER_ZIP)
            for part in parts.values():
                _unpack(package, part)
            suffix = _suffix(list(_elements(package, parts[_TABLE])))
            _refuse_what_runs(parts)
            _refuse_elsewhere(package, parts)
    except _BROKEN_ZIP as fault:
        if isinstance(fault, PictureRefused):
            raise
        raise PictureRefused("damaged", BROKEN) from None
    return suffix


def _parts(package: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The parts by name, before any is unpacked; no two of one name in whatever letters."""
    listed = package.infolist()
    if len(listed) > MOST_PARTS or sum(part.file_size for part in listed) > UNPACKED:
        raise PictureRefused("bomb", BOMB)
    names = [part.filename for part in listed]
    if len({name.casefold() for name in names}) < len(names) or any(map(_leads_out, names)):
        raise PictureRefused("damaged", BROKEN)
    if any(part.flag_bits & 1 for part in listed):
        raise PictureRefused("encrypted", LOCKED)
    return dict(zip(names, listed, strict=True))


def _leads_out(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/")


def _unpack(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """To the end, where its sum is checked; no further than the size that it says it has."""
    with package.open(part) as file:
        while file.read(_CHUNK):
            pass


def _suffix(table: list[tuple[str, Mapping[str, str]]]) -> str:
    types = [about.get("ContentType", "") for _name, about in table]
    for one in types:
        if any(word in one.lower() for word in _RUNNING_TYPES):
            raise PictureRefused("macros", RUNS.fill(part=one.rpartition("/")[2]))
    found = {s for s, media in OFFICE_TYPES.items() if f"{media}.main+xml" in types}
    if len(found) != 1:
        raise PictureRefused("other_zip", OTHER_ZIP)
    return found.pop()


def _refuse_what_runs(parts: Mapping[str, zipfile.ZipInfo]) -> None:
    for name in parts:
        if _RUNS.search(name.casefold()):
            raise PictureRefused("macros", RUNS.fill(part=name))


def _refuse_elsewhere(package: zipfile.ZipFile, parts: Mapping[str, zipfile.ZipInfo]) -> None:
    """Nothing but the address of a link may lie outside of the file."""
    for name, part in parts.items():
        if not name.casefold().endswith(".rels"):
            continue
        for _element, about in _elements(package, part):
            link = about.get("Type", "").endswith("/hyperlink")
            if about.get("TargetMode", "").lower() == "external" and not link:
                raise PictureRefused("elsewhere", ELSEWHERE.fill(part=about.get("Target", name)))


def _elements(
    package: zipfile.ZipFile, part: zipfile.ZipInfo
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every element of a part with its attributes; no package may have a document type in it."""
    if part.file_size > LARGEST_XML:
        raise PictureRefused("bomb", BOMB)
    found: list[tuple[str, Mapping[str, str]]] = []
    parser = ParserCreate()
    parser.StartElementHandler = lambda name, about: found.append((name, about))
    parser.StartDoctypeDeclHandler = _refuse_document_type
    try:
        parser.Parse(package.read(part), True)
    except ExpatError:
        raise PictureRefused("damaged", BROKEN) from None
    yield from found


def _refuse_document_type(*_said: object) -> None:
    raise PictureRefused("damaged", BROKEN)
