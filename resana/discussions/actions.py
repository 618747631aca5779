"""Changing a thread: opening, naming, closing, opening again."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from resana.accounts.models import Account
from resana.core.actions import action
from resana.core.database import session
from resana.core.text import line, searchable
from resana.events import Event
from resana.permissions import Can, obtain
from resana.spaces.models import Space
from resana.spaces.streams import advance, hold, record

from .messages import post
from .models import Thread, ThreadState


@action
def create(
    space: Space,
    title: str,
    *,
    by: Account,
    body: str = "",
    attachments: Sequence[str] = (),
    client_uuid: str | None = None,
) -> Thread:
    """Open a thread, with its first message where there is a `body`. Raises Refused."""
    title = line(title, "title")
    seq = advance(space.stream)
    obtain(by, Can.CREATE_THREAD, space_id=space.public_id)
    thread = Thread(
        space=space,
        stream=space.stream,
        title=title,
        search_title=searchable(title)[:300],
        last_seq=seq,
        created_by=by,
    )
    session.add(thread)
    session.flush()
    record(Event.THREAD_CREATED, space.stream, by=by, seq=seq, thread_id=thread.public_id)
    if body:
        post(thread, body, by=by, client_uuid=client_uuid or secrets.token_hex(16), attachments=attachments)
    return thread


@action
def rename(thread: Thread, title: str, *, by: Account) -> None:
    """Give a thread another title."""
    title = line(title, "title")
    hold(thread.stream)
    obtain(by, Can.RENAME_THREAD, thread_id=thread.public_id)
    if title == thread.title:
        return
    record(Event.THREAD_RENAMED, thread.stream, by=by, thread_id=thread.public_id)
    thread.title = title
    thread.search_title = searchable(title)[:300]


@action
def close(thread: Thread, *, by: Account) -> None:
    """Let nobody write in a thread any more; everybody goes on reading. Safe to call twice."""
    hold(thread.stream)
    obtain(by, Can.CLOSE_THREAD, thread_id=thread.public_id)
    if thread.state == ThreadState.CLOSED:
        return
    record(Event.THREAD_CLOSED, thread.stream, by=by, thread_id=thread.public_id)
    thread.state = ThreadState.CLOSED


@action
def reopen(thread: Thread, *, by: Account) -> None:
    """Let people write again. Safe to call twice."""
    hold(thread.stream)
    obtain(by, Can.CLOSE_THREAD, thread_id=thread.public_id)
    if thread.state == ThreadState.OPEN:
        return
    record(Event.THREAD_REOPENED, thread.stream, by=by, thread_id=thread.public_id)
    thread.state = ThreadState.OPEN
