"""What is measured: each measure is one thing that a person or a program does, done again and again by each client."""

from __future__ import annotations

import itertools
import statistics
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .client import Client, Listeners, Unexpected
from .world import PASSWORD, World

Act = Callable[[Client], object]

WARM_UP = 3
LONGEST_S = 8.0
"""Of one measure; whoever is slow is asked less often."""
KIB, MIB = 1024, 1024 * 1024
POSTS_HEARD = 40
PAUSE_S = 0.03

_names = itertools.count(1)


class Measure(NamedTuple):
    """Something to do, how often by one client, and how many milliseconds it may take at the median (one client)."""

    name: str
    act: Act
    times: int = 60
    most_ms: float | None = None


class Figure(NamedTuple):
    """What was found: milliseconds at the median and for 95 of 100, and requests a second."""

    p50: float
    p95: float
    rate: float


def figure(seconds: Sequence[float], elapsed: float) -> Figure:
    """The figure of these times."""
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    return Figure(statistics.median(ordered) * 1000, p95 * 1000, len(ordered) / elapsed)


def median(figures: Sequence[Figure]) -> Figure:
    """The median of several runs, value by value."""
    return Figure(*(statistics.median(values) for values in zip(*figures, strict=True)))


def measures(world: World) -> list[Measure]:
    """All of them but the delivery, in an order in which none disturbs the next."""
    listing = f"/api/v1/spaces/{world.files_space}/documents?limit=200"
    thread, small, large = f"/threads/{world.thread}", b"s" * (10 * KIB), b"l" * MIB

    def sign_in(client: Client) -> None:
        client.json("POST", "/api/v1/session", {"email": client.email, "password": PASSWORD}, headers=_NOBODY)

    def all_pages(client: Client) -> None:
        cursor, found = "", 0
        while cursor is not None:
            page = client.json("GET", listing + (f"&cursor={cursor}" if cursor else ""))
            found, cursor = found + len(page["items"]), page["next"]
        if found < 1000:
            raise Unexpected(f"{found} files")

    def post(client: Client) -> None:
        body = {"body": "Bien reçu, **merci**. Je reprends la note ce soir.", "client_uuid": uuid.uuid4().hex}
        client.ask("POST", f"/api/v1/threads/{world.thread}/messages", body, status=201)

    def download(client: Client) -> None:
        if len(client.ask("GET", f"/api/v1/documents/{client.keep['large']}/content")) != MIB:
            raise Unexpected("not the whole file")

    def page(path: str, mark: bytes) -> Act:
        def act(client: Client) -> None:
            if mark not in client.ask("GET", path):
                raise Unexpected(f"{path} is not the page")

        return act

    end, middle = f'id="m{world.messages}"'.encode(), world.messages // 2
    return [
        Measure("sign in", sign_in, 15),
        Measure("home page", page("/", b'id="main"'), 60, 60),
        Measure("thread page, at the end", page(f"{thread}?at={world.messages}", end), 60, 80),
        Measure("thread page, in the middle", page(f"{thread}?at={middle}", f'id="m{middle}"'.encode()), 60, 80),
        Measure("list 1,000 files, 5 pages of 200", all_pages, 40, 100),
        Measure("list 200 of 1,000 files", lambda client: client.ask("GET", listing), 60),
        Measure("post a message", post, 100, 20),
        Measure("upload 10 KiB", lambda client: _upload(client, world, small), 60, 30),
        Measure("upload 1 MiB", lambda client: _upload(client, world, large), 30),
        Measure("download 1 MiB", download, 60),
    ]


_NOBODY = {"Cookie": "", "X-CSRF-Token": ""}


def _upload(client: Client, world: World, content: bytes) -> None:
    client.upload(world.deposit_space, f"mesure {next(_names)} {uuid.uuid4().hex[:8]}.bin", content)


def prepare(client: Client, world: World) -> None:
    """Sign in, read the long thread to its end, and have a file to download."""
    client.sign_in()
    client.ask("GET", f"/spaces/{world.talk_space}")
    client.ask("PUT", f"/api/v1/threads/{world.thread}/read", {"no": world.messages})
    stored = client.upload(world.deposit_space, f"grand {uuid.uuid4().hex}.bin", b"l" * MIB)
    client.keep["large"] = stored["id"]


def run(measure: Measure, clients: Sequence[Client]) -> Figure:
    """Have all clients do it at once, each `times` times, or for `LONGEST_S`."""
    for client in clients:
        for _ in range(WARM_UP if len(clients) == 1 else 1):
            measure.act(client)
    times = measure.times if len(clients) == 1 else max(5, measure.times // 4)
    taken: list[list[float]] = [[] for _ in clients]
    wrong: list[BaseException] = []
    together = threading.Barrier(len(clients) + 1)

    def work(client: Client, mine: list[float]) -> None:
        together.wait()
        until = time.perf_counter() + LONGEST_S
        try:
            for _ in range(times):
                start = time.perf_counter()
                measure.act(client)
                end = time.perf_counter()
                mine.append(end - start)
                if end > until:
                    return
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=pair, daemon=True) for pair in zip(clients, taken, strict=True)]
    for thread in threads:
        thread.start()
    together.wait()
    start = time.perf_counter()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - start
    if wrong:
        raise wrong[0]
    return figure([one for mine in taken for one in mine], elapsed)


def delivery(world: World, client: Client, listeners: Listeners) -> Figure:
    """From the moment a post is sent until each listening socket has it."""
    seconds: list[float] = []
    start = time.perf_counter()
    for number in range(POSTS_HEARD + WARM_UP):
        sent = time.perf_counter()
        body = {"body": f"Écoutez, numéro {number}.", "client_uuid": uuid.uuid4().hex}
        answer = client.json("POST", f"/api/v1/threads/{world.thread}/messages", body, status=201)
        heard = listeners.wait_for(answer["no"])
        if len(heard) < len(listeners.sockets):
            raise Unexpected(f"{len(heard)} of {len(listeners.sockets)} sockets heard the message")
        if number >= WARM_UP:
            seconds += [at - sent for at in heard]
        time.sleep(PAUSE_S)
    return figure(seconds, time.perf_counter() - start)
