"""People who listen to a real server."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
import socketio

from resana.accounts.models import AccessToken, Account
from resana.accounts.sessions import cookie_name, hashed, open_session
from resana.core.actions import action
from resana.core.clock import now
from resana.core.database import session
from tests.serving import Server


class Person:
    """Somebody with an access token (or, by cookie, a browser), and an ear."""

    def __init__(self, server: Server, account: Account, *, cookie: bool = False) -> None:
        self.server = server
        self.account_id = account.id
        self.heard: queue.Queue[tuple[str, Any, float]] = queue.Queue()
        self.gone = False
        if cookie:
            self.opened, self.secret = open_session(account)
            self.auth: dict[str, str] | None = None
            self.socket_headers = {"Cookie": f"{cookie_name()}={self.secret}"}
        else:
            self.token, self.secret = make_token(account)
            self.auth = {"token": self.secret}
            self.socket_headers = {}
        self.http = requests.Session()
        if not cookie:
            self.http.headers["Authorization"] = f"Bearer {self.secret}"
        manner = {"origin": server.url} if cookie else {"suppress_origin": True}
        self.line = socketio.Client(reconnection=False, handle_sigint=False, websocket_extra_options=manner)
        for name in ("event", "tick", "access_revoked", "expired"):
            self.line.on(name, self._ear(name))
        self.line.on("disconnect", self._leave)

    def connect(self) -> Person:
        deadline = time.monotonic() + 5
        while self.line.eio.state != "disconnected" and time.monotonic() < deadline:
            time.sleep(0.02)
        self.line.connect(self.server.url, headers=self.socket_headers, auth=self.auth, transports=["websocket"])
        return self

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.http.request(method, f"{self.server.url}/api/v1{path}", timeout=20, **more)

    def ticket(self, space_id: str) -> str:
        answer = self.call("POST", f"/spaces/{space_id}/live-ticket")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["ticket"])

    def watch(self, space_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.line.call("watch", {"ticket": self.ticket(space_id)}, timeout=10)
        return found

    def next(self, name: str = "event", within: float = 5.0) -> Any:
        """The next thing of that name; None where there is none in time."""
        deadline = time.monotonic() + within
        while (left := deadline - time.monotonic()) > 0:
            try:
                what, data, _at = self.heard.get(timeout=left)
            except queue.Empty:
                break
            if what == name:
                return data
        return None

    def is_gone(self, within: float = 5.0) -> bool:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline and not self.gone:
            time.sleep(0.02)
        return self.gone

    def close(self) -> None:
        if self.line.connected:
            self.line.disconnect()
        self.http.close()

    def _ear(self, name: str) -> Callable[[Any], None]:
        return lambda data: self.heard.put((name, data, time.monotonic()))

    def _leave(self, *_reason: Any) -> None:
        self.gone = True


@action
def make_token(account: Account, scope: str = "write") -> tuple[AccessToken, str]:
    secret = f"resana_test_{os.urandom(12).hex()}"
    token = AccessToken(
        secret_hash=hashed(secret),
        account_id=account.id,
        name="test",
        scope=scope,
        expires_at=now() + timedelta(days=1),
    )
    session.add(token)
    session.flush()
    return token, secret


@pytest.fixture
def person(server: Server) -> Iterator[Callable[..., Person]]:
    """`person(cast.ines)`: somebody with an access token; `cookie=True`: with a browser's session."""
    everybody: list[Person] = []

    def person(account: Account, **more: Any) -> Person:
        everybody.append(Person(server, account, **more))
        return everybody[-1]

    yield person
    for one in everybody:
        one.close()
