"""How far a person has read in a space: unread = the stream's messages − those read.

A row of `stream_members` begins with the first visit of somebody who belongs to the space (through a grant, not through
its mere visibility), and copies the counters of that moment. Until then the space is « Nouveau », never a number.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from resana.accounts.models import Account
from resana.core.actions import action
from resana.core.database import is_sqlite, session
from resana.permissions import Can, can

from .models import Space, Stream, StreamMember


def unread_by_space(account: Account, spaces: Iterable[Space]) -> dict[int, int | None]:
    """How many messages of each of these spaces (which `account` may read) are unread, by the space's id, in one
    statement; None where there has been no visit yet.
    """
    found: dict[int, int | None] = {space.id: None for space in spaces}
    if found:
        rows = session.execute(
            select(Stream.space_id, Stream.message_count - StreamMember.read_count)
            .join(StreamMember, StreamMember.stream_id == Stream.id)
            .where(StreamMember.account_id == account.id, Stream.space_id.in_(found), Stream.folder_id.is_(None))
        )
        found.update((space_id, unread) for space_id, unread in rows)
    return found


def membership(account: Account, stream: Stream) -> StreamMember | None:
    """How far `account` has read in `stream`; None before the first visit."""
    return session.execute(
        select(StreamMember)
        .where(StreamMember.account_id == account.id, StreamMember.stream_id == stream.id)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def visit(space: Space, *, by: Account) -> StreamMember | None:
    """Begin to count for whoever opens a space that they belong to; None for who only sees it by its visibility."""
    return membership(by, space.stream) or _begin(space, by=by)


@action
def mark_all_read(space: Space, *, by: Account) -> None:
    """Take everything that has been said so far as read. Does nothing for who does not belong to the space."""
    member = reader(by, space.stream) or _begin(space, by=by)
    if member is None:
        return
    # After the member's row is locked: what another process posts from here on is unread.
    last_seq, message_count = session.execute(
        select(Stream.last_seq, Stream.message_count).where(Stream.id == space.stream.id)
    ).one()
    member.baseline_seq, member.read_count = last_seq, message_count
    member.generation += 1  # sets every older row of thread_reads aside
    session.flush()


def reader(account: Account, stream: Stream) -> StreamMember | None:
    """The same as `membership`, under the row's lock, within an action."""
    return session.execute(
        select(StreamMember)
        .where(StreamMember.account_id == account.id, StreamMember.stream_id == stream.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def begin(account: Account, stream: Stream, *, last_seq: int, message_count: int) -> StreamMember:
    """Make the row, within an action, with the counters from before what caused it; and lock it."""
    values = {
        "account_id": account.id,
        "stream_id": stream.id,
        "generation": 0,
        "baseline_seq": last_seq,
        "read_count": message_count,
    }
    session.execute(insert(StreamMember).values(values).on_conflict_do_nothing())
    member = reader(account, stream)
    assert member is not None
    return member


def insert(model: type[Any]) -> Any:
    """An INSERT that knows ON CONFLICT, in the present database's words."""
    return sqlite.insert(model) if is_sqlite() else postgresql.insert(model)


@action
def _begin(space: Space, *, by: Account) -> StreamMember | None:
    if not can(by, Can.BELONG_TO_SPACE, space):
        return None
    last_seq, message_count = session.execute(
        select(Stream.last_seq, Stream.message_count).where(Stream.id == space.stream.id)
    ).one()
    return begin(by, space.stream, last_seq=last_seq, message_count=message_count)
