"""The signature of a certificate's PDF: genuine passes, and whatever was done to it afterwards
fails with us, with pyHanko's own verdict and with an independent reader (pdfsig of Poppler)."""

import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pytest
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives.serialization import Encoding
from PIL import Image
from pyhanko.pdf_utils import generic as untyped
from pyhanko.pdf_utils import misc
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from app.documents.certificate import certificate_pdf
from app.documents.signature import LARGEST, _KeySigner, _signer, fault_of, sign_pdf
from app.keys import KeySource, KeyStore, PublicKey, SigningKey
from tests.documents.reading import page_texts, rendered, whole_text
from tests.documents.samples import NUMBER, certificate
from tests.support.signing import issued_key

pytestmark = pytest.mark.slow

generic: Any = untyped
NAME = generic.NameObject
Attack = Callable[[bytes], bytes]


def key_in(folder: Path, name: str) -> SigningKey:
    """A key of an authority's, in a file of its own."""
    source = KeySource(str(issued_key(folder / f"{name}.pem")))
    return KeyStore(folder / name, source, production=True).signing_key()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> KeyStore:
    return KeyStore(tmp_path_factory.mktemp("keys"), None, production=False)


@pytest.fixture(scope="module")
def keys(store: KeyStore) -> list[PublicKey]:
    return store.public_keys()


@pytest.fixture(scope="module")
def unsigned() -> bytes:
    return certificate_pdf(certificate())


@pytest.fixture(scope="module", params=["the first", "a later one"])
def signed(request: pytest.FixtureRequest, store: KeyStore, unsigned: bytes) -> bytes:
    """The first signature of a key, which pyHanko makes, and one made of its parts."""
    if request.param == "the first":
        _signer.cache_clear()
    return sign_pdf(unsigned, store.signing_key())


# --- Three verifiers -------------------------------------------------------------------------


def pyhanko_trusts(pdf: bytes, keys: list[PublicKey]) -> bool:
    """Whether pyHanko calls the first signature good, trusted, and that of the whole file."""
    try:
        (found, *_) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        roots = [asn1.Certificate.load(k.certificate.public_bytes(Encoding.DER)) for k in keys]
        status = validate_pdf_signature(
            found,
            ValidationContext(trust_roots=roots),
            key_usage_settings=KeyUsageConstraints(key_usage=set()),
        )
    except (SignatureValidationError, ValueError, IndexError, misc.PdfError):
        return False
    return bool(status.bottom_line) and status.coverage == SignatureCoverageLevel.ENTIRE_FILE


def pdfsig_trusts(pdf: bytes, folder: Path) -> bool:
    """Whether Poppler calls every signature valid and that of the total document."""
    if shutil.which("pdfsig") is None:
        pytest.skip("no pdfsig here: `apt install poppler-utils`")
    path = folder / "shown.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True)
    valid = done.stdout.count("Signature is Valid.")
    total = done.stdout.count("Total document signed")
    signatures = done.stdout.count("Signature #")
    return done.returncode == 0 and valid == total == signatures >= 1


# --- What people do to a file ----------------------------------------------------------------


def flipped(pdf: bytes, mark: bytes, after: int) -> bytes:
    """One bit changed, so many bytes after the first occurrence of a mark."""
    place = pdf.index(mark) + after
    return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]


def revised(pdf: bytes, change: Callable[[Any, Any], None]) -> bytes:
    """The file with one more revision that changes the first page."""
    writer: Any = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"].raw_get(0).get_object()
    while "/Kids" in page:
        page = page["/Kids"].raw_get(0).get_object()
    change(writer, page)
    writer.mark_update(page.get_container_ref())
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def annotated(pdf: bytes) -> bytes:
    """With a note put on the first page, as a reader's comment tool does."""

    def note(writer: Any, page: Any) -> None:
        numbers = [generic.NumberObject(n) for n in (100, 500, 300, 560)]
        words = generic.pdf_string("Level: senior")
        shown = {"/Type": "/Annot", "/Subtype": "/FreeText"}
        one = {NAME(k): NAME(v) for k, v in shown.items()}
        one |= {NAME("/Rect"): generic.ArrayObject(numbers), NAME("/Contents"): words}
        before = list(page["/Annots"]) if "/Annots" in page else []
        added = writer.add_object(generic.DictionaryObject(one))
        page[NAME("/Annots")] = generic.ArrayObject([*before, added])

    return revised(pdf, note)


def painted_over(pdf: bytes) -> bytes:
    """With a white box over the name, by one more content stream of the first page."""

    def paint(writer: Any, page: Any) -> None:
        box = generic.StreamObject(stream_data=b"q 1 1 1 rg 200 560 250 120 re f Q")
        before = page.raw_get("/Contents")
        old = list(page["/Contents"]) if isinstance(page["/Contents"], list) else [before]
        page[NAME("/Contents")] = generic.ArrayObject([*old, writer.add_object(box)])

    return revised(pdf, paint)


def saved_again(pdf: bytes) -> bytes:
    """As a program writes it that opens it and saves it under another name."""
    out = io.BytesIO()
    pdfium.PdfDocument(pdf).save(out)
    return out.getvalue()


