"""Material files: what goes in comes out unchanged, and nothing but a digest opens a file."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.storage import BadDigest, FileDamaged, FileMissing, FileStore


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def files_of(store: FileStore) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file()]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=4096))
def test_what_is_put_is_what_is_got(store: FileStore, data: bytes) -> None:
    digest = store.put(data)
    assert digest == hashlib.sha256(data).hexdigest()
    assert store.exists(digest)
    assert store.get(digest) == data


def test_the_same_bytes_are_stored_once(store: FileStore) -> None:
    first, second = store.put(b"portrait"), store.put(b"portrait")
    assert first == second
    assert [path.name for path in files_of(store)] == [first]


def test_files_are_spread_over_folders_by_their_digest(store: FileStore) -> None:
    digest = store.put(b"portrait")
    assert files_of(store) == [store.root / digest[:2] / digest[2:4] / digest]


def test_an_unknown_digest_is_missing(store: FileStore) -> None:
    digest = hashlib.sha256(b"never stored").hexdigest()
    assert not store.exists(digest)
    with pytest.raises(FileMissing):
        store.get(digest)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../../etc/passwd",
        "/etc/passwd",
        "A" * 64,
        "g" * 64,
        "a" * 63,
        "a" * 65,
        "a" * 64 + "\n",
        "a" * 61 + "/..",
        "\0" * 64,
        "１" * 64,
    ],
)
def test_a_malformed_digest_never_becomes_a_path(store: FileStore, name: str) -> None:
    for ask in (store.get, store.exists):
        with pytest.raises(BadDigest):
            ask(name)


def test_a_file_changed_on_disk_is_refused_and_the_next_put_repairs_it(store: FileStore) -> None:
    digest = store.put(b"portrait")
    files_of(store)[0].write_bytes(b"p0rtrait")
    with pytest.raises(FileDamaged):
        store.get(digest)
    store.put(b"portrait")
    assert store.get(digest) == b"portrait"


def test_a_write_that_fails_leaves_nothing_behind(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        store.put(b"portrait")
    assert files_of(store) == []
    assert not store.exists(hashlib.sha256(b"portrait").hexdigest())


def test_a_store_is_healthy_when_it_can_write_and_keeps_no_trace_of_the_probe(
    store: FileStore,
) -> None:
    assert store.healthy()
    assert files_of(store) == []


def test_a_store_whose_root_cannot_be_a_folder_is_not_healthy(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    assert not FileStore(tmp_path / "taken").healthy()
