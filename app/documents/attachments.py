"""Files for the public: which are accepted, by their content and never by their name."""

import io
import re
import unicodedata
from contextlib import closing
from dataclasses import dataclass
from pathlib import PurePath

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as raw  # type: ignore[import-untyped]
from pyhanko.pdf_utils.generic import DictionaryObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pypdfium2.raw import FPDF_ERR_PASSWORD

from app.documents.office_files import OFFICE_TYPES, is_office_file, office_suffix
from app.documents.papers import DRAWING
from app.documents.pictures import MIB, PictureRefused, check_picture
from app.rules.words import Words

LARGEST = 20 * MIB
LONGEST_NAME = 120

TYPES: dict[str, tuple[str, Words]] = {
    "application/pdf": ("pdf", Words("PDF", "PDF")),
    OFFICE_TYPES["docx"]: ("docx", Words("Word文档", "Word document")),
    OFFICE_TYPES["xlsx"]: ("xlsx", Words("Excel表格", "Excel sheet")),
    OFFICE_TYPES["pptx"]: ("pptx", Words("演示文稿", "Slides")),
    "image/jpeg": ("jpg", Words("图片", "Picture")),
    "image/png": ("png", Words("图片", "Picture")),
}
"""What is stored, by media type: the suffix of its name, and what people call it."""
_KNOWN = {*(suffix for suffix, _ in TYPES.values()), "jpeg", "webp", "doc", "xls", "ppt"}

ACCEPTED = Words(
    "可上传PDF、Word、Excel、PowerPoint文件（.docx、.xlsx、.pptx）和JPG、PNG图片，"
    "每个文件不超过20 MB。",
    "PDF, Word, Excel and PowerPoint files (.docx, .xlsx, .pptx) and JPG or PNG pictures, "
    "at most 20 MB each.",
)
EMPTY = Words(
    "文件是空的（0 字节）。请重新选择文件后上传。",
    "The file is empty (0 bytes). Choose it again and upload it.",
)
TOO_LARGE = Words(
    "文件有{actual} MB，超过上限20 MB。请压缩其中的图片、拆成几个文件，或只放原文链接。",
    "The file has {actual} MB; the limit is 20 MB. Make the pictures in it smaller, split it, or "
    "give a link to the original.",
)
OTHER = Words("这种文件不能上传。{accepted}", "Files of this kind cannot be uploaded. {accepted}")
LOCKED_PDF = Words(
    "这份PDF设有密码，无法打开。请另存为没有密码的PDF后上传。",
    "This PDF has a password. Save it without one and upload that.",
)
BROKEN_PDF = Words(
    "这份PDF不完整或已损坏，无法打开。请重新导出后上传。",
    "This PDF is incomplete or damaged and can't be opened. Export it again and upload it.",
)
PDF_RUNS = Words(
    "这份PDF带有打开时运行的脚本、动作或内嵌文件。请用“打印为PDF”重新生成后上传。",
    "This PDF does something when it is opened, or carries files. Make it anew with “Print to PDF” "
    "and upload that.",
)


@dataclass(frozen=True)
class Checked:
    """What is stored of an upload, and as what it is served."""

    data: bytes
    media_type: str


def check_attachment(data: bytes) -> Checked:
    """The bytes to store, or raise PictureRefused with what to do instead.

    PDFs and Office documents are taken apart and kept as they are, pictures are decoded and kept
    as a clean copy without what a camera says of its owner.
    """
    if not data:
        raise PictureRefused("empty", EMPTY)
    if len(data) > LARGEST:
        actual = f"{len(data) / MIB:.1f}"
        raise PictureRefused("too_large", TOO_LARGE.fill(actual=actual))
    if data.startswith(b"%PDF-"):
        _check_pdf(data)
        return Checked(data, "application/pdf")
    if is_office_file(data):
        return Checked(data, OFFICE_TYPES[office_suffix(data)])
    try:
        picture = check_picture(data, max_bytes=LARGEST, technical_max=LARGEST)
    except PictureRefused as fault:
        if fault.code != "not_a_picture":
            raise
        raise PictureRefused("other", OTHER.fill(accepted=ACCEPTED)) from None
    return Checked(picture.data, picture.media_type)


def kept_name(filename: str, media_type: str) -> str:
    """The name under which a file is kept: the last part of what the browser said, in signs that
    every system takes, ending as its type does."""
    last = PurePath(unicodedata.normalize("NFC", filename).replace("\\", "/")).name
    shown = "".join(sign for sign in last if sign.isprintable())
    stem, dot, suffix = re.sub(r'[<>:"|?*]', "_", shown).rpartition(".")
    right = TYPES[media_type][0]
    if not dot or suffix.lower() not in _KNOWN:
        stem = f"{stem}{dot}{suffix}"
    stem = stem.strip(" .")[: LONGEST_NAME - len(right) - 1] or "file"
    return f"{stem}.{right}"


def _check_pdf(data: bytes) -> None:
    """Its first page can be shown, and nothing in it runs when it is opened."""
    try:
        with DRAWING, closing(pdfium.PdfDocument(data)) as document:
            scripts = raw.FPDFDoc_GetJavaScriptActionCount(document)
            inside = raw.FPDFDoc_GetAttachmentCount(document)
            if not len(document) or document[0].get_width() < 1:
                raise PictureRefused("damaged", BROKEN_PDF)
    except pdfium.PdfiumError as fault:
        locked = getattr(fault, "err_code", None) == FPDF_ERR_PASSWORD
        refused = ("encrypted", LOCKED_PDF) if locked else ("damaged", BROKEN_PDF)
        raise PictureRefused(*refused) from None
    if scripts > 0 or inside > 0 or _acts_when_opened(data):
        raise PictureRefused("runs", PDF_RUNS)


def _acts_when_opened(data: bytes) -> bool:
    """Whether opening it does more than to go to a page; raises PictureRefused where that cannot
    be read."""
    try:
        reader = PdfFileReader(io.BytesIO(data), strict=False)
        if reader.encrypted:
            reader.decrypt("")  # pages that may not be changed open without a password
        root = reader.root
        # by [], which follows references and decrypts; `get` gives what stands there
        first = root["/OpenAction"] if "/OpenAction" in root else None  # noqa: SIM401
        acts = isinstance(first, DictionaryObject) and (first["/S"] != "/GoTo" or "/Next" in first)
        return acts or "/AA" in root
    except Exception:  # noqa: BLE001 - a reader of hostile files fails in every way there is
        raise PictureRefused("damaged", BROKEN_PDF) from None
