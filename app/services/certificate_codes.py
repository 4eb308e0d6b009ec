"""The signed code of a certificate, as its QR code carries it."""

from flask import current_app

from app.documents.code_payload import PHOTO_BYTES, CodePayload, signed
from app.keys import KeyStore
from app.rules.identifiers import mask_name
from models.certificate import Certificate


def code_of(certificate: Certificate) -> str:
    """What stands in the QR code after the address, signed with the key in use: no more than the
    public page tells anyone with the number. Raises KeyRefused."""
    keys: KeyStore = current_app.extensions["keys"]
    payload = CodePayload(
        number=certificate.number,
        name=mask_name(certificate.name),
        level=certificate.level,
        issued_on=certificate.issued_on,
        valid_from=certificate.valid_from,
        valid_until=certificate.valid_until,
        photo=bytes.fromhex(certificate.photo_digest)[:PHOTO_BYTES],
        index=certificate.id,
    )
    return signed(payload, keys.signing_key())
