"""Threads and messages for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, request
from pydantic import BaseModel, ConfigDict, Field

from resana.accounts.models import Account
from resana.core.api import In, ListQuery, Out, Page, Time, cursor_of, speaks, values_of
from resana.core.database import session
from resana.core.errors import Preconditions, Refused
from resana.core.guarding import SIGNED_IN, current_account, guard
from resana.permissions import Can, abilities, abilities_of
from resana.spaces.models import Space
from resana.spaces.reading import mark_all_read, unread_by_space

from . import actions, messages, queries, reading
from .models import Message, Thread

bp = Blueprint("discussions_api", __name__, url_prefix="/api/v1")


class AuthorOut(Out):
    """Who wrote, and from where."""

    id: str
    name: str
    administration: str
    city: str
    guest: bool


class AttachmentOut(Out):
    """A document that a message points to; `available` is false where it is in the trash.

    Where it may not be seen, nothing is said of it: its id is empty, and it is not available.
    """

    id: str
    name: str
    size: int
    content_type: str
    available: bool


class MessageOut(Out):
    """A message; a deleted one keeps its number and nothing else."""

    thread_id: str
    no: int
    seq: int
    author: AuthorOut
    body: str
    html: str
    version: int
    created_at: Time
    edited_at: Time | None
    deleted: bool
    reply_to: int | None
    reactions: list[str] = []
    attachments: list[AttachmentOut]
    client_uuid: str | None
    abilities: dict[str, bool]


class VersionOut(Out):
    """A former text of a message."""

    version: int
    body: str
    html: str
    written_at: Time


class VersionsOut(Out):
    """All former texts of a message, newest first."""

    items: list[VersionOut]
    next: None = None


class ThreadOut(Out):
    """A thread; `unread` is null before the first visit of its space."""

    id: str
    space_id: str
    title: str
    state: str
    message_count: int
    last_seq: int
    unread: int | None
    last_read_no: int | None
    created_at: Time
    created_by: AuthorOut
    last_activity_at: Time
    abilities: dict[str, bool]


class NewThread(In):
    """A thread and, where there is a body, its first message."""

    title: str
    body: str = ""
    attachments: list[str] = Field(default=[], max_length=messages.MOST_ATTACHMENTS)


class NewTitle(In):
    """Another title."""

    title: str


class NewMessage(In):
    """Something to say. `client_uuid` makes a retry the same message, without time limit."""

    body: str
    client_uuid: str
    seen_no: int | None = Field(None, ge=0, lt=2**53)
    reply_to: int | None = Field(None, ge=1, lt=2**53)
    attachments: list[str] = Field(default=[], max_length=100)


class NewBody(In):
    """Another text; `version` (or If-Match) is the one that the writer saw."""

    body: str
    version: int | None = Field(None, ge=1, lt=2**31)


class ReadIn(In):
    """Read up to `no`; with `mark_unread`, unread from `no` on."""

    no: int = Field(ge=0, lt=2**53)
    mark_unread: bool = False


class UnreadOut(Out):
    """How much is unread; null for who is not counted."""

    unread: int | None


class SpaceUnread(Out):
    """How much of a space is unread."""

    space_id: str
    unread: int | None


class UnreadList(Out):
    """All spaces that one has visited."""

    items: list[SpaceUnread]


class MessageQuery(BaseModel):
    """Which messages: the newest `limit`, unless `before` or `after` a number; always in the order of `no`."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200)
    before: int | None = Field(None, ge=0, lt=2**53)
    after: int | None = Field(None, ge=0, lt=2**53)
    cursor: str | None = Field(None, max_length=500)


@bp.get("/unread")
@guard(SIGNED_IN)
@speaks(gives=UnreadList)
def unread() -> UnreadList:
    """How much is unread in each space that one has visited and still reads."""
    spaces = session.execute(queries.visited(_me())).scalars().all()
    counts = unread_by_space(_me(), spaces)
    return UnreadList(items=[SpaceUnread(space_id=one.public_id, unread=counts[one.id]) for one in spaces])


