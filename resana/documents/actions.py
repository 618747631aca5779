"""Changing where things stand and what they are called: folders and documents. Bytes come in by writing.py."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from resana.accounts.models import Account
from resana.core.actions import action
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict
from resana.core.text import folded, searchable
from resana.events import Event
from resana.permissions import Can, obtain
from resana.spaces.models import Space
from resana.spaces.streams import record

from . import names
from .models import Document, Folder
from .places import below, height, lock, refuse_too_deep, taken_by, target
from .writing import name_taken


@action
def create_folder(
    space: Space, name: str, *, parent: Folder | None = None, by: Account, at: datetime | None = None
) -> Folder:
    """Make a folder at the top of a space or in another folder. Raises Refused, Conflict."""
    name = names.clean(name)
    lock(space.stream)
    parent = target(space, parent, by)
    refuse_too_deep(parent)
    _refuse_taken(space, parent, name)
    folder = Folder(
        space_id=space.id,
        parent_id=parent.id if parent is not None else None,
        name=name,
        folded_name=folded(name),
        search_name=searchable(name)[:400],
        created_by_id=by.id,
        created_at=at or now(),
        updated_at=at or now(),
    )
    session.add(folder)
    session.flush()
    event = record(Event.FOLDER_CREATED, space.stream, by=by, folder_id=folder.public_id)
    event.at = at or event.at
    return folder


@action
def rename_folder(folder: Folder, name: str, *, by: Account) -> None:
    """Call a folder otherwise. Raises Refused, Conflict."""
    space = _begin(folder, Can.CHANGE_FOLDER, by)
    if _rename(space, folder, _parent(folder), name):
        folder.updated_at = now()
        record(Event.FOLDER_RENAMED, space.stream, by=by, folder_id=folder.public_id)


@action
def move_folder(folder: Folder, parent: Folder | None, *, by: Account) -> None:
    """Put a folder, with all that is in it, elsewhere in its space. Raises Conflict for a circle or a taken name."""
    space = _begin(folder, Can.CHANGE_FOLDER, by)
    parent = target(space, parent, by)
    if folder.parent_id == (parent.id if parent is not None else None):
        return
    if parent is not None and parent.id in set(session.execute(select(below(folder).subquery().c.id)).scalars()):
        raise Conflict(_("Un dossier ne peut pas être déplacé dans lui-même, ni dans un dossier qu’il contient."))
    refuse_too_deep(parent, height(folder))
    _refuse_taken(space, parent, folder.name)
    folder.parent_id = parent.id if parent is not None else None
    session.flush()
    to = parent.public_id if parent is not None else None
    record(Event.FOLDER_MOVED, space.stream, by=by, folder_id=folder.public_id, facts={"to": to})


@action
def rename(document: Document, name: str, *, by: Account) -> None:
    """Call a document otherwise; its versions stay. Raises Refused, Conflict."""
    space = _begin(document, Can.RENAME_DOCUMENT, by)
    if _rename(space, document, _parent(document), name):
        record(Event.DOCUMENT_RENAMED, space.stream, by=by, document_id=document.public_id)


@action
def move(document: Document, folder: Folder | None, *, by: Account) -> None:
    """Put a document elsewhere in its space; its versions stay. Raises Conflict for a taken name."""
    space = _begin(document, Can.RENAME_DOCUMENT, by)
    folder = target(space, folder, by)
    if document.folder_id == (folder.id if folder is not None else None):
        return
    _refuse_taken(space, folder, document.name)
    document.folder_id = folder.id if folder is not None else None
    session.flush()
    to = folder.public_id if folder is not None else None
    record(Event.DOCUMENT_MOVED, space.stream, by=by, document_id=document.public_id, facts={"to": to})


@action
def rearrange(thing: Document | Folder, *, name: str | None, place: Folder | None, moves: bool, by: Account) -> None:
    """Rename (`name`), move (to `place`, if it `moves`), or both, or neither: for programs."""
    if moves and isinstance(thing, Folder):
        move_folder(thing, place, by=by)
    elif moves and isinstance(thing, Document):
        move(thing, place, by=by)
    if name is not None and isinstance(thing, Folder):
        rename_folder(thing, name, by=by)
    elif name is not None and isinstance(thing, Document):
        rename(thing, name, by=by)


def _begin(thing: Document | Folder, right: Can, by: Account) -> Space:
    """The space's tree to oneself, and the right asked under its lock."""
    space = thing.space
    lock(space.stream)
    obtain(by, right, **{"folder_id" if isinstance(thing, Folder) else "document_id": thing.public_id})
    return space


def _parent(thing: Document | Folder) -> Folder | None:
    return thing.parent if isinstance(thing, Folder) else thing.folder


def _rename(space: Space, thing: Document | Folder, place: Folder | None, name: str) -> bool:
    name = names.clean(name)
    if name == thing.name:
        return False
    taken = taken_by(space, place, folded(name))
    if taken is not None and taken is not thing:
        raise name_taken(taken)
    thing.name, thing.folded_name, thing.search_name = name, folded(name), searchable(name)[:400]
    session.flush()
    return True


def _refuse_taken(space: Space, place: Folder | None, name: str) -> None:
    taken = taken_by(space, place, folded(name))
    if taken is not None:
        raise name_taken(taken)
