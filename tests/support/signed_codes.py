"""Reading the signed content of a QR code as a third party does, by RFC 9052."""

from collections.abc import Iterable
from datetime import date, timedelta

import cbor2

from app.documents.code_payload import LEVELS, CodePayload
from app.keys import PublicKey, verifies


def message(digits: str) -> bytes:
    """The bytes that the digits stand for."""
    number = int(digits)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def opened(digits: str, keys: Iterable[PublicKey]) -> CodePayload:
    """The payload of the digits, which one of the keys has to have signed."""
    protected, _open, content, signature = cbor2.loads(message(digits)).value
    kid = cbor2.loads(protected)[4].hex()
    (key,) = (key for key in keys if key.kid == kid)
    said = cbor2.dumps(["Signature1", protected, b"", content])
    assert verifies(key.key, signature, said), "not what was signed"
    number, name, level, *days, photo, index = cbor2.loads(content).values()
    issued_on, valid_from, valid_until = (date(1970, 1, 1) + timedelta(day) for day in days)
    return CodePayload(
        number=f"{number:015d}",
        name=name,
        level=LEVELS[level - 1],
        issued_on=issued_on,
        valid_from=valid_from,
        valid_until=valid_until,
        photo=photo,
        index=index,
    )
