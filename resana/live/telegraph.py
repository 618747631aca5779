"""Through Redis, where there is one: a process that has committed something wakes the others at once.

It carries no content and no authority: only which stream to look at, or that somebody's sign-in has ended. The hub then
reads the database, as it does every 250 ms in any case; so a word that is lost, late or forged changes nothing but the
moment.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from typing import TYPE_CHECKING, Any

import redis

from resana.spaces.models import StreamEvent

if TYPE_CHECKING:
    from .hub import Hub

CHANNEL = "resana:live"
PEOPLE = "people"
TIMEOUT_S = 5.0
PAUSE_S = 2.0
MOST_WAITING = 10_000

log = logging.getLogger(__name__)


class Telegraph:
    """The connection of this process; it sends from a thread of its own, so that no request waits for Redis."""

    def __init__(self, url: str, hub: Hub) -> None:
        self.url = url
        self.hub = hub
        self.outgoing: queue.Queue[str] = queue.Queue(MOST_WAITING)
        self._sending = self._receiving = False

    def event(self, event: StreamEvent) -> None:
        """A commit of this process recorded an event."""
        self._send(str(event.stream_id))

    def ended(self, *_what: Any) -> None:
        """A commit of this process ended somebody's right to be signed in."""
        self._send(PEOPLE)

    def listen(self) -> None:
        """Begin to hear what other processes send; once is enough."""
        if not self._receiving:
            self._receiving = True
            threading.Thread(target=self._hear, name="telegraph-in", daemon=True).start()

    def _send(self, word: str) -> None:
        if not self._sending:
            self._sending = True
            threading.Thread(target=self._speak, name="telegraph-out", daemon=True).start()
        try:
            self.outgoing.put_nowait(word)
        except queue.Full:
            log.warning("Redis does not keep up; the others look by themselves")

    def _connection(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)

    def _speak(self) -> None:
        connection = self._connection()
        while True:
            word = self.outgoing.get()
            try:
                connection.publish(CHANNEL, word)
            except redis.RedisError as error:
                log.warning("Redis was not told: %s", error)
                time.sleep(PAUSE_S)

    def _hear(self) -> None:
        while True:
            try:
                with self._connection().pubsub(ignore_subscribe_messages=True) as heard:
                    heard.subscribe(CHANNEL)
                    while True:
                        message = heard.get_message(timeout=1.0)
                        if message is not None:
                            self._heard(message["data"])
            except redis.RedisError as error:
                log.warning("Redis is away, the database is looked at instead: %s", error)
                time.sleep(PAUSE_S)

    def _heard(self, word: bytes) -> None:
        if word == PEOPLE.encode():
            self.hub.ended()
        elif word.isdigit() and len(word) < 20:
            self.hub.look_at(int(word))
