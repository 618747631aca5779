"""The journal for programs: the same entries, the same rights, the same trace of the reading."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from resana.accounts.models import Account
from resana.acts import Act
from resana.core.api import ListQuery, Out, Page, Time, keyset, speaks
from resana.core.guarding import current_account, guard
from resana.permissions import Can
from resana.spaces.models import Space

from . import calls, queries
from .actions import note_reading
from .queries import Filters, Line

Day = Annotated[date | None, Field(ge=date(1970, 1, 1), le=date(9000, 1, 1))]


class JournalQuery(ListQuery):
    """By what the entries are narrowed; the days are whole ones, in Paris."""

    since: Day = None
    until: Day = None
    who: str = Field("", max_length=200)
    act: Act | None = None
    object: str = Field("", max_length=80, pattern=r"^[^\x00]*$")


class EntryOut(Out):
    """One act. `object_name` is null where the reader may not see the thing itself."""

    chain: str
    number: int
    at: Time
    act: str
    actor_id: str | None
    actor_name: str | None
    on_behalf_of_id: str | None
    sentence: str
    object_kind: str
    object_id: str | None
    object_name: str | None
    space_id: str | None
    network: str | None
    signed_in_by: str | None
    facts: dict[str, Any]
    hash: str


@calls.get("/journal")
@guard(Can.READ_JOURNALS)
@speaks(query=JournalQuery, gives=Page[EntryOut])
def scope(query: JournalQuery) -> Page[EntryOut]:
    """The journal of one's scope, the latest first."""
    note_reading(None, by=_me())
    return _page(queries.of_scope(_me(), _filters(query)), query)


@calls.get("/spaces/<space_id>/journal")
@guard(Can.READ_SPACE_JOURNAL)
@speaks(query=JournalQuery, gives=Page[EntryOut])
def space(space: Space, query: JournalQuery) -> Page[EntryOut]:
    """The journal of a space, the latest first."""
    note_reading(space, by=_me())
    return _page(queries.of_space(space, _filters(query)), query)


def _page(found: Any, query: JournalQuery) -> Page[EntryOut]:
    rows, following = keyset(
        found, queries.ORDER, queries.ORDER_KINDS, cursor=query.cursor, limit=query.limit, descending=True
    )
    items = [_out(line) for line in queries.lines(_me(), [row[0] for row in rows])]
    return Page[EntryOut](items=items, next=following)


def _filters(query: JournalQuery) -> Filters:
    return Filters(query.since, query.until, query.who.strip(), query.act.value if query.act else "", query.object)


def _out(line: Line) -> EntryOut:
    entry = line.entry
    return EntryOut(
        chain=entry.chain,
        number=entry.seq,
        at=entry.at,
        act=entry.act,
        actor_id=line.actor.public_id if line.actor is not None else None,
        actor_name=line.actor.full_name if line.actor is not None else None,
        on_behalf_of_id=line.on_behalf_of.public_id if line.on_behalf_of is not None else None,
        sentence=line.sentence,
        object_kind=entry.object_kind,
        object_id=entry.object_public_id,
        object_name=line.thing,
        space_id=line.space.public_id if line.space is not None else None,
        network=entry.ip_prefix,
        signed_in_by=entry.signed_in_by,
        facts=entry.facts,
        hash=entry.hash,
    )


def _me() -> Account:
    account: Account = current_account._get_current_object()
    return account
