"""The same for programs: `/api/v1`."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from resana.core import idempotency
from resana.core.api import ListQuery, Page, answer, speaks
from resana.core.errors import Preconditions, Refused
from resana.core.guarding import current_account, guard
from resana.core.receiving import received, received_bytes
from resana.permissions import Can, abilities_of
from resana.spaces.models import Space

from . import actions, trash, writing
from .models import Document, Folder, Version
from .out import (
    DocumentChange,
    DocumentOut,
    EntriesQuery,
    EntryOut,
    FolderChange,
    FolderOut,
    NewFolder,
    TrashedOut,
    VersionOut,
    document_out,
    entry_out,
    folder_out,
    trashed_out,
    version_out,
)
from .places import folder_named
from .queries import entries, in_trash, version_of, versions_page
from .serving import matches, serve

bp = Blueprint("documents_api", __name__, url_prefix="/api/v1")

UPLOAD_FIELDS = {"folder_id", "sha256", "on_conflict"}


@bp.get("/spaces/<space_id>/documents")
@guard(Can.READ_SPACE)
@speaks(query=EntriesQuery, gives=Page[EntryOut])
def index(space: Space, query: EntriesQuery) -> Page[EntryOut]:
    """What is in a folder: folders, then documents."""
    account = current_account._get_current_object()
    folder = folder_named(space, query.folder, account)
    found, following = entries(account, space, folder, cursor=query.cursor, limit=query.limit)
    return Page[EntryOut](items=[entry_out(entry) for entry in found], next=following)


@bp.post("/spaces/<space_id>/folders")
@guard(Can.CREATE_FOLDER)
@speaks(takes=NewFolder, gives=FolderOut, status=201)
def create_folder(space: Space, body: NewFolder) -> FolderOut:
    """Make a folder."""
    account = current_account._get_current_object()
    parent = folder_named(space, body.parent_id, account)
    return folder_out(actions.create_folder(space, body.name, parent=parent, by=account), account)


@bp.get("/folders/<folder_id>")
@guard(Can.READ_FOLDER)
@speaks(gives=FolderOut)
def show_folder(folder: Folder) -> FolderOut:
    """A folder."""
    return folder_out(folder, current_account._get_current_object())


@bp.patch("/folders/<folder_id>")
@guard(Can.CHANGE_FOLDER)
@speaks(takes=FolderChange, gives=FolderOut)
def change_folder(folder: Folder, body: FolderChange) -> FolderOut:
    """Rename or move a folder."""
    account = current_account._get_current_object()
    place = folder_named(folder.space, body.parent_id, account)
    moves = "parent_id" in body.model_fields_set
    actions.rearrange(folder, name=body.name, place=place, moves=moves, by=account, shown=body.confirm_audience or None)
    return folder_out(folder, account)


@bp.delete("/folders/<folder_id>")
@guard(Can.TRASH_FOLDER)
@speaks(status=204)
def trash_folder(folder: Folder) -> None:
    """Put a folder into the trash, with all below it."""
    trash.trash_folder(folder, by=current_account._get_current_object())


@bp.post("/folders/<folder_id>/restoration")
@guard(Can.RESTORE_FOLDER)
@speaks(gives=FolderOut)
def restore_folder(folder: Folder) -> FolderOut:
    """Bring a folder back."""
    account = current_account._get_current_object()
    trash.restore_folder(folder, by=account)
    return folder_out(folder, account)


@bp.get("/spaces/<space_id>/trash")
@guard(Can.SEE_TRASH)
@speaks(gives=Page[TrashedOut])
def index_trash(space: Space) -> Page[TrashedOut]:
    """What one may bring back."""
    account = current_account._get_current_object()
    things = in_trash(account, space, 200)
    known: dict[Any, dict[str, bool]] = {}
    for model in (Folder, Document):
        for identity, answers in abilities_of(account, [one for one in things if isinstance(one, model)]).items():
            known[model, identity] = answers
    return Page[TrashedOut](items=trashed_out(things, known), next=None)


@bp.post("/spaces/<space_id>/documents")
@guard(Can.UPLOAD, body="stream")
@speaks(gives=DocumentOut, status=201)
def upload(space: Space) -> Any:
    """Deposit a file: multipart `file`, `folder_id?`, `sha256?`, `on_conflict?`."""
    account = current_account._get_current_object()
    with received(files="file", fields=UPLOAD_FIELDS) as sent:
        if not sent.files:
            raise Refused(_("Choisissez un fichier."), "file")
        file = sent.files[0]
        on_conflict = choice(sent.fields.get("on_conflict", ""))

        def deposit() -> DocumentOut:
            document = writing.deposit(
                space,
                folder_named(space, sent.fields.get("folder_id"), account),
                file.name,
                file.draft,
                by=account,
                on_conflict=on_conflict,
                expected_sha256=sent.fields.get("sha256"),
            )
            return document_out(document, account)

        return _once([sorted(sent.fields.items()), file.name, file.draft.sha256], account.id, deposit)


def choice(word: str) -> writing.OnConflict:
    """What becomes of a file whose name is taken; `refuse` when nothing is said. Raises Refused."""
    try:
        return writing.OnConflict(word or "refuse")
    except ValueError as wrong:
        raise Refused(_("Cette valeur ne fait pas partie des choix."), "on_conflict") from wrong


def _once(what: Any, account_id: int, run: Any) -> Any:
    """Carry out `run`, once for an Idempotency-Key: its answer is kept as the JSON that it is sent as."""

    def spoken() -> Response:
        return answer(run(), 201)

    if "Idempotency-Key" not in request.headers:
        return run()
    return idempotency.carry_out(json.dumps(what).encode(), account_id, spoken)


@bp.get("/documents/<document_id>")
@guard(Can.READ_DOCUMENT)
@speaks(gives=DocumentOut)
def show(document: Document) -> DocumentOut:
    """A document."""
    return document_out(document, current_account._get_current_object())


@bp.patch("/documents/<document_id>")
@guard(Can.RENAME_DOCUMENT)
@speaks(takes=DocumentChange, gives=DocumentOut)
def change(document: Document, body: DocumentChange) -> DocumentOut:
    """Rename or move a document within its space."""
    account = current_account._get_current_object()
    place = folder_named(document.space, body.folder_id, account)
    moves = "folder_id" in body.model_fields_set
    actions.rearrange(
        document, name=body.name, place=place, moves=moves, by=account, shown=body.confirm_audience or None
    )
    return document_out(document, account)


@bp.delete("/documents/<document_id>")
@guard(Can.TRASH_DOCUMENT)
@speaks(status=204)
def trash_document(document: Document) -> None:
    """Put a document into the trash."""
    trash.trash(document, by=current_account._get_current_object())


@bp.post("/documents/<document_id>/restoration")
@guard(Can.RESTORE_DOCUMENT)
@speaks(gives=DocumentOut)
def restore(document: Document) -> DocumentOut:
    """Bring a document back."""
    account = current_account._get_current_object()
    trash.restore(document, by=account)
    return document_out(document, account)


@bp.get("/documents/<document_id>/content")
@guard(Can.DOWNLOAD_DOCUMENT)
def content(document: Document) -> Response:
    """The bytes of the present version."""
    version = version_of(document)
    assert version is not None
    return serve(version, document.name)


@bp.put("/documents/<document_id>/content")
@guard(Can.WRITE_DOCUMENT, body="stream")
@speaks(gives=DocumentOut)
def replace(document: Document) -> DocumentOut:
    """A new version: the bytes are the body; `If-Match` names the version that they replace."""
    account = current_account._get_current_object()
    if_match = request.headers.get("If-Match")
    if if_match is None:
        raise Preconditions
    with received_bytes() as draft:
        writing.replace(document, draft, by=account, seen=lambda sha256: matches(if_match, sha256))
    return document_out(document, account)


@bp.get("/documents/<document_id>/versions")
@guard(Can.READ_DOCUMENT)
@speaks(query=ListQuery, gives=Page[VersionOut])
def versions(document: Document, query: ListQuery) -> Page[VersionOut]:
    """The versions of a document, the newest first."""
    rows, following = versions_page(document, query.cursor, query.limit)
    return Page[VersionOut](items=[version_out(row[0], row[1]) for row in rows], next=following)


@bp.get("/documents/<document_id>/versions/<int:no>/content")
@guard(Can.READ_VERSION)
def version_content(version: Version) -> Response:
    """The bytes of a version."""
    return serve(version, version.document.name)


@bp.post("/documents/<document_id>/versions/<int:no>/restoration")
@guard(Can.RESTORE_VERSION)
@speaks(gives=DocumentOut)
def restore_version(version: Version) -> DocumentOut:
    """Make an old version the present one. `If-Match`, where it is sent, names the present one."""
    account = current_account._get_current_object()
    if_match = request.headers.get("If-Match")
    seen = None if if_match is None else (lambda sha256: matches(if_match, sha256))
    return document_out(writing.restore_version(version, by=account, seen=seen), account)
