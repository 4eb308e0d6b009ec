"""A certificate of TLS for a server of the tests, which nobody else vouches for."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def self_signed(folder: Path) -> tuple[Path, Path]:
    """The files of a new key and of its certificate for this machine."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    x509.IPAddress(ip_address("127.0.0.1"))
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    files = folder / "server.key", folder / "server.pem"
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption(), serialization.PrivateFormat.PKCS8
    files[0].write_bytes(key.private_bytes(pem, plain[1], plain[0]))
    files[1].write_bytes(certificate.public_bytes(pem))
    return files
