"""Reading threads and messages: parts of lists, by keyset."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import joinedload, lazyload, selectinload

from resana.accounts.models import Account
from resana.core.api import keyset
from resana.core.database import session
from resana.documents.models import Document
from resana.permissions import Can, allowed, hidden
from resana.spaces.models import Space, Stream, StreamMember

from .models import Attachment, Message, MessageVersion, Thread
from .reading import Position, positions

PAGE = 50
BEFORE_UNREAD = 8
"""Messages that are shown above the unread line, for the context."""
GROUPED = timedelta(minutes=5)
PICKED = 200


class ThreadRow(NamedTuple):
    """A thread in a list: with its last message, and where the reader stands (None before their first visit)."""

    thread: Thread
    last: Message | None
    place: Position | None


class Window(NamedTuple):
    """Messages in a row, and what lies around them."""

    messages: list[Message]
    older: int | None
    """The number before which older ones are found; None at the beginning."""
    newer: int | None
    """The number after which newer ones are found; None at the end."""


def recent_threads(
    space: Space, account: Account, *, cursor: str | None = None, limit: int = PAGE
) -> tuple[list[ThreadRow], str | None]:
    """The threads of a space by last activity, and the cursor of the following ones."""
    query = (
        allowed(account, Can.READ_THREAD, Thread, Message)
        .outerjoin(Message, and_(Message.thread_id == Thread.id, Message.no == Thread.message_count))
        .where(Thread.stream_id == space.stream.id)
        .options(
            lazyload(Thread.space), lazyload(Thread.stream), joinedload(Thread.created_by), joinedload(Message.author)
        )
    )
    rows, following = keyset(
        query, [Thread.last_seq, Thread.id], [int, int], cursor=cursor, limit=limit, descending=True
    )
    places = positions([row[0] for row in rows], account)
    return [ThreadRow(row[0], row[1], places.get(row[0].id)) for row in rows], following


def visited(account: Account) -> Select[Space]:
    """The spaces whose unread messages are counted for `account`."""
    return (
        allowed(account, Can.READ_SPACE)
        .join(Stream, (Stream.space_id == Space.id) & Stream.folder_id.is_(None))
        .join(StreamMember, StreamMember.stream_id == Stream.id)
        .where(StreamMember.account_id == account.id)
    )


def messages_of(thread: Thread, *, above: int = 0, below: int | None = None, limit: int = PAGE) -> list[Message]:
    """The messages `above` < no < `below`, the first `limit`, in order, with what showing them needs."""
    query = select(Message).where(Message.thread_id == thread.id, Message.no > above)
    if below is not None:
        query = query.where(Message.no < below)
    return list(session.execute(_whole(query).order_by(Message.no).limit(limit)).scalars())


def window(
    thread: Thread,
    place: Position | None,
    *,
    before: int | None = None,
    after: int | None = None,
    at: int | None = None,
) -> Window:
    """A page of a thread: around `at`, `before` or `after` a number; else from the first unread on, else its end.

    Numbers have no hole, so that a page is a range of them.
    """
    last = thread.message_count
    if before is not None:
        start = max(1, before - PAGE)
        stop = min(before, last + 1)
    else:
        if after is not None:
            start = after + 1
        elif at is not None:
            start = at - PAGE // 2
        elif place is not None and place.unread:
            start = place.last_read_no + 1 - BEFORE_UNREAD
        else:
            start = last - PAGE + 1
        start = max(1, min(start, last - (0 if after is not None else PAGE) + 1))
        stop = min(start + PAGE, last + 1)
    found = messages_of(thread, above=start - 1, below=stop) if start < stop else []
    return Window(found, start if found and start > 1 else None, stop - 1 if found and stop <= last else None)


def replied_to(thread: Thread, messages: Iterable[Message]) -> dict[int, Message]:
    """What these messages answer to, by number."""
    there = {message.no: message for message in messages}
    wanted = {message.reply_to_no for message in there.values() if message.reply_to_no is not None}
    found = {no: there[no] for no in wanted if no in there}
    if missing := wanted - set(found):
        query = select(Message).where(Message.thread_id == thread.id, Message.no.in_(missing))
        found |= {
            message.no: message for message in session.execute(query.options(joinedload(Message.author))).scalars()
        }
    return found


def message_of(thread: Thread, no: int) -> Message | None:
    """One message with what showing it needs."""
    return session.execute(
        _whole(select(Message).where(Message.thread_id == thread.id, Message.no == no))
    ).scalar_one_or_none()


def former_texts(message: Message) -> Sequence[MessageVersion]:
    """What stood there before, newest first."""
    query = select(MessageVersion).where(MessageVersion.message_id == message.id)
    return session.execute(query.order_by(MessageVersion.version.desc())).scalars().all()


def documents_to_attach(space: Space, account: Account) -> Sequence[Document]:
    """The documents of a space that the author may read, the latest first."""
    query = allowed(account, Can.READ_DOCUMENT).where(Document.space_id == space.id)
    return (
        session.execute(query.options(joinedload(Document.folder)).order_by(Document.updated_at.desc()).limit(PICKED))
        .scalars()
        .all()
    )


def unknown_documents(account: Account | None, messages: Iterable[Message]) -> set[int]:
    """The ids of the documents joined to these messages that `account` may not know of (None: what not every reader
    may): they stand in restricted folders. No statement where none does.
    """
    restricted = {
        one.document_id for message in messages for one in message.attachments if one.document.acl_folder_id is not None
    }
    if account is None or not restricted:
        return restricted
    return set(session.execute(hidden(account, Document, Document.id).where(Document.id.in_(restricted))).scalars())


def follows(message: Message, before: Message | None) -> bool:
    """Whether a message goes on where the one before stopped: same person, within five minutes."""
    return (
        before is not None
        and before.author_id == message.author_id
        and before.deleted_at is None
        and message.reply_to_no is None
        and message.created_at - before.created_at < GROUPED
    )


def _whole(query: Select[Message]) -> Select[Message]:
    return query.options(
        joinedload(Message.author), selectinload(Message.attachments).joinedload(Attachment.document)
    ).execution_options(populate_existing=True)
