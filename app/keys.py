"""The keys that certificates are signed with: the one in use, and all whose signatures count."""

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from app import clock

PKCS11 = "pkcs11:"
TEST_AUTHORITY = "Dengji test authority: proves nothing"
"""The name of the issuer of development keys, by which production knows one."""
TEST_YEARS = 10
HALF = 32
"""Bytes of each of the two numbers of a P-256 signature."""


class KeyRefused(RuntimeError):
    """The configured key cannot be used; the sentence says why and what to do."""


class SigningKey(Protocol):
    """A P-256 key that signs, wherever it is kept.

    `certificate` is its own, `chain` its issuers without it, `kid` the key's name in signed
    payloads: 16 hexadecimal digits.
    """

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate of this key."""

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Its issuers, the nearest first."""

    @property
    def kid(self) -> str:
        """The name of the key."""

    def sign(self, data: bytes) -> bytes:
        """ES256 (RFC 7518): ECDSA over SHA-256, both numbers in 32 bytes each."""


@dataclass(frozen=True)
class PublicKey:
    """One key that the portal signs or signed with, and since when (aware)."""

    kid: str
    certificate: x509.Certificate
    key: ec.EllipticCurvePublicKey
    since: datetime


@dataclass(frozen=True)
class FileKey:
    """A key that was read from a file into memory."""

    private: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    @cached_property
    def kid(self) -> str:
        """The name of the key."""
        return kid_of(self.certificate)

    def sign(self, data: bytes) -> bytes:
        """ES256 over `data`."""
        numbers = decode_dss_signature(self.private.sign(data, ec.ECDSA(hashes.SHA256())))
        return b"".join(number.to_bytes(HALF, "big") for number in numbers)


@dataclass(frozen=True)
class KeySource:
    """Where the key is, as the settings say: a path of a PEM or PKCS#12 file or a `pkcs11:` URI.

    `certificates` is a PEM file with the key's certificate and its issuers, needed when they are
    not in the file of the key. `password` opens the file or is the token's PIN.
    """

    place: str
    password: str = ""
    certificates: Path | None = None


class KeyStore:
    """The keys of one portal.

    Without a `source` a test authority makes a key in `folder`, which `production` refuses. The
    certificates of all keys ever used stay in `folder/published`, so that what an older key
    signed still verifies; whoever removes one there withdraws all its signatures.
    """

    def __init__(self, folder: Path, source: KeySource | None, *, production: bool) -> None:
        self.folder = folder
        self.source = source
        self.production = production
        self._loaded: tuple[int, SigningKey] | None = None
        self._checked: SigningKey | None = None

    def signing_key(self) -> SigningKey:
        """The key in use; raises KeyRefused."""
        key = self._own()
        if self._checked is not key:
            _check(key, self.production)
            self._publish(key.certificate)
            self._checked = key
        return key

    def public_keys(self) -> list[PublicKey]:
        """Every key whose signatures count, the newest first.

        A key that does not answer takes nothing from what it signed before. Raises KeyRefused only
        when there never was a key.
        """
        files = sorted(self._published.glob("*.pem"))
        known = {x509.load_pem_x509_certificate(file.read_bytes()) for file in files}
        try:
            known.add(self._own().certificate)
        except KeyRefused:
            if not known:
                raise
        found = map(public_key, known)
        return sorted(found, key=lambda key: (key.since, key.kid), reverse=True)

    def check(self) -> None:
        """Refuse at the start what could not sign later; a token is asked at its first use."""
        if self.production and not (self.source and self.source.place.startswith(PKCS11)):
            self.signing_key()

    @property
    def _published(self) -> Path:
        return self.folder / "published"

    def _own(self) -> SigningKey:
        """The key as the settings name it; each process opens it once, because a token's session
        does not survive a fork."""
        if self._loaded is None or self._loaded[0] != os.getpid():
            self._loaded = os.getpid(), self._load()
        return self._loaded[1]

    def _load(self) -> SigningKey:
        if self.source is None:
            if self.production:
                raise KeyRefused("PORTAL_SIGNING_KEY must name the authority's key in production.")
            return _read(KeySource(str(self._test_key())))
        if self.source.place.startswith(PKCS11):
            from app.hsm import token_key  # python-pkcs11 is there for those who have a token

            return token_key(self.source)
        return _read(self.source)

    def _test_key(self) -> Path:
        path = self.folder / "signing.pem"
        if not path.exists():
            write_once(path, _test_pem())
        return path

    def _publish(self, certificate: x509.Certificate) -> None:
        path = self._published / f"{kid_of(certificate)}.pem"
        if not path.exists():
            write_once(path, certificate.public_bytes(serialization.Encoding.PEM))


