"""Where things stand: folders, what is in them and around them, and who holds a name."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, literal, select

from resana.accounts.models import Account
from resana.core.database import is_sqlite, session
from resana.core.errors import Conflict, NotThere
from resana.permissions import Can, allowed, obtain
from resana.spaces.models import Space, Stream

from .models import Document, Folder

DEEPEST = 40
"""Levels of folders, the top not counted."""


def lock(stream: Stream) -> None:
    """Have a space's tree to oneself until the commit: two writers cannot take the same name, or make a circle.

    SQLite's writing transactions exclude one another already.
    """
    if not is_sqlite():
        session.execute(select(Stream.id).where(Stream.id == stream.id).with_for_update())


def stream_of(thing: Document | Folder | None, space: Space) -> Stream:
    """The audience of what stands there (None: of the top of the space): the space, or the restricted folder."""
    if thing is None or thing.acl_folder_id is None:
        return space.stream
    return session.execute(select(Stream).where(Stream.folder_id == thing.acl_folder_id)).scalar_one()


def target(space: Space, folder: Folder | None, account: Account) -> Folder | None:
    """The folder, asked for again: still there, of that space, and one may put something there.

    Raises NotThere, NotAllowed.
    """
    if folder is None:
        return None
    found: Folder = obtain(account, Can.FILL_FOLDER, folder_id=folder.public_id)
    if found.space_id != space.id:
        raise NotThere
    return found


def folder_named(space: Space, folder_id: str | None, account: Account) -> Folder | None:
    """The folder of that public id in a space; None for none (the top). Raises NotThere, to the same bytes."""
    if not folder_id:
        return None
    found: Folder = obtain(account, Can.READ_FOLDER, folder_id=folder_id)
    if found.space_id != space.id:
        raise NotThere
    return found


def taken_by(
    space: Space, folder: Folder | None, folded_name: str, account: Account, besides: Document | Folder | None = None
) -> Document | Folder | None:
    """What holds that name there, as far as `account` may know; `besides` itself does not count.

    The name of a restricted folder is taken only for who sees the folder (permissions.md, I5).
    """
    named = [
        select(Document).where(*_stands_at(Document, Document.folder_id, space, folder)),
        select(Folder).where(*_stands_at(Folder, Folder.parent_id, space, folder), Folder.restricted.is_(False)),
        allowed(account, Can.READ_FOLDER).where(
            *_stands_at(Folder, Folder.parent_id, space, folder), Folder.restricted.is_(True)
        ),
    ]
    models: tuple[Any, ...] = (Document, Folder, Folder)
    for query, model in zip(named, models, strict=True):
        rows: Any = session.execute(query.where(model.folded_name == folded_name))
        for found in rows.scalars():
            if found is not besides:
                return found
    return None


def folded_names_at(space: Space, folder: Folder | None, account: Account) -> set[str]:
    """Every name that is taken there, as far as `account` may know."""
    named = [
        select(Document.folded_name).where(*_stands_at(Document, Document.folder_id, space, folder)),
        select(Folder.folded_name).where(
            *_stands_at(Folder, Folder.parent_id, space, folder), Folder.restricted.is_(False)
        ),
        allowed(account, Can.READ_FOLDER, Folder.folded_name).where(
            *_stands_at(Folder, Folder.parent_id, space, folder), Folder.restricted.is_(True)
        ),
    ]
    return {name for query in named for name in session.execute(query).scalars()}


def _stands_at(model: Any, parent: Any, space: Space, folder: Folder | None) -> tuple[Any, ...]:
    return (
        model.space_id == space.id,
        parent == folder.id if folder is not None else parent.is_(None),
        model.trashed_at.is_(None),
    )


def below(folder: Folder) -> Select[Any]:
    """The ids of a folder and of all folders below it that are not in the trash, with their depth under it."""
    tree = select(Folder.id, literal(0).label("depth")).where(Folder.id == folder.id).cte("below", recursive=True)
    tree = tree.union_all(
        select(Folder.id, tree.c.depth + 1).where(
            Folder.parent_id == tree.c.id, Folder.space_id == folder.space_id, Folder.trashed_at.is_(None)
        )
    )
    return select(tree.c.id, tree.c.depth)


def way_to(folder: Folder | None) -> list[tuple[str, str, int]]:
    """The folders from the top to this one: (public id, name, id)."""
    if folder is None:
        return []
    way = (
        select(Folder.id, Folder.parent_id, Folder.public_id, Folder.name, literal(0).label("distance"))
        .where(Folder.id == folder.id)
        .cte("way", recursive=True)
    )
    way = way.union_all(
        select(Folder.id, Folder.parent_id, Folder.public_id, Folder.name, way.c.distance + 1).where(
            Folder.id == way.c.parent_id, way.c.distance < DEEPEST + 1
        )
    )
    rows = session.execute(select(way.c.public_id, way.c.name, way.c.id).order_by(way.c.distance.desc()))
    return [(row[0], row[1], row[2]) for row in rows]


def refuse_too_deep(parent: Folder | None, levels: int = 1) -> None:
    """Raise Conflict where so many levels more would not fit under `parent`."""
    if len(way_to(parent)) + levels > DEEPEST:
        raise Conflict(_("Ces dossiers seraient trop profonds : %(most)d niveaux au plus.", most=DEEPEST))


def height(folder: Folder) -> int:
    """How many levels of folders there are, this one included."""
    tree = below(folder).subquery()
    return int(session.execute(select(func.max(tree.c.depth))).scalar_one()) + 1
