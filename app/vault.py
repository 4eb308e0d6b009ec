"""Identity numbers at rest: sealed for reading with a reason, digested for finding, masked for
showing."""

import hmac
from functools import cache

from cryptography.fernet import Fernet
from flask import current_app

from app.rules import identifiers


def seal(number: str) -> bytes:
    """The cipher of an identity number, different each time."""
    return _fernet(current_app.config["IDENTITY_KEY"]).encrypt(number.encode())


def unseal(cipher: bytes) -> str:
    """The identity number; whoever calls this has written an event that says why."""
    return _fernet(current_app.config["IDENTITY_KEY"]).decrypt(cipher).decode()


def seal_bytes(data: bytes) -> bytes:
    """The cipher of what leaves the portal for a while, such as in a form."""
    return _fernet(current_app.config["IDENTITY_KEY"]).encrypt(data)


def unseal_bytes(cipher: bytes) -> bytes:
    """What `seal_bytes` sealed; raises InvalidToken for anything else."""
    return _fernet(current_app.config["IDENTITY_KEY"]).decrypt(cipher)


def digest(number: str) -> str:
    """The keyed digest by which a number is found: 64 hexadecimal digits, the same each time."""
    normal = identifiers.normalise_id_number(number)
    key = current_app.config["IDENTITY_KEY"]
    return hmac.digest(key.encode(), normal.encode(), "sha256").hex()


@cache
def _fernet(key: str) -> Fernet:
    return Fernet(key)
