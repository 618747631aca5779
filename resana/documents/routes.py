"""Looking: a folder, a document, the trash, and the bytes themselves."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import Response, abort, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _

from resana.core.errors import NotThere
from resana.core.guarding import current_account, guard
from resana.permissions import Can, can, obtain, prime
from resana.spaces.audience import audience_of
from resana.spaces.models import Space

from . import bp, previews, types
from .audiences import around_of, audience_at
from .forms import places
from .models import Document, Folder, Version
from .places import stream_of, way_to
from .queries import SORTS, Entry, entries, in_trash, names_of, version_of, versions
from .serving import serve
from .trash import place_in_words

A_PAGE = 200


class Undo(NamedTuple):
    """What was put into the trash last, to be brought back by one button."""

    url: str
    words: str


@bp.get("/spaces/<space_id>/documents")
@guard(Can.READ_SPACE)
def index(space: Space) -> str:
    """The documents of a space."""
    return listing(space, None)


@bp.get("/folders/<folder_id>")
@guard(Can.READ_FOLDER)
def folder(folder: Folder) -> str:
    """What is in a folder."""
    return listing(folder.space, folder)


def listing(space: Space, folder: Folder | None) -> str:
    """The page of a folder, or of the top of a space."""
    account = current_account._get_current_object()
    sort = request.args.get("sort", "name")
    sort = sort if sort in SORTS else "name"
    descending = request.args.get("order", "asc") == "desc"
    found, following = entries(
        account,
        space,
        folder,
        sort=sort,
        descending=descending,
        cursor=request.args.get("after"),
        limit=A_PAGE,
    )
    may_write = can(account, Can.UPLOAD, space) if folder is None else can(account, Can.FILL_FOLDER, folder)
    return render_template(
        "documents/index.html",
        space=space,
        folder=folder,
        steps=steps_to(space, folder),
        entries=found,
        following=_address(folder, space, sort, descending, following) if following else None,
        first=_address(folder, space, sort, descending, None) if request.args.get("after") else None,
        sort=sort,
        descending=descending,
        sorted_by=lambda name: _address(folder, space, name, name == sort and not descending, None),
        places=places(account, space) if may_write and found else [],
        movable=any(may_change(entry) for entry in found),
        may_change=may_change,
        may_write=may_write,
        **_seen_by(folder, space),
        undo=undo(),
        section="documents",
        kind=types.kind,
    )


def _seen_by(thing: Document | Folder | None, space: Space) -> dict[str, Any]:
    """Who sees what a page shows: the space (`audience`, in its head), or a restricted folder (`here`, `around`)."""
    around = around_of(thing)
    audience = audience_at(thing, space)
    return {"audience": audience if around is None else None, "here": audience, "around": around} | (
        {"live": stream_of(thing, space)} if around is not None else {}
    )


def may_change(entry: Entry) -> bool:
    """Whether a line can be selected: to be moved or put into the trash."""
    return entry.abilities["trash_folder" if entry.kind == "folder" else "trash_document"]


def steps_to(space: Space, folder: Folder | None, last: str | None = None) -> list[tuple[str, str]]:
    """The breadcrumb."""
    steps = [(url_for("documents.index", space_id=space.public_id), _("Documents"))]
    steps += [(url_for("documents.folder", folder_id=identity), name) for identity, name, _id in way_to(folder)]
    return steps if last is None else [*steps, ("", last)]


def _address(folder: Folder | None, space: Space, sort: str, descending: bool, after: str | None) -> str:
    chosen: dict[str, Any] = {"sort": sort} if sort != "name" or descending else {}
    if descending:
        chosen["order"] = "desc"
    if after is not None:
        chosen["after"] = after
    if folder is not None:
        return url_for("documents.folder", folder_id=folder.public_id, **chosen)
    return url_for("documents.index", space_id=space.public_id, **chosen)


def undo() -> Undo | None:
    """The last deletion of this browser, once, if it can be undone."""
    last = cookie.pop("trashed", None)
    if not isinstance(last, list) or len(last) != 2:
        return None
    kind, identity = last
    account = current_account._get_current_object()
    try:
        if kind == "folder":
            thing = obtain(account, Can.RESTORE_FOLDER, folder_id=identity)
            return Undo(url_for("documents.restore_folder", folder_id=identity), thing.name)
        thing = obtain(account, Can.RESTORE_DOCUMENT, document_id=identity)
    except NotThere:
        return None
    return Undo(url_for("documents.restore", document_id=identity), thing.name)


@bp.get("/documents/<document_id>")
@guard(Can.READ_DOCUMENT)
def show(document: Document) -> str:
    """A document: what it looks like, its versions, who sees it."""
    all_of_them = versions(document)
    present = next(version for version in all_of_them if version.number == document.version)
    shown = previews.kind(present)
    prime(current_account, all_of_them[:A_PAGE])
    return render_template(
        "documents/show.html",
        space=document.space,
        document=document,
        steps=steps_to(document.space, document.folder, document.name),
        versions=all_of_them,
        present=present,
        preview=shown,
        text=previews.text(present) if shown == "text" else None,
        **_seen_by(document, document.space),
        section="documents",
        kind=types.kind,
    )


@bp.get("/documents/<document_id>/content")
@guard(Can.DOWNLOAD_DOCUMENT)
def content(document: Document) -> Response:
    """The bytes of the present version."""
    version = version_of(document)
    if version is None:
        abort(404)
    return serve(version, document.name)


@bp.get("/documents/<document_id>/versions/<int:no>/content")
@guard(Can.READ_VERSION)
def version_content(version: Version) -> Response:
    """The bytes of a version."""
    return serve(version, version.document.name)


@bp.get("/documents/<document_id>/versions/<int:no>/image")
@guard(Can.READ_VERSION)
def image(version: Version) -> Response:
    """A version that is an image, drawn anew."""
    return previews.image(version)


@bp.get("/spaces/<space_id>/trash")
@guard(Can.SEE_TRASH)
def trash(space: Space) -> str:
    """What was deleted in a space, and may be brought back."""
    account = current_account._get_current_object()
    things = in_trash(account, space)
    return render_template(
        "documents/trash.html",
        space=space,
        things=things,
        names=names_of(thing.trashed_by_id for thing in things),
        place=place_in_words,
        is_folder=lambda thing: isinstance(thing, Folder),
        kind=types.kind,
        steps=[*steps_to(space, None), ("", _("Corbeille"))],
        audience=audience_of(space),
        section="documents",
    )
