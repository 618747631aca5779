"""Reading: what is in a folder, in the trash, and in a document's past."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import aliased

from resana.accounts.models import Account, AccountKind
from resana.core.api import cursor_of, keyset, values_of
from resana.core.database import session
from resana.core.errors import Refused
from resana.permissions import Can, abilities_of, allowed
from resana.spaces.models import Space

from .models import Document, Folder, Version

SORTS = ("name", "date", "who", "size")


Kind = Literal["folder", "document"]


class Entry(NamedTuple):
    """A line of a folder: a folder or a document, without its entity."""

    kind: Kind
    id: int
    public_id: str
    name: str
    version: int | None
    size: int | None
    sha256: str | None
    content_type: str | None
    at: datetime
    who_id: str
    who: str
    who_is_guest: bool
    mine: bool
    restricted: bool
    abilities: dict[str, bool]


_writer = aliased(Account)
_FOLDER_COLUMNS = (
    Folder.id,
    Folder.public_id,
    Folder.name,
    Folder.created_by_id,
    Folder.updated_at,
    _writer.public_id,
    _writer.first_name,
    _writer.last_name,
    _writer.kind,
    Folder.acl_folder_id,
    Folder.restricted,
)
_DOCUMENT_COLUMNS = (
    Document.id,
    Document.public_id,
    Document.name,
    Document.created_by_id,
    Document.updated_at,
    _writer.public_id,
    _writer.first_name,
    _writer.last_name,
    _writer.kind,
    Document.acl_folder_id,
    Document.version,
    Document.size,
    Document.sha256,
    Document.content_type,
)


def entries(
    account: Account,
    space: Space,
    folder: Folder | None,
    *,
    sort: str = "name",
    descending: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[list[Entry], str | None]:
    """A part of what is in a folder (None: the top): folders, then documents, and the cursor of the next part.

    Two statements for the lines and one for each kind's abilities, however many lines there are.
    """
    stage, rest = _stage(cursor, sort)
    folders: list[Any] = []
    following: str | None = None
    if stage == "folder":
        folders, following = _part(account, space, folder, Folder, sort, descending, rest, limit)
        rest = None
    documents: list[Any] = []
    if following is None and len(folders) < limit:
        documents, following = _part(account, space, folder, Document, sort, descending, rest, limit - len(folders))
    elif following is None:
        # The folders end exactly with this part: the next one begins with the first document, if there is one.
        _rows, more = _part(account, space, folder, Document, sort, descending, None, 1)
        following = cursor_of(["document"]) if _rows or more else None
    known = _abilities(account, Folder, folders) | _abilities(account, Document, documents)
    lines = [_entry("folder", row, account, known) for row in folders]
    lines += [_entry("document", row, account, known) for row in documents]
    return lines, following


def _stage(cursor: str | None, sort: str) -> tuple[str, str | None]:
    """Where a list goes on: among the folders or the documents, and after what."""
    if cursor is None:
        return "folder", None
    try:
        (stage,) = values_of(cursor, [str])
    except Refused:
        stage, *values = values_of(cursor, [str, *_kinds(sort, _model_of(cursor))])
        if stage not in ("folder", "document"):
            raise
        return stage, cursor_of(values)
    if stage != "document":
        raise Refused(_("Ce curseur n’est pas valable."), "cursor")
    return stage, None


def _model_of(cursor: str) -> type[Any]:
    """The model that a cursor speaks of; its first value says it."""
    for kinds in ([str, str, int], [str, datetime, int], [str, int, int]):
        try:
            return Folder if values_of(cursor, kinds)[0] == "folder" else Document
        except Refused:
            continue
    return Document


def _kinds(sort: str, model: type[Any]) -> list[type]:
    if sort == "date":
        return [datetime, int]
    return [int, int] if sort == "size" and model is Document else [str, int]


def _columns(sort: str, model: Any) -> list[Any]:
    if sort == "date":
        return [model.updated_at, model.id]
    if sort == "who":
        return [_writer.search_name, model.id]
    if sort == "size" and model is Document:
        return [model.size, model.id]
    return [model.search_name, model.id]


def _part(
    account: Account,
    space: Space,
    folder: Folder | None,
    model: Any,
    sort: str,
    descending: bool,
    cursor: str | None,
    limit: int,
) -> tuple[list[Any], str | None]:
    right, columns, parent, writer = (
        (Can.READ_FOLDER, _FOLDER_COLUMNS, Folder.parent_id, Folder.created_by_id)
        if model is Folder
        else (Can.READ_DOCUMENT, _DOCUMENT_COLUMNS, Document.folder_id, Document.updated_by_id)
    )
    query = (
        allowed(account, right, *columns)
        .join(_writer, _writer.id == writer)
        .where(
            model.space_id == space.id,
            parent == folder.id if folder is not None else parent.is_(None),
            model.trashed_at.is_(None),
        )
    )
    by = _columns(sort, model)
    rows, following = keyset(query, by, _kinds(sort, model), cursor=cursor, limit=limit, descending=descending)
    if following is not None:
        following = cursor_of([model.__name__.lower(), *list(rows[-1])[-len(by) :]])
    return rows, following


_Known = dict[tuple[str, bool, int | None], dict[str, bool]]


def _abilities(account: Account, model: Any, rows: Sequence[Any]) -> _Known:
    """What the account may do with lines of one folder: the same for all that it created, and for all others.

    Rights in a space depend on the thing only through who created it and the restricted folder it stands in
    (tests/documents/test_listing.py compares this with asking for each), so that a few are asked for, and not two
    hundred.
    """
    one_of: dict[tuple[str, bool, int | None], Any] = {}
    for row in rows:
        one_of.setdefault(_alike(model, row, account), row)
    found = abilities_of(account, [model(id=row[0]) for row in one_of.values()]) if one_of else {}
    return {alike: found[row[0]] for alike, row in one_of.items()}


def _alike(model: Any, row: Any, account: Account) -> tuple[str, bool, int | None]:
    return (model.__name__.lower(), row[3] == account.id, row[9])


def _entry(kind: Kind, row: Any, account: Account, known: _Known) -> Entry:
    version, size, sha256, content_type = row[10:14] if kind == "document" else (None, None, None, None)
    model = Folder if kind == "folder" else Document
    return Entry(
        kind,
        row[0],
        row[1],
        row[2],
        version,
        size,
        sha256,
        content_type,
        row[4],
        row[5],
        f"{row[6]} {row[7]}",
        row[8] == AccountKind.GUEST,
        row[3] == account.id,
        bool(row[10]) if kind == "folder" else False,
        known[_alike(model, row, account)],
    )


def versions(document: Document) -> list[Version]:
    """All versions of a document with their authors, the newest first."""
    return list(
        session.execute(
            select(Version, Account)
            .join(Account, Account.id == Version.created_by_id)
            .where(Version.document_id == document.id)
            .order_by(Version.number.desc())
            .limit(1000)
        ).scalars()
    )


def versions_page(document: Document, cursor: str | None, limit: int) -> tuple[list[Any], str | None]:
    """A part of a document's versions, the newest first."""
    query = (
        select(Version, Account)
        .join(Account, Account.id == Version.created_by_id)
        .where(Version.document_id == document.id)
    )
    return keyset(query, [Version.number], [int], cursor=cursor, limit=limit, descending=True)


