"""The door of the sockets: who comes in, what they may say, and how much of it.

No handler asks Flask-Login who is there: what a socket is, was read when it came in, and is compared with the database
each second (hub.py). A handler holds no database connection once it has answered.
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import time
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI
from flask import Flask, request
from flask_socketio import SocketIO
from simple_websocket import ConnectionClosed
from socketio.exceptions import ConnectionRefusedError as Refusal
from sqlalchemy import select

from resana.accounts.models import AccessToken, Account, SignInSession
from resana.accounts.sessions import cookie_name, living_session, living_token
from resana.core.database import session
from resana.core.guarding import is_our_origin
from resana.core.text import is_id

from .hub import Hub, Sitting
from .tickets import OPEN, opened

LARGEST_FRAME = 64 * 1024
RATE_S, BURST = 20.0, 40.0
PATH = "/socket.io/"

Handler = Callable[..., Any]

log = logging.getLogger(__name__)


class Door(StrEnum):
    """What a handler asks for before it does anything; the tests read it from `handler.door`."""

    SIGN_IN = "a living session with our Origin, or a living access token"
    TICKET = "a ticket signed after Can.READ_SPACE or Can.READ_FOLDER, of this account and sign-in"
    OWN = "nothing: it only concerns the socket itself"


def behind(door: Door) -> Callable[[Handler], Handler]:
    """Say which door a handler is behind."""

    def wrap(handler: Handler) -> Handler:
        handler.door = door  # type: ignore[attr-defined]
        return handler

    return wrap


PACKETS = frozenset("01234")
"""The kinds of Socket.IO packets that we take: none has attachments. The library reads other alphabets' digits too."""
LIFECYCLE = frozenset({"connect", "connect_error", "disconnect", "__disconnect_final"})
"""Names that python-socketio gives to its own events."""


def open_sockets(app: Flask) -> Hub:
    """Put the sockets in front of the application."""
    socketio = SocketIO()
    socketio.init_app(
        app,
        async_mode="threading",
        async_handlers=False,
        manage_session=False,
        transports=["websocket"],
        allow_upgrades=False,
        max_http_buffer_size=LARGEST_FRAME,
        cors_allowed_origins=[],  # none but ours: the gate below compares exactly
        http_compression=False,
        logger=False,
        engineio_logger=False,
        json=_Json,
    )
    server = socketio.server
    server.eio._async = {
        **server.eio._async,
        # Refused while it comes in, not once it is whole in memory.
        "websocket": functools.partial(_Line, max_message_size=LARGEST_FRAME),
    }
    hub = Hub(app, server)
    for name, handler in handlers(hub).items():
        socketio.on_event(name, handler)
    server._handle_event = _no_lifecycle(server._handle_event, hub)
    server.eio.on("message", _limited(server.eio.handlers["message"], hub))
    app.wsgi_app = _Gate(app, hub, app.wsgi_app)  # type: ignore[method-assign]
    return hub


def handlers(hub: Hub) -> dict[str, Handler]:
    """All that a socket may say, by name."""

    @behind(Door.SIGN_IN)
    def connect(auth: Any = None) -> None:
        sitting = _sit_down(auth)
        if sitting is None or not hub.seat(sitting):
            hub.strangers[_eio_sid(hub)] = 0.0
            raise Refusal("401" if sitting is None else "429")
        if not _still_there(sitting):
            hub.leave(sitting.sid)
            raise Refusal("401")

    def _sit_down(auth: Any) -> Sitting | None:
        token = auth.get("token") if isinstance(auth, dict) else None
        found: AccessToken | SignInSession | None
        if token is not None:
            found = living_token(token) if isinstance(token, str) else None
        elif request.headers.get("Origin") is None:
            found = None  # a cookie comes by itself, whoever opens the socket: our own Origin must come with it
        else:
            found = living_session(request.cookies.get(cookie_name(), ""))
        if found is None:
            return None
        by_session = isinstance(found, SignInSession)
        return Sitting(
            sid=request.sid,  # type: ignore[attr-defined]
            eio_sid=_eio_sid(hub),
            account_id=found.account_id,
            session_id=found.id if by_session else None,
            token_id=None if by_session else found.id,
        )

    @behind(Door.OWN)
    def disconnect(*_reason: Any) -> None:
        hub.leave(request.sid)  # type: ignore[attr-defined]

    @behind(Door.TICKET)
    def watch(data: Any = None, *rest: Any) -> dict[str, Any]:
        sitting = hub.sittings.get(request.sid)  # type: ignore[attr-defined]
        if rest or not isinstance(data, dict) or set(data) != {"ticket"} or not isinstance(data["ticket"], str):
            return {"ok": False, "error": "malformed"}
        ticket = opened(data["ticket"])
        if sitting is None or ticket is None:
            return {"ok": False, "error": "invalid"}
        if (ticket.account_id, ticket.session_id, ticket.token_id) != (
            sitting.account_id,
            sitting.session_id,
            sitting.token_id,
        ):
            return {"ok": False, "error": "invalid"}
        if ticket.access_epoch != sitting.access_epoch:
            return {"ok": False, "error": "stale"}
        spaces = hub.enter(sitting, ticket)
        if spaces is None:
            return {"ok": False, "error": "stale"}
        if ticket.kind == OPEN:
            return {"ok": True, **spaces[0]}
        return {"ok": True, "spaces": spaces}

    @behind(Door.OWN)
    def unwatch(data: Any = None, *rest: Any) -> dict[str, Any]:
        space = data.get("space") if isinstance(data, dict) else None
        folder = data.get("folder") if isinstance(data, dict) else None
        if rest or not isinstance(space, str) or not is_id(space) or set(data) - {"space", "folder"}:
            return {"ok": False, "error": "malformed"}
        if folder is not None and not (isinstance(folder, str) and is_id(folder)):
            return {"ok": False, "error": "malformed"}
        hub.go_out(request.sid, space, folder)  # type: ignore[attr-defined]
        return {"ok": True}

    @behind(Door.OWN)
    def unknown(*_said: Any) -> None:
        hub.dismiss(request.sid)  # type: ignore[attr-defined]

    return {"connect": connect, "disconnect": disconnect, "watch": watch, "unwatch": unwatch, "*": unknown}


