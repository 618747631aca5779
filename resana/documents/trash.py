"""The trash of a space: what goes there comes back to its place, with its versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select, update

from resana.accounts.models import Account
from resana.core.actions import action
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed
from resana.core.text import folded, searchable
from resana.events import Event
from resana.permissions import Can, allowed, hidden, obtain
from resana.spaces.models import Space
from resana.spaces.streams import record

from . import names
from .models import Document, Folder
from .places import below, folded_names_at, lock, stream_of
from .restricting import lift_hidden


@action
def trash(document: Document, *, by: Account) -> None:
    """Put a document into the trash of its space."""
    lock(document.space.stream)
    obtain(by, Can.TRASH_DOCUMENT, document_id=document.public_id)
    document.trashed_at, document.trashed_by_id, document.trashed_with_id = now(), by.id, None
    session.flush()
    record(Event.DOCUMENT_TRASHED, stream_of(document, document.space), by=by, document_id=document.public_id)


@action
def trash_folder(folder: Folder, *, by: Account) -> None:
    """Put a folder with all below it into the trash.

    Raises NotAllowed where that would take along what the person may not put there: a contributor's folder can hold
    what others left in it. Restricted folders that the person may not know of stay, one step up: to take them along
    would be more than they may, and to refuse would tell of them.
    """
    space = folder.space
    lock(space.stream)
    obtain(by, Can.TRASH_FOLDER, folder_id=folder.public_id)
    lift_hidden(folder, by=by)
    inside = list(session.execute(select(below(folder).subquery().c.id)).scalars())
    foreign = _refused(by, Can.TRASH_DOCUMENT, Can.TRASH_FOLDER, inside, lambda model: model.trashed_at.is_(None))
    if foreign:
        raise NotAllowed(
            ngettext(
                "Ce dossier contient un élément déposé par une autre personne. "
                "Demandez à un animateur de l’espace de le mettre à la corbeille.",
                "Ce dossier contient %(num)s éléments déposés par d’autres personnes. "
                "Demandez à un animateur de l’espace de le mettre à la corbeille.",
                foreign,
            )
        )
    at = now()
    for model, parent in ((Document, Document.folder_id), (Folder, Folder.id)):
        session.execute(
            update(model)
            .where(parent.in_(inside), model.trashed_at.is_(None), _not_itself(model, folder))
            .values(trashed_at=at, trashed_by_id=by.id, trashed_with_id=folder.id)
            .execution_options(synchronize_session=False)
        )
    folder.trashed_at, folder.trashed_by_id, folder.trashed_with_id = at, by.id, None
    session.flush()
    session.expire_all()
    record(Event.FOLDER_TRASHED, stream_of(folder, space), by=by, folder_id=folder.public_id)


@action
def restore(document: Document, *, by: Account) -> None:
    """Bring a document back to its place; where that is gone, to the top of the space or of its restricted folder.

    Raises Conflict where the restricted folder is in the trash itself. Where its name has been taken meanwhile, it
    comes back as "Note (2).pdf".
    """
    space = document.space
    lock(space.stream)
    obtain(by, Can.RESTORE_DOCUMENT, document_id=document.public_id)
    place = place_of(document)
    document.folder_id = place.id if place is not None else None
    _bring_back(document, space, place, by)
    record(Event.DOCUMENT_RESTORED, stream_of(document, space), by=by, document_id=document.public_id)


@action
def restore_folder(folder: Folder, *, by: Account) -> None:
    """Bring a folder back to its place, with all that went to the trash with it. As `restore`.

    Raises NotAllowed where that would bring back what the person may not, as `trash_folder` does.
    """
    space = folder.space
    lock(space.stream)
    obtain(by, Can.RESTORE_FOLDER, folder_id=folder.public_id)
    place = place_of(folder)
    folder.parent_id = place.id if place is not None else None
    with_it = folder.trashed_with_id if folder.trashed_with_id is not None else folder.id
    _leave_hidden(folder, with_it, by)
    inside = _trashed_below(folder, with_it)
    if _refused(by, Can.RESTORE_DOCUMENT, Can.RESTORE_FOLDER, inside, lambda model: model.trashed_with_id == with_it):
        raise NotAllowed(
            _(
                "Ce dossier contient ce que d’autres personnes ont déposé. "
                "Demandez à un animateur de l’espace de le remettre à sa place."
            )
        )
    _bring_back(folder, space, place, by)
    for model, parent in ((Folder, Folder.id), (Document, Document.folder_id)):
        session.execute(
            update(model)
            .where(parent.in_(inside), model.trashed_with_id == with_it)
            .values(trashed_at=None, trashed_by_id=None, trashed_with_id=None)
            .execution_options(synchronize_session=False)
        )
    session.expire_all()
    record(Event.FOLDER_RESTORED, stream_of(folder, space), by=by, folder_id=folder.public_id)


def _refused(by: Account, on_document: Can, on_folder: Can, inside: list[int], concerned: Callable[[Any], Any]) -> int:
    """How many of the things in these folders, of those that are `concerned`, `by` has not the right on."""
    refused = 0
    for model, folder_id, right in ((Document, Document.folder_id, on_document), (Folder, Folder.id, on_folder)):
        these = (folder_id.in_(inside), concerned(model))
        there = select(func.count()).select_from(model).where(*these)
        refused += session.execute(there).scalar_one()
        refused -= session.execute(allowed(by, right, func.count()).where(*these)).scalar_one()
    return refused


def _trashed_below(folder: Folder, with_it: int) -> list[int]:
    """The folder, and the folders below it that went to the trash in the same go."""
    tree = select(Folder.id).where(Folder.id == folder.id).cte("trashed", recursive=True)
    tree = tree.union_all(select(Folder.id).where(Folder.parent_id == tree.c.id, Folder.trashed_with_id == with_it))
    return list(session.execute(select(tree.c.id)).scalars())


def _leave_hidden(folder: Folder, with_it: int, by: Account) -> None:
    """What went to the trash with a folder, and `by` may not know of, stays there, as if it had gone by itself."""
    inside = _trashed_below(folder, with_it)
    hidden_ones = hidden(by, Folder).where(Folder.id.in_(inside), Folder.restricted.is_(True))
    for one in session.execute(hidden_ones).scalars().all():
        its = _trashed_below(one, with_it)
        for model, place in ((Folder, Folder.id), (Document, Document.folder_id)):
            session.execute(
                update(model)
                .where(place.in_(its), model.trashed_with_id == with_it)
                .values(trashed_with_id=one.id)
                .execution_options(synchronize_session=False)
            )
        session.execute(update(Folder).where(Folder.id == one.id).values(trashed_with_id=None))
    session.expire_all()


def _bring_back(thing: Document | Folder, space: Space, place: Folder | None, by: Account) -> None:
    name = names.free(thing.name, folded_names_at(space, place, by))
    thing.name, thing.folded_name, thing.search_name = name, folded(name), searchable(name)[:400]
    thing.trashed_at = thing.trashed_by_id = thing.trashed_with_id = None
    session.flush()


def _not_itself(model: type[Document] | type[Folder], folder: Folder):
    return Folder.id != folder.id if model is Folder else Document.id.is_not(None)


def place_of(thing: Document | Folder) -> Folder | None:
    """The folder that a thing comes back to; None: the top of the space. Never one with another audience.

    Raises Conflict where there is none.
    """
    place = thing.parent if isinstance(thing, Folder) else thing.folder
    if place is not None and place.trashed_at is None:
        return place
    if thing.acl_folder_id is None or (isinstance(thing, Folder) and thing.restricted):
        return None
    around = session.get_one(Folder, thing.acl_folder_id)
    if around.trashed_at is not None:
        raise Conflict(
            _("Le dossier restreint qui le contenait est à la corbeille. Remettez d’abord ce dossier à sa place.")
        )
    return around


def place_in_words(thing: Document | Folder) -> str:
    """Where a thing will come back to; where its place is in the trash too, the name of that."""
    try:
        place = place_of(thing)
    except Conflict:
        place = thing.parent if isinstance(thing, Folder) else thing.folder
    return place.name if place is not None else _("Documents")