def kid_of(certificate: x509.Certificate) -> str:
    """The name of a certificate's key: the first 16 digits of the SHA-256 of the public key."""
    return hashlib.sha256(_public_bytes(certificate)).hexdigest()[:16]


def public_key(certificate: x509.Certificate) -> PublicKey:
    """What may be known of a key; raises KeyRefused unless it is one of P-256."""
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise KeyRefused("The key for certificates must be an ECDSA key of curve P-256.")
    return PublicKey(kid_of(certificate), certificate, key, certificate.not_valid_before_utc)


def read_certificates(path: Path) -> list[x509.Certificate]:
    """The certificates of a PEM file, the key's own first; raises KeyRefused."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as fault:
        raise KeyRefused(f"No certificate can be read from {path}: {fault}") from fault


def write_once(path: Path, content: bytes) -> None:
    """Write a file for this account alone, whole or not at all; the first of two who do wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _read(source: KeySource) -> FileKey:
    path, password = Path(source.place), source.password.encode() or None
    try:
        data = path.read_bytes()
        pem = b"-----BEGIN" in data
        private, inside = _from_pem(data, password) if pem else _from_pkcs12(data, password)
    except (OSError, ValueError, TypeError) as fault:
        raise KeyRefused(f"The key in {path} cannot be opened: {fault}") from fault
    found = read_certificates(source.certificates) if source.certificates else inside
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not found:
        raise KeyRefused(f"{path} needs an ECDSA key of curve P-256 and its certificate.")
    return FileKey(private, found[0], tuple(found[1:]))


def _from_pem(data: bytes, password: bytes | None) -> tuple[object, list[x509.Certificate]]:
    has_certificates = b"BEGIN CERTIFICATE" in data
    certificates = x509.load_pem_x509_certificates(data) if has_certificates else []
    return serialization.load_pem_private_key(data, password), certificates


def _from_pkcs12(data: bytes, password: bytes | None) -> tuple[object, list[x509.Certificate]]:
    private, own, others = pkcs12.load_key_and_certificates(data, password)
    return private, [*([own] if own else []), *others]


def _check(key: SigningKey, production: bool) -> None:
    public = public_key(key.certificate)
    issuers = {one.issuer.rfc4514_string() for one in (key.certificate, *key.chain)}
    if production and any(TEST_AUTHORITY in issuer for issuer in issuers):
        raise KeyRefused(
            "This key is of a test authority, whose certificates prove nothing: "
            "PORTAL_SIGNING_KEY must name the authority's key in production."
        )
    if not verifies(public.key, key.sign(b"probe"), b"probe"):
        raise KeyRefused("The certificate does not belong to the key: give that of this key.")


def der(signature: bytes) -> bytes:
    """A signature of SigningKey.sign in the form that certificates and PDFs use."""
    numbers = (int.from_bytes(half, "big") for half in (signature[:HALF], signature[HALF:]))
    return encode_dss_signature(*numbers)


def verifies(key: ec.EllipticCurvePublicKey, signature: bytes, data: bytes) -> bool:
    """Whether `signature`, as SigningKey.sign gives it, is this key's of `data`."""
    if len(signature) != 2 * HALF:
        return False
    try:
        key.verify(der(signature), data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _public_bytes(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _test_pem() -> bytes:
    """A key with its certificate and that of the authority, whose own key nobody keeps."""
    authority, private = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _certificate(TEST_AUTHORITY, authority.public_key(), authority, is_root=True)
    own = _certificate("Dengji test signature", private.public_key(), authority, is_root=False)
    key = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return key + b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (own, root))


def _certificate(
    name: str, key: ec.EllipticCurvePublicKey, issuer: ec.EllipticCurvePrivateKey, *, is_root: bool
) -> x509.Certificate:
    now = clock.real_now()
    usage = x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=not is_root,
        key_cert_sign=is_root,
        crl_sign=is_root,
        **dict.fromkeys(("key_encipherment", "data_encipherment", "key_agreement"), False),
        encipher_only=False,
        decipher_only=False,
    )
    public = x509.SubjectKeyIdentifier.from_public_key(key)
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(TEST_AUTHORITY))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=366 * TEST_YEARS))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(public, critical=False)
        .add_extension(above, critical=False)
        .sign(issuer, hashes.SHA256())
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
