"""The only queue: outbox rows, written in the transaction of what caused them, drained by the worker.

A job is a function registered by name: `@job("mail") def send(payload): …`. It runs at least once; it must be safe to
repeat. A failure is retried later and later, and kept with its last error.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import JSON, Index, String, Text, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from .actions import action, after_commit
from .clock import now
from .columns import Key
from .database import Base, Moment, is_sqlite, session

CLAIM = timedelta(minutes=5)
MOST_ATTEMPTS = 12
PAUSE_S = 2.0

Job = Callable[[dict[str, Any]], object]

log = logging.getLogger(__name__)
_jobs: dict[str, Job] = {}
_wake = threading.Event()


class Outbox(Base):
    """Something to be done that must not be lost."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_done_at_not_before", "done_at", "not_before"),)

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    not_before: Mapped[datetime] = mapped_column(Moment, default=now)
    claimed_until: Mapped[datetime | None] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    done_at: Mapped[datetime | None] = mapped_column(Moment)


def job(kind: str) -> Callable[[Job], Job]:
    """Register the function that does jobs of `kind`."""

    def register(run: Job) -> Job:
        _jobs[kind] = run
        return run

    return register


def enqueue(kind: str, payload: dict[str, Any], *, not_before: datetime | None = None) -> None:
    """Have a job done after the present action, exactly if it is committed; not earlier than `not_before`."""
    if kind not in _jobs:
        raise LookupError(f"no job of kind {kind!r}")
    session.add(Outbox(kind=kind, payload=payload, not_before=not_before or now()))
    after_commit(_wake.set)


def drain(limit: int = 100) -> int:
    """Do what is due, and say how many jobs were tried."""
    tried = 0
    while tried < limit and (claimed := _claim()) is not None:
        tried += 1
        identity, kind, payload = claimed
        try:
            _jobs[kind](payload)
        except Exception as error:
            log.exception("a job of kind %s failed", kind)
            session.rollback()
            _finish(identity, repr(error))
        else:
            _finish(identity, None)
    return tried


def work(app: Flask, stop: threading.Event) -> None:
    """Drain until `stop` is set: the body of `flask worker`, or of a thread in the web process."""
    while not stop.is_set():
        with app.app_context():
            try:
                busy = drain()
            except Exception:
                log.exception("the outbox could not be read")
                busy = 0
        if not busy:
            _wake.wait(PAUSE_S)
            _wake.clear()


@action
def _claim() -> tuple[int, str, dict[str, Any]] | None:
    due = (
        select(Outbox)
        .where(
            Outbox.done_at.is_(None),
            Outbox.not_before <= now(),
            Outbox.attempts < MOST_ATTEMPTS,
            or_(Outbox.claimed_until.is_(None), Outbox.claimed_until < now()),
        )
        .order_by(Outbox.id)
        .limit(1)
    )
    row = session.execute(due if is_sqlite() else due.with_for_update(skip_locked=True)).scalar_one_or_none()
    if row is None:
        return None
    row.claimed_until = now() + CLAIM
    row.attempts += 1
    return row.id, row.kind, row.payload


@action
def _finish(identity: int, error: str | None) -> None:
    row = session.get_one(Outbox, identity)
    row.claimed_until = None
    if error is None:
        row.done_at = now()
        row.last_error = ""
        row.payload = {}  # a mail may hold a link that opens an account: what is done is not kept
    else:
        row.last_error = error[:2000]
        row.not_before = now() + timedelta(seconds=min(3600, 5 * 2**row.attempts))