def _still_there(sitting: Sitting) -> bool:
    """Read the epoch again now that the socket is seated: what ended in between would have been told to nobody."""
    session.rollback()
    holder: Any = SignInSession if sitting.session_id is not None else AccessToken
    row = session.execute(
        select(Account.access_epoch, Account.status, holder.revoked_at)
        .join(holder, holder.account_id == Account.id)
        .where(holder.id == (sitting.session_id if sitting.session_id is not None else sitting.token_id))
    ).one()
    sitting.access_epoch = row.access_epoch
    return row.status == "active" and row.revoked_at is None


def _eio_sid(hub: Hub) -> str:
    found: str = hub.server.manager.eio_sid_from_sid(request.sid, "/")  # type: ignore[attr-defined]
    return found


def _no_lifecycle(receive: Handler, hub: Hub) -> Handler:
    """An event may not bear the name of what begins and ends a socket: the library would hand it to those handlers."""

    def receive_event(eio_sid: str, namespace: Any, number: Any, said: list[Any]) -> Any:
        if said[0] in LIFECYCLE:
            log.info("a socket is cut off: it said %r", said[0])
            hub.hang_up(eio_sid)
            return None
        return receive(eio_sid, namespace, number, said)

    return receive_event


def _limited(receive: Handler, hub: Hub) -> Handler:
    """So many packets a second, each of a kind that we speak; more, or another, ends the connection."""
    allowance: dict[str, tuple[float, float]] = {}

    def limited(eio_sid: str, data: Any) -> Any:
        at = time.monotonic()
        left, since = allowance.get(eio_sid, (BURST, at))
        left = min(BURST, left + (at - since) * RATE_S) - 1
        allowance[eio_sid] = (left, at)
        if len(allowance) > 2 * len(hub.server.eio.sockets) + 100:
            for gone in set(allowance) - set(hub.server.eio.sockets):
                allowance.pop(gone, None)
        if left < 0 or not isinstance(data, str) or data[:1] not in PACKETS:
            hub.hang_up(eio_sid)
            return None
        try:
            return receive(eio_sid, data)
        except (ValueError, KeyError, TypeError, IndexError, RecursionError) as wrong:  # not Socket.IO's language
            log.info("a socket is cut off: %r", wrong)
            hub.hang_up(eio_sid)
            return None

    return limited


class _Line(SimpleWebSocketWSGI):
    """A WebSocket that may be closed from both sides at once."""

    def close(self) -> None:
        with contextlib.suppress(OSError, ConnectionClosed):
            super().close()


class _Json:
    """JSON whose depth is no way out: what is nested without end is as wrong as what cannot be read."""

    dumps = staticmethod(functools.partial(json.dumps, separators=(",", ":")))

    @staticmethod
    def loads(text: str, **more: Any) -> Any:
        try:
            return json.loads(text, **more)
        except RecursionError as wrong:
            raise ValueError("nested too deeply") from wrong


class _Gate:
    """Before anything of a socket is set up: is there room, and does the page that opens it come from us?"""

    def __init__(self, app: Flask, hub: Hub, inside: Callable[..., Any]) -> None:
        self.app = app
        self.hub = hub
        self.inside = inside

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(PATH):
            origin = environ.get("HTTP_ORIGIN")
            if origin is not None:
                with self.app.request_context(environ):
                    ours = is_our_origin(origin)
                if not ours:
                    return _refuse(start_response, "403 Forbidden")
            if len(self.hub.server.eio.sockets) >= self.app.config["SETTINGS"].live_sockets:
                return _refuse(start_response, "503 Service Unavailable")
            self.hub.begin()
        return self.inside(environ, start_response)


def _refuse(start_response: Callable[..., Any], status: str) -> Iterable[bytes]:
    body = json.dumps({"status": int(status[:3])}).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
