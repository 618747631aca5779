"""Who drains the outbox: a thread of the web process (one machine), or `flask worker`."""

from __future__ import annotations

import threading

from flask import Flask

from . import jobs


def start_inline(app: Flask) -> threading.Event:
    """Drain in a thread of this process; setting the returned event ends it."""
    stop = threading.Event()
    threading.Thread(target=jobs.work, args=(app, stop), name="worker", daemon=True).start()
    return stop


def init_app(app: Flask) -> None:
    """Register `flask worker`."""

    @app.cli.command("worker")
    def worker() -> None:
        """Send mails and do whatever else waits in the outbox, until interrupted."""
        stop = threading.Event()
        try:
            jobs.work(app, stop)
        except KeyboardInterrupt:
            stop.set()
