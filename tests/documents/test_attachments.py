"""HN-08, CD-10: which files the public may be given, judged by what is in them."""

import io
import struct
import zipfile
from contextlib import suppress
from typing import Any

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pyhanko.pdf_utils.generic import DictionaryObject, pdf_name
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from app.documents import attachments, office_files
from app.documents.attachments import (
    LARGEST,
    LONGEST_NAME,
    TYPES,
    check_attachment,
    kept_name,
)
from app.documents.office_files import OFFICE_TYPES
from app.documents.pictures import PictureRefused
from tests.documents.test_papers import LOCKED
from tests.support.cases import picture
from tests.support.uploads import OFFICE, archive, office, pdf

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def refusal(data: bytes) -> str:
    """The code of a refusal, whose sentence says what to do."""
    with pytest.raises(PictureRefused) as caught:
        check_attachment(data)
    assert caught.value.message.zh.endswith("。")
    assert caught.value.message.en.endswith(".")
    assert "{" not in caught.value.message.zh + caught.value.message.en
    return caught.value.code


def test_a_pdf_is_kept_as_it_is() -> None:
    data = pdf()
    assert check_attachment(data).data == data
    assert check_attachment(data).media_type == "application/pdf"


@pytest.mark.parametrize("suffix", OFFICE_TYPES)
def test_an_office_document_is_kept_as_it_is(suffix: str) -> None:
    data = office(suffix)
    checked = check_attachment(data)
    assert (checked.data, checked.media_type) == (data, OFFICE_TYPES[suffix])


def test_a_picture_is_kept_as_a_clean_copy() -> None:
    said = Image.Exif()
    said[0x010E] = "taken at home"
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "JPEG", exif=said)
    checked = check_attachment(out.getvalue())
    assert checked.media_type == "image/jpeg"
    assert b"taken at home" not in checked.data
    assert check_attachment(picture(kind="PNG")).media_type == "image/png"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (SVG, "other"),
        (HTML, "other"),
        (b"<?xml version='1.0'?>" + SVG, "other"),
        (b"MZ\x90\0" + b"\0" * 200, "other"),
        (b"#!/bin/sh\nrm -rf /\n", "other"),
        ("登记申请表".encode(), "other"),
        (HTML + pdf(), "other"),  # a page that is a PDF as well, to a lenient reader
        (b"%PDF-1.7\n" + HTML, "damaged"),
        (pdf()[:120], "damaged"),
        (LOCKED, "encrypted"),
        (OLE + b"\0" * 4096, "legacy"),
        (OLE + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512, "encrypted"),
        (archive({"a.txt": b"x"}), "other_zip"),
        (archive({"META-INF/MANIFEST.MF": b"x", "A.class": b"x"}), "other_zip"),
        (office()[:-30], "damaged"),
        (b"PK\3\4" + b"\0" * 100, "damaged"),
    ],
)
def test_what_is_no_such_file_is_refused_with_what_to_do(data: bytes, code: str) -> None:
    assert refusal(data) == code


def _with(**given: Any) -> bytes:
    return office("docx", **given)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (_with(parts={"word/vbaProject.bin": b"x"}), "macros"),
        (_with(media="application/vnd.ms-word.document.macroEnabled.main+xml"), "macros"),
        (_with(parts={"word/activeX/activeX1.xml": b"<a/>"}), "macros"),
        (_with(parts={"word/embeddings/oleObject1.bin": b"x"}), "macros"),
        (office("xlsx", parts={"xl/macrosheets/sheet1.xml": b"<a/>"}), "macros"),
        (_with(parts={"word/media/a.exe": b"MZ"}), "macros"),
        (_with(media="application/vnd.oasis.opendocument.text"), "other_zip"),
        (_with(parts={"../outside.xml": b"<a/>"}), "damaged"),
        (_with(parts={"WORD/document.xml": b"<a/>"}), "damaged"),
        (
            _with(
                relations=f'<Relationship Id="r2" Type="{OFFICE}/attachedTemplate" '
                'Target="https://evil.example/a.dotm" TargetMode="External"/>'
            ),
            "elsewhere",
        ),
        (_with(parts={"_rels/more.rels": b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'}), "damaged"),
    ],
)
def test_what_runs_or_fetches_within_a_document_is_refused(data: bytes, code: str) -> None:
    assert refusal(data) == code


def test_a_link_to_a_page_is_no_harm() -> None:
    link = f'<Relationship Id="r2" Type="{OFFICE}/hyperlink" Target="https://www.mca.gov.cn/" '
    assert check_attachment(_with(relations=link + 'TargetMode="External"/>'))


def test_a_document_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(office_files, "UNPACKED", 1_000_000)
    monkeypatch.setattr(office_files, "_unpack", lambda *_given: pytest.fail("unpacked"))
    assert refusal(_with(parts={"word/a.xml": b"\0" * 2_000_000})) == "bomb"
    monkeypatch.setattr(office_files, "MOST_PARTS", 5)
    assert refusal(_with(parts={f"word/{n}.xml": b"" for n in range(5)})) == "bomb"


def test_a_part_that_is_larger_than_it_says_is_refused() -> None:
    big = _with(parts={"word/a.xml": b"\0" * 100_000})
    forged = big.replace(struct.pack("<L", 100_000), struct.pack("<L", 10))
    assert forged != big
    assert refusal(forged) == "damaged"


def test_an_encrypted_part_is_refused() -> None:
    data = bytearray(_with())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as package:
        start = package.start_dir
    data[start + 8] |= 1  # the flag in the directory
    assert refusal(bytes(data)) == "encrypted"


def test_a_pdf_with_a_file_inside_is_refused() -> None:
    document = pdfium.PdfDocument(pdf())
    document.new_attachment("a.exe").set_data(b"MZ")
    out = io.BytesIO()
    document.save(out)
    assert refusal(out.getvalue()) == "runs"


def opening(
    action: DictionaryObject, at: str = "/OpenAction", password: str = "", indirect: bool = False
) -> bytes:
    """A PDF that does this when it is opened; with a password it cannot be changed without it."""
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(pdf())))
    writer.root[pdf_name(at)] = writer.add_object(action) if indirect else action
    if password:
        writer.encrypt(owner_pass=password, user_pass="")  # type: ignore[no-untyped-call]
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def _action(kind: str) -> DictionaryObject:
    return _dictionary({pdf_name("/S"): pdf_name(kind)})


