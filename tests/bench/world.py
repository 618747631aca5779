"""A world to measure in: 2,000 accounts of forty administrations in 300 spaces, one of them with 1,000 files, one
with a thread of 10,000 messages.

Rows are written in bulk, and every counter is what the actions would have left: events without a hole, unread counts
that counting confirms (test_world.py). The closure is the triggers' work; each document has its object.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select, text

from resana.accounts.models import Account, AccountStatus
from resana.accounts.passwords import hashed
from resana.administrations import actions as administrations
from resana.administrations.models import Administration, SpaceCreation
from resana.core.actions import action
from resana.core.database import Base, is_sqlite, session
from resana.core.markdown import rendered
from resana.core.storage import draft_of, storage
from resana.core.text import folded, new_id, searchable
from resana.discussions.models import Message, Thread
from resana.documents.models import Document, Version
from resana.events import Event
from resana.spaces.models import Grant, PrincipalKind, Role, Space, Stream, StreamEvent, StreamMember, Visibility

PASSWORD = "une-phrase-pour-mesurer-4821"
BEGINNING = datetime(2026, 1, 5, 8, tzinfo=UTC)
CITIES = ("Bordeaux", "Limoges", "Poitiers", "Pau", "La Rochelle", "Agen")
FIRST = ("Inès", "Marc", "Lucie", "Bruno", "Olga", "Adam", "Rose", "Hugo", "Nadia", "Paul", "Zoé", "Théo", "Léa")
LAST = ("Moreau", "Leroux", "Faure", "Castaing", "Roussel", "Texier", "Delmas", "Vidal", "Nadaud", "Ferrand", "Gay")
SAID = (
    "Bonjour à tous, le compte rendu de la réunion de **lundi** est déposé. Vos remarques avant jeudi ?",
    "Merci ! Deux précisions :\n\n- le seuil d’alerte est franchi à Limoges ;\n- l’arrêté est prêt à la signature.",
    "C’est noté.",
    "> le seuil d’alerte est franchi\n\nDepuis hier soir d’après la station. Le relevé : <https://exemple.fr/releve>",
    "Je propose de reprendre la formulation de *l’an dernier*, elle avait été validée par la préfecture. " * 4,
    "| Station | Débit |\n|---|---|\n| Vienne | 4,2 |\n| Creuse | 1,9 |\n\nLes deux baissent.",
    "Pouvez-vous vérifier `annexe-2.ods` ? La colonne D ne s’additionne pas.",
    "Oui, corrigé dans la nouvelle version. Bonne journée à vous.",
)


@dataclass(frozen=True)
class Size:
    """How large a world is."""

    accounts: int = 2000
    services: int = 32
    spaces: int = 300
    files: int = 1000
    messages: int = 10_000
    listeners: int = 50


class World(NamedTuple):
    """What is measured, by address and id."""

    actors: list[str]
    """E-mail addresses of eight people who write in all three spaces below."""
    listeners: list[str]
    """Others who read there."""
    files_space: str
    talk_space: str
    thread: str
    messages: int
    deposit_space: str
    spaces_of_one: float
    """In how many spaces a person is, on average."""


class _Numbers:
    """The next id of each table; the database is empty."""

    def __init__(self) -> None:
        self.counters: dict[str, Iterator[int]] = {}

    def next(self, model: Any) -> int:
        return next(self.counters.setdefault(model.__tablename__, itertools.count(1)))


@dataclass
class _Story:
    """One space as it is being told: its stream's counters and the rows."""

    space_id: int
    stream_id: int
    members: list[int]
    writers: list[int]
    seq: int = 0
    spoken: list[int] = field(default_factory=list)
    """The `seq` of each message."""


