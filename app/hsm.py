"""A signing key in a PKCS#11 token, which it never leaves; needs python-pkcs11."""

import hashlib
import threading
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import pkcs11
from cryptography import x509

from app.keys import KeyRefused, KeySource, kid_of, read_certificates


class TokenKey:
    """A key by its label in a token; its certificate lies in a file beside the portal.

    One session is kept open and used by one thread at a time; after a fault the next signature
    opens another.
    """

    def __init__(
        self, place: dict[str, str], pin: str, certificates: list[x509.Certificate]
    ) -> None:
        self.certificate, *others = certificates
        self.chain = tuple(others)
        self._place = place
        self._pin = pin
        self._lock = threading.Lock()
        self._key: Any = None

    @cached_property
    def kid(self) -> str:
        """The name of the key."""
        return kid_of(self.certificate)

    def sign(self, data: bytes) -> bytes:
        """ES256 over `data`, signed in the token; raises KeyRefused when it does not answer."""
        with self._lock:
            try:
                self._key = self._key or self._open()
                # every token knows plain ECDSA; not every one digests as well
                digest = hashlib.sha256(data).digest()
                signature: bytes = self._key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA)
            except pkcs11.PKCS11Error as fault:
                self._key = None
                label = self._place.get("token")
                said = f"{type(fault).__name__} {fault}".strip()
                raise KeyRefused(f"The token {label} does not sign: {said}") from fault
        return signature

    def _open(self) -> Any:
        library = pkcs11.lib(self._place["module-path"])
        token = library.get_token(token_label=self._place["token"])
        session = token.open(user_pin=self._pin)
        return session.get_key(
            object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=self._place["object"]
        )


def token_key(source: KeySource) -> TokenKey:
    """The key that a URI names (RFC 7512), such as
    `pkcs11:token=seal;object=2026?module-path=/usr/lib/softhsm/libsofthsm2.so`.

    The PIN comes from the file of `pin-source`, or is the source's password. Raises KeyRefused.
    """
    path, _, query = source.place.removeprefix("pkcs11:").partition("?")
    pairs = [part.partition("=")[::2] for part in path.split(";") if part]
    place = {name: unquote(value) for name, value in pairs} | dict(parse_qsl(query))
    missing = [name for name in ("token", "object", "module-path") if not place.get(name)]
    if missing or source.certificates is None:
        raise KeyRefused(
            "A key in a token needs pkcs11:token=…;object=…?module-path=… as PORTAL_SIGNING_KEY "
            "and a PEM file with its certificate as PORTAL_SIGNING_CERTIFICATES."
        )
    file = place.get("pin-source")
    pin = _pin(Path(file.removeprefix("file:"))) if file else source.password
    return TokenKey(place, pin, read_certificates(source.certificates))


def _pin(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as fault:
        said = fault.strerror if isinstance(fault, OSError) else "it is no text"
        raise KeyRefused(f"The token's PIN cannot be read from {path}: {said}") from fault
