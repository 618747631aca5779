"""What lets a socket into a room: signed after the right was checked, for one account and sign-in, and not for long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from flask import current_app, g
from itsdangerous import BadData, URLSafeSerializer

from resana.accounts.models import Account
from resana.core.clock import now
from resana.permissions import earliest_end
from resana.spaces.models import Space, Stream

LONGEST = timedelta(minutes=10)
OPEN, TICK = "open", "tick"


class Ticket(NamedTuple):
    """For whom, for what, and until when."""

    kind: str
    account_id: int
    session_id: int | None
    token_id: int | None
    access_epoch: int
    streams: tuple[tuple[int, int], ...]
    """Streams, each with the `acl_epoch` at which the right was checked."""
    until: float


def sign(
    kind: str, account: Account, spaces: Sequence[Space], streams: Sequence[Stream] | None = None
) -> tuple[str, datetime]:
    """A ticket for `spaces`, which `account` was found to read in this very request, and when it ends.

    `streams` where it is not for them but for restricted folders in them, found to be read as well.
    """
    opened, token = g.get("sign_in_session"), g.get("access_token")
    ends = [now() + LONGEST, account.valid_until, earliest_end(account, spaces)]
    ends += [holder.expires_at for holder in (opened, token) if holder is not None]
    until = min(end for end in ends if end is not None)
    ticket = Ticket(
        kind=kind,
        account_id=account.id,
        session_id=opened.id if opened is not None else None,
        token_id=token.id if token is not None else None,
        access_epoch=account.access_epoch,
        streams=tuple((one.id, one.acl_epoch) for one in streams or [space.stream for space in spaces]),
        until=until.timestamp(),
    )
    return _signer().dumps(ticket), until


def opened(text: str) -> Ticket | None:
    """What a ticket says; None where it is not one of ours, or has ended."""
    try:
        kind, account_id, session_id, token_id, access_epoch, streams, until = _signer().loads(text)
        pairs = tuple((int(stream), int(epoch)) for stream, epoch in streams)
        ticket = Ticket(kind, account_id, session_id, token_id, access_epoch, pairs, float(until))
    except (BadData, ValueError, TypeError):
        return None
    return ticket if datetime.fromtimestamp(ticket.until, UTC) > now() else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="live-ticket")
