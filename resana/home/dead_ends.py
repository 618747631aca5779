"""« Demander l’accès » where an address leads nowhere: a link from a colleague to what one may not see.

Whoever asks learns nothing: the page, the answer and the work are the same whether there is something at that address
or not. The worker finds out, and asks the leads only where there is a space that could let the person in.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from flask import request
from flask_babel import gettext as _
from sqlalchemy import select

from resana.accounts import guests as people
from resana.accounts import throttling
from resana.accounts.models import Account
from resana.core.actions import action
from resana.core.database import session
from resana.core.guarding import current_account
from resana.core.jobs import enqueue, job
from resana.core.mail import send
from resana.core.text import is_id, paragraph
from resana.discussions.models import Thread
from resana.documents.models import Document, Folder
from resana.permissions import Can, can
from resana.spaces.models import Space, SpaceState
from resana.spaces.queries import waiting_spaces
from resana.spaces.requests import LONGEST_REASON, ask_for_access

THINGS: dict[str, Any] = {"spaces": Space, "documents": Document, "folders": Folder, "threads": Thread}
_PATH = re.compile(rf"/({'|'.join(THINGS)})/([^/]+)")


class Place(NamedTuple):
    """What an address names: a kind of thing, and an id."""

    kind: str
    id: str


def place_of(address: str) -> Place | None:
    """What an address of ours names, whether it is there or not; None for any other text."""
    if not address.isprintable():
        return None
    try:
        found = _PATH.match(unquote(urlsplit(address.strip()).path))
    except ValueError:
        return None
    return Place(found[1], found[2][:100]) if found is not None else None


def is_dead_end() -> bool:
    """Whether the present page, which is not there, is one for which somebody signed in may ask."""
    return request.method in ("GET", "HEAD") and bool(current_account) and place_of(request.path) is not None


@action
def ask(place: Place, *, reason: str, by: Account) -> None:
    """Have the leads of whatever is there asked. Raises TooMany after many, Refused at `reason`."""
    reason = paragraph(reason, "reason", LONGEST_REASON)
    counts = throttling.counts_of_asking(by.id)
    throttling.check(counts)
    throttling.note_failure(counts)
    enqueue(
        "access_asked",
        {
            "account_id": by.id,
            "kind": place.kind,
            "id": place.id,
            "reason": reason,
        },
    )


@job("access_asked")
def find_out(payload: dict[str, Any]) -> None:
    """Ask the leads, where there is a space that could let this person in."""
    _find_out(Place(payload["kind"], payload["id"]), int(payload["account_id"]), str(payload["reason"]))


@action
def _find_out(place: Place, account_id: int, reason: str) -> None:
    account = session.get(Account, account_id, populate_existing=True)
    space = _space_at(place)
    if account is None or space is None or not _could_be_let_in(account, space):
        return
    if waiting_spaces(account, [space]):
        return
    ask_for_access(space, reason=reason, by=account)
    if account.is_guest:
        _tell_sponsor(account, space)


def _space_at(place: Place) -> Space | None:
    model = THINGS[place.kind]
    if not is_id(place.id):
        return None
    return session.execute(
        select(Space).where(Space.id == select(model.space_id).where(model.public_id == place.id).scalar_subquery())
    ).scalar_one_or_none()


def _could_be_let_in(account: Account, space: Space) -> bool:
    if not account.is_active or space.state != SpaceState.ACTIVE or can(account, Can.READ_SPACE, space):
        return False
    return not account.is_guest or space.guests_allowed


def _tell_sponsor(account: Account, space: Space) -> None:
    """The space's name only where the sponsor knows of it."""
    sponsor = people.sponsor_of(account)
    if sponsor is None or not sponsor.is_active:
        return
    where = f"« {space.title} »" if can(sponsor, Can.SEE_SPACE, space) else _("un espace que vous ne connaissez pas")
    send(
        sponsor.email,
        _("%(name)s demande l’accès à un autre espace", name=account.full_name),
        _(
            "%(name)s, dont vous êtes le répondant, a demandé l’accès à %(where)s. "
            "Les responsables de cet espace répondront ; vous n’avez rien à faire.",
            name=account.full_name,
            where=where,
        ),
    )
