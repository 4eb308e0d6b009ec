"""The signed content of a certificate's QR code: what anybody can check without a connection.

It stands in the fragment of the code's address, which browsers never send: a COSE_Sign1 (RFC 9052)
with ES256, written as one decimal number, because a QR code packs digits closest.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import cbor2

from app.keys import SigningKey

COSE_SIGN1 = 18
ES256 = -7
ALGORITHM, KEY_ID = 1, 4
EPOCH = date(1970, 1, 1)
PHOTO_BYTES = 16
LEVELS = ("assistant", "social_worker", "senior")
"""Levels are numbered from 1 in this order; a new one goes to the end."""


@dataclass(frozen=True)
class CodePayload:
    """What a code says: `name` is masked, `photo` the first 16 bytes of the portrait's SHA-256,
    `index` the certificate's place in the status list."""

    number: str
    name: str
    level: str
    issued_on: date
    valid_from: date
    valid_until: date
    photo: bytes
    index: int


def signed(payload: CodePayload, key: SigningKey) -> str:
    """The digits of a payload under a key; raises KeyRefused when the key does not answer."""
    protected = cbor2.dumps({ALGORITHM: ES256, KEY_ID: bytes.fromhex(key.kid)})
    content = cbor2.dumps(_members(payload))
    signature = key.sign(_to_be_signed(protected, content))
    message = cbor2.dumps(cbor2.CBORTag(COSE_SIGN1, [protected, {}, content, signature]))
    return str(int.from_bytes(message, "big"))  # a tag begins with no zero that would be lost


def _to_be_signed(protected: bytes, content: bytes) -> bytes:
    return cbor2.dumps(["Signature1", protected, b"", content])


def _members(payload: CodePayload) -> dict[int, Any]:
    return {
        1: int(payload.number),
        2: payload.name,
        3: LEVELS.index(payload.level) + 1,
        4: _day(payload.issued_on),
        5: _day(payload.valid_from),
        6: _day(payload.valid_until),
        7: payload.photo,
        8: payload.index,
    }


def _day(day: date) -> int:
    return (day - EPOCH).days
