"""The calls by which a page comes to the socket. What it missed, it asks of `/spaces/<id>/events` (spaces/api.py)."""

from __future__ import annotations

from flask import Blueprint
from pydantic import Field

from resana.accounts.models import Account
from resana.core.api import In, Out, Time, speaks
from resana.core.database import session
from resana.core.errors import NotThere
from resana.core.guarding import SIGNED_IN, current_account, guard
from resana.core.text import is_id
from resana.documents.models import Folder
from resana.documents.places import stream_of
from resana.permissions import Can, allowed
from resana.spaces.models import Space

from . import tickets

bp = Blueprint("live_api", __name__, url_prefix="/api/v1")

MOST_SPACES = 50


class TicketOut(Out):
    """A ticket for `watch`."""

    ticket: str
    expires_at: Time
    last_seq: int


class TicksIn(In):
    """Spaces of which one wants to hear only that something happened."""

    spaces: list[str] = Field(min_length=1, max_length=MOST_SPACES)


class TicksOut(Out):
    """A ticket for `watch`."""

    ticket: str
    expires_at: Time


@bp.post("/spaces/<space_id>/live-ticket")
@guard(Can.READ_SPACE, read_token_suffices=True)
@speaks(gives=TicketOut)
def ticket(space: Space) -> TicketOut:
    """A ticket to hear what happens in a space."""
    text, until = tickets.sign(tickets.OPEN, _me(), [space])
    return TicketOut(ticket=text, expires_at=until, last_seq=space.stream.last_seq)


@bp.post("/folders/<folder_id>/live-ticket")
@guard(Can.READ_FOLDER, read_token_suffices=True)
@speaks(gives=TicketOut)
def folder_ticket(folder: Folder) -> TicketOut:
    """A ticket to hear what happens in a restricted folder; in another, what happens in its space."""
    stream = stream_of(folder, folder.space)
    text, until = tickets.sign(tickets.OPEN, _me(), [folder.space], [stream])
    return TicketOut(ticket=text, expires_at=until, last_seq=stream.last_seq)


@bp.post("/live-ticket")
@guard(SIGNED_IN, read_token_suffices=True)
@speaks(takes=TicksIn, gives=TicksOut)
def ticks(body: TicksIn) -> TicksOut:
    """A ticket to hear that something happens in each space of a list."""
    wanted = set(body.spaces)
    found = session.execute(allowed(_me(), Can.READ_SPACE).where(Space.public_id.in_(_sane(wanted)))).scalars().all()
    if len(found) != len(wanted):
        raise NotThere
    text, until = tickets.sign(tickets.TICK, _me(), found)
    return TicksOut(ticket=text, expires_at=until)


def _sane(ids: set[str]) -> list[str]:
    return [identity for identity in ids if is_id(identity)]


def _me() -> Account:
    account: Account = current_account._get_current_object()
    return account
