"""THE ONE WRITE PATH. Every door that brings bytes goes through here: upload, interface, restored version, seed.

A draft was streamed, hashed and counted (core/receiving.py). Then: the name's rules → the type, from the content → the
bytes secured under their key → one transaction, which asks for the right again and writes the version, the document
and the event. Killed anywhere, it leaves no row without its bytes, and the old version stays.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from resana.accounts.models import Account
from resana.core.actions import action
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, Damaged, No, Refused, Stale
from resana.core.storage import Draft, Missing, storage
from resana.core.text import folded, searchable
from resana.events import Event
from resana.permissions import Can, obtain
from resana.spaces.models import Space
from resana.spaces.streams import record

from . import names, types
from .models import Document, Folder, Version
from .places import folded_names_at, lock, stream_of, taken_by, target

log = logging.getLogger(__name__)

Seen = Callable[[str], bool]
"""Of the present version's SHA-256, whether that is the one that the writer saw."""


class OnConflict(StrEnum):
    """What becomes of a file whose name is taken."""

    VERSION = "version"
    RENAME = "rename"
    REFUSE = "refuse"


class Bytes(NamedTuple):
    """What a version is made of."""

    key: str
    size: int
    sha256: str
    content_type: str


def deposit(
    space: Space,
    folder: Folder | None,
    name: str,
    draft: Draft,
    *,
    by: Account,
    on_conflict: OnConflict = OnConflict.REFUSE,
    expected_sha256: str | None = None,
    at: datetime | None = None,
) -> Document:
    """Put a file into a folder (None: at the top of the space). `at` is for who tells a past: the demonstration.

    Raises Refused (name, hash), Conflict (the name is taken), NotThere and NotAllowed (the right is gone), StorageFull.
    """
    name = names.clean(name)
    _verify(draft, expected_sha256)
    with _secured(draft, name) as content:
        return _add(space, folder, name, content, on_conflict, by, at)


def replace(
    document: Document,
    draft: Draft,
    *,
    by: Account,
    seen: Seen | None = None,
    expected_sha256: str | None = None,
    at: datetime | None = None,
) -> Document:
    """Give a document a new version. Raises Stale where `seen` does not know the present one; else as `deposit`."""
    _verify(draft, expected_sha256)
    with _secured(draft, document.name) as content:
        return _change(document, content, by, seen, at)


@action
def restore_version(version: Version, *, by: Account, seen: Seen | None = None) -> Document:
    """Make an old version the present one: a new version with the same bytes. Raises Stale, Damaged."""
    document = version.document
    lock(document.space.stream)
    obtain(by, Can.RESTORE_VERSION, document_id=document.public_id, no=version.number)
    session.refresh(document)
    if seen is not None and not seen(document.sha256):
        raise Stale
    check_kept(version)
    content = Bytes(version.key, version.size, version.sha256, version.content_type)
    _add_version(document, content, by, now(), restored_from=version.number)
    record(
        Event.VERSION_RESTORED,
        stream_of(document, document.space),
        by=by,
        document_id=document.public_id,
        version=document.version,
        restored_from=version.number,
    )
    return document


def check_kept(version: Version) -> None:
    """Raise Damaged unless the storage has as many bytes as the version says."""
    try:
        stored = storage().open(version.key)
    except Missing:
        found = None
    else:
        found = stored.size
        stored.close()
    if found != version.size:
        log.error("version %s has %s bytes in the storage instead of %s", version.key, found, version.size)
        raise Damaged(_("Le contenu de ce document est abîmé. Prévenez le contact du service."))


def _verify(draft: Draft, expected_sha256: str | None) -> None:
    if expected_sha256 and expected_sha256.lower() != draft.sha256:
        raise Refused(_("Le fichier reçu n’est pas celui qui a été envoyé : son empreinte diffère."), "sha256")


@contextlib.contextmanager
def _secured(draft: Draft, name: str) -> Iterator[Bytes]:
    """The bytes under their key, on the disk. They go again if what is done with them certainly failed."""
    content_type = types.detect(draft, name)
    key = storage().keep(draft)
    try:
        yield Bytes(key, draft.size, draft.sha256, content_type)
    except No:
        storage().delete(key)
        raise
    except Exception as error:
        # A connection that broke may have committed: then `flask documents sweep` looks again, a day later.
        if not (isinstance(error, DBAPIError) and error.connection_invalidated):
            _forget(key)
        raise


def _forget(key: str) -> None:
    try:
        session.rollback()
        if session.execute(select(Version.id).where(Version.key == key)).first() is None:
            storage().delete(key)
    except Exception:
        log.exception("the bytes %s wait for the sweep", key)


@action
def _add(
    space: Space,
    folder: Folder | None,
    name: str,
    content: Bytes,
    on_conflict: OnConflict,
    by: Account,
    at: datetime | None,
) -> Document:
    lock(space.stream)
    obtain(by, Can.UPLOAD, space_id=space.public_id)
    folder = target(space, folder, by)
    taken = taken_by(space, folder, folded(name), by)
    if taken is not None:
        if on_conflict == OnConflict.VERSION and isinstance(taken, Document):
            return _change(taken, content, by, None, at)
        if on_conflict != OnConflict.RENAME:
            raise name_taken(taken)
        name = names.free(name, folded_names_at(space, folder, by))
    document = Document(
        space_id=space.id,
        folder_id=folder.id if folder is not None else None,
        acl_folder_id=folder.acl_folder_id if folder is not None else None,
        name=name,
        folded_name=folded(name),
        search_name=searchable(name)[:400],
        version=0,
        size=content.size,
        sha256=content.sha256,
        content_type=content.content_type,
        created_at=at or now(),
        created_by_id=by.id,
        updated_at=at or now(),
        updated_by_id=by.id,
    )
    session.add(document)
    session.flush()
    _add_version(document, content, by, at or now())
    stream = stream_of(document, space)
    event = record(Event.DOCUMENT_ADDED, stream, by=by, document_id=document.public_id, version=1)
    event.at = at or event.at
    return document


@action
def _change(document: Document, content: Bytes, by: Account, seen: Seen | None, at: datetime | None) -> Document:
    lock(document.space.stream)
    obtain(by, Can.WRITE_DOCUMENT, document_id=document.public_id)
    if seen is not None and not seen(document.sha256):
        raise Stale
    _add_version(document, content, by, at or now())
    stream = stream_of(document, document.space)
    event = record(Event.DOCUMENT_UPDATED, stream, by=by, document_id=document.public_id, version=document.version)
    event.at = at or event.at
    return document


def _add_version(
    document: Document, content: Bytes, by: Account, at: datetime, restored_from: int | None = None
) -> None:
    document.version += 1
    document.size, document.sha256, document.content_type = content.size, content.sha256, content.content_type
    document.updated_at, document.updated_by_id = at, by.id
    session.add(
        Version(
            space_id=document.space_id,
            document_id=document.id,
            number=document.version,
            key=content.key,
            size=content.size,
            sha256=content.sha256,
            content_type=content.content_type,
            restored_from=restored_from,
            created_at=at,
            created_by_id=by.id,
        )
    )
    session.flush()


def name_taken(taken: Document | Folder) -> Conflict:
    """What is said where a name stands already in the same place."""
    if isinstance(taken, Folder):
        return Conflict(_("Un dossier nommé « %(name)s » est déjà à cet endroit.", name=taken.name), "name")
    return Conflict(_("Un document nommé « %(name)s » est déjà à cet endroit.", name=taken.name), "name")
