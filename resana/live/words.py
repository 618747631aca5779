"""What is said of an event, on the socket and by the events call: the same."""

from __future__ import annotations

from typing import Any

from resana.events import FOR_SOME
from resana.spaces.models import StreamEvent


def said(event: StreamEvent) -> dict[str, Any]:
    """`{seq, kind, …references}`."""
    if event.kind in FOR_SOME:
        return {"seq": event.seq, "kind": "other"}
    return {**event.payload, "seq": event.seq, "kind": event.kind}