def version_of(document: Document, number: int | None = None) -> Version | None:
    """A version of a document; the present one unless a number is given."""
    wanted = document.version if number is None else number
    return session.execute(
        select(Version).where(Version.document_id == document.id, Version.number == wanted)
    ).scalar_one_or_none()


def in_trash(account: Account, space: Space, limit: int = 500) -> list[Document | Folder]:
    """What this person may bring back from a space's trash, the last deleted first."""
    things: list[Document | Folder] = []
    for model, right in ((Folder, Can.RESTORE_FOLDER), (Document, Can.RESTORE_DOCUMENT)):
        things += session.execute(
            allowed(account, right)
            .where(model.space_id == space.id, model.trashed_with_id.is_(None))
            .order_by(model.trashed_at.desc())
            .limit(limit)
        ).scalars()
    return sorted(things, key=lambda thing: thing.trashed_at or thing.created_at, reverse=True)[:limit]


class Named(NamedTuple):
    """Somebody's name, and whether they come from outside."""

    name: str
    is_guest: bool


def names_of(account_ids: Iterable[int | None]) -> dict[int, Named]:
    """The names of accounts."""
    wanted = {identity for identity in account_ids if identity is not None}
    rows = session.execute(
        select(Account.id, Account.first_name, Account.last_name, Account.kind).where(Account.id.in_(wanted))
    )
    return {row[0]: Named(f"{row[1]} {row[2]}", row[3] == AccountKind.GUEST) for row in rows}


def folder_tree(account: Account, space: Space, limit: int = 2000) -> list[tuple[int, str, str]]:
    """All folders of a space in the order of a tree: (depth, public id, name). For choosing a place."""
    rows = session.execute(
        allowed(account, Can.READ_FOLDER, Folder.id, Folder.parent_id, Folder.public_id, Folder.name)
        .where(Folder.space_id == space.id)
        .order_by(Folder.search_name)
        .limit(limit)
    ).all()
    children: dict[int | None, list[Any]] = {}
    for row in rows:
        children.setdefault(row[1], []).append(row)
    tree: list[tuple[int, str, str]] = []
    waiting = [(0, row) for row in reversed(children.get(None, []))]
    while waiting:
        depth, row = waiting.pop()
        tree.append((depth, row[2], row[3]))
        waiting += [(depth + 1, child) for child in reversed(children.get(row[0], []))]
    return tree
