"""Signing keys as an authority would get them, certified by somebody else."""

from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from app import clock

PASSWORD = "of-the-key"


def new_key() -> ec.EllipticCurvePrivateKey:
    """A key of the curve that certificates are signed with."""
    return ec.generate_private_key(ec.SECP256R1())


def certificate_for(
    key: CertificatePublicKeyTypes, *, name: str = "Seal 2026", days_ago: int = 1
) -> x509.Certificate:
    """A certificate of a key by an authority that is no test authority of the portal's."""
    began = clock.real_now() - timedelta(days=days_ago)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Provincial CA")]))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=365 * 5))
        .sign(new_key(), hashes.SHA256())
    )


def issued_key(path: Path, *, days_ago: int = 1, password: str = "") -> Path:
    """Write a new key and its certificate into one PEM file, or into a PKCS#12 file by its name."""
    key = new_key()
    certificate = certificate_for(key.public_key(), days_ago=days_ago)
    locked = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    if path.suffix == ".p12":
        path.write_bytes(
            pkcs12.serialize_key_and_certificates(b"seal", key, certificate, None, locked)
        )
    else:
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)
        path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return path
