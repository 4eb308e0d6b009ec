"""The signed list of the states of all certificates, compact enough to be carried along.

A Token Status List (IETF OAuth): a JWT with ES256 around a string of four bits for each
certificate, packed by zlib. A certificate's place in it stands in its QR code.
"""

import base64
import json
import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.keys import SigningKey

BITS = 4
TYPE = "statuslist+jwt"
VALID = 0
CODES = {"valid": VALID, "revoked": 1, "replaced": 12, "lost": 13, "cancelled": 14}
OTHER = 15
"""What is out of force in a way that the list has no word for. 1 and 12 to 15 are the standard's
"invalid" and what it leaves to the application."""


def packed(length: int, states: Iterable[tuple[int, str]]) -> bytes:
    """The bits of `length` certificates, zlib over them: all valid but the `states` by place."""
    bits = bytearray((length * BITS + 7) // 8)
    for place, state in states:
        bits[place // 2] |= CODES.get(state, OTHER) << (place % 2 * BITS)
    return zlib.compress(bytes(bits), 9)


def token(
    key: SigningKey, address: str, bits: bytes, issued_at: datetime, updated_by: datetime
) -> str:
    """The list as a JWT; the instants are aware. Raises KeyRefused when the key does not answer."""
    head = {"alg": "ES256", "kid": key.kid, "typ": TYPE}
    issued, following = int(issued_at.timestamp()), int(updated_by.timestamp())
    body = {
        "sub": address,
        "iat": issued,
        "ttl": following - issued,
        "next_update": following,
        "status_list": {"bits": BITS, "lst": base64url(bits)},
    }
    content = f"{_part(head)}.{_part(body)}"
    return f"{content}.{base64url(key.sign(content.encode()))}"


def _part(value: dict[str, Any]) -> str:
    return base64url(json.dumps(value, separators=(",", ":")).encode())


def base64url(data: bytes) -> str:
    """Bytes as JSON Web Signatures and Keys write them (RFC 7515, 2): without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
