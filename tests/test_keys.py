"""Signing keys: where they come from, what is refused, and that an older one still counts."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

import config
from app.factory import create_app
from app.keys import KeyRefused, KeySource, KeyStore, SigningKey, public_key, verifies
from tests.support.signing import PASSWORD, certificate_for, issued_key, new_key

SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")
MADE_UP = dict.fromkeys(("SECRET_KEY", "IDENTITY_KEY", "EVENT_KEY"), "x" * 43 + "=")
LIVE = {"PORTAL_ENV": "production", "PORTAL_URL": "https://portal.example.org", **MADE_UP}


def store(folder: Path, source: KeySource | None = None, *, production: bool = False) -> KeyStore:
    return KeyStore(folder / "keys", source, production=production)


def holds(key: SigningKey) -> bool:
    """Whether what the key signs is its certificate's signature."""
    return verifies(
        public_key(key.certificate).key, key.sign(b"what was signed"), b"what was signed"
    )


def test_development_makes_a_key_that_stays_and_that_only_its_account_reads(tmp_path: Path) -> None:
    first = store(tmp_path).signing_key()
    assert holds(first)
    assert store(tmp_path).signing_key().kid == first.kid
    file = tmp_path / "keys" / "signing.pem"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_the_test_authority_says_what_it_is_and_signs_the_key(tmp_path: Path) -> None:
    key = store(tmp_path).signing_key()
    (authority,) = key.chain
    key.certificate.verify_directly_issued_by(authority)
    assert "proves nothing" in authority.subject.rfc4514_string()
    assert file_holds_one_private_key(tmp_path / "keys" / "signing.pem")


def file_holds_one_private_key(path: Path) -> bool:
    """The authority's own key is kept nowhere, so that it never signs a second certificate."""
    return path.read_text().count("PRIVATE KEY-----\n") == 2  # one begins and ends


@pytest.mark.parametrize(
    ("name", "password"), [("key.pem", ""), ("key.pem", PASSWORD), ("key.p12", PASSWORD)]
)
def test_a_key_comes_from_a_pem_or_pkcs12_file(tmp_path: Path, name: str, password: str) -> None:
    path = issued_key(tmp_path / name, password=password)
    key = store(tmp_path, KeySource(str(path), password), production=True).signing_key()
    assert holds(key)
    assert len(key.sign(b"x")) == 64
    with pytest.raises(KeyRefused, match="cannot be opened"):
        store(tmp_path, KeySource(str(path), "wrong" if password else "not locked")).signing_key()


def test_the_certificate_may_lie_in_a_file_of_its_own(tmp_path: Path) -> None:
    private = new_key()
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificate.write_bytes(certificate_for(private.public_key()).public_bytes(Encoding.PEM))
    assert holds(store(tmp_path, KeySource(str(key), "", certificate)).signing_key())
    with pytest.raises(KeyRefused, match="its certificate"):
        store(tmp_path, KeySource(str(key))).signing_key()


def test_a_certificate_of_another_key_is_refused(tmp_path: Path) -> None:
    path, other = issued_key(tmp_path / "a.pem"), issued_key(tmp_path / "b.pem")
    with pytest.raises(KeyRefused, match="does not belong"):
        store(tmp_path, KeySource(str(path), "", other)).signing_key()


@pytest.mark.parametrize(
    "private",
    [
        pytest.param(ec.generate_private_key(ec.SECP384R1()), id="P-384"),
        pytest.param(rsa.generate_private_key(65537, 2048), id="RSA"),
    ],
)
def test_only_p_256_is_taken(
    tmp_path: Path, private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
) -> None:
    path = tmp_path / "key.pem"
    certificate = certificate_for(private.public_key()).public_bytes(Encoding.PEM)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem + certificate)
    with pytest.raises(KeyRefused, match="P-256"):
        store(tmp_path, KeySource(str(path))).signing_key()


def test_production_does_not_start_without_a_key() -> None:
    with pytest.raises(RuntimeError, match="PORTAL_SIGNING_KEY must name the authority's key"):
        config.settings(LIVE)


