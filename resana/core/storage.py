"""Where the bytes of documents lie: a local folder by default, a bucket by a setting.

Bytes that arrive are a *draft*: a temporary file that is hashed and counted piece by piece, and read whole nowhere. A
draft that is kept gets a random key and never changes afterwards; one that is not kept leaves nothing. A key says
nothing of the document's name, so that no name can be a path.

A bucket has no rename. Its drafts wait in a local file, and go up in one put, which appears whole or not at all.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import obstore
from flask import Flask, current_app
from flask_babel import gettext as _
from obstore.exceptions import AlreadyExistsError
from obstore.store import from_url

from .errors import StorageFull, TooLarge
from .health import ask_before_ready
from .text import new_id

PIECE = 256 * 1024
"""Bytes that are held in memory at once."""
FORGOTTEN_AFTER_S = 24 * 3600
"""Age of a draft that nobody is writing any more: its process was killed."""

_KEY = re.compile(r"(?:[a-z]+/)?[a-z0-9]{26,64}")


class Missing(LookupError):
    """The storage has no bytes under that key."""


class Draft:
    """Bytes that arrive; use it as a context, which drops them unless they were kept."""

    def __init__(self, folder: Path, longest: int | None = None) -> None:
        self.path = folder / f"{new_id()}.part"
        self.longest = longest
        self.size = 0
        self._hash = hashlib.sha256()
        with _enough_room():
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        self.file: BinaryIO = os.fdopen(descriptor, "w+b", buffering=0)

    def write(self, piece: bytes) -> None:
        """Add a piece. Raises TooLarge, StorageFull."""
        self.size += len(piece)
        if self.longest is not None and self.size > self.longest:
            raise TooLarge(_("Ce fichier dépasse la taille permise."))
        self._hash.update(piece)
        left = memoryview(piece)
        with _enough_room():
            while left:
                left = left[self.file.write(left) :]

    @property
    def sha256(self) -> str:
        """The hash of what has come so far, in hexadecimal digits."""
        return self._hash.hexdigest()

    def part(self, start: int, length: int) -> bytes:
        """Some of the bytes, to look at."""
        return os.pread(self.file.fileno(), length, start)

    def secure(self) -> None:
        """Have the bytes on the disk. Raises StorageFull."""
        with _enough_room():
            os.fsync(self.file.fileno())

    def drop(self) -> None:
        """Forget the bytes; safe to call twice, and after they were kept."""
        self.file.close()
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Draft:
        return self

    def __exit__(self, *_error: object) -> None:
        self.drop()


class Stored(Protocol):
    """Bytes that are kept, open for reading."""

    size: int

    def pieces(self, start: int, length: int) -> Iterator[bytes]:
        """The bytes from `start`, piece by piece."""

    def close(self) -> None:
        """Let go of them."""


class Store(Protocol):
    """A place for bytes. `key` is what `keep` returned."""

    def begin(self, longest: int | None = None) -> Draft:
        """Open a draft of at most `longest` bytes. Raises StorageFull."""

    def keep(self, draft: Draft, key: str | None = None) -> str:
        """Make a draft last, under a new key unless one is given, and return that. Raises StorageFull."""

    def open(self, key: str) -> Stored:
        """The bytes of that key. Raises Missing."""

    def delete(self, key: str) -> None:
        """Remove the bytes of that key, if there are any."""

    def keys(self, older_than_s: float) -> Iterator[str]:
        """All keys whose bytes have been there for so long."""

    def forget_drafts(self, older_than_s: float = FORGOTTEN_AFTER_S) -> int:
        """Remove the drafts of processes that were killed; say how many."""

    def check(self) -> None:
        """Raise if the storage does not answer."""


class Folder:
    """A local folder: `ab/cd/<key>`, so that no folder grows too large."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.incoming = root / "incoming"

    def begin(self, longest: int | None = None) -> Draft:
        """Open a draft on the same file system, so that keeping it is a rename."""
        return Draft(self.incoming, longest)

    def keep(self, draft: Draft, key: str | None = None) -> str:
        """Bytes to the disk, rename, folder to the disk: after a power cut, the key has all its bytes or none."""
        key = key or new_id()
        target = self._path(key)
        draft.secure()
        with _enough_room():
            self._make(target.parent)
            draft.path.rename(target)
            try:
                _sync(target.parent)
            except BaseException:
                target.unlink(missing_ok=True)
                raise
        return key

    def open(self, key: str) -> OpenFile:
        """The file of that key."""
        try:
            descriptor = os.open(self._path(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError as missing:
            raise Missing(key) from missing
        return OpenFile(os.fdopen(descriptor, "rb", buffering=0))

    def delete(self, key: str) -> None:
        """Remove the file of that key."""
        self._path(key).unlink(missing_ok=True)

    def keys(self, older_than_s: float) -> Iterator[str]:
        """All keys without a prefix, old enough."""
        limit = time.time() - older_than_s
        for path in self.root.glob("??/??/*"):
            if path.stat().st_mtime < limit:
                yield path.name

    def forget_drafts(self, older_than_s: float = FORGOTTEN_AFTER_S) -> int:
        """Remove old drafts."""
        return _forget_drafts(self.incoming, older_than_s)

    def check(self) -> None:
        """The folder is there and can be written to."""
        self.root.mkdir(parents=True, exist_ok=True)
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise PermissionError(f"{self.root} cannot be written to")

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise Missing(key)
        prefix, _slash, name = key.rpartition("/")
        return self.root / prefix / name[:2] / name[2:4] / name

    def _make(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._make(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


class OpenFile:
    """A file, open for reading."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.size = os.fstat(file.fileno()).st_size

    def pieces(self, start: int, length: int) -> Iterator[bytes]:
        """The bytes from `start`."""
        while length > 0 and (piece := os.pread(self.file.fileno(), min(PIECE, length), start)):
            yield piece
            start += len(piece)
            length -= len(piece)

    def close(self) -> None:
        """Close the file."""
        self.file.close()


class Bucket:
    """A bucket of an object store, through obstore. Drafts wait in the local folder `incoming`."""

    def __init__(self, store: Any, incoming: Path) -> None:
        self.store = store
        self.incoming = incoming

    def begin(self, longest: int | None = None) -> Draft:
        """Open a draft in a local file."""
        return Draft(self.incoming, longest)

    def keep(self, draft: Draft, key: str | None = None) -> str:
        """Put the draft up; in parts if it is large."""
        key = key or new_id()
        draft.file.seek(0)
        # The put closes what it reads from.
        with os.fdopen(os.dup(draft.file.fileno()), "rb") as copy, contextlib.suppress(AlreadyExistsError):
            obstore.put(self.store, key, copy, chunk_size=8 * 1024 * 1024)
        return key

    def open(self, key: str) -> OpenObject:
        """The object of that key."""
        if not _KEY.fullmatch(key):
            raise Missing(key)
        try:
            return OpenObject(self.store, key, int(obstore.head(self.store, key)["size"]))
        except FileNotFoundError as missing:
            raise Missing(key) from missing

    def delete(self, key: str) -> None:
        """Remove the object of that key."""
        with contextlib.suppress(FileNotFoundError):
            obstore.delete(self.store, key)

    def keys(self, older_than_s: float) -> Iterator[str]:
        """All keys without a prefix, old enough."""
        limit = time.time() - older_than_s
        for batch in obstore.list(self.store):
            for one in batch:
                if "/" not in one["path"] and one["last_modified"].timestamp() < limit:
                    yield one["path"]

    def forget_drafts(self, older_than_s: float = FORGOTTEN_AFTER_S) -> int:
        """Remove old drafts."""
        return _forget_drafts(self.incoming, older_than_s)

    def check(self) -> None:
        """The bucket answers, if only that it has no such object."""
        with contextlib.suppress(FileNotFoundError):
            obstore.head(self.store, "readiness")


class OpenObject:
    """An object of a bucket, open for reading."""

    def __init__(self, store: Any, key: str, size: int) -> None:
        self.store, self.key, self.size = store, key, size

    def pieces(self, start: int, length: int) -> Iterator[bytes]:
        """The bytes from `start`, each piece asked for on its own, so that nothing is read ahead of a slow reader."""
        end = min(start + length, self.size)
        while start < end:
            piece = bytes(obstore.get_range(self.store, self.key, start=start, end=min(start + 4 * PIECE, end)))
            yield piece
            start += len(piece)

    def close(self) -> None:
        """Nothing is held."""


def storage() -> Store:
    """The storage of the current application."""
    given: Store | None = current_app.extensions.get("storage")
    if given is not None:
        return given
    settings = current_app.config["SETTINGS"]
    if not settings.storage_url:
        return Folder(settings.data / "objects")
    bucket = Bucket(from_url(settings.storage_url), settings.data / "incoming")
    current_app.extensions["storage"] = bucket
    return bucket


def draft_of(content: bytes) -> Draft:
    """A draft of bytes that are in memory already; use it as a context."""
    draft = storage().begin()
    try:
        draft.write(content)
    except BaseException:
        draft.drop()
        raise
    return draft


def whole(stored: Stored, most: int) -> io.BytesIO:
    """All the bytes in memory, where they are at most `most`; ValueError where they are more."""
    if stored.size > most:
        raise ValueError("too large to be read whole")
    return io.BytesIO(b"".join(stored.pieces(0, stored.size)))


def init_app(app: Flask) -> None:
    """Have /readyz ask the storage, and remove at start what killed processes left."""
    ask_before_ready(app, lambda: storage().check())
    with app.app_context():
        storage().forget_drafts()


@contextlib.contextmanager
def _enough_room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull from error
        raise


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _forget_drafts(folder: Path, older_than_s: float) -> int:
    limit, forgotten = time.time() - older_than_s, 0
    for path in folder.glob("*.part"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < limit:
                path.unlink()
                forgotten += 1
    return forgotten
