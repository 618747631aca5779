"""Who is listening, to what, and what they are told.

One thread of this process, the *crier*, tells everything, so that each room hears each event once and in order. It is
woken by the commits of this process, and looks every 250 ms for those of others (worker, command line). It always reads
a stream's `last_seq` and `acl_epoch` in one statement and tells no later event than that: where the epoch has changed,
the room is first emptied of those who may not read any more, so that what was committed after a revocation never
reaches whom it took the right from. Every second it compares the accounts and sign-ins of all sockets with the
database. Where the database does not answer, nobody hears anything.
"""

from __future__ import annotations

import contextlib
import logging
import socket as sockets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select

from resana.accounts.models import AccessToken, Account, AccountStatus, SignInSession
from resana.core.clock import now
from resana.core.database import session
from resana.discussions import queries
from resana.discussions.models import Message, Thread
from resana.discussions.routes import fragment
from resana.documents.models import Folder
from resana.events import Event
from resana.permissions import Can, accounts_who
from resana.spaces.models import Space, Stream, StreamEvent

from .tickets import OPEN, TICK, Ticket
from .words import said

LOOK_EVERY_S = 0.25
CHECK_EVERY_S = 1.0
REPEAT_EVERY_S = 5.0
REPEATED_FOR_S = 60.0
MOST_AT_ONCE = 200
"""Events told in a row; who missed more asks for them."""
MOST_SOCKETS_OF_ONE = 20
MOST_WAITING = 256
"""Packets that may wait for a slow reader before it is cut off."""
PATIENCE_S = 10.0
"""For a connection that never says who it is."""
FAREWELL_S = 2.0

log = logging.getLogger(__name__)


@dataclass
class Sitting:
    """One socket, and whose it is."""

    sid: str
    eio_sid: str
    account_id: int
    session_id: int | None
    token_id: int | None
    access_epoch: int | None = None


@dataclass
class Room:
    """The listeners of one stream at one epoch: `members[kind]` is sid → when its ticket ends.

    `name` and `folder` are the public ids of the space and, where that is the audience, of the restricted folder.
    """

    stream_id: int
    space_id: int
    folder_id: int | None
    name: str
    folder: str | None
    epoch: int
    last_seq: int
    message_count: int
    members: dict[str, dict[str, float]] = field(default_factory=lambda: {OPEN: {}, TICK: {}})
    ticked_seq: int = -1
    changed_at: float = 0.0
    repeated_at: float = 0.0

    def address(self, kind: str) -> str:
        """The Socket.IO room."""
        return f"{'stream' if kind == OPEN else 'tick'}:{self.stream_id}:{self.epoch}"

    @property
    def where(self) -> dict[str, str | None]:
        """How what is told names it."""
        return {"space": self.name, "folder": self.folder}