def _dictionary(entries: dict[Any, Any]) -> DictionaryObject:
    made: DictionaryObject = DictionaryObject(entries)  # type: ignore[no-untyped-call]
    return made


def test_a_pdf_that_does_something_when_it_is_opened_is_refused() -> None:
    for kind in ("/JavaScript", "/Launch", "/SubmitForm", "/URI"):
        assert refusal(opening(_action(kind))) == "runs"
    assert refusal(opening(_dictionary({pdf_name("/WC"): _action("/JavaScript")}), "/AA"))
    assert refusal(opening(_action("/JavaScript"), indirect=True)) == "runs"
    on = _dictionary({**_action("/GoTo"), pdf_name("/Next"): _action("/JavaScript")})
    assert refusal(opening(on)) == "runs"
    assert check_attachment(opening(_action("/GoTo")))


def test_a_pdf_that_may_only_be_read_and_printed_is_taken() -> None:
    assert check_attachment(opening(_action("/GoTo"), password="owner"))
    assert refusal(opening(_action("/JavaScript"), password="owner")) == "runs"


def test_the_limit_counts_to_the_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(pdf() + b"\n" * LARGEST) == "too_large"
    monkeypatch.setattr(attachments, "LARGEST", len(pdf()))
    assert check_attachment(pdf()).media_type == "application/pdf"
    assert refusal(pdf() + b"\n") == "too_large"


@pytest.mark.parametrize(
    ("given_name", "media_type", "name"),
    [
        ("首次登记申请表.docx", OFFICE_TYPES["docx"], "首次登记申请表.docx"),
        (r"C:\fakepath\表.PDF", "application/pdf", "表.pdf"),
        ("../../etc/passwd", "application/pdf", "passwd.pdf"),
        ("表.docx", "application/pdf", "表.pdf"),
        ("表.exe", "application/pdf", "表.exe.pdf"),
        ("2020.7 公告", "application/pdf", "2020.7 公告.pdf"),
        ("a\r\nb\u202egpj.pdf", "application/pdf", "abgpj.pdf"),
        ('a<b>"c|d?.pdf', "application/pdf", "a_b__c_d_.pdf"),
        (".pdf", "application/pdf", "file.pdf"),
        ("", "image/png", "file.png"),
        ("照片.JPEG", "image/jpeg", "照片.jpg"),
    ],
)
def test_a_name_is_kept_as_far_as_every_system_takes_it(
    given_name: str, media_type: str, name: str
) -> None:
    assert kept_name(given_name, media_type) == name


@given(st.text(), st.sampled_from(sorted(TYPES)))
def test_every_name_is_one_line_of_a_length_and_says_its_type(name: str, media: str) -> None:
    kept = kept_name(name, media)
    assert kept.isprintable()
    assert len(kept) <= LONGEST_NAME
    assert not set(kept) & set('/\\<>:"|?*')
    assert kept.endswith(f".{TYPES[media][0]}")
    assert not kept.startswith(".")


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 400), st.integers(0, 255))
def test_a_damaged_document_is_refused_or_taken_and_never_breaks(at: int, value: int) -> None:
    data = bytearray(office())
    data[at % len(data)] = value
    with suppress(PictureRefused):
        check_attachment(bytes(data))