class _Writer:
    def __init__(self, size: Size) -> None:
        self.size = size
        self.random = random.Random(2026)
        self.ids = _Numbers()
        self.rows: dict[Any, list[dict[str, Any]]] = {}
        self.html = [rendered(words) for words in SAID]
        self.people: list[dict[str, Any]] = []
        self.at_home: dict[int, list[int]] = {}
        self.directorates: list[int] = []
        self.services: dict[int, list[int]] = {}
        self.belonging = 0

    def add(self, model: Any, **values: Any) -> dict[str, Any]:
        self.rows.setdefault(model, []).append(values)
        return values

    def flush(self) -> None:
        """Write what has been told, parents first."""
        for table in Base.metadata.sorted_tables:
            for model, rows in self.rows.items():
                if model.__table__ is table:
                    for start in range(0, len(rows), 500):
                        session.execute(insert(model), rows[start : start + 500])
        self.rows.clear()

    # People.

    def tree(self) -> None:
        """État › région › six directions › services: forty or so; the triggers write the closure."""

        def node(name: str, kind: str, city: str, parent: Administration | None) -> Administration:
            return administrations.create(
                name=name,
                short_name=name,
                kind=kind,
                city=city,
                parent=parent,
                mail_domains=[],
                space_creation=SpaceCreation.TEAM_LEADS,
            )

        region = node("Région", "region", "Bordeaux", node("État", "state", "Paris", None))
        for number, city in enumerate(CITIES):
            direction = node(f"Direction de {city}", "directorate", city, region)
            self.directorates.append(direction.id)
            count = len(range(number, self.size.services, len(CITIES)))
            below = [node(f"Service {one + 1} de {city}", "service", city, direction).id for one in range(count)]
            self.services[direction.id] = below

    def agents(self, password_hash: str) -> None:
        """Accounts, evenly over the directions and their services."""
        homes = [home for one in self.directorates for home in (one, *self.services[one])]
        self.at_home = {home: [] for home in homes}
        for number in range(self.size.accounts):
            first, last = FIRST[number % len(FIRST)], f"{LAST[number % len(LAST)]} {number}"
            person = self.add(
                Account,
                id=self.ids.next(Account),
                public_id=new_id(),
                kind="agent",
                email=f"agent{number}@mesure.example",
                first_name=first,
                last_name=last,
                search_name=searchable(f"{first} {last}"),
                home_administration_id=homes[number % len(homes)],
                status=AccountStatus.ACTIVE,
                team_lead=number % 10 == 0,
                password_hash=password_hash,
                created_at=BEGINNING,
            )
            self.people.append(person)
            self.at_home[person["home_administration_id"]].append(person["id"])

    def below(self, directorate: int) -> list[int]:
        """The people of a direction and of its services."""
        return [one for home in (directorate, *self.services[directorate]) for one in self.at_home[home]]

    # Spaces.

    def space(self, title: str, *, shared_with: int | None = None) -> _Story:
        """A space with grants of all kinds; `shared_with`: a direction whose whole sub-tree contributes."""
        lead, *named = (one["id"] for one in self.random.sample(self.people, min(12, len(self.people))))
        turn = self.random.random()
        visibility = (
            Visibility.AGENTS if turn < 0.1 else Visibility.ADMINISTRATION if turn < 0.3 else Visibility.PRIVATE
        )
        owner = self.people[lead - 1]["home_administration_id"]
        space_id, stream_id = self.ids.next(Space), self.ids.next(Stream)
        self.add(
            Space,
            id=space_id,
            public_id=new_id(),
            owner_administration_id=owner,
            title=title,
            search_title=searchable(title),
            description="Un espace parmi d’autres, pour mesurer.",
            visibility=visibility,
            open_to_read=visibility != Visibility.PRIVATE and turn % 0.04 < 0.01,
            created_at=BEGINNING,
            created_by_id=lead,
        )
        story = _Story(space_id, stream_id, [lead], [lead])
        self.grant(story, lead, PrincipalKind.ACCOUNT, lead, Role.LEAD, [lead])
        self.event(story, Event.SPACE_CREATED, lead)
        for place, one in enumerate(named):
            role = (Role.MODERATOR, Role.CONTRIBUTOR, Role.CONTRIBUTOR, Role.READER)[min(place, 3)]
            self.bring_in(story, lead, PrincipalKind.ACCOUNT, one, role, [one])
        for home in self.random.sample(list(self.at_home), self.random.choice((0, 1, 2, 3))):
            role = self.random.choice((Role.READER, Role.CONTRIBUTOR))
            self.bring_in(story, lead, PrincipalKind.ADMINISTRATION, home, role, self.at_home[home])
        if shared_with is not None:
            self.bring_in(story, lead, PrincipalKind.SUBTREE, shared_with, Role.CONTRIBUTOR, self.below(shared_with))
        elif self.random.random() < 0.35:
            one = self.random.choice(self.directorates)
            self.bring_in(story, lead, PrincipalKind.SUBTREE, one, Role.READER, self.below(one))
        epoch = 0
        if visibility != Visibility.PRIVATE:
            role = Role.READER if self.rows[Space][-1]["open_to_read"] else Role.CARD
            whom = (PrincipalKind.AGENTS, 0) if visibility == Visibility.AGENTS else (PrincipalKind.SUBTREE, owner)
            self.grant(story, lead, *whom, role, [], origin="visibility")
            self.event(story, Event.VISIBILITY_CHANGED, lead)
            epoch = 1
        story.members = sorted(set(story.members))
        self.add(
            Stream,
            id=stream_id,
            space_id=space_id,
            last_seq=0,
            message_count=0,
            acl_epoch=epoch,
            last_activity_at=BEGINNING,
        )
        return story

    def bring_in(
        self, story: _Story, lead: int, kind: PrincipalKind, principal: int, role: Role, whom: list[int]
    ) -> None:
        reference = self.grant(story, lead, kind, principal, role, whom)
        self.event(story, Event.MEMBER_ADDED, lead, grant_id=reference)

    def grant(
        self,
        story: _Story,
        lead: int,
        kind: PrincipalKind,
        principal: int,
        role: Role,
        whom: list[int],
        origin: str | None = None,
    ) -> str:
        reference = new_id()
        self.add(
            Grant,
            id=self.ids.next(Grant),
            public_id=reference,
            space_id=story.space_id,
            principal_kind=kind,
            principal_id=principal,
            role=role,
            origin=origin or ("person" if kind == PrincipalKind.ACCOUNT else "administration"),
            granted_by_id=lead,
            granted_at=BEGINNING,
        )
        story.members += whom
        if role >= Role.CONTRIBUTOR:
            story.writers += whom
        return reference

    def event(self, story: _Story, kind: Event, actor: int, **references: Any) -> datetime:
        story.seq += 1
        at = BEGINNING + timedelta(minutes=story.seq)
        self.add(
            StreamEvent,
            stream_id=story.stream_id,
            seq=story.seq,
            kind=kind.value,
            actor_id=actor,
            payload=references,
            at=at,
        )
        return at

    def document(self, story: _Story, number: int, key: str, content: bytes) -> None:
        name, author, reference = f"Relevé n° {number:04d} – été.txt", self.random.choice(story.writers), new_id()
        at = self.event(story, Event.DOCUMENT_ADDED, author, document_id=reference, version=1)
        same = {
            "space_id": story.space_id,
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "content_type": "text/plain",
            "created_at": at,
            "created_by_id": author,
        }
        document = self.add(
            Document,
            id=self.ids.next(Document),
            public_id=reference,
            name=name,
            folded_name=folded(name),
            search_name=searchable(name),
            version=1,
            updated_at=at,
            updated_by_id=author,
            **same,
        )
        self.add(Version, id=self.ids.next(Version), document_id=document["id"], number=1, key=key, **same)

    def thread(self, story: _Story, title: str, count: int) -> str:
        """A thread of `count` messages in a row."""
        reference, author = new_id(), story.writers[0]
        begun = self.event(story, Event.THREAD_CREATED, author, thread_id=reference)
        thread = self.add(
            Thread,
            id=self.ids.next(Thread),
            public_id=reference,
            space_id=story.space_id,
            stream_id=story.stream_id,
            title=title,
            search_title=searchable(title),
            created_at=begun,
            created_by_id=author,
        )
        at = begun
        for no in range(1, count + 1):
            author, choice = self.random.choice(story.writers), self.random.randrange(len(SAID))
            at = self.event(story, Event.MESSAGE_POSTED, author, thread_id=reference, no=no)
            story.spoken.append(story.seq)
            whole = json.dumps([reference, SAID[choice], None, ()])
            self.add(
                Message,
                id=self.ids.next(Message),
                space_id=story.space_id,
                stream_id=story.stream_id,
                thread_id=thread["id"],
                no=no,
                seq=story.seq,
                author_id=author,
                client_uuid=new_id(),
                body=SAID[choice],
                body_html=self.html[choice],
                body_hash=hashlib.sha256(whole.encode()).hexdigest(),
                created_at=at,
            )
        thread |= {"message_count": count, "last_seq": story.seq, "last_activity_at": at}
        return reference

    def end(self, story: _Story) -> None:
        """The counters; and half of the members have come, and read up to some moment."""
        stream = next(one for one in reversed(self.rows[Stream]) if one["id"] == story.stream_id)
        stream |= {
            "last_seq": story.seq,
            "message_count": len(story.spoken),
            "last_activity_at": BEGINNING + timedelta(minutes=story.seq),
        }
        for one in story.members:
            if self.random.random() < 0.5:
                seen = self.random.choice((story.seq, story.seq, self.random.randint(1, story.seq)))
                self.add(
                    StreamMember,
                    account_id=one,
                    stream_id=story.stream_id,
                    generation=0,
                    baseline_seq=seen,
                    read_count=sum(seq <= seen for seq in story.spoken) if seen < story.seq else len(story.spoken),
                )
        self.belonging += len(story.members)


