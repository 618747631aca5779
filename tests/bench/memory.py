"""What the server holds in memory: while 1 GiB goes up and down, and while 300 pages are open."""

from __future__ import annotations

import http.client
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from tests.serving import Server

from .client import Client, Listeners, Unexpected
from .measures import Figure, figure
from .world import World

MIB = 1024 * 1024
FLAT = 64 * MIB
EVERY_S = 0.1
BOUNDARY = "----mesure-1f0c55"


class Curve(NamedTuple):
    """Bytes in memory before, and at most while something was done; and how long it took."""

    before: int
    most: int
    seconds: float

    @property
    def flat(self) -> bool:
        """Whether it grew by less than 64 MiB."""
        return self.most - self.before < FLAT


def watching(server: Server, act: Callable[[], object]) -> Curve:
    """Do it, looking at the memory ten times a second."""
    before, stop = server.memory(), threading.Event()
    seen = [before]

    def look() -> None:
        while not stop.wait(EVERY_S):
            seen.append(server.memory())

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    start = time.perf_counter()
    try:
        act()
    finally:
        stop.set()
        watcher.join()
    return Curve(before, max(seen), time.perf_counter() - start)


def up_and_down(server: Server, world: World, client: Client, size: int) -> tuple[Curve, Curve]:
    """A file of `size` bytes goes up as a form sends it, and down again. Raises Unexpected if it comes back shorter."""
    piece = os.urandom(MIB)
    reference: list[str] = []

    def up() -> None:
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="immense.bin"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        tail = f"\r\n--{BOUNDARY}--\r\n".encode()

        def body() -> Iterator[bytes]:
            yield head
            for _ in range(size // MIB):
                yield piece
            yield tail

        headers = {
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(len(head) + size // MIB * MIB + len(tail)),
        }
        path = f"/api/v1/spaces/{world.deposit_space}/documents"
        reference.append(client.json("POST", path, body(), headers=headers, status=201)["id"])

    def down() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=60)
        connection.request("GET", f"/api/v1/documents/{reference[0]}/content", headers=client.headers)
        answer, found = connection.getresponse(), 0
        while content := answer.read(MIB):
            found += len(content)
        connection.close()
        if found != size // MIB * MIB:
            raise Unexpected(f"{found} bytes of {size} came back")

    return watching(server, up), watching(server, down)


def open_pages(
    server: Server, world: World, clients: Sequence[Client], count: int, asked: Client
) -> tuple[Curve, Figure]:
    """`count` sockets are open and watch a space; meanwhile one more person asks for pages and says something."""
    listeners = Listeners()
    taken: list[float] = []

    def act() -> None:
        for number in range(count):
            listeners.join(clients[number % len(clients)], world.talk_space)
        listeners.start()
        asked.ask("GET", "/")
        for number in range(60):
            start = time.perf_counter()
            asked.ask("GET", "/" if number % 2 else f"/threads/{world.thread}?at={world.messages}")
            taken.append(time.perf_counter() - start)

    try:
        curve = watching(server, act)
        body = {"body": "Tout le monde m’entend ?", "client_uuid": os.urandom(8).hex()}
        said = asked.json("POST", f"/api/v1/threads/{world.thread}/messages", body, status=201)
        heard = listeners.wait_for(said["no"])
        if len(heard) != count:
            raise Unexpected(f"{len(heard)} of {count} open pages heard the message")
    finally:
        listeners.close()
    return curve, figure(taken, sum(taken))
