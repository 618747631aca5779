"""What happened lately, in sentences; each names only what the reader may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import aliased, joinedload

from resana.accounts.models import Account
from resana.core.database import session
from resana.discussions.models import Thread
from resana.documents.models import Document, Folder
from resana.events import Event
from resana.permissions import Can, allowed
from resana.spaces.models import Space, Stream, StreamEvent

SHOWN = 12
SILENT = (
    Event.ACCESS_REQUESTED,
    Event.ACCESS_ANSWERED,
    Event.SPACE_EDITED,
    Event.FOLDER_RESTRICTED,
    Event.FOLDER_ACCESS_CHANGED,
)
"""Kinds that are no news for the whole space."""


@dataclass(frozen=True)
class News:
    """One line: who did what, to what (with its address, where it can still be seen), when."""

    at: datetime
    actor: Account | None
    words: str
    thing: str | None
    url: str | None
    count: int = 1


def news_of(account: Account, space: Space, most: int = SHOWN) -> list[News]:
    """The latest lines of one space, newest first; a run of the same act by the same person is one line."""
    events = session.execute(_events().where(StreamEvent.stream_id == space.stream.id).limit(4 * most)).scalars().all()
    return _gathered(_told(account, events))[:most]


def last_news(account: Account, spaces: Sequence[Space]) -> dict[int, News]:
    """The latest line of each of `spaces`, by the space's id: a constant number of statements."""
    if not spaces:
        return {}
    # The last of each by the primary key, from its end: to group by stream would read all that ever happened.
    earlier = aliased(StreamEvent)
    newest = (
        select(earlier.seq)
        .where(earlier.stream_id == Stream.id, earlier.kind.not_in([kind.value for kind in SILENT]))
        .order_by(earlier.seq.desc())
        .limit(1)
        .correlate(Stream)
        .scalar_subquery()
    )
    found = session.execute(
        _events()
        .join(Stream, (Stream.id == StreamEvent.stream_id) & (StreamEvent.seq == newest))
        .where(Stream.id.in_([space.stream.id for space in spaces]))
    ).scalars()
    by_stream = {space.stream.id: space.id for space in spaces}
    events = found.all()
    return {by_stream[event.stream_id]: line for event, line in zip(events, _told(account, events), strict=True)}


def _events() -> Any:
    return (
        select(StreamEvent)
        .options(joinedload(StreamEvent.actor))
        .where(StreamEvent.kind.not_in([kind.value for kind in SILENT]))
        .order_by(StreamEvent.seq.desc())
    )


def _told(account: Account, events: Sequence[StreamEvent]) -> list[News]:
    threads = _titles(account, Can.READ_THREAD, Thread, Thread.title, (e.payload.get("thread_id") for e in events))
    documents = _titles(
        account, Can.READ_DOCUMENT, Document, Document.name, (e.payload.get("document_id") for e in events)
    )
    folders = _titles(account, Can.READ_FOLDER, Folder, Folder.name, (e.payload.get("folder_id") for e in events))
    return [_line(event, threads, documents, folders) for event in events]


def _titles(account: Account, right: Can, model: Any, title: Any, ids: Iterable[str | None]) -> dict[str, str]:
    wanted = {identity for identity in ids if identity}
    if not wanted:
        return {}
    rows = session.execute(allowed(account, right, model.public_id, title).where(model.public_id.in_(wanted)))
    return {row[0]: row[1] for row in rows}


def _line(event: StreamEvent, threads: dict[str, str], documents: dict[str, str], folders: dict[str, str]) -> News:
    thing, url = None, None
    references = event.payload
    if (found := references.get("thread_id")) in threads:
        thing, url = threads[found], url_for("discussions.show", thread_id=found)
        if references.get("no"):
            url = url_for("discussions.show", thread_id=found, at=references["no"], _anchor=f"m{references['no']}")
    elif (found := references.get("document_id")) in documents:
        thing, url = documents[found], url_for("documents.show", document_id=found)
    elif (found := references.get("folder_id")) in folders:
        thing, url = folders[found], url_for("documents.folder", folder_id=found)
    return News(event.at, event.actor, verbs()[Event(event.kind)], thing, url)