@bp.get("/spaces/<space_id>/threads")
@guard(Can.READ_SPACE)
@speaks(query=ListQuery, gives=Page[ThreadOut])
def threads(space: Space, query: ListQuery) -> Page[ThreadOut]:
    """The threads of a space by last activity."""
    rows, following = queries.recent_threads(space, _me(), cursor=query.cursor, limit=query.limit)
    may = abilities_of(_me(), [row.thread for row in rows])
    return Page[ThreadOut](
        items=[_thread(row.thread, row.place, may[row.thread.id], space) for row in rows], next=following
    )


@bp.post("/spaces/<space_id>/threads")
@guard(Can.CREATE_THREAD)
@speaks(takes=NewThread, gives=ThreadOut, status=201)
def create(space: Space, body: NewThread) -> ThreadOut:
    """Open a thread."""
    thread = actions.create(space, body.title, body=body.body, attachments=body.attachments, by=_me())
    return _one(thread)


@bp.put("/spaces/<space_id>/read")
@guard(Can.READ_SPACE)
@speaks(gives=UnreadOut)
def read_all(space: Space) -> UnreadOut:
    """Take everything in a space as read."""
    mark_all_read(space, by=_me())
    return UnreadOut(unread=unread_by_space(_me(), [space])[space.id])


@bp.get("/threads/<thread_id>")
@guard(Can.READ_THREAD)
@speaks(gives=ThreadOut)
def show(thread: Thread) -> ThreadOut:
    """One thread."""
    return _one(thread)


@bp.patch("/threads/<thread_id>")
@guard(Can.RENAME_THREAD)
@speaks(takes=NewTitle, gives=ThreadOut)
def rename(thread: Thread, body: NewTitle) -> ThreadOut:
    """Give a thread another title."""
    actions.rename(thread, body.title, by=_me())
    return _one(thread)


@bp.post("/threads/<thread_id>/closure")
@guard(Can.CLOSE_THREAD)
@speaks(gives=ThreadOut)
def close(thread: Thread) -> ThreadOut:
    """Let nobody write any more."""
    actions.close(thread, by=_me())
    return _one(thread)


@bp.delete("/threads/<thread_id>/closure")
@guard(Can.CLOSE_THREAD)
@speaks(gives=ThreadOut)
def reopen(thread: Thread) -> ThreadOut:
    """Let people write again."""
    actions.reopen(thread, by=_me())
    return _one(thread)


@bp.put("/threads/<thread_id>/read")
@guard(Can.READ_THREAD)
@speaks(takes=ReadIn, gives=UnreadOut)
def read(thread: Thread, body: ReadIn) -> UnreadOut:
    """Note how far one has read."""
    change = reading.unread_from if body.mark_unread else reading.read
    return UnreadOut(unread=change(thread, body.no, by=_me()))


@bp.get("/threads/<thread_id>/messages")
@guard(Can.READ_THREAD)
@speaks(query=MessageQuery, gives=Page[MessageOut])
def list_messages(thread: Thread, query: MessageQuery) -> Page[MessageOut]:
    """A part of what was said."""
    after = query.after
    if query.cursor is not None:
        (after,) = values_of(query.cursor, [int])
    if after is not None:
        found = queries.messages_of(thread, above=after, below=query.before, limit=query.limit)
    else:
        end = min(thread.message_count + 1, query.before if query.before is not None else 2**53)
        found = queries.messages_of(thread, above=max(0, end - 1 - query.limit), below=end, limit=query.limit)
    last = min(thread.message_count, (query.before or 2**53) - 1)
    more = after is not None and bool(found) and found[-1].no < last
    return Page[MessageOut](items=_messages(thread, found), next=cursor_of([found[-1].no]) if more else None)


@bp.post("/threads/<thread_id>/messages")
@guard(Can.POST_MESSAGE)
@speaks(takes=NewMessage, gives=MessageOut, status=201, other={200: MessageOut})
def post(thread: Thread, body: NewMessage) -> tuple[MessageOut, int]:
    """Say something; 200 with the stored message on a retry."""
    posted = messages.post(
        thread,
        body.body,
        by=_me(),
        client_uuid=body.client_uuid,
        reply_to_no=body.reply_to,
        attachments=body.attachments,
        seen_no=body.seen_no,
    )
    return _message(posted.message, thread, abilities(_me(), posted.message)), 201 if posted.is_new else 200