@pytest.mark.parametrize("place", ["nowhere.pem", "test authority"])
def test_production_does_not_start_with_a_key_that_proves_nothing(
    tmp_path: Path, place: str
) -> None:
    store(tmp_path).signing_key()
    made = tmp_path / "keys" / "signing.pem"
    path, said = (made, "prove nothing") if place == "test authority" else (place, "be opened")
    files = {"PORTAL_FILES": str(tmp_path / "files"), "DATABASE_URL": "sqlite://"}
    with pytest.raises(KeyRefused, match=said):
        create_app(config.settings({**LIVE, **files, "PORTAL_SIGNING_KEY": str(path)}))


def test_after_a_rotation_the_older_key_still_counts(tmp_path: Path) -> None:
    old, new = (
        KeySource(str(issued_key(tmp_path / f"{age}.pem", days_ago=age))) for age in (400, 1)
    )
    before = store(tmp_path, old).signing_key()
    after = store(tmp_path, new)
    assert [key.kid for key in after.public_keys()] == [after.signing_key().kid, before.kid]
    assert verifies(after.public_keys()[1].key, before.sign(b"old paper"), b"old paper")


def test_a_key_whose_certificate_is_taken_away_counts_no_longer(tmp_path: Path) -> None:
    old, new = (KeySource(str(issued_key(tmp_path / f"{name}.pem"))) for name in "ab")
    lost = store(tmp_path, old).signing_key()
    (tmp_path / "keys" / "published" / f"{lost.kid}.pem").unlink()
    assert lost.kid not in [key.kid for key in store(tmp_path, new).public_keys()]


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeySource:
    """A software token of our own with a key in it, and the certificate beside it."""
    if not (SOFTHSM.exists() and shutil.which("softhsm2-util")):
        pytest.skip("no SoftHSM here: `apt install softhsm2`")
    (tmp_path / "tokens").mkdir()
    settings = tmp_path / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(settings))
    private, pin = new_key(), tmp_path / "pin"
    pin.write_text("4321\n")
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    certificate = tmp_path / "certificate.pem"
    certificate.write_bytes(certificate_for(private.public_key()).public_bytes(Encoding.PEM))
    opened = ("--token", "seal", "--pin", "4321")
    softhsm("--init-token", "--free", "--label", "seal", "--pin", "4321", "--so-pin", "1234")
    softhsm("--import", str(tmp_path / "key.pem"), "--label", "2026", "--id", "01", *opened)
    return KeySource(
        f"pkcs11:token=seal;object=2026?module-path={SOFTHSM}&pin-source=file:{pin}",
        certificates=certificate,
    )


def softhsm(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True, env=os.environ)


def test_a_key_in_a_token_signs_and_never_leaves_it(tmp_path: Path, token: KeySource) -> None:
    keys = store(tmp_path, token, production=True)
    assert holds(keys.signing_key())
    assert [key.kid for key in keys.public_keys()] == [keys.signing_key().kid]
    kept = [path.read_bytes() for path in (tmp_path / "keys").rglob("*") if path.is_file()]
    assert not any(b"PRIVATE" in data for data in kept)


def test_a_token_that_does_not_answer_is_told_with_its_name(
    tmp_path: Path, token: KeySource
) -> None:
    gone = KeySource(token.place.replace("token=seal", "token=other"), "", token.certificates)
    with pytest.raises(KeyRefused, match="The token other does not sign"):
        store(tmp_path, gone).signing_key()
    with pytest.raises(KeyRefused, match="PORTAL_SIGNING_CERTIFICATES"):
        store(tmp_path, KeySource("pkcs11:token=seal;object=2026")).signing_key()


def test_a_pin_that_cannot_be_read_is_told_and_older_keys_still_count(tmp_path: Path) -> None:
    pytest.importorskip("pkcs11")
    old = store(tmp_path, KeySource(str(issued_key(tmp_path / "old.pem")))).signing_key()
    place = "pkcs11:token=seal;object=2026?module-path=none.so&pin-source=file:" + str(tmp_path)
    keys = store(tmp_path, KeySource(f"{place}/pin", certificates=tmp_path / "old.pem"))
    with pytest.raises(KeyRefused, match=r"PIN cannot be read from .*pin: No such file"):
        keys.signing_key()
    (tmp_path / "pin").write_bytes(b"\xff")
    with pytest.raises(KeyRefused, match="it is no text"):
        keys.signing_key()
    assert [key.kid for key in keys.public_keys()] == [old.kid]
