"""A retried request has one effect and the same answer: the `Idempotency-Key` header, kept for 24 hours.

The key is written in the very transaction of the effect; the answer is added afterwards. A retry that comes in
between waits a moment, then hears that the first one is being dealt with.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import Response, current_app, make_response, request
from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import String, Text

from .actions import action, within_next_action
from .clock import now
from .columns import BigInt
from .database import Base, Moment, session, writing
from .errors import Conflict, Refused

KEPT = timedelta(hours=24)
LONGEST_KEY = 200
PATIENCE_S = 2.0

NOT_FOR = ("/api/v1/session", "/api/v1/access-tokens", "/live-ticket")
"""Sign-in, tokens and tickets are never replayed: their answers hold secrets."""


class IdempotencyKey(Base):
    """A request that was carried out, by its account and key."""

    __tablename__ = "idempotency_keys"

    account_id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    key: Mapped[str] = mapped_column(String(LONGEST_KEY), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    body: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)


class Key(NamedTuple):
    """A key and the hash of what was asked with it."""

    text: str
    request_hash: str


def asked_for(content: bytes) -> Key | None:
    """The key of the present request, if it has one that counts. `content` stands for its body."""
    text = request.headers.get("Idempotency-Key")
    if text is None or request.method != "POST" or not request.path.startswith("/api/"):
        return None
    if any(request.path.startswith(path) or request.path.endswith(path) for path in NOT_FOR):
        return None
    if not 0 < len(text) <= LONGEST_KEY or not text.isprintable():
        raise Refused(_("L’en-tête Idempotency-Key n’est pas valable."), "Idempotency-Key")
    return Key(text, hashlib.sha256(b"\0".join([request.full_path.encode(), content])).hexdigest())


def stored(key: Key, account_id: int) -> Response | None:
    """The answer that was given to this key; None where there was none. Raises Conflict for another request."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        row = session.execute(
            select(IdempotencyKey)
            .where(IdempotencyKey.account_id == account_id, IdempotencyKey.key == key.text)
            .execution_options(populate_existing=True)
        ).scalar_one_or_none()
        if row is None or row.at < now() - KEPT:
            return None
        if row.request_hash != key.request_hash:
            raise Conflict(_("Cette clé a déjà servi à une autre demande."))
        if row.status is not None:
            return current_app.response_class(row.body, row.status, mimetype="application/json")
        if time.monotonic() > deadline:
            raise Conflict(_("Cette demande est déjà en cours de traitement."))
        session.rollback()
        time.sleep(0.05)


def once(key: Key, account_id: int, run: Callable[[], Any]) -> Response:
    """Carry out `run` with the key written in the transaction of its effect, and keep its answer."""
    try:
        with within_next_action(lambda: _write(key, account_id)):
            answer = make_response(run())
    except IntegrityError:
        session.rollback()
        found = stored(key, account_id)
        if found is None:
            raise
        return found
    if answer.status_code < 300:
        _keep(key, account_id, answer)
    return answer


def carry_out(content: bytes, account_id: int, run: Callable[[], Any]) -> Any:
    """Carry out `run`, once where the request has a key: for views that read a stream. `content` is what stands for
    it: its fields, and the hashes of its files.
    """
    key = asked_for(content)
    if key is None:
        return run()
    with writing():
        answer = stored(key, account_id)
    session.rollback()
    return answer if answer is not None else once(key, account_id, run)


def _write(key: Key, account_id: int) -> None:
    session.execute(
        delete(IdempotencyKey).where(
            IdempotencyKey.account_id == account_id, IdempotencyKey.key == key.text, IdempotencyKey.at < now() - KEPT
        )
    )
    session.add(IdempotencyKey(account_id=account_id, key=key.text, request_hash=key.request_hash))
    session.flush()


@action
def _keep(key: Key, account_id: int, answer: Response) -> None:
    session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.account_id == account_id, IdempotencyKey.key == key.text)
        .values(status=answer.status_code, body=answer.get_data(as_text=True))
    )