class Hub:
    """The state of all sockets of this process, and its crier."""

    def __init__(self, app: Flask, server: Any) -> None:
        self.app = app
        self.server = server
        self.lock = threading.RLock()
        self.sittings: dict[str, Sitting] = {}
        self.rooms: dict[int, Room] = {}
        self.fresh: set[int] = set()
        self.people_changed = False
        self.wake = threading.Event()
        self.crier: threading.Thread | None = None
        self.next_look = self.next_check = 0.0
        self.strangers: dict[str, float] = {}
        self.leaving: dict[str, tuple[float, Any]] = {}
        self.on_first_socket: Callable[[], object] = lambda: None

    # What this process did.

    def heard(self, event: StreamEvent) -> None:
        """A commit of this process recorded an event."""
        self.look_at(event.stream_id)

    def look_at(self, stream_id: int) -> None:
        """Something happened in a stream: look now."""
        if stream_id in self.rooms:
            self.fresh.add(stream_id)
            self.wake.set()

    def ended(self, *_what: Any) -> None:
        """A commit of this process ended somebody's right to be signed in."""
        if self.sittings:
            self.people_changed = True
            self.wake.set()

    # Sockets.

    def begin(self) -> None:
        """Have the crier at work before anything of a socket is set up: who never says who it is must be sent away,
        also where nobody has ever sat down.
        """
        with self.lock:
            if self.crier is None or not self.crier.is_alive():
                self.crier = threading.Thread(target=self._cry, name="crier", daemon=True)
                self.crier.start()
                self.on_first_socket()

    def seat(self, sitting: Sitting) -> bool:
        """Take a socket in; False where its account has too many, or where somebody sits there already."""
        with self.lock:
            if sitting.sid in self.sittings:
                return False
            if sum(one.account_id == sitting.account_id for one in self.sittings.values()) >= MOST_SOCKETS_OF_ONE:
                return False
            self.sittings[sitting.sid] = sitting
        return True

    def leave(self, sid: str) -> None:
        """A socket is gone, or is to hear nothing more."""
        with self.lock:
            self.sittings.pop(sid, None)
            for room in list(self.rooms.values()):
                for kind in (OPEN, TICK):
                    if room.members[kind].pop(sid, None) is not None:
                        self.server.leave_room(sid, room.address(kind))
                self._forget_if_empty(room)

    def dismiss(self, sid: str) -> None:
        """End a socket: it is told, then its connection is closed, whatever the other side does."""
        with self.lock:
            sitting = self.sittings.get(sid)
            self.leave(sid)
            with contextlib.suppress(Exception):
                self.server.disconnect(sid)
            if sitting is not None:
                self.hang_up(sitting.eio_sid)

    def hang_up(self, eio_sid: str) -> None:
        """Close a connection now, and its TCP socket a moment later if the other side holds on to it."""
        with contextlib.suppress(Exception):
            connection = self.server.eio.sockets[eio_sid]
            environ = self.server.environ.get(eio_sid) or {}
            self.leaving[eio_sid] = (time.monotonic() + FAREWELL_S, environ.get("gunicorn.socket"))
            connection.close(wait=False)

    # Rooms.

    def enter(self, sitting: Sitting, ticket: Ticket) -> list[dict[str, Any]] | None:
        """Let a socket into the rooms of its ticket; None where an epoch is not the present one."""
        wanted = dict(ticket.streams)
        rows = session.execute(
            select(
                Stream.id,
                Stream.acl_epoch,
                Stream.last_seq,
                Stream.message_count,
                Space.id.label("space_id"),
                Space.public_id.label("space"),
                Folder.id.label("folder_id"),
                Folder.public_id.label("folder"),
            )
            .join(Space, Space.id == Stream.space_id)
            .outerjoin(Folder, Folder.id == Stream.folder_id)
            .where(Stream.id.in_(wanted))
        ).all()
        session.rollback()
        if len(rows) != len(wanted) or any(row.acl_epoch != wanted[row[0]] for row in rows):
            return None
        with self.lock:
            if sitting.sid not in self.sittings:
                return None
            if any(row[0] in self.rooms and self.rooms[row[0]].epoch != row.acl_epoch for row in rows):
                self.fresh.update(row[0] for row in rows)
                self.wake.set()
                return None
            for row in rows:
                room = self.rooms.get(row.id)
                if room is None:
                    room = Room(
                        stream_id=row.id,
                        space_id=row.space_id,
                        folder_id=row.folder_id,
                        name=row.space,
                        folder=row.folder,
                        epoch=row.acl_epoch,
                        last_seq=row.last_seq,
                        message_count=row.message_count,
                        ticked_seq=row.last_seq,
                    )
                    self.rooms[row.id] = room
                room.members[ticket.kind][sitting.sid] = ticket.until
                self.server.enter_room(sitting.sid, room.address(ticket.kind))
        return [
            {"space": row.space, "folder": row.folder, "last_seq": row.last_seq, "message_count": row.message_count}
            for row in rows
        ]

    def go_out(self, sid: str, name: str, folder: str | None = None) -> None:
        """Let a socket out of the content of a space, or of a restricted folder in it; its ticks go on."""
        with self.lock:
            for room in list(self.rooms.values()):
                if (room.name, room.folder) == (name, folder) and room.members[OPEN].pop(sid, None) is not None:
                    self.server.leave_room(sid, room.address(OPEN))
                    self._forget_if_empty(room)

    def _forget_if_empty(self, room: Room) -> None:
        if not room.members[OPEN] and not room.members[TICK]:
            self.rooms.pop(room.stream_id, None)

    # The crier.

    def _cry(self) -> None:
        while True:
            self.wake.wait(max(0.0, min(self.next_look, self.next_check) - time.monotonic()))
            self.wake.clear()
            try:
                with self.app.app_context():
                    self._turn(time.monotonic())
            except Exception:
                log.exception("the live pages hear nothing for a moment")
                time.sleep(LOOK_EVERY_S)

    def _turn(self, at: float) -> None:
        with self.lock:
            streams, self.fresh = self.fresh & set(self.rooms), set()
            if look := at >= self.next_look:
                streams = set(self.rooms)
        if streams:
            self._tell_news(streams, at)
        if look:
            self.next_look = at + LOOK_EVERY_S
            self._tick(at)
        if at >= self.next_check or self.people_changed:
            self.people_changed = False
            self.next_check = at + CHECK_EVERY_S
            self._check_people()
            self._sweep(at)

    def _tell_news(self, streams: Iterable[int], at: float) -> None:
        rows = session.execute(
            select(Stream.id, Stream.last_seq, Stream.acl_epoch, Stream.message_count).where(Stream.id.in_(streams))
        ).all()
        session.rollback()
        for stream_id, last_seq, epoch, message_count in rows:
            room = self.rooms.get(stream_id)
            if room is None:
                continue
            if epoch != room.epoch:
                self._empty_and_refill(room, epoch)
            if last_seq > room.last_seq:
                told = self._news(room, last_seq)
                with self.lock:
                    for one in told:
                        self.server.emit("event", one, room=room.address(OPEN))
                    room.last_seq, room.message_count, room.changed_at = last_seq, message_count, at

    def _news(self, room: Room, last_seq: int) -> list[dict[str, Any]]:
        if not room.members[OPEN]:
            return []
        events = session.execute(
            select(StreamEvent)
            .where(
                StreamEvent.stream_id == room.stream_id,
                StreamEvent.seq > max(room.last_seq, last_seq - MOST_AT_ONCE),
                StreamEvent.seq <= last_seq,
            )
            .order_by(StreamEvent.seq)
        ).scalars()
        told = []
        for event in events.all():
            one = room.where | said(event)
            if event.kind == Event.MESSAGE_POSTED:
                one |= self._written(event)
            told.append(one)
        session.rollback()
        return told

    def _written(self, event: StreamEvent) -> dict[str, str]:
        """The message as every reader sees it, in French; who reads in another language fetches their own."""
        thread = session.execute(
            select(Thread).where(Thread.public_id == event.payload["thread_id"])
        ).scalar_one_or_none()
        message: Message | None = queries.message_of(thread, event.payload["no"]) if thread is not None else None
        if message is None or any(one.document.acl_folder_id is not None for one in message.attachments):
            return {}  # not every reader sees the same: each fetches their own
        try:
            with self.app.test_request_context("/"), force_locale("fr"):
                return {"html": fragment(message, neutral=True)}
        except Exception:
            log.exception("a message could not be shown: its readers fetch it themselves")
            return {}

    def _empty_and_refill(self, room: Room, epoch: int) -> None:
        """Move those who may still read to the room of the new epoch; tell the others, and leave them out."""
        with self.lock:
            sids = {sid for kind in (OPEN, TICK) for sid in room.members[kind]}
            who = {sid: self.sittings[sid].account_id for sid in sids if sid in self.sittings}
        if room.folder_id is None:
            readers = accounts_who(Can.READ_SPACE, session.get_one(Space, room.space_id))
        else:
            readers = accounts_who(Can.READ_FOLDER, session.get_one(Folder, room.folder_id))
        still = readers.where(Account.id.in_(set(who.values())))
        may = set(session.execute(still.with_only_columns(Account.id)).scalars())
        session.rollback()
        with self.lock:
            revoked = set()
            for kind in (OPEN, TICK):
                old = room.address(kind)
                kept = {}
                for sid, until in room.members[kind].items():
                    self.server.leave_room(sid, old)
                    if who.get(sid) in may:
                        kept[sid] = until
                    elif sid in who:
                        revoked.add(sid)
                room.members[kind] = kept
            room.epoch = epoch
            for kind in (OPEN, TICK):
                for sid in room.members[kind]:
                    self.server.enter_room(sid, room.address(kind))
            for sid in revoked:
                self.server.emit("access_revoked", room.where, to=sid)
            self._forget_if_empty(room)

    def _tick(self, at: float) -> None:
        with self.lock:
            for room in self.rooms.values():
                fresh = room.last_seq != room.ticked_seq
                again = at - room.changed_at < REPEATED_FOR_S and at - room.repeated_at >= REPEAT_EVERY_S
                if not room.members[TICK] or not (fresh or again):
                    continue
                told = {
                    **room.where,
                    "last_seq": room.last_seq,
                    "message_count": room.message_count,
                    "acl_epoch": room.epoch,
                }
                self.server.emit("tick", told, room=room.address(TICK))
                room.ticked_seq, room.repeated_at = room.last_seq, at

    def _check_people(self) -> None:
        """Compare all sockets with the present state of their accounts and sign-ins, never "since"."""
        with self.lock:
            sittings = [one for one in self.sittings.values() if one.access_epoch is not None]
        if not sittings:
            return
        present = now()
        idle = timedelta(minutes=self.app.config["SETTINGS"].session_idle_minutes)
        epochs = _by_id(
            select(Account.id, Account.access_epoch, Account.valid_until).where(
                Account.id.in_({one.account_id for one in sittings}), Account.status == AccountStatus.ACTIVE
            )
        )
        opened = _by_id(
            select(SignInSession.id, SignInSession.expires_at, SignInSession.last_seen_at).where(
                SignInSession.id.in_({one.session_id for one in sittings}), SignInSession.revoked_at.is_(None)
            )
        )
        tokens = _by_id(
            select(AccessToken.id, AccessToken.expires_at).where(
                AccessToken.id.in_({one.token_id for one in sittings}), AccessToken.revoked_at.is_(None)
            )
        )
        session.rollback()
        for one in sittings:
            epoch, valid_until = epochs.get(one.account_id, (None, None))
            alive = epoch == one.access_epoch and (valid_until is None or valid_until > present)
            if alive and one.session_id is not None:
                ends, seen = opened.get(one.session_id, (None, None))
                alive = _later(ends, present) and _later(seen, present - idle)
            elif alive:
                alive = _later(tokens.get(one.token_id, (None,))[0], present)
            if not alive:
                self.dismiss(one.sid)

    def _sweep(self, at: float) -> None:
        """Whose ticket has ended, who reads too slowly, who never said who they are, who does not hang up."""
        with self.lock:
            present = now().timestamp()
            for room in list(self.rooms.values()):
                for kind in (OPEN, TICK):
                    for sid in [sid for sid, until in room.members[kind].items() if until <= present]:
                        del room.members[kind][sid]
                        self.server.leave_room(sid, room.address(kind))
                        self.server.emit("expired", room.where, to=sid)
                self._forget_if_empty(room)
            seated = {one.eio_sid: one for one in self.sittings.values()}
            connections = dict(self.server.eio.sockets)
            for eio_sid, connection in connections.items():
                if eio_sid not in seated:
                    if at - self.strangers.setdefault(eio_sid, at) > PATIENCE_S:
                        self.hang_up(eio_sid)
                elif connection.queue.qsize() > MOST_WAITING:
                    self.dismiss(seated[eio_sid].sid)
            self.strangers = {
                key: began for key, began in self.strangers.items() if key in connections and key not in seated
            }
            for eio_sid, (deadline, line) in list(self.leaving.items()):
                if at >= deadline:
                    del self.leaving[eio_sid]
                    if line is not None:
                        with contextlib.suppress(OSError):
                            line.shutdown(sockets.SHUT_RDWR)


def _by_id(query: Any) -> dict[Any, tuple[Any, ...]]:
    return {row[0]: tuple(row[1:]) for row in session.execute(query)}


def _later(moment: datetime | None, than: datetime) -> bool:
    return moment is not None and moment > than
