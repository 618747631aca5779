"""What programs send and are told about folders, documents and versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from resana.accounts.models import Account
from resana.core.api import In, ListQuery, Out, Time
from resana.permissions import abilities

from .models import Document, Folder, Version
from .queries import Entry, names_of


class Person(Out):
    """Who did it."""

    id: str
    name: str
    guest: bool = False


class EntryOut(Out):
    """A folder, or a document in its present version; a folder has no size, version, hash or type."""

    id: str
    name: str
    kind: Literal["folder", "document"]
    size: int | None
    version: int | None
    sha256: str | None
    content_type: str | None
    updated_at: Time
    updated_by: Person
    restricted: bool
    """Whether only some of those who read the space see this: a restricted folder."""
    abilities: dict[str, bool]


class DocumentOut(EntryOut):
    """A document, with its place."""

    space_id: str
    folder_id: str | None
    created_at: Time


class FolderOut(EntryOut):
    """A folder, with its place."""

    space_id: str
    parent_id: str | None
    created_at: Time


class VersionOut(Out):
    """A state of a document."""

    number: int
    size: int
    sha256: str
    content_type: str
    restored_from: int | None
    created_at: Time
    created_by: Person


class TrashedOut(Out):
    """Something in the trash."""

    id: str
    name: str
    kind: Literal["folder", "document"]
    trashed_at: Time
    trashed_by: str
    abilities: dict[str, bool]


class EntriesQuery(ListQuery):
    """Which folder; the top of the space without one."""

    folder: str | None = Field(None, max_length=100)


class NewFolder(In):
    """A folder to be made."""

    name: str = Field(max_length=2000)
    parent_id: str | None = Field(None, max_length=100)


class FolderChange(In):
    """A new name, a new place, or both; `parent_id` null is the top."""

    name: str | None = Field(None, max_length=2000)
    parent_id: str | None = Field(None, max_length=100)
    confirm_audience: bool = False
    """That others than before may read it: without this, 409 says who."""


class DocumentChange(In):
    """A new name, a new place, or both; `folder_id` null is the top."""

    name: str | None = Field(None, max_length=2000)
    folder_id: str | None = Field(None, max_length=100)
    confirm_audience: bool = False
    """That others than before may read it: without this, 409 says who."""


def entry_out(entry: Entry) -> EntryOut:
    """A line of a list. What comes from our own rows is not validated again: it would cost more than the reading."""
    return EntryOut.model_construct(
        id=entry.public_id,
        name=entry.name,
        kind="folder" if entry.kind == "folder" else "document",
        size=entry.size,
        version=entry.version,
        sha256=entry.sha256,
        content_type=entry.content_type,
        updated_at=entry.at,
        updated_by=Person.model_construct(id=entry.who_id, name=entry.who, guest=entry.who_is_guest),
        restricted=entry.restricted,
        abilities=entry.abilities,
    )


def document_out(document: Document, account: Account) -> DocumentOut:
    """A document, for `account`."""
    who = document.updated_by
    return DocumentOut(
        id=document.public_id,
        name=document.name,
        kind="document",
        size=document.size,
        version=document.version,
        sha256=document.sha256,
        content_type=document.content_type,
        updated_at=document.updated_at,
        updated_by=Person(id=who.public_id, name=who.full_name, guest=who.is_guest),
        restricted=False,
        created_at=document.created_at,
        space_id=document.space.public_id,
        folder_id=document.folder.public_id if document.folder is not None else None,
        abilities=abilities(account, document),
    )


def folder_out(folder: Folder, account: Account) -> FolderOut:
    """A folder, for `account`."""
    return FolderOut(
        id=folder.public_id,
        name=folder.name,
        kind="folder",
        size=None,
        version=None,
        sha256=None,
        content_type=None,
        updated_at=folder.updated_at,
        updated_by=Person(
            id=folder.created_by.public_id, name=folder.created_by.full_name, guest=folder.created_by.is_guest
        ),
        restricted=folder.restricted,
        created_at=folder.created_at,
        space_id=folder.space.public_id,
        parent_id=folder.parent.public_id if folder.parent is not None else None,
        abilities=abilities(account, folder),
    )


def version_out(version: Version, author: Account) -> VersionOut:
    """A version and its author."""
    return VersionOut(
        number=version.number,
        size=version.size,
        sha256=version.sha256,
        content_type=version.content_type,
        restored_from=version.restored_from,
        created_at=version.created_at,
        created_by=Person(id=author.public_id, name=author.full_name, guest=author.is_guest),
    )


def trashed_out(things: list[Document | Folder], known: dict[Any, dict[str, bool]]) -> list[TrashedOut]:
    """The trash."""
    names = names_of(thing.trashed_by_id for thing in things)
    return [
        TrashedOut(
            id=thing.public_id,
            name=thing.name,
            kind="folder" if isinstance(thing, Folder) else "document",
            trashed_at=_moment(thing.trashed_at),
            trashed_by=names[thing.trashed_by_id].name if thing.trashed_by_id in names else "",
            abilities=known[type(thing), thing.id],
        )
        for thing in things
    ]


def _moment(at: datetime | None) -> datetime:
    assert at is not None
    return at
