"""What happens in a space, in one order: the sequence, the counters and the epoch of its stream."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm.attributes import set_committed_value

from resana.accounts.models import Account
from resana.acts import ACT_OF, NOT_KEPT
from resana.core.actions import after_commit
from resana.core.acts import tell
from resana.core.clock import now
from resana.core.database import is_sqlite, session
from resana.events import Event

from .models import Stream, StreamEvent

NAMED_BY = {
    "document": "document_id",
    "folder": "folder_id",
    "thread": "thread_id",
    "grant": "grant_id",
    "accessrequest": "request_id",
    "emergencyaccess": "access_id",
}
"""The kinds of things that an event is about, and under which name it refers to them."""

Listener = Callable[[StreamEvent], object]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call `listener(event)` in this process after each commit that recorded an event: how live pages hear of it."""
    if listener not in _listeners:
        _listeners.append(listener)


def advance(stream: Stream, messages: int = 0) -> int:
    """Take the stream's lock, held until commit, and its next number: gapless, and commit order is number order.

    `messages` is how many messages the event adds. The row's other counters are fresh afterwards.
    """
    _change(
        stream,
        last_seq=Stream.last_seq + 1,
        message_count=Stream.message_count + messages,
        last_activity_at=now(),
    )
    return stream.last_seq


def record(
    kind: Event,
    stream: Stream,
    *,
    by: Account | None,
    seq: int | None = None,
    facts: Mapping[str, Any] | None = None,
    kept: bool = True,
    **references: Any,
) -> StreamEvent:
    """Write down that something happened, tell the journal, and the open pages once it is committed.

    `references` are public ids and numbers, never text. `seq` is given by who has called `advance` already. `facts`
    are for the journal only: what readers of the space need not hear. `kept=False`: the journal knows already, because
    one act is an event for two audiences.
    """
    if kept and kind not in NOT_KEPT:
        _tell_the_journal(kind, stream, by, references, facts or {})
    event = StreamEvent(
        stream_id=stream.id,
        seq=advance(stream) if seq is None else seq,
        kind=kind.value,
        actor_id=by.id if by is not None else None,
        payload=references,
        at=now(),
    )
    session.add(event)
    session.flush()
    after_commit(lambda: _tell(event))
    return event


def _tell_the_journal(
    kind: Event, stream: Stream, by: Account | None, references: Mapping[str, Any], facts: Mapping[str, Any]
) -> None:
    more = dict(references)
    named = next(((what, more.pop(name)) for what, name in NAMED_BY.items() if name in more), None)
    tell(
        ACT_OF[kind],
        by=by,
        of=stream.space if named is None else None,
        named=named,
        administration_id=stream.space.owner_administration_id,
        space_id=stream.space_id,
        **more,
        **facts,
    )


def hold(stream: Stream) -> None:
    """Take the stream's lock until commit: who is in the space, and as what, stays as it is read from here on.

    SQLite's writing transactions exclude one another already.
    """
    if not is_sqlite():
        session.execute(select(Stream.id).where(Stream.id == stream.id).with_for_update())


def shrink(stream: Stream) -> None:
    """Say, in the transaction of whatever can take access away, that the audience has to be looked at again.

    Who may not read a space any more reads none of its restricted folders: their audiences are looked at with it.
    """
    _change(stream, acl_epoch=Stream.acl_epoch + 1)
    if stream.folder_id is None:
        session.execute(
            update(Stream)
            .where(Stream.space_id == stream.space_id, Stream.folder_id.is_not(None))
            .values(acl_epoch=Stream.acl_epoch + 1)
            .execution_options(synchronize_session="fetch")
        )


def shrink_all(streams: Select[Any]) -> None:
    """The same for all streams whose ids are selected; locks are taken in one order, so that nobody waits round."""
    session.execute(select(Stream.id).where(Stream.id.in_(streams)).order_by(Stream.id).with_for_update())
    session.execute(
        update(Stream)
        .where(Stream.id.in_(streams))
        .values(acl_epoch=Stream.acl_epoch + 1)
        .execution_options(synchronize_session=False)
    )
    for known in session().identity_map.values():
        if isinstance(known, Stream):
            session.expire(known, ["acl_epoch"])


def _change(stream: Stream, **values: Any) -> None:
    columns = (Stream.last_seq, Stream.message_count, Stream.acl_epoch, Stream.last_activity_at)
    row = session.execute(
        update(Stream)
        .where(Stream.id == stream.id)
        .values(**values)
        .returning(*columns)
        .execution_options(synchronize_session=False)
    ).one()
    for column, value in zip(columns, row, strict=True):
        set_committed_value(stream, column.key, value)


def _tell(event: StreamEvent) -> None:
    for listener in _listeners:
        listener(event)