def _gathered(lines: Sequence[News]) -> list[News]:
    gathered: list[News] = []
    for line in lines:
        last = gathered[-1] if gathered else None
        same = last is not None and (last.actor, last.words, last.at.date()) == (line.actor, line.words, line.at.date())
        if last is not None and same and (last.thing == line.thing or last.count > 1 or line.thing is None):
            gathered[-1] = replace(last, count=last.count + 1)
        else:
            gathered.append(line)
    return gathered


def verbs() -> dict[Event, str]:
    """What is said of each kind, after the name of who did it."""
    return {
        Event.SPACE_CREATED: _("a créé l’espace"),
        Event.SPACE_EDITED: _("a revu la présentation de l’espace"),
        Event.SPACE_ARCHIVED: _("a archivé l’espace"),
        Event.SPACE_REOPENED: _("a rouvert l’espace"),
        Event.SPACE_TRASHED: _("a mis l’espace à la corbeille"),
        Event.SPACE_RESTORED: _("a sorti l’espace de la corbeille"),
        Event.SPACE_SEQUESTERED: _("L’espace n’avait plus de responsable"),
        Event.SPACE_RELEASED: _("L’espace a de nouveau un responsable"),
        Event.LEAD_APPOINTED: _("a nommé un responsable de l’espace"),
        Event.VISIBILITY_CHANGED: _("a changé la visibilité de l’espace"),
        Event.MEMBER_ADDED: _("a fait entrer quelqu’un dans l’espace"),
        Event.MEMBER_JOINED: _("a rejoint l’espace"),
        Event.MEMBER_CHANGED: _("a changé le rôle d’un membre"),
        Event.MEMBER_REMOVED: _("a retiré l’accès d’un membre"),
        Event.MEMBER_LEFT: _("a quitté l’espace"),
        Event.ACCESS_REQUESTED: _("a demandé l’accès à l’espace"),
        Event.ACCESS_ANSWERED: _("a répondu à une demande d’accès"),
        Event.EMERGENCY_OPENED: _("a donné son accord à un accès exceptionnel en lecture"),
        Event.EMERGENCY_ENDED: _("a mis fin à un accès exceptionnel"),
        Event.FOLDER_CREATED: _("a créé le dossier"),
        Event.FOLDER_RENAMED: _("a renommé le dossier"),
        Event.FOLDER_MOVED: _("a déplacé le dossier"),
        Event.FOLDER_TRASHED: _("a mis un dossier à la corbeille"),
        Event.FOLDER_RESTORED: _("a sorti de la corbeille le dossier"),
        Event.FOLDER_RESTRICTED: _("a restreint un dossier"),
        Event.FOLDER_OPENED: _("a ouvert à tout l’espace le dossier"),
        Event.FOLDER_ACCESS_CHANGED: _("a changé qui voit un dossier"),
        Event.DOCUMENT_ADDED: _("a déposé"),
        Event.DOCUMENT_UPDATED: _("a déposé une nouvelle version de"),
        Event.DOCUMENT_RENAMED: _("a renommé"),
        Event.DOCUMENT_MOVED: _("a déplacé"),
        Event.DOCUMENT_TRASHED: _("a mis un document à la corbeille"),
        Event.DOCUMENT_RESTORED: _("a sorti de la corbeille"),
        Event.VERSION_RESTORED: _("a rétabli une version de"),
        Event.THREAD_CREATED: _("a ouvert la discussion"),
        Event.THREAD_RENAMED: _("a renommé la discussion"),
        Event.THREAD_CLOSED: _("a clos la discussion"),
        Event.THREAD_REOPENED: _("a rouvert la discussion"),
        Event.MESSAGE_POSTED: _("a écrit dans"),
        Event.MESSAGE_EDITED: _("a modifié un message dans"),
        Event.MESSAGE_DELETED: _("a supprimé un message dans"),
    }
