"""The words in which the demonstration's spaces are told: what a space, a document and a conversation are made of.

Nothing here knows the application. People and administrations are named by their keys, folders by their path
("Réunions/Comptes rendus"), documents by their name, messages by their number in the thread (the first is 1).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")

# A line of Markdown that does not continue the one before: an item, a row, a quotation, a heading.
STARTS = re.compile(r" *- |\d+\. |\||> |#")

RoleName = Literal["reader", "contributor", "moderator", "lead"]


@dataclass(frozen=True)
class Grant:
    """Who has which role: a person, an administration alone, or an administration and all below it."""

    principal: Literal["person", "administration", "subtree"]
    key: str
    role: RoleName


@dataclass(frozen=True)
class Restricted:
    """A folder that only the leads of the space see, and those whom they let in: people of the space, by role."""

    folder: str
    grants: tuple[Grant, ...]


@dataclass(frozen=True)
class Version:
    """One state of a document: who left it, when, and the function that makes its bytes."""

    by: str
    days_ago: int
    at: str
    make: Callable[[], bytes]


@dataclass(frozen=True)
class Document:
    """A document in a folder (None: at the root of the space), its versions oldest first."""

    name: str
    folder: str | None
    versions: tuple[Version, ...]


@dataclass(frozen=True)
class Message:
    """What somebody wrote, in Markdown; `first_written` is what stood there before it was edited."""

    by: str
    days_ago: int
    at: str
    body: str
    reply_to: int | None = None
    attachments: tuple[str, ...] = ()
    first_written: str | None = None
    deleted: bool = False


@dataclass(frozen=True)
class Thread:
    """A discussion; its first message opens it, by its author and at its time."""

    title: str
    messages: tuple[Message, ...]


@dataclass(frozen=True)
class AccessRequest:
    """Somebody who sees the space's card asks to come in, and waits."""

    by: str
    days_ago: int
    at: str
    message: str


@dataclass(frozen=True)
class Guest:
    """Somebody from outside, invited into the space by one of its leads.

    `invited_days_ago` counts working days, `ends_in_days` days from today: negative where their time is over.
    """

    key: str
    first_name: str
    last_name: str
    email: str
    organisation: str
    invited_by: str
    invited_days_ago: int
    at: str
    ends_in_days: int
    role: RoleName
    what: str


@dataclass(frozen=True)
class Space:
    """A shared space as it stands today; `created_by` has the role lead among the grants."""

    key: str
    title: str
    description: str
    purpose: str
    owner: str
    created_by: str
    created_days_ago: int
    visibility: Literal["private", "administration", "agents"]
    visibility_level: Literal["card", "reader"]
    grants: tuple[Grant, ...]
    folders: tuple[str, ...]
    documents: tuple[Document, ...]
    threads: tuple[Thread, ...]
    access_requests: tuple[AccessRequest, ...] = ()
    restricted: tuple[Restricted, ...] = ()
    guests: tuple[Guest, ...] = ()


@dataclass(frozen=True)
class SpaceRequest:
    """An agent whose administration validates new spaces has asked for one, and waits."""

    by: str
    days_ago: int
    at: str
    title: str
    description: str
    purpose: str
    visibility: Literal["private", "administration", "agents"]
    visibility_level: Literal["card", "reader"]
    reason: str


def moment(now: datetime, days_ago: int, at: str) -> datetime:
    """The instant `at` (Paris time) so many *working* days before `now`, as aware UTC.

    Counting working days keeps the order of the story and lets nobody write on a Sunday.
    """
    day = now.astimezone(PARIS).date()
    while days_ago > 0:
        day -= timedelta(days=1)
        days_ago -= day.weekday() < 5
    return datetime.combine(day, time.fromisoformat(at), PARIS).astimezone(UTC)


def version(by: str, days_ago: int, at: str, make: Callable[..., bytes], *content) -> Version:
    """A version whose bytes are `make(*content)`, made only when they are asked for."""
    return Version(by, days_ago, at, lambda: make(*content))


def document(name: str, folder: str | None, *versions: Version) -> Document:
    return Document(name, folder, versions)


def thread(title: str, *messages: Message) -> Thread:
    return Thread(title, messages)


def says(
    by: str,
    days_ago: int,
    at: str,
    body: str,
    *,
    reply_to: int | None = None,
    attach: tuple[str, ...] = (),
    first_written: str | None = None,
    deleted: bool = False,
) -> Message:
    before = unfold(first_written) if first_written else None
    return Message(by, days_ago, at, unfold(body), reply_to, attach, before, deleted)


def unfold(text: str) -> str:
    """Markdown written over several short lines in the source, with each paragraph and each item on one line."""
    lines: list[str] = []
    in_code = False
    for line in text.strip().splitlines():
        fence = line.startswith("```")
        starts = STARTS.match(line)
        previous = lines[-1] if lines else ""
        if in_code or fence or starts or not line or not previous or previous.startswith(("|", "#", "```")):
            lines.append(line)
        else:
            lines[-1] = f"{previous} {line.strip()}"
        in_code ^= fence
    return "\n".join(lines)