@bp.get("/threads/<thread_id>/messages/<int:no>")
@guard(Can.READ_MESSAGE)
@speaks(gives=MessageOut)
def show_message(message: Message) -> MessageOut:
    """One message."""
    return _message(message, message.thread, abilities(_me(), message))


@bp.put("/threads/<thread_id>/messages/<int:no>")
@guard(Can.EDIT_MESSAGE)
@speaks(takes=NewBody, gives=MessageOut)
def edit(message: Message, body: NewBody) -> MessageOut:
    """Correct one's own message; 412 where it has changed since."""
    messages.edit(message, body.body, by=_me(), version=body.version or _version_matched())
    return _message(message, message.thread, abilities(_me(), message))


@bp.delete("/threads/<thread_id>/messages/<int:no>")
@guard(Can.DELETE_MESSAGE)
@speaks(status=204)
def delete(message: Message) -> None:
    """Take a message back."""
    messages.delete(message, by=_me())


@bp.get("/threads/<thread_id>/messages/<int:no>/versions")
@guard(Can.READ_MESSAGE)
@speaks(gives=VersionsOut)
def versions(message: Message) -> VersionsOut:
    """What stood there before; nothing for a message that was taken back."""
    former = queries.former_texts(message) if message.deleted_at is None else []
    return VersionsOut(
        items=[
            VersionOut(version=one.version, body=one.body, html=one.body_html, written_at=one.written_at)
            for one in former
        ]
    )


def _me() -> Account:
    account: Account = current_account._get_current_object()
    return account


def _version_matched() -> int:
    """The version that `If-Match` names."""
    given = request.headers.get("If-Match")
    if given is None:
        raise Preconditions
    text = given.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Refused(field="If-Match")
    return int(text)


def _one(thread: Thread) -> ThreadOut:
    return _thread(thread, reading.position(thread, _me()), abilities(_me(), thread), thread.space)


def _thread(thread: Thread, place: reading.Position | None, may: dict[str, bool], space: Space) -> ThreadOut:
    return ThreadOut(
        id=thread.public_id,
        space_id=space.public_id,
        title=thread.title,
        state=thread.state,
        message_count=thread.message_count,
        last_seq=thread.last_seq,
        unread=place.unread if place else None,
        last_read_no=place.last_read_no if place else None,
        created_at=thread.created_at,
        created_by=_author(thread.created_by),
        last_activity_at=thread.last_activity_at,
        abilities=may,
    )


def _messages(thread: Thread, found: list[Message]) -> list[MessageOut]:
    may = abilities_of(_me(), found)
    unknown = queries.unknown_documents(_me(), found)
    return [_message(message, thread, may[message.id], unknown) for message in found]


def _message(message: Message, thread: Thread, may: dict[str, bool], unknown: set[int] | None = None) -> MessageOut:
    if unknown is None:
        unknown = queries.unknown_documents(_me(), [message])
    gone = message.deleted_at is not None
    edited: datetime | None = message.edited_at
    fields: dict[str, Any] = {} if gone else {"body": message.body, "html": message.body_html, "edited_at": edited}
    return MessageOut(
        **{"body": "", "html": "", "edited_at": None} | fields,
        thread_id=thread.public_id,
        no=message.no,
        seq=message.seq,
        author=_author(message.author),
        version=message.version,
        created_at=message.created_at,
        deleted=gone,
        reply_to=None if gone else message.reply_to_no,
        attachments=[] if gone else [_attachment(one, unknown) for one in message.attachments],
        client_uuid=message.client_uuid if message.author_id == _me().id else None,
        abilities=may,
    )


def _author(account: Account) -> AuthorOut:
    home = account.home_administration
    return AuthorOut(
        id=account.public_id,
        name=account.full_name,
        administration=account.organisation if account.is_guest else home.short_name or home.name,
        city="" if account.is_guest else home.city,
        guest=account.is_guest,
    )


def _attachment(attachment: Any, unknown: set[int]) -> AttachmentOut:
    document = attachment.document
    if document.id in unknown:
        return AttachmentOut(id="", name="", size=0, content_type="", available=False)
    available = document.trashed_at is None
    return AttachmentOut(
        id=document.public_id,
        name=document.name if available else "",
        size=document.size if available else 0,
        content_type=document.content_type if available else "",
        available=available,
    )
