"""The signature of a certificate's PDF: how it is set, and what that of any PDF is worth."""

import io
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, cast

from asn1crypto import cms
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator.registry import SimpleCertificateStore

from app.keys import PublicKey, SigningKey, der

FIELD = "Registration"
LARGEST = 4 * 1024 * 1024
"""Bytes of a PDF that is looked into; a certificate has a twentieth of that."""
_ATTRIBUTES = 1024
"""Bytes of a signature besides the certificates in it: at most 420 were seen."""

_SIGNED_DATA = cms.ContentType("signed_data").dump()

Fault = Literal["no_pdf", "unsigned", "foreign", "altered"]


def sign_pdf(pdf: bytes, key: SigningKey) -> bytes:
    """The PDF with one PAdES signature (baseline B-B, P-256, SHA-256) over all of it.

    It certifies the document and permits no change (DocMDP 1), so that readers show a later one.
    Raises KeyRefused when the key does not answer.
    """
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    about = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        subfilter=SigSeedSubFilter.PADES,
    )
    signer = PdfSigner(about, signer=_signer(cast(Hashable, key)))
    signed: io.BytesIO = signer.sign_pdf(writer, bytes_reserved=_reserved(key))
    return signed.getvalue()


def fault_of(pdf: bytes, keys: Sequence[PublicKey]) -> Fault | None:
    """Why the signature of a PDF of any origin does not count, given the keys that do.

    Good is a single signature of one of these keys that certifies the document, covers every byte
    and has nothing after it.
    """
    if not pdf.startswith(b"%PDF-") or len(pdf) > LARGEST:
        return "no_pdf"
    try:
        return _judged(PdfFileReader(io.BytesIO(pdf)).embedded_signatures, keys)
    except Exception:  # noqa: BLE001 - a reader of hostile files fails in every way there is
        return "altered" if b"/ByteRange" in pdf else "no_pdf"


class _KeySigner(Signer):
    """pyHanko's signer, with the signing itself left to the key.

    Two signatures of one key differ in the digest and in the value alone. pyHanko builds the first
    one; the others are made of its parts, which takes a third of the time.
    """

    def __init__(self, key: SigningKey) -> None:
        chain = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        chain.register_multiple([_asn1(one) for one in key.chain])
        super().__init__(signing_cert=_asn1(key.certificate), cert_registry=chain)
        self._key = key
        self._parts: _Parts | None = None

    async def async_sign(
        self, data_digest: bytes, digest_algorithm: str, *args: Any, **options: Any
    ) -> cms.ContentInfo:
        """The signature over a digest (SHA-256) of the document, as CMS."""
        if self._parts is None:
            made = await super().async_sign(data_digest, digest_algorithm, *args, **options)
            self._parts = _Parts.of(made["content"], data_digest)
            return made
        return cms.ContentInfo.load(self._parts.put_together(data_digest, self._key))

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        """ECDSA over SHA-256, the only digest that is asked for."""
        return der(self._key.sign(data))


@dataclass(frozen=True)
class _Parts:
    """A signature (RFC 5652) in the pieces that stay, each in DER: what stands before the signer
    with the certificates, the signer's name, the attributes around the digest, the algorithm."""

    before: bytes
    signer: bytes
    attributes: tuple[bytes, bytes]
    algorithm: bytes

    @classmethod
    def of(cls, signed: cms.SignedData, digest: bytes) -> "_Parts":
        """The pieces of a signature over this digest."""
        (one,) = signed["signer_infos"]
        first, last = one["signed_attrs"].untag().contents.split(digest)
        names = "version", "digest_algorithms", "encap_content_info", "certificates"
        return cls(
            b"".join(signed[name].dump() for name in names),
            b"".join(one[name].dump() for name in ("version", "sid", "digest_algorithm")),
            (first, last),
            one["signature_algorithm"].dump(),
        )

    def put_together(self, digest: bytes, key: SigningKey) -> bytes:
        """The signature over another digest of the same length."""
        attributes = digest.join(self.attributes)
        # signed as a SET, sent under a tag of its own (RFC 5652, 5.4)
        value = _der(0x04, der(key.sign(_der(0x31, attributes))))
        signer = _der(0x30, self.signer + _der(0xA0, attributes) + self.algorithm + value)
        signed = _der(0x30, self.before + _der(0x31, signer))
        return _der(0x30, _SIGNED_DATA + _der(0xA0, signed))


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


@lru_cache(maxsize=4)
def _signer(key: Any) -> _KeySigner:
    return _KeySigner(key)


@lru_cache(maxsize=16)
def _asn1(certificate: x509.Certificate) -> asn1.Certificate:
    return asn1.Certificate.load(certificate.public_bytes(Encoding.DER))


def _reserved(key: SigningKey) -> int:
    """The place for the signature in hexadecimal digits; letting pyHanko ask would sign twice."""
    certificates = (key.certificate, *key.chain)
    return 2 * (_ATTRIBUTES + sum(len(one.public_bytes(Encoding.DER)) for one in certificates))


def _judged(found: Sequence[EmbeddedPdfSignature], keys: Sequence[PublicKey]) -> Fault | None:
    if not found:
        return "unsigned"
    known = {key.certificate.public_bytes(Encoding.DER) for key in keys}
    if found[0].signer_cert.dump() not in known:
        return "foreign"
    return None if len(found) == 1 and _is_whole(found[0]) else "altered"


def _is_whole(seal: Any) -> bool:
    seal.compute_integrity_info(skip_diff=True)
    intact, valid = validate_sig_integrity(
        seal.signer_info, seal.signer_cert, "data", seal.compute_digest()
    )
    return (
        intact
        and valid
        and seal.coverage == SignatureCoverageLevel.ENTIRE_FILE
        and seal.docmdp_level == MDPPerm.NO_CHANGES
    )
