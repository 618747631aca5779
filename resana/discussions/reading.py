"""How far a person has read in a thread, and what is unread: always what counting would say (discussions.md).

What counts for a thread is `effective`: the `last_read_no` of a `thread_reads` row of the member's own generation, else
the number of the last message that the member's baseline covers. The member's `read_count` is the sum of these over
all threads, at any moment, and every change keeps it so under the lock of the member's row.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, case, select

from resana.accounts.models import Account
from resana.core.actions import action
from resana.core.database import session
from resana.core.errors import Refused
from resana.spaces.models import StreamMember
from resana.spaces.reading import begin, insert, membership, reader, visit

from .models import Message, Thread, ThreadRead


class Position(NamedTuple):
    """Where a person stands in a thread."""

    last_read_no: int
    unread: int


def position(thread: Thread, account: Account) -> Position | None:
    """Where `account` stands in `thread`; None before the first visit of its space."""
    return positions([thread], account).get(thread.id)


def positions(threads: Iterable[Thread], account: Account) -> dict[int, Position]:
    """Where `account` stands in each of these threads (all of one space), by the thread's id, in two statements."""
    threads = list(threads)
    member = membership(account, threads[0].stream) if threads else None
    if member is None:
        return {}
    rows = session.execute(
        select(Thread.id, Thread.message_count, effective(member)).where(Thread.id.in_([one.id for one in threads]))
    )
    return {identity: Position(no, count - no) for identity, count, no in rows}


def effective(member: StreamMember) -> ColumnElement[int]:
    """The number up to which a member has read a row of `threads`, as a column."""
    read = (
        select(ThreadRead.last_read_no)
        .where(
            ThreadRead.thread_id == Thread.id,
            ThreadRead.account_id == member.account_id,
            ThreadRead.generation == member.generation,
        )
        .correlate(Thread)
        .scalar_subquery()
    )
    covered = (
        select(Message.no)
        .where(Message.thread_id == Thread.id, Message.seq <= member.baseline_seq)
        .order_by(Message.seq.desc())
        .limit(1)
        .correlate(Thread)
        .scalar_subquery()
    )
    return case((read.is_not(None), read), (covered.is_not(None), covered), else_=0)


@action
def read(thread: Thread, no: int, *, by: Account) -> int | None:
    """Note that `by` has read up to `no`, never backwards; says what is left unread, None for who does not count."""
    if visit(thread.space, by=by) is None:
        return None
    member, place = _place(thread, by)
    _check(no, place)
    return _move(thread, member, place, max(no, place.last_read_no))


@action
def unread_from(thread: Thread, no: int, *, by: Account) -> int | None:
    """Take `no` and what follows as unread; what was unread already stays so. Says how much is unread."""
    if visit(thread.space, by=by) is None:
        return None
    member, place = _place(thread, by)
    _check(no, place)
    return _move(thread, member, place, min(max(no, 1) - 1, place.last_read_no))


def own(thread: Thread, no: int, *, by: Account, seen_no: int | None) -> None:
    """Within a post whose locks are held: the author has read their own message `no` if nothing unread lay between,
    else what they had seen.
    """
    stream = thread.stream
    member = reader(by, stream)
    if member is None:
        member = begin(by, stream, last_seq=stream.last_seq - 1, message_count=stream.message_count - 1)
    last_read_no = session.execute(select(effective(member)).where(Thread.id == thread.id)).scalar_one()
    seen = max(last_read_no, min(seen_no or 0, no - 1))
    place = Position(last_read_no, no - last_read_no)
    _move(thread, member, place, no if seen == no - 1 else seen)


def _place(thread: Thread, by: Account) -> tuple[StreamMember, Position]:
    """The member under the lock of its row, and then, in a new statement, where they stand."""
    member: Any = reader(by, thread.stream)
    count, no = session.execute(select(Thread.message_count, effective(member)).where(Thread.id == thread.id)).one()
    return member, Position(no, count - no)


def _check(no: int, place: Position) -> None:
    if not 0 <= no <= place.last_read_no + place.unread:
        raise Refused(_("Ce fil n’a pas de message de ce numéro."), "no")


def _move(thread: Thread, member: StreamMember, place: Position, to: int) -> int:
    if to != place.last_read_no:
        written = insert(ThreadRead).values(
            account_id=member.account_id,
            thread_id=thread.id,
            stream_id=thread.stream_id,
            generation=member.generation,
            last_read_no=to,
        )
        session.execute(
            written.on_conflict_do_update(
                index_elements=["account_id", "thread_id"],
                set_={"generation": written.excluded.generation, "last_read_no": written.excluded.last_read_no},
            )
        )
        member.read_count += to - place.last_read_no
        session.flush()
    return place.unread + place.last_read_no - to
