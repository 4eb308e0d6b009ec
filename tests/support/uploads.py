"""Files as offices upload them, sound ones and others."""

import io
import zipfile
from collections.abc import Mapping
from functools import cache

import pypdfium2 as pdfium  # type: ignore[import-untyped]

from app.documents.office_files import OFFICE_TYPES

RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}


@cache
def pdf(title: str = "") -> bytes:
    """A PDF of one blank page; those of two titles differ."""
    document = pdfium.PdfDocument.new()
    document.new_page(595 + len(title), 842)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def office(
    suffix: str = "docx",
    parts: Mapping[str, bytes] = {},
    media: str | None = None,
    relations: str = "",
) -> bytes:
    """An Office document of one sentence, with more parts or another type where a test says so."""
    main, media = MAIN[suffix], media or f"{OFFICE_TYPES[suffix]}.main+xml"
    types = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{main}" ContentType="{media}"/></Types>'
    )
    related = (
        f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Target="{main}" '
        f'Type="{OFFICE}/officeDocument"/>{relations}</Relationships>'
    )
    given = {
        "[Content_Types].xml": types.encode(),
        "_rels/.rels": related.encode(),
        main: "<document>登记申请表</document>".encode(),
        **parts,
    }
    return archive(given)


def archive(parts: Mapping[str, bytes]) -> bytes:
    """A ZIP of these parts, the same bytes every time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
