"""What time it is. The only place that asks, so that a test can set it, and a demonstration can tell of last week."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime

_pretended: ContextVar[datetime | None] = ContextVar("pretended", default=None)


def now() -> datetime:
    """The present moment: aware, UTC."""
    return _pretended.get() or datetime.now(UTC)


@contextlib.contextmanager
def pretending(moment: datetime) -> Iterator[None]:
    """Have whatever is done in here happen at `moment`: a demonstration whose messages are some days old."""
    token = _pretended.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _pretended.reset(token)
