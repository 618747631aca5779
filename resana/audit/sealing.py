"""What makes the journal tamper-evident: the hash of an entry, the signature of a chain's head.

hash = SHA-256(hash before ‖ line feed ‖ canonical JSON of the columns); signature = HMAC-SHA-256 with a key derived
from the secret key (security.md, 40). Who can write to the database and has not the secret key makes neither fit.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import current_app

COLUMNS = (
    "chain",
    "seq",
    "at",
    "act",
    "actor_id",
    "on_behalf_of_id",
    "administration_id",
    "space_id",
    "object_kind",
    "object_id",
    "object_public_id",
    "facts",
    "ip_prefix",
    "signed_in_by",
)
"""What the hash covers, besides the hash before."""
HEAD = ("chain", "last_seq", "last_hash", "cut_seq", "cut_hash", "anchored_seq")
"""What the signature covers."""


def hash_of(previous: str, entry: Mapping[str, Any]) -> str:
    """The hash of an entry that stands behind the one of hash `previous`."""
    return hashlib.sha256(f"{previous}\n{_canonical([entry[name] for name in COLUMNS])}".encode()).hexdigest()


def signature_of(head: Mapping[str, Any]) -> str:
    """The signature of a chain's head."""
    return _signed("head", [head[name] for name in HEAD])


def is_signed(head: Mapping[str, Any]) -> bool:
    """Whether the head carries our signature."""
    return hmac.compare_digest(str(head["signature"]).encode(), signature_of(head).encode())


def witness_of(chain: str, seq: int, last_hash: str) -> str:
    """The signature of a line in the log: what one finds again when the database itself has been put back."""
    return _signed("witness", [chain, seq, last_hash])


def _signed(purpose: str, values: list[Any]) -> str:
    key = hmac.digest(current_app.config["SETTINGS"].secret.encode(), b"resana journal", "sha256")
    return hmac.new(key, f"{purpose}\n{_canonical(values)}".encode(), "sha256").hexdigest()


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as they will be read again: only what JSON has."""
    found: dict[str, Any] = json.loads(json.dumps(facts, default=_said))
    return found


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_said)


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value)
