"""Who measures: a program that keeps its connection, signed in by a cookie as a browser is; and listening sockets."""

from __future__ import annotations

import http.client
import json
import selectors
import threading
import time
from http.cookies import SimpleCookie
from typing import Any

import websocket

from .world import PASSWORD

PATIENCE_S = 60


class Unexpected(Exception):
    """An answer with another status than the one that is measured."""


class Client:
    """One person's connection."""

    def __init__(self, port: int, email: str) -> None:
        self.email = email
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        self.headers: dict[str, str] = {}
        self.keep: dict[str, Any] = {}

    def ask(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None, status: int = 200
    ) -> bytes:
        """Send a request and read the whole answer. Raises Unexpected."""
        given = self.headers | (headers or {})
        if isinstance(body, dict):
            body = json.dumps(body).encode()
            given["Content-Type"] = "application/json"
        answer = self._send(method, path, body, given)
        content = answer.read()
        if answer.status != status:
            raise Unexpected(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> http.client.HTTPResponse:
        try:
            self.connection.request(method, path, body, headers)
            return self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError):  # the server closes what was idle for long
            self.connection.close()
            self.connection.request(method, path, body, headers)
            return self.connection.getresponse()

    def json(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The same, with the answer read as JSON."""
        return json.loads(self.ask(method, path, body, **more))

    def sign_in(self) -> None:
        """Sign in, and keep the cookies and the CSRF token."""
        credentials = json.dumps({"email": self.email, "password": PASSWORD}).encode()
        answer = self._send("POST", "/api/v1/session", credentials, {"Content-Type": "application/json"})
        content = answer.read()
        if answer.status != 200:
            raise Unexpected(f"sign-in of {self.email}: {answer.status} {content[:300]!r}")
        cookies: SimpleCookie = SimpleCookie()
        for value in answer.headers.get_all("Set-Cookie", []):
            cookies.load(value)
        self.headers = {
            "Cookie": "; ".join(f"{name}={one.value}" for name, one in cookies.items()),
            "X-CSRF-Token": json.loads(content)["csrf_token"],
        }

    def upload(self, space: str, name: str, content: bytes) -> Any:
        """Deposit a file as a form does."""
        boundary = "----mesure-7f3a9c"
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        body += content + f"\r\n--{boundary}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self.json("POST", f"/api/v1/spaces/{space}/documents", body, headers=kind, status=201)

    def close(self) -> None:
        """End the connection."""
        self.connection.close()


class Listeners:
    """Sockets that watch a space, read by one thread: `heard[no]` is when each of them had the message `no`."""

    def __init__(self) -> None:
        self.heard: dict[int, list[float]] = {}
        self.changed = threading.Condition()
        self.selector = selectors.DefaultSelector()
        self.sockets: list[websocket.WebSocket] = []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._listen, name="listeners", daemon=True)

    def join(self, client: Client, space: str) -> None:
        """Open a socket for a person, and watch."""
        ticket = client.json("POST", f"/api/v1/spaces/{space}/live-ticket")["ticket"]
        found = websocket.create_connection(
            f"ws://127.0.0.1:{client.port}/socket.io/?EIO=4&transport=websocket",
            cookie=client.headers["Cookie"],
            timeout=PATIENCE_S,
            enable_multithread=False,
        )
        _expect(found, "0")
        found.send("40")
        _expect(found, "40")
        found.send("420" + json.dumps(["watch", {"ticket": ticket}]))
        answer = json.loads(_expect(found, "430")[3:])[0]
        if not answer.get("ok"):
            raise Unexpected(f"watch: {answer}")
        self.sockets.append(found)
        self.selector.register(found.sock, selectors.EVENT_READ, found)

    def start(self) -> None:
        """Begin to read."""
        self.thread.start()

    def _listen(self) -> None:
        while not self.stop.is_set():
            for key, _mask in self.selector.select(0.2):
                one: websocket.WebSocket = key.data
                try:
                    packet = one.recv()
                except (OSError, websocket.WebSocketException):
                    self.selector.unregister(key.fileobj)
                    continue
                at = time.perf_counter()
                if packet == "2":
                    one.send("3")
                elif isinstance(packet, str) and packet.startswith('42["event"'):
                    said = json.loads(packet[2:])[1]
                    if said["kind"] == "message_posted":
                        with self.changed:
                            self.heard.setdefault(said["no"], []).append(at)
                            self.changed.notify_all()

    def wait_for(self, no: int, seconds: float = 5) -> list[float]:
        """When the sockets had the message `no`: all of them, or those that had it in time."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.heard.get(no, ())) >= len(self.sockets), seconds)
            return list(self.heard.get(no, ()))

    def close(self) -> None:
        """Close all sockets."""
        self.stop.set()
        if self.thread.ident is not None:
            self.thread.join()
        for one in self.sockets:
            one.close(timeout=0)


def _expect(found: websocket.WebSocket, start: str) -> str:
    """The next packet that begins so; pings are answered, events passed over."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        packet = found.recv()
        if packet == "2":
            found.send("3")
        elif isinstance(packet, str) and packet.startswith(start):
            return packet
        elif not isinstance(packet, str) or not packet.startswith("42"):
            raise Unexpected(f"socket: {packet!r} instead of {start!r}")
    raise Unexpected(f"socket: no {start!r}")
