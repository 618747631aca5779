"""Changing where things stand and what they are called: folders and documents. Bytes come in by writing.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any

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
from resana.spaces.models import Space, Stream
from resana.spaces.streams import record

from . import names
from .audiences import Shown, leave_to_whom
from .models import Document, Folder
from .places import below, height, lock, refuse_too_deep, stream_of, taken_by, target
from .restricting import lift_hidden, settle
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
    _refuse_taken(space, parent, name, by)
    folder = Folder(
        space_id=space.id,
        parent_id=parent.id if parent is not None else None,
        acl_folder_id=parent.acl_folder_id if parent is not None else None,
        name=name,
        folded_name=folded(name),
        search_name=searchable(name)[:400],
        created_by_id=by.id,
        created_at=at or now(),
        updated_at=at or now(),
    )
    session.add(folder)
    session.flush()
    event = record(Event.FOLDER_CREATED, stream_of(folder, space), by=by, folder_id=folder.public_id)
    event.at = at or event.at
    return folder


@action
def rename_folder(folder: Folder, name: str, *, by: Account) -> None:
    """Call a folder otherwise. Raises Refused, Conflict."""
    space = _begin(folder, Can.CHANGE_FOLDER, by)
    if _rename(space, folder, _parent(folder), name, by):
        folder.updated_at = now()
        record(Event.FOLDER_RENAMED, stream_of(folder, space), by=by, folder_id=folder.public_id)


@action
def move_folder(folder: Folder, parent: Folder | None, *, by: Account, shown: Shown = None) -> None:
    """Put a folder, with all that is in it, elsewhere in its space. Raises Conflict for a circle or a taken name.

    Raises AudienceChanges where others than before would read it, and `shown` is not who they are. Restricted folders
    in it that `by` may not know of stay behind when it goes into one: none stands in another.
    """
    space = _begin(folder, Can.CHANGE_FOLDER, by)
    parent = target(space, parent, by)
    if folder.parent_id == (parent.id if parent is not None else None):
        return
    if parent is not None and parent.id in set(session.execute(select(below(folder).subquery().c.id)).scalars()):
        raise Conflict(_("Un dossier ne peut pas être déplacé dans lui-même, ni dans un dossier qu’il contient."))
    refuse_too_deep(parent, height(folder))
    _refuse_taken(space, parent, folder.name, by, besides=folder)
    former = stream_of(folder, space)
    changes = leave_to_whom(folder, parent, by=by, shown=shown)
    if changes:
        lift_hidden(folder, by=by)
    folder.parent_id = parent.id if parent is not None else None
    if changes:
        settle(folder, parent.acl_folder_id if parent is not None else None)
    session.flush()
    to = parent.public_id if parent is not None else None
    _tell_both(
        Event.FOLDER_MOVED, former, stream_of(folder, space), by=by, folder_id=folder.public_id, facts={"to": to}
    )


@action
def rename(document: Document, name: str, *, by: Account) -> None:
    """Call a document otherwise; its versions stay. Raises Refused, Conflict."""
    space = _begin(document, Can.RENAME_DOCUMENT, by)
    if _rename(space, document, _parent(document), name, by):
        record(Event.DOCUMENT_RENAMED, stream_of(document, space), by=by, document_id=document.public_id)


@action
def move(document: Document, folder: Folder | None, *, by: Account, shown: Shown = None) -> None:
    """Put a document elsewhere in its space; its versions stay. Raises Conflict for a taken name.

    Raises AudienceChanges where others than before would read it, and `shown` is not who they are.
    """
    space = _begin(document, Can.RENAME_DOCUMENT, by)
    folder = target(space, folder, by)
    if document.folder_id == (folder.id if folder is not None else None):
        return
    _refuse_taken(space, folder, document.name, by)
    former = stream_of(document, space)
    leave_to_whom(document, folder, by=by, shown=shown)
    document.folder_id = folder.id if folder is not None else None
    document.acl_folder_id = folder.acl_folder_id if folder is not None else None
    session.flush()
    to = folder.public_id if folder is not None else None
    _tell_both(
        Event.DOCUMENT_MOVED,
        former,
        stream_of(document, space),
        by=by,
        document_id=document.public_id,
        facts={"to": to},
    )


@action
def rearrange(
    thing: Document | Folder,
    *,
    name: str | None,
    place: Folder | None,
    moves: bool,
    by: Account,
    shown: Shown = None,
) -> None:
    """Rename (`name`), move (to `place`, if it `moves`), or both, or neither: for programs."""
    if moves and isinstance(thing, Folder):
        move_folder(thing, place, by=by, shown=shown)
    elif moves and isinstance(thing, Document):
        move(thing, place, by=by, shown=shown)
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


def _rename(space: Space, thing: Document | Folder, place: Folder | None, name: str, by: Account) -> bool:
    name = names.clean(name)
    if name == thing.name:
        return False
    _refuse_taken(space, place, name, by, besides=thing)
    thing.name, thing.folded_name, thing.search_name = name, folded(name), searchable(name)[:400]
    session.flush()
    return True


def _refuse_taken(
    space: Space, place: Folder | None, name: str, by: Account, besides: Document | Folder | None = None
) -> None:
    taken = taken_by(space, place, folded(name), by, besides)
    if taken is not None:
        raise name_taken(taken)


def _tell_both(
    kind: Event, former: Stream, present: Stream, *, by: Account, facts: dict[str, Any], **references: Any
) -> None:
    """What goes from one audience to another happens in both: to the former it was known, and is gone."""
    record(kind, former, by=by, facts=facts, **references)
    if present is not former:
        record(kind, present, by=by, kept=False, **references)
