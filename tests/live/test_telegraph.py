"""Processes wake each other through Redis; its absence costs a moment, never an answer."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import redis

from resana.live.telegraph import CHANNEL, Telegraph

pytestmark = pytest.mark.skipif(shutil.which("redis-server") is None, reason="there is no redis-server here")


class Redis:
    """A Redis of this test's own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self.folder]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        with redis.Redis.from_url(self.url) as connection:
            _until(lambda: _answers(connection))

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
def private_redis(tmp_path: Path) -> Iterator[Redis]:
    found = Redis(tmp_path)
    found.start()
    yield found
    found.stop()


def _answers(connection: redis.Redis) -> bool:
    try:
        return bool(connection.ping())
    except redis.RedisError:
        return False


def _until(true: Callable[[], Any], patience_s: float = 20.0) -> None:
    end = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


class _Hub:
    def __init__(self) -> None:
        self.looked: list[int] = []
        self.people = 0

    def look_at(self, stream_id: int) -> None:
        self.looked.append(stream_id)

    def ended(self) -> None:
        self.people += 1


def _listener(server: Redis) -> _Hub:
    hub = _Hub()
    Telegraph(server.url, hub).listen()  # type: ignore[arg-type]
    with redis.Redis.from_url(server.url) as connection:
        _until(lambda: connection.pubsub_numsub(CHANNEL)[0][1] >= 1)
    return hub


def test_what_one_process_did_wakes_the_other(private_redis: Redis) -> None:
    hub = _listener(private_redis)
    sender = Telegraph(private_redis.url, _Hub())  # type: ignore[arg-type]
    sender.event(SimpleNamespace(stream_id=42))  # type: ignore[arg-type]
    sender.ended("account", 1, None, None)
    _until(lambda: hub.looked == [42] and hub.people == 1)


def test_words_that_are_none_of_ours_change_nothing(private_redis: Redis) -> None:
    hub = _listener(private_redis)
    with redis.Redis.from_url(private_redis.url) as connection:
        for word in (b"", b"\xff\x00", b"-1", b"9" * 400, b"people!", b"7"):
            connection.publish(CHANNEL, word)
    _until(lambda: hub.looked == [7])
    assert hub.people == 0


def test_without_redis_nobody_waits_and_its_return_is_noticed(private_redis: Redis) -> None:
    hub = _listener(private_redis)
    private_redis.stop()
    sender = Telegraph(private_redis.url, _Hub())  # type: ignore[arg-type]
    for _ in range(1000):
        sender.event(SimpleNamespace(stream_id=1))  # type: ignore[arg-type]
    private_redis.start()
    with redis.Redis.from_url(private_redis.url) as connection:
        _until(lambda: connection.pubsub_numsub(CHANNEL)[0][1] >= 1)
        connection.publish(CHANNEL, b"8")
    _until(lambda: 8 in hub.looked)
