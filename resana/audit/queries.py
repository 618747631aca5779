"""Reading the journal: the entries of a scope, narrowed, and the names of what they speak of.

A name is said only to who may see the thing itself; to others it stays an id. So an administrator, who reads nothing of
a space, sees in its journal ids only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import joinedload, load_only

from resana.accounts.models import Account
from resana.accounts.queries import named
from resana.acts import Act
from resana.administrations.models import Administration
from resana.core.clock import now
from resana.core.database import session
from resana.core.text import is_id
from resana.core.words import PARIS
from resana.discussions.models import Thread
from resana.documents.models import Document, Folder
from resana.permissions import Can, allowed
from resana.spaces.models import Space

from .models import AuditEntry
from .verifying import CHECKPOINTS
from .words import doer, kind_name, said

ORDER: Sequence[Any] = (AuditEntry.id,)
ORDER_KINDS = (int,)
ONCE_IN = timedelta(hours=1)


@dataclass(frozen=True)
class Filters:
    """By what a list is narrowed. `who` are words of a name, `thing` a public id, the days are whole ones in Paris."""

    since: date | None = None
    until: date | None = None
    who: str = ""
    act: str = ""
    thing: str = ""

    def as_arguments(self) -> dict[str, str]:
        """The same in an address; what is empty is left out."""
        given = {
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "who": self.who,
            "act": self.act,
            "object": self.thing,
        }
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class Line:
    """An entry as a person reads it; `thing` is None where it is nothing but its id."""

    entry: AuditEntry
    actor: Account | None
    who: str
    on_behalf_of: Account | None
    sentence: str
    kind: str
    thing: str | None
    url: str | None
    space: Space | None


def of_scope(reader: Account, filters: Filters) -> Select[AuditEntry]:
    """The entries of the scope that `reader` administers; all of them for an administrator of the platform."""
    return _narrowed(allowed(reader, Can.READ_ENTRY), filters)


def of_space(space: Space, filters: Filters) -> Select[AuditEntry]:
    """The entries of a space, whose journal the reader was found to read."""
    return _narrowed(select(AuditEntry).where(AuditEntry.space_id == space.id), filters)


def _narrowed(query: Any, filters: Filters) -> Select[AuditEntry]:
    query = query.where(AuditEntry.chain != CHECKPOINTS)
    if filters.since is not None:
        query = query.where(AuditEntry.at >= _midnight(filters.since))
    if filters.until is not None:
        query = query.where(AuditEntry.at < _midnight(filters.until + timedelta(days=1)))
    if filters.who:
        people = select(Account.id).where(named(filters.who))
        query = query.where(or_(AuditEntry.actor_id.in_(people), AuditEntry.on_behalf_of_id.in_(people)))
    if filters.act:
        query = query.where(AuditEntry.act == filters.act)
    if filters.thing:
        query = query.where(AuditEntry.object_public_id == filters.thing)
    found: Select[AuditEntry] = query
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, PARIS)


def read_lately(reader: Account, signed_in_by: str | None, space: Space | None) -> bool:
    """Whether this sign-in's reading of this journal has been written down within the hour."""
    return bool(
        session.execute(
            select(
                exists().where(
                    AuditEntry.actor_id == reader.id,
                    AuditEntry.act == Act.JOURNAL_READ.value,
                    AuditEntry.at > now() - ONCE_IN,
                    AuditEntry.signed_in_by == signed_in_by,
                    AuditEntry.space_id == space.id if space is not None else AuditEntry.space_id.is_(None),
                )
            )
        ).scalar_one()
    )


def lines(reader: Account, entries: Sequence[AuditEntry]) -> list[Line]:
    """Entries in words: a constant number of statements, however many they are."""
    people = _people(entries)
    ids = {kind: {one.object_public_id for one in entries if one.object_kind == kind} for kind in _NAMES}
    ids["account"] |= _in_facts(entries, "principal_id", "account")
    ids["administration"] |= _in_facts(entries, "principal_id", "former", "present")
    names: dict[str, str] = {}
    for kind, (right, model, title, _door) in _NAMES.items():
        names |= _titles(reader, right, model, title, ids[kind])
    spaces = _spaces(reader, entries)
    return [_line(entry, people, names, spaces) for entry in entries]


_NAMES: dict[str, tuple[Can, Any, Any, tuple[str, str]]] = {
    "account": (
        Can.SEE_PERSON,
        Account,
        Account.first_name + " " + Account.last_name,
        ("accounts.person", "account_id"),
    ),
    "administration": (
        Can.SEE_ADMINISTRATION,
        Administration,
        Administration.name,
        ("administrations.show", "administration_id"),
    ),
    "document": (Can.READ_DOCUMENT, Document, Document.name, ("documents.show", "document_id")),
    "folder": (Can.READ_FOLDER, Folder, Folder.name, ("documents.folder", "folder_id")),
    "thread": (Can.READ_THREAD, Thread, Thread.title, ("discussions.show", "thread_id")),
}
"""For each kind of object: who may know its name, where it is, and its page."""


def _in_facts(entries: Iterable[AuditEntry], *names: str) -> set[str | None]:
    found = (entry.facts.get(name) for entry in entries for name in names)
    return {one for one in found if isinstance(one, str) and is_id(one)}


def _titles(reader: Account, right: Can, model: Any, title: Any, ids: set[str | None]) -> dict[str, str]:
    wanted = [one for one in ids if one]
    if not wanted:
        return {}
    rows = session.execute(allowed(reader, right, model.public_id, title).where(model.public_id.in_(wanted)))
    return {row[0]: row[1] for row in rows}


def _people(entries: Sequence[AuditEntry]) -> dict[int, Account]:
    wanted = {one for entry in entries for one in (entry.actor_id, entry.on_behalf_of_id) if one is not None}
    if not wanted:
        return {}
    rows = session.execute(select(Account).where(Account.id.in_(wanted))).scalars()
    return {account.id: account for account in rows}


def _spaces(reader: Account, entries: Sequence[AuditEntry]) -> dict[int, Space]:
    wanted = {entry.space_id for entry in entries if entry.space_id is not None}
    if not wanted:
        return {}
    query = allowed(reader, Can.SEE_SPACE).where(Space.id.in_(wanted))
    return {space.id: space for space in session.execute(query.options(*_TITLE_ONLY)).scalars()}


_TITLE_ONLY = (
    load_only(Space.public_id, Space.title),
    joinedload(Space.owner_administration).load_only(Administration.name),
)


def _line(entry: AuditEntry, people: dict[int, Account], names: dict[str, str], spaces: dict[int, Space]) -> Line:
    space = spaces.get(entry.space_id) if entry.space_id is not None else None
    actor = people.get(entry.actor_id) if entry.actor_id is not None else None
    thing, url = names.get(entry.object_public_id or ""), None
    if entry.object_kind == "space":
        thing = space.title if space is not None else None
        url = url_for("home.space", space_id=space.public_id) if space is not None else None
    elif thing is not None:
        _right, _model, _title, (endpoint, parameter) = _NAMES[entry.object_kind]
        url = url_for(endpoint, **{parameter: str(entry.object_public_id)})  # type: ignore[arg-type]
    return Line(
        entry=entry,
        actor=actor,
        who=actor.full_name if actor is not None else doer(entry.act),
        on_behalf_of=people.get(entry.on_behalf_of_id) if entry.on_behalf_of_id is not None else None,
        sentence=said(entry.act, entry.facts, names),
        kind=kind_name(entry.object_kind),
        thing=thing,
        url=url,
        space=space,
    )
