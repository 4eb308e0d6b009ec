"""The signed code: what a third party reads in it with a library of its own choice."""

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from app.documents.code_payload import LEVELS, CodePayload, signed
from app.keys import KeyStore
from models import codes
from tests.support.signed_codes import message, opened

PAYLOAD = CodePayload(
    number="112020041827365",
    name="欧阳**",
    level="social_worker",
    issued_on=date(2020, 7, 15),
    valid_from=date(2020, 7, 15),
    valid_until=date(2023, 5, 31),
    photo=hashlib.sha256(b"a portrait").digest()[:16],
    index=2_499_999,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> KeyStore:
    """The keys of a portal."""
    folder: Path = tmp_path_factory.mktemp("keys")
    return KeyStore(folder, None, production=False)


def test_x_41_a_code_gives_back_what_was_signed(store: KeyStore) -> None:
    digits = signed(PAYLOAD, store.signing_key())
    assert opened(digits, store.public_keys()) == PAYLOAD


def test_a_stranger_checks_it_by_the_standard_alone(store: KeyStore) -> None:
    """RFC 9052, 4.4, with nothing of ours but the public key."""
    tagged = cbor2.loads(message(signed(PAYLOAD, store.signing_key())))
    assert tagged.tag == 18
    protected, unprotected, content, signature = tagged.value
    assert cbor2.loads(protected) == {1: -7, 4: bytes.fromhex(store.signing_key().kid)}
    assert unprotected == {}
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    store.public_keys()[0].key.verify(
        encode_dss_signature(r, s),
        cbor2.dumps(["Signature1", protected, b"", content]),
        ec.ECDSA(hashes.SHA256()),
    )
    assert cbor2.loads(content) == {
        1: 112020041827365,
        2: "欧阳**",
        3: 2,
        4: 18458,
        5: 18458,
        6: 19508,
        7: PAYLOAD.photo,
        8: 2_499_999,
    }


def test_it_is_small_enough_for_a_code_that_a_phone_reads(store: KeyStore) -> None:
    long = replace(PAYLOAD, name="阿" + "*" * 23)
    assert len(message(signed(PAYLOAD, store.signing_key()))) <= 150
    assert len(message(signed(long, store.signing_key()))) <= 175


def test_every_level_of_the_register_has_its_number() -> None:
    assert set(LEVELS) == set(codes.LEVELS)