def _value(pdf: bytes) -> int:
    """Where the signature's value ends; the certificates before it vouch for themselves."""
    (found,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return len(b"/Contents <") + 2 * len(found.pkcs7_content.rstrip(b"\0")) - 20


ATTACKS: dict[str, Attack] = {
    "a byte of the first page": lambda pdf: flipped(pdf, b"stream", 40),
    "a byte of the photo": lambda pdf: flipped(pdf, b"/DCTDecode", 2000),
    "a byte of the metadata": lambda pdf: flipped(pdf, NUMBER.encode(), 3),
    "a byte of the signature's own value": lambda pdf: flipped(pdf, b"/Contents <", _value(pdf)),
    "a byte after the signature": lambda pdf: flipped(pdf, b"/ByteRange", 4),
    "a note on the page": annotated,
    "a box over the name": painted_over,
    "a line after the end": lambda pdf: pdf + b"\n% appended\n",
    "another end after the end": lambda pdf: pdf + b"\nstartxref\n0\n%%EOF\n",
    "the end cut off": lambda pdf: pdf[:-40],
    "saved by another program": saved_again,
}


def test_a_genuine_file_passes_all_three_verifiers(
    signed: bytes, keys: list[PublicKey], tmp_path: Path
) -> None:
    assert fault_of(signed, keys) is None
    assert pyhanko_trusts(signed, keys)
    assert pdfsig_trusts(signed, tmp_path)


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_file_that_was_changed_fails_all_three_verifiers(
    attack: str, signed: bytes, keys: list[PublicKey], tmp_path: Path
) -> None:
    changed = ATTACKS[attack](signed)
    assert changed != signed
    assert fault_of(changed, keys) in ("altered", "unsigned", "no_pdf")
    assert not pyhanko_trusts(changed, keys)
    assert not pdfsig_trusts(changed, tmp_path)


def test_what_was_painted_over_really_shows_otherwise(signed: bytes) -> None:
    """The attacks are attacks: readers show what was done, so that nothing but the check helps."""
    assert rendered(painted_over(signed)).tobytes() != rendered(signed).tobytes()
    assert page_texts(annotated(signed))[0] == page_texts(signed)[0]


def test_signing_changes_nothing_that_is_seen_or_read(unsigned: bytes, signed: bytes) -> None:
    assert signed.startswith(unsigned)
    assert whole_text(signed) == whole_text(unsigned)
    assert rendered(signed).tobytes() == rendered(unsigned).tobytes()
    assert len(signed) < 200_000


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_heavy_portrait_does_not_make_a_heavy_file(kind: str, store: KeyStore) -> None:
    out = io.BytesIO()
    Image.effect_noise((413, 626), 60).convert("RGB").save(out, kind)
    assert len(out.getvalue()) > 100_000
    pdf = sign_pdf(certificate_pdf(certificate(photo=out.getvalue())), store.signing_key())
    assert len(pdf) < 200_000
    assert rendered(pdf).getcolors(256) is None  # the picture is there, with all its greys


def test_the_signature_is_pades_over_sha_256_and_permits_no_change(signed: bytes) -> None:
    (found,) = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    assert found.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert found.md_algorithm == "sha256"
    assert found.signer_info["signature_algorithm"]["algorithm"].native == "sha256_ecdsa"
    assert found.docmdp_level is not None
    assert found.docmdp_level.name == "NO_CHANGES"


def test_a_signature_of_a_key_that_is_not_ours_does_not_count(
    unsigned: bytes, keys: list[PublicKey], tmp_path: Path
) -> None:
    theirs = sign_pdf(unsigned, key_in(tmp_path, "other"))
    assert fault_of(theirs, keys) == "foreign"


def test_our_signature_among_others_does_not_count(
    unsigned: bytes, store: KeyStore, keys: list[PublicKey], tmp_path: Path
) -> None:
    """Somebody signs our file as well, or puts ours after their own."""

    def countersigned(pdf: bytes, key: SigningKey, field: str = "Second") -> bytes:
        about = PdfSignatureMetadata(field_name=field, md_algorithm="sha256")
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        out: io.BytesIO = PdfSigner(about, signer=_KeySigner(key)).sign_pdf(writer)
        return out.getvalue()

    theirs, ours = key_in(tmp_path, "other"), store.signing_key()
    uncertified = countersigned(unsigned, ours)
    assert fault_of(uncertified, keys) == "altered"
    theirs_first = countersigned(countersigned(unsigned, theirs), ours, "Third")
    assert fault_of(theirs_first, keys) == "foreign"
    ours_first = countersigned(uncertified, theirs, "Third")
    assert fault_of(ours_first, keys) == "altered"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-",
        b"PK\x03\x04 a document",
        b"%PDF-1.7\n" + b"\0" * 5000,
        b"%PDF-" + b"9" * LARGEST,
    ],
    ids=["nothing", "a beginning", "something else", "rubbish", "too much"],
)
def test_what_is_no_pdf_is_called_so(data: bytes, keys: list[PublicKey]) -> None:
    assert fault_of(data, keys) == "no_pdf"


def test_a_certificate_without_a_signature_is_called_so(
    unsigned: bytes, keys: list[PublicKey]
) -> None:
    assert fault_of(unsigned, keys) == "unsigned"
