"""Material files on disk, each stored once under the SHA-256 of its content."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

_DIGEST = re.compile(r"[0-9a-f]{64}")
INCOMING = ".incoming-"


class BadDigest(ValueError):
    """What was asked for is not a SHA-256 in lower-case hex, so it names no stored file."""


class FileMissing(LookupError):
    """No file with this digest is stored."""


class FileDamaged(RuntimeError):
    """The stored bytes no longer hash to their own name."""


class FileStore:
    """Files by content hash under `root`: `ab/cd/abcd…`, written whole or not at all.

    A file has no name of its own, no owner and no type: who may see it, and as what, is
    said by the `Material` row that points here.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, data: bytes) -> str:
        """Store `data` and return its digest; storing the same bytes again changes nothing.

        A stored copy that was damaged since is written anew. Raises OSError when the disk does.
        """
        digest = hashlib.sha256(data).hexdigest()
        if self._is_sound(digest):
            os.utime(self._path(digest))  # it is wanted now: no sweep takes it for left over
        else:
            self._write(self._path(digest), data)
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes stored under `digest`; raises BadDigest, FileMissing or FileDamaged."""
        path = self._path(digest)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise FileMissing(digest) from None
        if hashlib.sha256(data).hexdigest() != digest:
            raise FileDamaged(digest)
        return data

    def exists(self, digest: str) -> bool:
        """Whether a file is stored under `digest`; raises BadDigest."""
        return self._path(digest).is_file()

    def remove(self, digest: str, before: datetime) -> bool:
        """Delete the file under `digest` unless it was stored, or stored again, since an instant;
        whether there is none now. Raises BadDigest, and OSError when the disk does."""
        path = self._path(digest)
        try:
            if path.stat().st_mtime >= before.timestamp():
                return False
            path.unlink()
        except FileNotFoundError:
            return True
        _sync_folder(path.parent)
        return True

    def stored(self, before: datetime) -> Iterator[str]:
        """The digests of all files that nobody has stored since an instant, in no order that
        matters; what a killed write has left by then is deleted on the way."""
        for path in self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            old = _is_older(path, before)
            if old and _DIGEST.fullmatch(path.name):
                yield path.name
            elif old and path.name.startswith(INCOMING):
                path.unlink(missing_ok=True)

    def healthy(self) -> bool:
        """Whether a file can be written, read back and removed right now (for `/readyz`)."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.root, prefix=".probe-") as probe:
                probe.write(b"probe")
                probe.flush()
                return Path(probe.name).read_bytes() == b"probe"
        except OSError:
            return False

    def _path(self, digest: str) -> Path:
        # The pattern is what keeps "../" out: nothing but 64 hex digits ever becomes a path.
        if not _DIGEST.fullmatch(digest):
            raise BadDigest(digest)
        return self.root / digest[:2] / digest[2:4] / digest

    def _is_sound(self, digest: str) -> bool:
        try:
            self.get(digest)
        except (FileMissing, FileDamaged):
            return False
        return True

    def _write(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=INCOMING)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink()
            raise
        # A rename lives in its folder, a new folder in the one above: all three, or a power
        # cut can lose a file that was answered for.
        for folder in (path.parent, path.parent.parent, self.root):
            _sync_folder(folder)


def _is_older(path: Path, before: datetime) -> bool:
    try:
        return path.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False  # somebody else has deleted it meanwhile


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
