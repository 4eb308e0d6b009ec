"""The status list: read as the standard says, and small for a whole country."""

import base64
import json
import random
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from app.documents.status_token import CODES, OTHER, packed, token
from app.keys import KeyStore

AT = datetime(2026, 7, 1, 8, tzinfo=UTC)


def read(bits: bytes, index: int) -> int:
    """The four bits of one certificate, the first in the lower half of a byte."""
    pair = zlib.decompress(bits)[index // 2]
    return pair >> 4 if index % 2 else pair & 15


def test_each_certificate_has_its_own_bits() -> None:
    states = list(enumerate(["revoked", "valid", "replaced", "lost", "cancelled", "unheard"], 3))
    bits = packed(10, [one for one in states if one[1] != "valid"])
    assert [read(bits, index) for index in range(10)] == [0, 0, 0, 1, 0, 12, 13, 14, OTHER, 0]
    assert len(zlib.decompress(bits)) == 5


def test_a_library_that_knows_nothing_of_us_accepts_the_signature(tmp_path: Path) -> None:
    store = KeyStore(tmp_path, None, production=False)
    bits = packed(100, [(7, "lost")])
    text = token(store.signing_key(), "https://a.example/list", bits, AT, AT + timedelta(hours=1))
    content: dict[str, Any] = jwt.decode(
        text, store.public_keys()[0].key, algorithms=["ES256"], options={"verify_iat": False}
    )
    head = jwt.get_unverified_header(text)
    assert head == {"alg": "ES256", "kid": store.signing_key().kid, "typ": "statuslist+jwt"}
    assert (content["sub"], content["ttl"]) == ("https://a.example/list", 3600)
    assert content["next_update"] - content["iat"] == 3600
    lst = content["status_list"]["lst"]
    found = base64.urlsafe_b64decode(lst + "=" * (-len(lst) % 4))
    assert read(found, 7) == CODES["lost"]
    changed = text.replace(text.split(".")[1][:8], "eyJzdWIi"[::-1])
    with pytest.raises(jwt.PyJWTError):
        jwt.decode(changed, store.public_keys()[0].key, algorithms=["ES256"])
    assert json.loads(json.dumps(content)) == content


@pytest.mark.slow
def test_two_and_a_half_million_certificates_fit_into_half_a_megabyte() -> None:
    """Given two of five replaced and one of a hundred lost or revoked, at random: the worst there
    is, because certificates of one year are replaced in one year."""
    draw = random.Random(1)
    states = ["replaced"] * 40 + ["lost", "revoked"]
    picked = ((index, draw.choice(states)) for index in range(2_500_000) if draw.random() < 0.42)
    assert len(packed(2_500_000, picked)) < 500_000