def build(size: Size | None = None) -> World:
    """Write the world into the current application's empty database and storage."""
    size = size or Size()
    session.rollback()  # a password is hashed outside of any transaction
    password_hash = hashed(PASSWORD)
    objects = [_kept(f"Relevé {number}\n".encode() * 100) for number in range(size.files + 1)]
    return _write(size, password_hash, objects)


def _kept(content: bytes) -> tuple[str, bytes]:
    with draft_of(content) as draft:
        return storage().keep(draft), content


@action
def _write(size: Size, password_hash: str, objects: list[tuple[str, bytes]]) -> World:
    if session.execute(select(Account.id).limit(1)).first() is not None:
        raise RuntimeError("the database is not empty")
    writer = _Writer(size)
    writer.tree()
    writer.agents(password_hash)
    ours = writer.directorates[1]
    files = writer.space("Mille relevés", shared_with=ours)
    for number, (key, content) in enumerate(objects[:-1]):
        writer.document(files, number, key, content)
    talk = writer.space("Dix mille messages", shared_with=ours)
    thread = writer.thread(talk, "Le fil de l’année", size.messages)
    deposit = writer.space("Dépôts", shared_with=ours)
    usual = []
    for number in range(size.spaces - 3):
        usual.append(writer.space(f"Espace de travail n° {number + 1}"))
        writer.thread(usual[-1], "Ordre du jour", writer.random.randint(1, 20))
        writer.thread(usual[-1], "Questions diverses", writer.random.randint(1, 20))
        for one in range(3):
            writer.document(usual[-1], one, *objects[-1])
    for story in (files, talk, deposit, *usual):
        writer.end(story)
    names = {row["id"]: row["public_id"] for row in writer.rows[Space]}
    mails = {one["id"]: one["email"] for one in writer.people}
    below = writer.below(ours)
    writer.flush()
    if not is_sqlite():
        _set_sequences()
    return World(
        actors=[mails[one] for one in below[:8]],
        listeners=[mails[one] for one in below[8 : 8 + size.listeners]],
        files_space=names[files.space_id],
        talk_space=names[talk.space_id],
        thread=thread,
        messages=size.messages,
        deposit_space=names[deposit.space_id],
        spaces_of_one=writer.belonging / size.accounts,
    )


def _set_sequences() -> None:
    """PostgreSQL numbers on from what has been written."""
    for table in Base.metadata.sorted_tables:
        if "id" in table.c and table.c.id.autoincrement is True:
            most = session.execute(select(func.max(table.c.id))).scalar_one()
            if most is not None:
                session.execute(
                    text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :most)"),
                    {"name": table.name, "most": most},
                )
